"""Finished trials that are replaced or forgotten: on every storage, and as all that reads a study sees them."""

import json
import os
import signal
import threading
import time

import numpy as np
import pytest
from optuna.storages import run_grpc_proxy_server
from optuna.trial import TrialState

from mixopt.errors import ScoresError, StrategyError
from mixopt.io.manual import ask_manual, fail_manual, forget_manual, replace_manual, tell_manual
from mixopt.reporting.report.facts import Facts
from mixopt.study.correct import replace_trial
from mixopt.study.limits import Limits
from mixopt.study.study import Study
from tests.support.command_line import mixopt
from tests.support.postgres import free_port
from tests.support.toy_study import bare_study, toy_file

SEEDS = [{"seed": ["all", "single"]}, {"bayes": {"trials": 2}}]
SCORES = (0.31, 0.52, 0.43, 0.24)


def told(folder, strategy=SEEDS, storage: str = "", **changes) -> Study:
    """The seeds (all, a, b, c) told with SCORES."""
    folder.mkdir(exist_ok=True)
    file = toy_file(folder, backend=None, domains={"a": {}, "b": {}, "c": {}}, strategy=strategy, **changes)
    study = Study.create(file, folder / "study", storage)
    for score in SCORES:
        tell_manual(study, ask_manual(study).number, {"x": score, "y": score})
    return study


@pytest.fixture(params=["journal", "sqlite", "grpc"])
def storage(request, tmp_path):
    """A storage's URL."""
    if request.param == "journal":
        yield ""
    elif request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/optuna.db"
    else:
        from mixopt.storage.url import StorageUrl

        port = free_port()
        served = StorageUrl(f"sqlite:///{tmp_path}/served.db").open(tmp_path)
        threading.Thread(
            target=run_grpc_proxy_server, args=(served,), kwargs={"host": "127.0.0.1", "port": port}, daemon=True
        ).start()
        time.sleep(1)
        yield f"grpc://127.0.0.1:{port}"


def test_a_replaced_trial_counts_once_with_its_new_score(tmp_path, storage):
    study, clean = told(tmp_path, storage=storage), told(tmp_path / "clean")
    number, values = replace_manual(study, 1, {"x": 0.9, "y": 0.9}, "a typing error")
    assert number == 4 and values == pytest.approx((0.9,))
    runs, before = study.runs(), clean.runs()
    assert runs.numbers.tolist() == [0, 2, 3, 4]
    order = [0, 3, 1, 2]  # the runs by their rows
    assert runs.values[order].tolist() == pytest.approx([0.31, 0.9, 0.43, 0.24])
    assert np.array_equal(runs.weights[order], before.weights)
    assert [runs.labels[i] for i in order] == list(before.labels)
    assert study.done == clean.done == 4 and study.active == 4
    old, new = study.trial_records()[1], study.trial_records()[4]
    assert (old.state_word, old.replaced_by, new.state_word, new.replaces) == ("replaced", 4, "complete", 1)
    assert new.train_seed == old.train_seed and new.tests == {"x": 0.9, "y": 0.9}
    [entry] = new.correction_log
    assert entry["action"] == "replaced" and entry["number"] == 1 and entry["why"] == "a typing error"
    assert (
        entry["values"] == pytest.approx([0.52]) and entry["scores"]["x"] == 0.52 and entry["time"].endswith("+00:00")
    )
    assert ask_manual(study).label == "bayes", "its row is not asked for again"
    assert Study.open("toy", tmp_path / "study").runs().numbers.tolist() == [0, 2, 3, 4]


def test_a_forgotten_trial_counts_for_nothing_and_its_row_is_asked_for_again(tmp_path, storage):
    study = told(tmp_path, storage=storage)
    forget_manual(study, 2, "another model")
    assert study.runs().numbers.tolist() == [0, 1, 3] and study.done == 3
    assert study.trial_records()[2].state_word == "forgotten"
    [entry] = study.trial_records()[2].correction_log
    assert entry["action"] == "forgotten" and entry["why"] == "another model"
    assert not study.trials(TrialState.FAIL), "it is no failure"
    asked = ask_manual(study)
    assert (asked.number, asked.label) == (4, "single:b"), "its mixture is wanted again"
    tell_manual(study, 4, {"x": 0.5, "y": 0.5})
    assert ask_manual(study).label == "bayes"


