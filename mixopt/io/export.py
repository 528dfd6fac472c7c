"""Export a study's trials as rows, one for each trial; `mixopt study import` reads them back.

trial, state, strategy, label           as in `study show`; a state is complete, pruned, fail, running, waiting,
                                        replaced or forgotten
w:DOMAIN                                weights
test:TEST, in_score, out_score          scores; tests at the last step
value, or value:OBJECTIVE for several   what the study maximises
steps, stopped, seconds, train_seed     of the run
draws:DOMAIN                            prompts that were trained on
evaluations                             step -> test -> score, as JSON
"""

import json

from optuna.trial import TrialState

from mixopt.history.keys import EVALUATIONS, IN_SCORE, OUT_SCORE
from mixopt.history.trial_record import TrialRecord
from mixopt.study.reader import StudyReader
from mixopt.tables.cells import Row
from mixopt.tables.column_detection import OBJECTIVE


def trial_rows(study: StudyReader) -> tuple[list[str], list[Row]]:
    """Return the columns, and one row for each trial in order; unknown cells are None."""
    anything = TrialRecord(number=0, state=TrialState.WAITING)
    return list(_row(study, anything)), [_row(study, record) for record in study.trial_records()]


def _row(study: StudyReader, record: TrialRecord) -> Row:
    names = study.scoring.names
    shares = record.weights or {}
    steps, evaluations = (record.steps, record.evaluations) if study.spec.score.knows_steps else (None, {})
    return {
        "trial": record.number,
        "state": record.state_word,
        "strategy": record.strategy,
        "label": record.label,
        **{f"w:{name}": shares.get(name) for name in study.space.domains},
        **{f"test:{name}": record.tests.get(name) for name in study.spec.tests.sizes},
        IN_SCORE: record.in_score,
        OUT_SCORE: record.out_score,
        **{"value" if len(names) == 1 else f"{OBJECTIVE}{name}": record.values.get(name) for name in names},
        "steps": steps,
        "stopped": record.stopped,
        "seconds": record.seconds,
        "train_seed": record.train_seed,
        **{f"draws:{name}": record.draws.get(name) for name in study.space.domains},
        EVALUATIONS: json.dumps(evaluations) if evaluations else None,
    }
