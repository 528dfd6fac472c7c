"""The base model: scored once a study whatever happens to its workers, outside its trials, and told by hand."""

import json
import os
import signal
import subprocess
import sys
import time
from io import StringIO

import optuna
import pytest
from optuna.trial import TrialState
from rich.console import Console

from mixopt.cli.progress import Lines
from mixopt.errors import MixoptError, ScoresError, StrategyError, StudyBusyError
from mixopt.history.keys import BASE, BASE_FAILED
from mixopt.study.control import Control
from mixopt.study.plan import checked_spec, trainer_of
from mixopt.study.spec import read_spec
from mixopt.study.study import Study
from mixopt.workers.worker import Worker
from tests.support.command_line import mixopt
from tests.support.toy_study import TRAINER, bare_study, toy_file

SEEDS = [{"seed": ["single", "exclude_one", "all"]}]
SCORE = {"maximize": "out_score", "steps": [2, 4], "base": True}
TOLD = {"a_test": 0.2, "x": 0.19, "y": 0.18}  # what the toy says of a base model
OUT = (10 * 0.19 + 30 * 0.18) / 40
# The toy, but for the base model, for which it does what is added here. `request` and `path` are those of the toy.
ONLY_BASE = """
import json, os, sys, time
from pathlib import Path
path = Path(sys.argv[1])
request = json.loads(path.read_text())
if request.get("until") != 0:
    os.execv(sys.executable, [sys.executable, {toy!r}, str(path)])
scores = dict(a_test=.2, x=.19, y=.18)
result = dict(evaluations=[dict(step=0, scores=scores)], steps=0, stopped="until", draws={{}}, seconds=1)
{lines}
path.with_name("result.json.tmp").write_text(json.dumps(result))
os.replace(path.with_name("result.json.tmp"), path.with_name("result.json"))
with path.with_name("trained.log").open("a") as trained:
    trained.write("scored\\n")
"""


def created(folder, **changes):
    return Study.create(toy_file(folder, **{"strategy": SEEDS, "score": SCORE, **changes}))


def backend(folder, *lines):
    """A trainer that does something of its own with the base model."""
    file = folder / "trainer.py"
    file.write_text(ONLY_BASE.format(toy=str(TRAINER), lines="\n".join(lines)))
    return {"command": {"argv": [sys.executable, str(file)]}}


def gated(folder):
    """Base models wait for a file; trials do not."""
    gate = folder / "gate"
    wait = f"while not Path({str(gate)!r}).exists(): time.sleep(0.02)"
    return gate, backend(folder, "path.with_name('begun').write_text(str(os.getpid()))", wait)


def work(study, slots=1):
    """Train what is left in this process; what was said."""
    said = StringIO()
    Worker(study, [trainer_of(study.spec)] * slots, Lines(Console(file=said, width=200), "toy")).run()
    return said.getvalue()