def test_a_trial_is_corrected_again_and_again(tmp_path):
    study = told(tmp_path)
    number = 1
    for score in (0.6, 0.7):
        number, _ = replace_manual(study, number, {"x": score, "y": score}, f"{score}")
    forget_manual(study, number, "after all")
    records = study.trial_records()
    assert [record.state_word for record in records[1::3]] == ["replaced", "replaced"]
    assert records[5].state_word == "forgotten"
    assert [(entry["number"], entry["action"], entry["why"]) for entry in records[5].correction_log] == [
        (1, "replaced", "0.6"),
        (4, "replaced", "0.7"),
        (5, "forgotten", "after all"),
    ]
    assert study.runs().numbers.tolist() == [0, 2, 3]
    assert ask_manual(study).label == "single:a"


def test_a_trial_that_was_told_as_failed_gets_its_scores(tmp_path):
    study = told(tmp_path)
    number = ask_manual(study).number
    fail_manual(study, number, "the node was lost")
    new, _ = replace_manual(study, number, {"x": 0.5, "y": 0.5}, "it had finished")
    record = study.trial_records()[new]
    assert record.reason is None and record.correction_log[0]["values"] is None
    assert study.trial_records()[number].state_word == "replaced" and not study.trials(TrialState.FAIL)
    assert study.done == 5 and study.history().open_rows(1, 2) == [1]
    failed = ask_manual(study).number
    fail_manual(study, failed, "the node was lost")
    again = ask_manual(study).number
    with pytest.raises(StrategyError, match=f"trial {failed} failed, and trial {again} tries its mixture again"):
        replace_manual(study, failed, {"x": 0.5, "y": 0.5}, "")
    with pytest.raises(StrategyError, match="so it does not count"):
        forget_manual(study, failed, "")
    with pytest.raises(StrategyError, match="is no failed trial"):
        study.retry(number)


def test_what_cannot_be_corrected_is_refused(tmp_path):
    study = told(tmp_path)
    running = ask_manual(study).number
    scores = {"x": 0.5, "y": 0.5}
    for correct in (lambda n: replace_manual(study, n, scores, ""), lambda n: forget_manual(study, n, "")):
        with pytest.raises(StrategyError, match=f"trial {running} is running, so there is nothing to correct"):
            correct(running)
        for unknown in (99, -1):
            with pytest.raises(StrategyError, match=f"has no trial {unknown}: its trials are 0 to 4"):
                correct(unknown)
    new, _ = replace_manual(study, 0, scores, "")
    forget_manual(study, 3, "")
    for correct in (lambda n: replace_manual(study, n, scores, ""), lambda n: forget_manual(study, n, "")):
        with pytest.raises(StrategyError, match=f"trial 0 is replaced by trial {new} already: correct that one"):
            correct(0)
        with pytest.raises(StrategyError, match="trial 3 is forgotten already"):
            correct(3)
    with pytest.raises(StrategyError, match=r"trial 0 is told already \(replaced\)"):
        tell_manual(study, 0, scores)
    before = study.runs().values.tolist()
    for wrong in ({"x": 1.5, "y": 0.5}, {"z": 0.5}, {"x": 0.5}, {"x": float("nan"), "y": 0.5}):
        with pytest.raises(ScoresError):
            replace_manual(study, 1, wrong, "")
    assert study.runs().values.tolist() == before


def test_the_recommendation_is_that_of_a_study_told_right(tmp_path):
    wrong, right = told(tmp_path / "a"), told(tmp_path / "b")
    replace_manual(wrong, 0, {"x": 0.9, "y": 0.9}, "")
    replace_manual(right, 0, {"x": 0.9, "y": 0.9}, "")
    replace_manual(wrong, 4, {"x": 0.31, "y": 0.31}, "")
    plain = told(tmp_path / "c")
    assert wrong.recommend().mean == pytest.approx(plain.recommend().mean, abs=1e-6)
    assert right.recommend().mean != pytest.approx(plain.recommend().mean, abs=1e-3)


def test_a_budget_counts_a_corrected_trial_once(tmp_path):
    study = told(tmp_path, budget={"trials": 5})
    replace_manual(study, 0, {"x": 0.9, "y": 0.9}, "")
    assert not Limits(study).reached(study.sampler())
    number = ask_manual(study).number
    tell_manual(study, number, {"x": 0.5, "y": 0.5})
    assert "5 of 5 trials are used" in Limits(study).reached(study.sampler())
    forget_manual(study, number, "")
    assert ask_manual(study).label == "bayes"


