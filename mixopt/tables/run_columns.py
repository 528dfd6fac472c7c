"""Detect columns that identify a run: its name, training seed and evaluation step.

Case, separators and group prefixes do not matter: `trainer/global_step`, `Global Step` and `num-steps` are steps,
`config.seed` and `random_state` are training seeds.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mixopt.tables.column_names import words_of

RUN_IDS = ("run_id", "run", "trial", "index", "id", "ID", "name", "Name")  # columns that name a run, the last rather
INDEX = ("Unnamed: 0", "")  # a frame's index: as pandas reads it, and as it writes it
IDS = (*RUN_IDS, *INDEX)
STEPS = ("step", "Step")  # columns of the step whatever is in them
CONFIG = ("config", "params", "hparams", "args")  # groups of settings: none of these is the step of a row

_IDS = re.compile(
    r"(run|trial|experiment|exp|job)( (id|name|no|number|idx|index|key|uid|uuid))?|index|idx|id|u?uid|name"
)
_SEEDS = {"seed", "seeds"}
_BESIDE_SEEDS = set(
    "train training random rng data model init initial global torch np numpy manual trainer shuffle env sampler order "
    "id no number idx run py python cuda main base".split()
)
_OTHER_SEEDS = "random state, rng state, rng, rep, repeat, repetition, replica, replicate, replication, fold".split(
    ", "
)
_UNITS = {  # what is counted, the surest first
    "step": {"step", "timestep"},
    "iteration": {"iteration", "iter", "itr", "update"},
    "example": {"token", "sample", "example", "episode", "frame", "batch", "batche", "prompt"},
    "epoch": {"epoch", "round"},
    "checkpoint": {"checkpoint", "ckpt"},
}
_BESIDE_UNITS = set(
    "global train training trainer optimizer optimiser opt gradient grad num n no nr number count idx index id of "
    "total current cur max eval evaluation val log logging model env time done seen completed consumed processed "
    "trained final last policy ppo grpo rl weight parameter param outer inner macro actor learner so far".split()
)
_COUNTERS = {"id", "no", "nr", "num", "number", "idx", "index"}


@dataclass(frozen=True)
class Apart:
    """The columns that distinguish runs of one mixture: names of runs, the best one last, and training seeds."""

    ids: Sequence[str]
    seeds: Sequence[str]

    @property
    def columns(self) -> tuple[str, ...]:
        """Both."""
        return (*self.seeds, *self.ids)


def is_id(column: str) -> bool:
    """Return whether a column names a run."""
    return column in RUN_IDS or bool(_IDS.fullmatch(" ".join(words_of(column))))


def ids_among(columns: Sequence[str]) -> list[str]:
    """Return the columns that name a run, the best one last."""
    known = {name: place for place, name in enumerate(RUN_IDS)}
    rank = {name.lower(): place - 0.5 for name, place in known.items()} | {"run name": known["name"] + 0.5}
    return sorted(filter(is_id, columns), key=lambda name: known.get(name, rank.get(" ".join(words_of(name)), -1)))


def is_seed(column: str) -> bool:
    """Return whether a column holds a training seed, or numbers repetitions."""
    words = words_of(_last(column))
    return " ".join(word for word in words if word not in _COUNTERS) in _OTHER_SEEDS or (
        bool(_SEEDS & {*words}) and {*words} <= _SEEDS | _BESIDE_SEEDS
    )


def is_step(column: str) -> bool:
    """Return whether a column is named like an evaluation step."""
    return column in STEPS or _unit(column) is not None


def steps_among(columns: Sequence[str]) -> list[str]:
    """Return the columns named like an evaluation step, the most likely first; W&B's `_step` counts log calls."""
    order = list(_UNITS)
    found = [(column, unit) for column in columns if (unit := _unit(column)) or column in STEPS]
    rank = {c: (c not in STEPS, order.index(unit or "step"), c.startswith("_")) for c, unit in found}
    return sorted(rank, key=rank.__getitem__)


def counts_steps(column: str) -> bool:
    """Return whether a column holds training steps, and not another count."""
    return column in STEPS or (_unit(column) in ("step", "iteration") and not column.startswith("_"))


def is_place(column: str) -> bool:
    """Return whether a column identifies a run or a step, and so holds neither weights nor scores."""
    return column in IDS or column in STEPS or is_id(column) or is_seed(column)


def _unit(column: str) -> str | None:
    """Return which of _UNITS a column counts."""
    if re.split(r"[./]", column)[0] in CONFIG:
        return None
    words = {word if word in _BESIDE_UNITS else word.removesuffix("s") for word in words_of(_last(column))}
    found = [unit for unit, names in _UNITS.items() if words & names]
    rest = words - _BESIDE_UNITS - {name for unit in found for name in _UNITS[unit]}
    return found[0] if found and not rest else None


def _last(column: str) -> str:
    """Return a column's name without its group prefixes."""
    return re.split(r"[/.:]", column)[-1]