def resume(*options):
    argv = [sys.executable, "-m", "mixopt.cli", "study", "resume", "toy", *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def until(condition, seconds=60):
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


def times_scored(study):
    return len((study.folder.base.path / "trained.log").read_text().splitlines())


def test_it_is_scored_once_and_is_no_trial(tmp_path):
    study = created(tmp_path)
    said = work(study)
    assert "base model before any training      started" in said and f"{OUT:.4f}" in said
    assert study.optuna.user_attrs[BASE] == pytest.approx(TOLD) and study.base.tests == pytest.approx(TOLD)
    assert study.base.values == {"out_score": pytest.approx(OUT)} and study.base.in_score == pytest.approx(0.2)
    assert len(study.trials()) == len(study.runs()) == study.done == study.active == 7 and times_scored(study) == 1
    assert study.sampler().position(study.history()) is None
    asked = json.loads(study.folder.base.request.read_text())
    assert (
        asked["until"] == 0
        and asked["steps"] == [2, 4]
        and asked["weights"] == pytest.approx({n: 1 / 3 for n in "abc"})
    )
    work(Study.open("toy"))
    assert times_scored(study) == 1


def test_trials_are_the_same_with_it_and_without(tmp_path):
    phases = [*SEEDS, {"heuristic": ["alpha_out"]}, {"bayes": {"trials": 2}}]
    found = []
    for base in (True, False):
        study = Study.create(
            toy_file(tmp_path, strategy=phases, score={**SCORE, "base": base}, budget={"trials": 9, "steps": 36}),
            tmp_path / str(base),
        )
        work(study)
        found.append([(trial.params, trial.values, trial.user_attrs["label"]) for trial in study.trials()])
        assert (study.base is not None) == base
    assert found[0] == found[1] and len(found[0]) == 9


@pytest.mark.parametrize(
    ("changes", "scored"),
    [
        ({}, False),
        ({"score": SCORE}, True),
        ({"backend": {"rlvr": {}}}, True),
        ({"backend": {"rlvr": {}}, "score": {**SCORE, "base": False}}, False),
        ({"backend": None}, False),
    ],
)
def test_who_scores_it_where_nothing_is_said(tmp_path, changes, scored):
    assert read_spec(toy_file(tmp_path, **changes)).scores_base == scored


def test_a_command_is_not_asked_for_it_unless_the_study_says_so(tmp_path):
    study = created(tmp_path, score={"steps": [2, 4]})
    assert "base model" not in work(study)
    assert study.base is None and not study.folder.base.path.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"score": SCORE, "backend": None}, "score.base: needs a `backend`"),
        ({"score": {**SCORE, "base": "perhaps"}}, "score.base: "),
        ({"score": {**SCORE, "base": [True]}}, "score.base: "),
    ],
)
def test_what_cannot_be_said_of_it_is_one_line(tmp_path, changes, said):
    with pytest.raises(MixoptError) as caught:
        checked_spec(toy_file(tmp_path, **changes))
    assert said in str(caught.value) and len(str(caught.value).splitlines()) == 1


def test_the_plan_says_so(tmp_path):
    for base in (True, False):
        file = toy_file(tmp_path, score={**SCORE, "base": base})
        plan = mixopt("study", "create", file, "--dry-run")
        assert ("base model: scored once" in plan) == base and "in all 14 trials" in plan


def test_two_workers_score_it_once_and_the_other_trains_meanwhile(tmp_path):
    gate, trainer = gated(tmp_path)
    study = created(tmp_path, backend=trainer)
    first = resume()
    until(lambda: (study.folder.base.path / "begun").exists())
    assert study.busy
    with pytest.raises(StudyBusyError):
        study.delete()
    second = resume()
    until(lambda: len(study.trials(TrialState.COMPLETE)) == 7)
    assert second.wait(60) == 0 and study.base is None, "who waits for no trial does not wait for the base model"
    gate.touch()
    assert first.wait(60) == 0 and times_scored(study) == 1 and study.base
    assert not study.busy


def test_it_takes_one_slot_and_the_others_train(tmp_path):
    gate, trainer = gated(tmp_path)
    study = created(tmp_path, backend=trainer)
    worker = resume("--slots", "2")
    until(lambda: len(study.trials(TrialState.COMPLETE)) == 7)
    assert study.base is None
    gate.touch()
    assert worker.wait(60) == 0 and study.base


@pytest.mark.parametrize("trainer_too", [False, True])
def test_after_kill_9_the_next_worker_has_it_scored(tmp_path, trainer_too):
    gate, trainer = gated(tmp_path)
    study = created(tmp_path, backend=trainer)
    worker, begun = resume(), study.folder.base.path / "begun"
    until(lambda: begun.exists() and begun.read_text())
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert not study.busy
    if trainer_too:
        os.kill(int(begun.read_text()), signal.SIGKILL)
    gate.touch()
    again = resume()
    assert again.wait(60) == 0 and study.base.tests == pytest.approx(TOLD)
    assert times_scored(study) == 1 and len(study.trials(TrialState.COMPLETE)) == 7