def test_a_kill_between_corrections_leaves_each_whole_or_undone(tmp_path):
    """A child corrects trials as fast as it can and is killed: whatever is there then, each row counts once."""
    told(tmp_path)
    child = os.fork()
    if not child:
        mine, number = Study.open("toy", tmp_path / "study"), 1
        while True:
            number = replace_trial(mine, number, (0.5,), {2: (0.5,), 4: (0.5,)}, {"test:x": 0.5, "test:y": 0.5}, "")
    time.sleep(1.5)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    after = Study.open("toy", tmp_path / "study")
    records = after.trial_records()
    assert len(records) > 8
    counted = [record.number for record in records if record.state_word == "complete"]
    assert counted == after.runs().numbers.tolist() == [0, 2, 3, len(records) - 1]
    assert len(records[-1].correction_log) == len(records) - 4
    assert after.done == 4


def test_everything_that_is_shown_says_so(tmp_path, home):
    (home / "toy").parent.mkdir()
    told(tmp_path)
    (tmp_path / "study").rename(home / "toy")
    said = mixopt("study", "tell", "toy", 1, "--replace", "--score", "out=0.61", "--why", "a typing error")
    assert said == "study toy: trial 4 replaces trial 1: 0.6100\n"
    assert "trial 2 is forgotten" in mixopt("study", "forget", "toy", 2, "--why", "another model")
    shown = mixopt("study", "show", "toy")
    assert "replaced by 4" in shown and "forgotten" in shown and "0.6100" in shown and "0.5200" not in shown
    document = json.loads(mixopt("study", "show", "toy", "--json"))
    assert [trial["state"] for trial in document["trials"]] == [
        "complete", "replaced", "forgotten", "complete", "complete",
    ]  # fmt: skip
    assert document["trials"][4]["history"][0]["why"] == "a typing error" and document["best"] == pytest.approx(0.61)
    rows = mixopt("study", "export", "toy").splitlines()
    assert [row.split(",")[1] for row in rows[1:]] == ["complete", "replaced", "forgotten", "complete", "complete"]
    facts = Facts.of(Study.open("toy"))
    assert len(facts.state(TrialState.COMPLETE)) == len(facts.runs) == 3
    from mixopt.reporting.report import report

    page = report(Study.open("toy"))
    assert "replaced by 4" in page and "forgotten" in page


def test_an_export_imports_without_what_was_corrected(tmp_path):
    study = told(tmp_path)
    replace_manual(study, 1, {"x": 0.61, "y": 0.61}, "")
    forget_manual(study, 2, "")
    from mixopt.io.export import trial_rows
    from mixopt.tables.cells import write_cells

    write_cells(tmp_path / "runs.csv", *trial_rows(study))
    mixopt("study", "import", "again", tmp_path / "runs.csv")
    assert sorted(Study.open("again").runs().values) == pytest.approx([0.24, 0.31, 0.61])


def test_a_study_with_early_ends_and_one_with_a_stock_sampler_are_corrected_too(tmp_path):
    early = [{"seed": ["all", "single"]}, {"bayes": {"trials": 4, "early": True}}]
    stock = [{"seed": ["all", "single"]}, {"optuna": {"trials": 8, "sampler": "cma_es"}}]
    for folder, strategy in ((tmp_path / "early", early), (tmp_path / "stock", stock)):
        folder.mkdir()
        study = bare_study(folder, strategy=strategy, score={"steps": [2, 4]})
        for count in range(7):
            asked = ask_manual(study)
            steps = [s for s in asked.request.steps if s <= (asked.request.until or s)]
            path = folder / "scores.json"
            path.write_text(json.dumps({s: {"a_test": 0.1, "x": 0.1 * s, "y": 0.05 * count} for s in steps}))
            tell_manual(study, asked.number, path)
            if count % 3 == 2:
                path.write_text(json.dumps({s: {"a_test": 0.1, "x": 0.1 * s, "y": 0.7} for s in steps}))
                before = study.done
                number, _ = replace_manual(study, asked.number, path, "")
                assert study.done == before
                if count == 5:
                    forget_manual(study, number, "")
        assert study.sampler().position(study.history()) is not None
