"""Training sets and tests by name: the embedded world's, the paper's, and a user's own.

`sources` is the study's backend option `data`: it says where a set of the paper lies instead of its place on the hub
(`{"chartqa": "/data/chartqa"}`; "authors" is the copy on the hub that the paper's authors processed), and declares
sets of one's own (own.py); where the training part and the test lie in two places, or are declared in two ways,
`{"lisa": {"train": "/data/a", "test": "/data/b"}}`. `scorer` says whose reward the examples name: "paper", as the paper
trains and tests, or "field", as the dataset's own evaluation scores it; `rewards` names another for single domains,
`suffix` what follows a question (rows.py).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from datasets import Dataset

from rlvr_backend.errors import RequestError
from rlvr_backend.datasets import shapes
from rlvr_backend.datasets.overlap import same_rows
from rlvr_backend.datasets.custom import own_set
from rlvr_backend.datasets.paper import PAPER
from rlvr_backend.datasets.prepare import held, prepared
from rlvr_backend.datasets.declaration import Part, RawSet
from rlvr_backend.datasets.loader import local
from rlvr_backend.rewards import OF_BOXES, REWARDS, reward_named

Source = str | Mapping[str, str]
Sources = Mapping[str, Source | Mapping[str, Source]]
NONE: Sources = MappingProxyType({})
AUTHORS = "authors"


def check_sizes(sizes: Mapping[str, int], split: str, sources: Sources = NONE) -> None:
    """Raises RequestError where a domain (`split` "train") or a test ("test") is not known, or holds too little.

    Only of the embedded world is the latter known beforehand: other sets are read, and counted, by the first trial.
    """
    for name, size in sizes.items():
        if _embedded(name, split, sources):
            _enough(name, split, size, shapes.held(split)[name])
        else:
            found(name, split, sources)


def check_apart(domains: Iterable[str], tests: Collection[str], sources: Sources = NONE) -> None:
    """Raises RequestError where a name stands for a domain and a test, and both would read the same rows."""
    for name in domains:
        if name in tests and not _embedded(name, "train", sources):
            (train, train_place), (test, test_place) = (found(name, split, sources) for split in ("train", "test"))
            if train_place == test_place and same_rows(train.parts["train"], test.parts["test"], train_place):
                raise RequestError(
                    f"{name!r} is a domain and a test, and {train_place} holds the same rows for both: give it the "
                    f"splits train and test, or name two places: data: {{{name}: {{train: PATH, test: PATH}}}}"
                )


def check_rewards(rewards: Mapping[str, Any], domains: Collection[str], sources: Sources = NONE) -> None:
    """Raises RequestError where the option `rewards` names no domain, no reward, or one that cannot score it."""
    for name, reward in rewards.items():
        if name not in domains:
            raise RequestError(f"backend option 'rewards': {name!r} is none of the domains {', '.join(domains)}")
        if not isinstance(reward, str):
            raise RequestError(f"backend option 'rewards': {name}: must be the name of a reward, not {reward!r}")
        reward_named(reward)
        usual = shapes.reward(name) if _embedded(name, "train", sources) else found(name, "train", sources)[0].paper
        if reward in REWARDS and (reward in OF_BOXES) != (usual in OF_BOXES):
            truth = "boxes" if usual in OF_BOXES else "answers"
            fitting = [other for other in REWARDS if (other in OF_BOXES) == (usual in OF_BOXES)]
            raise RequestError(
                f"backend option 'rewards': {reward!r} cannot score {name!r}, whose rows have {truth}; choose one of "
                f"{', '.join(fitting)}"
            )


def usable_sizes(sizes: Mapping[str, int], split: str, sources: Sources = NONE) -> tuple[dict[str, int], list[str]]:
    """The sizes, lowered for sets that hold fewer examples as some of their rows give none, and a warning for each.

    Such rows are left out, as COCO's without objects, or are a few bad ones. A set without enough rows keeps its size,
    with which load_rows refuses it. Sets that this machine has not prepared are prepared. Raises RequestError where a
    set is not known or cannot be read.
    """
    usable, warnings = dict(sizes), []
    for name, size in sizes.items():
        if _embedded(name, split, sources):
            continue
        examples, lost = _held(name, split, sources)
        if examples < size <= examples + lost:
            usable[name] = examples
            said = f"`{name}: {{size: {examples}}}` under `domains`"
            if split == "test":
                said = f"`{name}: {examples}` under `tests`"
            warnings.append(
                f"warning: {name!r} has {examples} usable examples for {split}, not {size} (other rows are left out or "
                f"bad): the trial goes on with {examples}; write {said} in the study file"
            )
    return usable, warnings


def load_rows(
    name: str,
    split: str,
    count: int,
    wanted: Sequence[int] | None = None,
    sources: Sources = NONE,
    scorer: str = "paper",
    suffix: str = "paper",
    reward: str | None = None,
) -> Dataset:
    """The first `count` examples of a domain (`split` "train") or a test ("test"), or those of them that are wanted.

    `wanted` are indices below `count`; the rows come in their order. The columns are those of rows.py. Where `reward`
    is said, the rows name it in place of their own.
    Raises RequestError where the set is not known, cannot be read, or holds fewer examples.
    """
    numbers = range(count) if wanted is None else wanted
    if _embedded(name, split, sources):
        _enough(name, split, count, shapes.held(split)[name])
        return _rewarded(shapes.rows(name, split, numbers), reward)
    raw, place = found(name, split, sources)
    examples = _rewarded(prepared(raw, split, place, scorer, suffix), reward)
    _enough(name, split, count, len(examples))
    return examples.select(numbers)


def found(name: str, split: str, sources: Sources) -> tuple[RawSet, str]:
    """The declaration of a set that is not of the embedded world, and the place where it lies.

    Raises RequestError where there is none, or none with this part.
    """
    source = sources.get(name)
    if isinstance(source, Mapping) and set(source) <= {"train", "test"}:
        source = source.get(split)
    if not isinstance(source, str | Mapping | None):
        raise RequestError(f"data: {name}: must be a folder, a hub name or a declaration, not {source!r}")
    if isinstance(source, Mapping):
        raw = own_set(name, source)
    elif name in PAPER and split in PAPER[name].parts:
        raw = PAPER[name]
    else:
        known = sorted({*shapes.held(split), *(other for other, raw in PAPER.items() if split in raw.parts)})
        what = "domain" if split == "train" else "test"
        raise RequestError(
            f"{what} {name!r} has no data here; known are {', '.join(known)}; "
            f"a set of your own is declared as data: {{{name}: {{path: FOLDER}}}}"
        )
    part = _part(raw, split, source if isinstance(source, str) else None)
    place = source if isinstance(source, str) and source != AUTHORS else part.hub
    local(place)  # which raises where a path is not there
    return replace(raw, parts={**raw.parts, split: part}), place


def _part(raw: RawSet, split: str, place: str | None) -> Part:
    """The original's part, or the authors', by that word or by its name on the hub."""
    authors = raw.authors.get(split)
    if authors and place in (AUTHORS, authors.hub):
        return authors
    if place == AUTHORS:
        raise RequestError(
            f"data: {raw.name}: the paper's authors have published no copy of it for {split}: leave it out for "
            f"{raw.parts[split].hub}, or name a folder"
        )
    return raw.parts[split]


def _held(name: str, split: str, sources: Sources) -> tuple[int, int]:
    raw, place = found(name, split, sources)
    return held(raw, split, place)


def _embedded(name: str, split: str, sources: Sources) -> bool:
    return name not in sources and name in shapes.held(split)


def _rewarded(rows: Dataset, reward: str | None) -> Dataset:
    if reward is None:
        return rows
    return rows.remove_columns("reward").add_column("reward", [reward] * len(rows)).select_columns(rows.column_names)


def _enough(name: str, split: str, size: int, held: int) -> None:
    if size > held:
        raise RequestError(f"{name!r} has {held} examples for {split}, not {size}: lower its size")