@pytest.mark.parametrize("word", ["stop", "pause"])
def test_orders_hold_for_it_as_for_a_trial(tmp_path, word):
    gate, trainer = gated(tmp_path)
    study = created(tmp_path, backend=trainer)
    worker = resume()
    until(lambda: (study.folder.base.path / "begun").exists())
    Control(study.optuna).give(word)
    if word == "pause":
        time.sleep(1)
        assert worker.poll() is None, "what has begun is finished"
        gate.touch()
    worker.communicate(timeout=60)
    assert (study.base is not None) == (word == "pause") and not study.trials()
    gate.touch()
    assert resume().wait(60) == 0 and study.base and times_scored(study) == 1


BAD = {
    "a step that is none": ("result['evaluations'][0]['step'] = 2", "those of steps [2], and [0] were asked for"),
    "no evaluation": ("result['evaluations'] = []", "those of steps [], and [0] were asked for"),
    "two of them": ("result['evaluations'] *= 2", "those of steps [0, 0], and [0] were asked for"),
    "steps that it trained": ("result['steps'] = 4", "`steps` is 4 and `stopped` 'until', and 0 were asked for"),
    "a whole run": ("result.update(steps=4, stopped='finished')", "`stopped` is 'finished', not \"until\": the base"),
    "carried": ("result['evaluations'][0]['carried'] = True", "step 0 must be `carried` if"),
    "a test that is missing": ("scores.pop('x')", "test 'x' has no score at step 0"),
    "a test of its own": ("scores['z'] = .1", "test 'z', scored at step 0, is none of the study's"),
    "a score outside the range": ("scores['x'] = 31.0", "test 'x' scores 31 at step 0, outside [0, 1]"),
    "no number": ("scores['x'] = float('nan')", "`evaluations.0.scores.x`"),
    "a domain that is none": ("result['draws'] = dict(q=1)", "'q' in `draws`"),
    "a model that was trained": (
        "result['draws'] = dict(a=3)",
        "`draws` are 3 prompts, and the base model is trained on",
    ),
    "a result of another study": ("result['study'] = 'other'", "it is that of study 'other'"),
    "no result": ("sys.exit('boom')", "the trainer ended with exit code 1"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_failure_is_one_warning_and_the_study_goes_on(tmp_path, name):
    spoil, said = BAD[name]
    study = created(tmp_path, backend=backend(tmp_path, spoil), strategy=[{"seed": ["all"]}])
    with pytest.warns(UserWarning) as caught:
        work(study)
    [warning] = {str(one.message) for one in caught}
    assert warning.startswith("the base model could not be scored: ") and said in warning, warning
    assert "the next `mixopt study resume toy` tries again" in warning and len(warning.splitlines()) == 1
    assert study.base is None and len(study.trials(TrialState.COMPLETE)) == 1
    assert said in study.optuna.user_attrs[BASE_FAILED]
    assert said in mixopt("study", "show", "toy") and said in mixopt("study", "base", "toy")
    assert said in json.loads(mixopt("study", "show", "toy", "--json"))["base_failed"]


def test_who_resumes_has_it_tried_again_once(tmp_path):
    counted = "path.with_name('tries').open('a').write('.')"
    study = created(tmp_path, backend=backend(tmp_path, counted, "sys.exit(1)"))
    tries = study.folder.base.path / "tries"
    for count in (1, 2):
        worker = resume("--slots", "2")
        said, _ = worker.communicate(timeout=60)
        assert worker.returncode == 0 and said.count("could not be scored") == 1
        assert tries.read_text() == "." * count and len(study.trials()) == 7
    backend(tmp_path)
    assert resume().wait(60) == 0 and study.base and not study.optuna.user_attrs[BASE_FAILED]


def test_a_study_that_was_complete_without_it_gets_it_by_resume(tmp_path):
    study = created(tmp_path, score={"steps": [2, 4]})
    work(study)
    study.folder.spec.write_text(study.folder.spec.read_text().replace("steps:", "base: true\n  steps:"))
    study = Study.open("toy")
    assert study.spec.scores_base and "0.1" in work(study)
    assert study.base and len(study.trials()) == 7


def test_a_result_that_is_there_is_not_scored_again(tmp_path):
    """As where the storage was restored from an older copy."""
    study = created(tmp_path)
    work(study)
    study.optuna.set_user_attr(BASE, {})
    work(Study.open("toy"))
    assert study.base and times_scored(study) == 1


def test_any_reader_of_the_storage_has_it(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=SEEDS, score=SCORE), storage=f"sqlite:///{tmp_path}/toy.db")
    work(study)
    plain = optuna.load_study(study_name="toy", storage=f"sqlite:///{tmp_path}/toy.db")
    assert plain.user_attrs[BASE] == pytest.approx(TOLD) and len(plain.trials) == 7


def test_what_people_and_scripts_see_of_it(tmp_path):
    study = created(tmp_path)
    work(study)
    recommended = study.recommend()
    shown = mixopt("study", "show", "toy")
    assert "base model" in shown and "untrained" in shown and f"{OUT:.4f}" in shown
    [line] = [line for line in mixopt("study", "recommend", "toy").splitlines() if line.startswith("gain over base")]
    assert f"{recommended.mean - OUT:+.4f}" in line and f"{recommended.interval[0] - OUT:+.4f} to" in line
    said = json.loads(mixopt("study", "recommend", "toy", "--json"))
    assert said["base"] == pytest.approx(OUT) and said["gain_over_base"] == pytest.approx(recommended.mean - OUT)
    assert said["gain_over_base_interval"] == pytest.approx([end - OUT for end in recommended.interval])
    document = json.loads(mixopt("study", "show", "toy", "--json"))
    assert document["base"]["tests"] == pytest.approx(TOLD) and document["base_failed"] is None
    assert "untrained" in mixopt("study", "front", "toy")
    front = json.loads(mixopt("study", "front", "toy", "--json"))
    assert front["base"] == {"in_score": pytest.approx(0.2), "out_score": pytest.approx(OUT)}
    assert "a_test 0.2000, x 0.1900, y 0.1800" in mixopt("study", "base", "toy")
    assert json.loads(mixopt("study", "base", "toy", "--json")) == document["base"]


def test_an_export_has_trials_alone(tmp_path):
    study = created(tmp_path)
    work(study)
    rows = mixopt("study", "export", "toy", tmp_path / "runs.csv") and (tmp_path / "runs.csv").read_text()
    assert len(rows.splitlines()) == 8 and "base" not in rows
    imported = mixopt("study", "import", "again", tmp_path / "runs.csv") and Study.open("again")
    assert len(imported.runs()) == 7 and imported.base is None


def test_it_is_told_by_hand_where_nobody_scores_it(tmp_path):
    study = bare_study(tmp_path)
    place = ("--folder", study.folder.path)
    assert "are not known" in mixopt("study", "base", "toy", *place)
    assert mixopt("study", "base", "toy", "--json", *place) == "null\n"
    scores = ("--score", "a_test=0.3", "--score", "x=0.1", "--score", "y=0.5")
    assert "out-score 0.4000, a_test 0.3000" in mixopt("study", "base", "toy", *scores, *place)
    with pytest.raises(StrategyError, match="has the base model's scores already: add --replace"):
        mixopt("study", "base", "toy", *scores, *place)
    (tmp_path / "scores.json").write_text('{"a_test": 0.3, "x": 0.2, "y": 0.5}')
    mixopt("study", "base", "toy", "--scores", tmp_path / "scores.json", "--replace", *place)
    assert study.base.tests == {"a_test": 0.3, "x": 0.2, "y": 0.5} and not study.trials()
    result = {"evaluations": [{"step": 0, "scores": TOLD}], "steps": 0, "stopped": "until", "draws": {}, "seconds": 1}
    (tmp_path / "result.json").write_text(json.dumps(result))
    mixopt("study", "base", "toy", "--scores", tmp_path / "result.json", "--replace", *place)
    assert study.base.tests == TOLD


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (["--score", "z=0.1"], "'z' is no score of the study"),
        (["--score", "x=0.1"], "out_score is not known, and the study maximises it"),
        (["--score", "out=1.1"], r"out-score is 1\.1, outside \[0, 1\]"),
        (["--score", "out=nan"], "out_score is nan: give a finite number"),
        (["--score", "out=0.1", "--score", "x=0.1"], "out_score is given beside x"),
        (["--score", "out=0.1", "--score", "out=0.2"], "has a score twice"),
        (["--score", "out"], "give TEST=SCORE"),
        (["--replace"], "--replace: there are no scores to replace"),
        (["--scores", "nowhere.json"], "nowhere.json: cannot be read"),
        (["--scores", "nowhere.json", "--score", "x=1"], "give one of --scores FILE and --score"),
    ],
)
def test_what_is_told_wrong_is_one_line_and_changes_nothing(tmp_path, said, why):
    study = bare_study(tmp_path)
    with pytest.raises(MixoptError, match=why) as caught:
        mixopt("study", "base", "toy", *said, "--folder", study.folder.path)
    assert len(str(caught.value).splitlines()) == 1 and study.base is None


