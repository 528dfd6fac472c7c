"""A study's trials as rows, one a trial: what anybody needs to look at them elsewhere, and what `import` reads.

trial, state, strategy, label           as in `study show`; a state is complete, pruned, fail, running or waiting
w:DOMAIN                                weights
test:TEST, in_score, out_score          scores; tests at the last step
value, or value:OBJECTIVE for several   what the study maximises
steps, stopped, seconds, train_seed     of the run
draws:DOMAIN                            prompts that were trained on
evaluations                             step -> test -> score, as JSON
"""

import json
import math
from typing import Any

from optuna.trial import FrozenTrial

from mixopt.exchange.cells import Row
from mixopt.past import (
    ENQUEUED,
    ENQUEUED_STRATEGY,
    IN_SCORE,
    LABEL,
    OUT_SCORE,
    SECONDS,
    STEPS_DONE,
    STRATEGY,
    weights_of,
)
from mixopt.study import EVALUATIONS, Study


def trial_rows(study: Study) -> tuple[list[str], list[Row]]:
    """The columns, and the rows in the order of the trials; what is not known is None."""
    rows = [_row(study, trial) for trial in study.trials()]
    return list(_row(study, None)), rows


def _row(study: Study, trial: FrozenTrial | None) -> Row:
    """A trial's row; of no trial, one that has all the columns."""
    notes: dict[str, Any] = trial.user_attrs if trial else {}
    weights = weights_of(trial, study.space) if trial else None
    shares = study.space.as_dict(weights) if weights is not None else {}
    names = ["value"] if len(study.scoring.goals) == 1 else [f"value:{name}" for name in study.scoring.names]
    values = dict(zip(names, trial.values or [])) if trial else {}
    evaluations = {evaluation["step"]: evaluation["scores"] for evaluation in notes.get(EVALUATIONS, [])}
    return {
        "trial": trial.number if trial else None,
        "state": trial.state.name.lower() if trial else None,
        "strategy": notes.get(STRATEGY, ENQUEUED_STRATEGY),
        "label": notes.get(LABEL, ENQUEUED),
        **{f"w:{name}": shares.get(name) for name in study.space.domains},
        **{f"test:{name}": notes.get(f"test:{name}") for name in study.spec.tests.sizes},
        IN_SCORE: _known(notes.get(IN_SCORE)),
        OUT_SCORE: _known(notes.get(OUT_SCORE)),
        **{name: values.get(name) for name in names},
        "steps": notes.get(STEPS_DONE),
        "stopped": notes.get("stopped"),
        "seconds": notes.get(SECONDS),
        "train_seed": notes.get("train_seed"),
        **{f"draws:{name}": notes.get("draws", {}).get(name) for name in study.space.domains},
        EVALUATIONS: json.dumps(evaluations) if evaluations else None,
    }


def _known(score: float | None) -> float | None:
    """A score, None where the study has no tests of its side."""
    return None if score is None or math.isnan(score) else score
