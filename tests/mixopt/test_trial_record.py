"""What is known of a trial: all that it was told with, and nothing that was not."""

from optuna.distributions import FloatDistribution
from optuna.trial import TrialState, create_trial

from mixopt.history.trial_record import TrialRecord
from mixopt.study.study import Study
from mixopt.trainers.contract import Evaluation, Result, TrialFailed
from tests.support.toy_study import toy_file


def test_a_told_trial_is_known_as_it_was_told(tmp_path):
    study = Study.create(toy_file(tmp_path), tmp_path / "study")
    asked, tests = study.ask(study.sampler()), study.spec.tests.sizes
    evaluations = tuple(
        Evaluation(step=step, scores=dict.fromkeys(tests, 0.1 * place), carried=place > 0)
        for place, step in enumerate(study.spec.score.steps)
    )
    draws = dict.fromkeys(study.space.domains, 3)
    told = Result(evaluations=evaluations, steps=2, stopped="exhausted", exhausted=("a",), draws=draws, seconds=1.5)
    values = study.tell(asked.number, told)
    [record] = study.trial_records()
    assert record.state_word == "complete" and record.train_seed == study.spec.train_seed
    assert (record.strategy, record.label, record.weights) == (asked.strategy, asked.label, asked.request.weights)
    assert record.evaluations == told.scores and record.tests == evaluations[-1].scores
    assert record.carried == {evaluation.step for evaluation in evaluations[1:]}
    assert record.values == dict(zip(study.scoring.names, values))
    assert (record.steps, record.stopped, record.exhausted) == (told.steps, told.stopped, told.exhausted)
    assert (record.draws, record.seconds) == (told.draws, told.seconds)


def test_a_failed_trial_is_known_by_its_failure(tmp_path):
    study = Study.create(toy_file(tmp_path), tmp_path / "study")
    study.fail(study.ask(study.sampler()).number, TrialFailed("the node was lost", 3, "its last line"))
    [record] = study.trial_records(TrialState.FAIL)
    assert (record.why_failed, record.exit_code, record.log_tail) == ("the node was lost", 3, "its last line")
    assert record.weights and record.steps is None and not record.values


def test_what_is_not_known_is_none(tmp_path):
    """Of trials that Optuna was told of alone, and of a side without tests."""
    study = Study.create(toy_file(tmp_path), tmp_path / "study")
    study.optuna.add_trial(create_trial(state=TrialState.FAIL))
    mixture = study.space.as_dict(study.space.uniform())
    boxes, nowhere = dict.fromkeys(mixture, FloatDistribution(0, 1)), {"in_score": float("nan")}
    study.optuna.add_trial(create_trial(value=0.5, params=mixture, distributions=boxes, user_attrs=nowhere))
    failed, told = study.trial_records()
    assert failed == TrialRecord(number=0, state=TrialState.FAIL)
    assert failed.why_failed == "no reason was recorded"
    values = dict(zip(study.scoring.names, [0.5]))
    assert told == TrialRecord(number=1, state=TrialState.COMPLETE, weights=mixture, values=values)