def test_scores_of_a_later_step_are_not_the_base_models(tmp_path):
    study = bare_study(tmp_path)
    for said in ({"4": TOLD}, {"0": TOLD, "4": TOLD}):
        (tmp_path / "scores.json").write_text(json.dumps(said))
        with pytest.raises(ScoresError, match=r"there are scores of steps \[.*4\]"):
            mixopt("study", "base", "toy", "--scores", tmp_path / "scores.json", "--folder", study.folder.path)
    (tmp_path / "scores.json").write_text(json.dumps({"0": TOLD}))
    mixopt("study", "base", "toy", "--scores", tmp_path / "scores.json", "--folder", study.folder.path)
    assert study.base.tests == TOLD


def test_only_a_sides_mean_may_be_told(tmp_path):
    study = bare_study(tmp_path)
    mixopt("study", "base", "toy", "--score", "out=0.31", "--folder", study.folder.path)
    assert (study.base.values, study.base.out_score, study.base.in_score) == ({"out_score": 0.31}, 0.31, None)
    assert study.base.tests == {} and study.base.score("in_score") is None


def test_a_study_of_old_runs_can_be_told_it(tmp_path):
    rows = ["a,b,score", "1,0,0.2", "0,1,0.3", "0.5,0.5,0.4", "0.2,0.8,0.35"]
    (tmp_path / "runs.csv").write_text("\n".join(rows))
    mixopt("study", "import", "old", tmp_path / "runs.csv", "--value", "score")
    mixopt("study", "base", "old", "--score", "score=0.1")
    study = Study.open("old")
    assert study.base.values == {study.scoring.names[0]: 0.1} and len(study.runs()) == 4
    assert "gain over base" in mixopt("study", "recommend", "old")


def test_what_was_told_is_kept_when_a_worker_has_scored_it_meanwhile(tmp_path):
    gate, trainer = gated(tmp_path)
    study = created(tmp_path, backend=trainer)
    worker = resume()
    until(lambda: (study.folder.base.path / "begun").exists())
    mixopt("study", "base", "toy", "--score", "out=0.3", "--score", "in=0.1")
    gate.touch()
    assert worker.wait(60) == 0 and study.base.out_score == 0.3


def test_objectives_that_are_not_known_have_no_value(tmp_path):
    score = {"maximize": ["in_score", {"blend": 0.5}, "x"], "steps": [2, 4]}
    study = Study.create(toy_file(tmp_path, score=score, strategy=[{"bayes": {"trials": 3}}]))
    study.tell_base({"x": 0.1, "y": 0.2})
    assert study.base.values == {"x": 0.1} and study.base.out_score == pytest.approx(0.175)
    assert "nan" in mixopt("study", "show", "toy")
    study.tell_base({"x": 0.1, "y": 0.2, "a_test": 0.5})
    assert study.base.values == {"in_score": 0.5, "blend 0.5": pytest.approx(0.3375), "x": 0.1}
