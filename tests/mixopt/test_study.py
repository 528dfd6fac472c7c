"""Whole studies on the toy trainer: real processes and files, run to the end, stopped, resumed, broken."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import optuna
import pytest
from optuna.trial import TrialState

from mixopt.errors import StorageError, StudyExistsError, UnknownStudyError, WeightsError
from mixopt.paths import study_names
from mixopt.storage.url import StorageUrl
from mixopt.study.plan import trainer_of
from mixopt.study.replicates import mixture_of, replicate_runs
from mixopt.study.study import Study
from tests.support.running_workers import run_worker
from tests.support.toy_study import toy_backend, toy_file

PLANNED = 7 + 3 + 2 + 2


def table(study):
    return [(t.number, t.state, t.params, t.value) for t in study.trials()]


def test_a_study_runs_to_its_end_and_is_then_complete(tmp_path, home):
    study = Study.create(toy_file(tmp_path))
    notes = run_worker(study, slots=2)
    assert [line for line in notes.lines if line[0] == "study started"] == [("study started", 0, PLANNED)]
    assert sum(line[0] == "finished" for line in notes.lines) == PLANNED
    assert ("evaluation", 0, 4) in notes.lines and ("started", 6, "all") in notes.lines
    assert run_worker(Study.open("toy")).lines == []
    trial = study.trials()[6]
    assert trial.user_attrs["train_seed"] == 42 and trial.user_attrs["stopped"] == "finished"
    sizes = study.spec.tests.out
    out = sum(trial.user_attrs[f"test:{name}"] * size for name, size in sizes.items()) / sum(sizes.values())
    assert trial.value == trial.user_attrs["out_score"] == pytest.approx(out)
    stored = optuna.load_study(study_name="toy", storage=StorageUrl().open(study.folder.journal))
    assert len(stored.trials) == PLANNED and set(stored.trials[0].params) == {"a", "b", "c"}
    recommended = study.recommend()
    assert sum(recommended.weights.values()) == pytest.approx(1)
    assert study_names() == ["toy"] and home.exists()


def test_a_study_run_twice_with_one_slot_is_the_same_study(tmp_path):
    tables = []
    for name in ("first", "second"):
        study = Study.create(toy_file(tmp_path), tmp_path / name)
        run_worker(study)
        tables.append(table(study))
    assert tables[0] == tables[1]


def test_batches_are_the_same_with_two_slots(tmp_path):
    strategy = [{"seed": ["single", "exclude_one", "all"]}, {"quadratic": {"trials": 2, "search": "cma_es"}}]
    tables = []
    for slots in (1, 2):
        study = Study.create(toy_file(tmp_path, strategy=strategy), tmp_path / str(slots))
        run_worker(study, slots)
        tables.append(table(study))
    assert tables[0] == tables[1]


def test_the_budget_can_be_raised(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["single", "exclude_one"]}]))
    run_worker(study)
    again = Study.open("toy")
    run_worker(again, more=2)
    assert len(again.trials(TrialState.COMPLETE)) == 8
    assert [t.user_attrs["strategy"] for t in again.trials()[6:]] == ["model-based"] * 2


def command(*arguments, **variables):
    return [sys.executable, "-m", "mixopt.cli", *arguments], {**os.environ, **variables}


def start(name, slots=2):
    argv, environment = command("study", "resume", name, "--slots", str(slots))
    return subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def midway(study):
    """Whether a trainer has told of an evaluation and has others to come."""
    folders = [study.folder.trial(trial.number) for trial in study.trials(TrialState.RUNNING)]
    return any(f.events.exists() and f.events.stat().st_size and not f.result.exists() for f in folders)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_study_is_completed_by_resume_and_equals_one_never_stopped(tmp_path, sent):
    strategy = [{"seed": ["single", "exclude_one", "all"]}, {"heuristic": ["collinearity"]}]
    whole = Study.create(toy_file(tmp_path, strategy=strategy), tmp_path / "whole")
    run_worker(whole, slots=2)
    study = Study.create(toy_file(tmp_path, strategy=strategy, backend=toy_backend(sleep=0.4)))
    process = start("toy")
    while len(study.trials(TrialState.COMPLETE)) < 3 or not midway(study):
        time.sleep(0.05)
        assert process.poll() is None
    process.send_signal(sent)
    said, _ = process.communicate(timeout=30)
    if sent == signal.SIGINT:
        assert process.returncode == 130 and "no finished trial is lost" in said and "Traceback" not in said
    done = {t.number: t.value for t in study.trials(TrialState.COMPLETE)}
    run_worker(Study.open("toy"), slots=2)
    assert {number: study.trials()[number].value for number in done} == done
    ended = [log.read_text().count("trained") for log in study.folder.path.glob("trials/*/trained.log")]
    assert set(ended) == {1}, "a trainer that outlived its optimiser was waited for, not doubled"
    assert table(study) == table(whole)


def test_a_finished_trainer_whose_optimiser_died_is_heard(tmp_path):
    study = Study.create(toy_file(tmp_path))
    asked = study.ask(study.sampler())
    folder = asked.folder
    folder.path.mkdir(parents=True)
    scores = {"a_test": 0.5, "x": 0.25, "y": 0.25}
    result = {
        "evaluations": [{"step": step, "scores": scores} for step in (2, 4)],
        "steps": 4,
        "stopped": "finished",
        "draws": {},
        "seconds": 1,
    }
    folder.result.write_text(json.dumps(result))
    run_worker(Study.open("toy"))
    assert study.trials()[0].value == 0.25
    assert not folder.log.exists(), "it was not trained again"


def test_a_crashing_trainer_fails_its_trial_and_the_study_goes_on(tmp_path):
    strategy = [{"seed": ["single", "exclude_one", "all"]}, {"bayes": {"trials": 1}}]
    broken = toy_file(tmp_path, strategy=strategy)
    text = broken.read_text() + "    options: {crash: 0.9}\n"
    broken.write_text(text)
    study = Study.create(broken)
    notes = run_worker(study)
    failed = study.trials(TrialState.FAIL)
    assert [t.params["a"] for t in failed] == [1.0, 1.0], "twice, then it is given up"
    assert study.sampler().given_up(study.history()) == 1
    study.folder.spec.write_text(text.replace("crash: 0.9", "crash: 2.0"))
    fixed = Study.open("toy")
    run_worker(fixed)
    assert sorted(t.params["a"] for t in fixed.trials(TrialState.COMPLETE))[-1] == 1.0, "resume tries it again"
    assert failed[0].user_attrs["exit_code"] == 3
    assert failed[0].user_attrs["log_tail"].endswith("CUDA error: the toy is broken")
    assert len(fixed.trials(TrialState.COMPLETE)) == 8
    assert ("failed", 0, "the trainer ended with exit code 3") in notes.lines


def test_a_result_that_breaks_the_contract_fails_its_trial_and_the_study_goes_on(tmp_path):
    bad = "import json, sys; from pathlib import Path; Path(sys.argv[1]).with_name('result.json').write_text('{')"
    backend = {"command": {"argv": [sys.executable, "-c", bad]}}
    study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["all"]}], backend=backend))
    run_worker(study)
    assert [t.state for t in study.trials()] == [TrialState.FAIL] * 2
    assert all("result.json does not keep the contract" in t.user_attrs["reason"] for t in study.trials())


def test_a_program_that_is_not_there_is_warned_of_and_fails_the_trial(tmp_path):
    file = toy_file(tmp_path, strategy=[{"seed": ["all"]}], backend={"command": {"argv": ["no-such"]}})
    with pytest.warns(UserWarning, match="backend.command.argv: no program 'no-such' is found on this machine"):
        study = Study.create(file)
    notes = run_worker(study)
    assert not any(line[0] == "preparing" for line in notes.lines), "there is nothing to prepare"
    assert "'no-such' cannot be started" in study.trials()[0].user_attrs["reason"]


def test_names_that_exist_and_names_that_do_not(tmp_path, home):
    study = Study.create(toy_file(tmp_path))
    with pytest.raises(StudyExistsError, match="exists in"):
        Study.create(toy_file(tmp_path))
    with pytest.raises(UnknownStudyError, match="studies here: toy"):
        Study.open("other")
    study.delete()
    assert study_names() == [] and not (home / "toy").exists()


def test_a_torn_last_line_of_the_journal_is_mended(tmp_path):
    study = Study.create(toy_file(tmp_path))
    run_worker(study)
    before = table(study)
    with study.folder.journal.open("ab") as journal:
        journal.write(b'{"op_code": 5, "worker_id": "torn')
    run_worker(Study.open("toy"), more=1)
    assert table(Study.open("toy"))[:-1] == before


def test_a_storage_that_cannot_be_opened(tmp_path):
    study = Study.create(toy_file(tmp_path))
    study.folder.journal.write_text("not a journal\n")
    with pytest.raises(StorageError, match=r"journal\.log"):
        Study.open("toy")
    study.folder.journal.unlink()
    with pytest.raises(StorageError, match="is missing"):
        Study.open("toy")


def test_an_enqueued_trial_is_run_and_a_bad_one_fails_alone(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["all"]}]))
    study.optuna.enqueue_trial({"a": 0.5, "b": 0.5, "c": 0.5})
    study.optuna.enqueue_trial({"a": 0.5, "b": 0.3, "c": 0.2})
    run_worker(study)
    assert [t.state for t in study.trials()] == [TrialState.FAIL, TrialState.COMPLETE, TrialState.COMPLETE]
    assert "sum to 1.5" in study.trials()[0].user_attrs["reason"]


def test_a_folder_that_holds_another_study_is_not_taken_for_it(tmp_path, home):
    study = Study.create(toy_file(tmp_path))
    with pytest.raises(UnknownStudyError, match="holds study 'toy', not 'other'"):
        Study.open("other", study.folder.path)
    (home / "own").mkdir()
    (home / "own" / "notes.txt").write_text("mine")
    with pytest.raises(StorageError, match="is there and holds no study"):
        Study.create(toy_file(tmp_path), home / "own")
    assert sorted(path.name for path in home.iterdir()) == ["own", "toy"]


def test_a_relative_folder_is_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["all"]}]), Path("here"))
    assert study.folder.path == tmp_path / "here"
    run_worker(Study.open("toy", Path("here")))


def test_a_mixture_is_of_one_trial(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=[{"optuna": {"sampler": "random", "trials": 2}}]))
    run_worker(study)
    label = study.runs().labels[0]
    with pytest.raises(WeightsError, match=rf"mixture '{label}': trials 0, 1 have this label: give one number"):
        mixture_of(study, label)
    assert mixture_of(study, "1") == study.trials()[1].params
    with pytest.raises(WeightsError, match="give `recommended`, the number or label"):
        mixture_of(study, "2")
    with pytest.raises(WeightsError, match="give `recommended`"):
        mixture_of(study, '{"a": 1' + "0" * 400 + "}")


def test_a_study_file_may_be_a_pipe(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    text = toy_file(tmp_path).read_text()
    writer = Thread(target=pipe.write_text, args=(text,), daemon=True)
    writer.start()
    study = Study.create(pipe)
    writer.join()
    assert study.folder.spec.read_text() == text


def test_a_study_that_no_folder_holds_can_be_removed(tmp_path):
    database = f"sqlite:///{tmp_path}/toy.db"
    shutil.rmtree(Study.create(toy_file(tmp_path), storage=database).folder.path)
    with pytest.raises(StudyExistsError, match=f"optuna delete-study --study-name toy --storage {database}"):
        Study.create(toy_file(tmp_path), storage=database)
    optuna.delete_study(study_name="toy", storage=database)
    assert Study.create(toy_file(tmp_path), storage=database).trials() == []


def test_replicates_are_kept(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["single", "all"]}]))
    run_worker(study)
    weights = mixture_of(study, "all")
    assert weights == pytest.approx({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3})
    assert mixture_of(study, "3") == weights
    results = replicate_runs(study, trainer_of(study.spec), weights, [42, 1, 2], slots=2)
    values = [study.value(result) for result in results]
    assert values[0] == study.trials()[3].value, "the study's own seed gives the study's own score"
    assert len(set(values)) == 3
    assert replicate_runs(study, trainer_of(study.spec), weights, [1], slots=1) == results[1:2]
