"""Imports of large files: bounded seconds and memory through the command itself, and what a kill leaves."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import optuna
import pytest
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.study import StudyDirection
from optuna.trial import TrialState

from mixopt.history.finished_trial import finished_trial
from mixopt.io.import_runs import import_old_runs
from mixopt.storage.journal import CrashSafeJournal, CrashSafeStorage
from mixopt.storage.url import StorageUrl
from mixopt.study.study import Study
from mixopt.tables.number_format import with_plain_numbers
from mixopt.tables.run_files import read_old_runs
from tests.measures.import_size import measured, runs, text, wide
from tests.support.toy_study import bare_study


@pytest.mark.slow
def test_100_000_rows_through_the_command(tmp_path):
    runs(100_000)(tmp_path / "runs.csv")
    cost = measured(tmp_path / "runs.csv", (), tmp_path / "home")
    assert cost.code == 0 and cost.cpu < 20 and cost.megabytes < 500
    with (tmp_path / "home" / "mine" / "journal.log").open() as journal:
        assert sum(1 for _ in journal) == 100_001


@pytest.mark.parametrize(
    ("make", "options", "code"),
    [
        (wide(20_000), (), 2),
        (wide(20_000), ("--domains", "web,code"), 0),
        (text('"' + "7,7,7\n" * 1000, 2_000), (), 2),
        (text("\0" * 1000, 10_000), (), 2),
    ],
    ids=["wide", "wide, named", "a quote", "nulls"],
)
def test_files_that_would_take_minutes(tmp_path, make, options, code):
    make(tmp_path / "runs.csv")
    cost = measured(tmp_path / "runs.csv", options, tmp_path / "home")
    assert cost.code == code and cost.cpu < 20 and cost.megabytes < 500


def trial(i: int, **notes) -> optuna.trial.FrozenTrial:
    kept = {"in_score": float("nan"), "label": f"r{i}", "evaluations": [{"step": 4, "scores": {"x": 0.5}}], **notes}
    return finished_trial({"a": i / 9, "b": 1 - i / 9}, (i / 7,), {2: (0.1,), 4: (i / 7,)}, kept)


def known(trials: list[optuna.trial.FrozenTrial]) -> list[str]:
    """What trials are but for mixopt's marks, as text; a NaN equals itself there."""
    shown = (
        "number",
        "state",
        "values",
        "params",
        "distributions",
        "user_attrs",
        "intermediate_values",
    )
    times = ("datetime_start", "datetime_complete")
    return [repr([getattr(trial, name) for name in (*shown, *times)]) for trial in trials]


def test_trials_that_are_added_at_once_are_those_that_optuna_would_add(tmp_path):
    trials = [trial(i) for i in range(9)]
    theirs = JournalStorage(JournalFileBackend(str(tmp_path / "theirs.log")))
    ours = CrashSafeStorage(CrashSafeJournal(tmp_path / "ours.log"))
    for storage in (theirs, ours):
        assert storage.create_new_study([StudyDirection.MAXIMIZE], "s") == 0
    for one in trials:
        theirs.create_new_trial(0, one)
    ours.add_finished(0, trials)
    again = JournalStorage(JournalFileBackend(str(tmp_path / "ours.log")))
    assert known(ours.get_all_trials(0)) == known(again.get_all_trials(0)) == known(theirs.get_all_trials(0))
    lines = [(tmp_path / name).read_text().splitlines()[1:] for name in ("theirs.log", "ours.log")]
    assert [line.partition("study_id")[2] for line in lines[0]] == [line.partition("study_id")[2] for line in lines[1]]


@pytest.mark.parametrize("values", [(0.5,), (0.5, 0.25)])
def test_a_database_takes_them_at_once_as_optuna_would(tmp_path, values):
    directions = [StudyDirection.MAXIMIZE] * len(values)
    added = [finished_trial({"a": i / 9, "b": 1 - i / 9}, values, {4: values}, {"label": str(i)}) for i in range(9)]
    ours = StorageUrl(f"sqlite:///{tmp_path}/ours.db").open(tmp_path / "none")
    theirs = RDBStorage(f"sqlite:///{tmp_path}/theirs.db")
    for storage in (ours, theirs):
        storage.create_new_study(directions, "s")
        storage.create_new_trial(1, added[0])
    ours.add_finished(1, added[1:])
    for one in added[1:]:
        theirs.create_new_trial(1, one)
    assert known(ours.get_all_trials(1)) == known(theirs.get_all_trials(1))
    assert known(RDBStorage(f"sqlite:///{tmp_path}/ours.db").get_all_trials(1)) == known(theirs.get_all_trials(1))
    assert ours.get_all_trials(1)[-1].number == 8


class Lossy:
    """A storage that has written and whose answer is lost, once."""

    def __init__(self, storage):
        self._storage, self._lost = storage, False

    def __getattr__(self, name):
        return getattr(self._storage, name)

    def add_finished(self, study_id, trials):
        self._storage.add_finished(study_id, trials)
        if not self._lost:
            self._lost = True
            raise ConnectionError("the answer was lost")


def test_trials_whose_answer_was_lost_are_not_added_twice(tmp_path):
    from mixopt.storage.retrying import RetryingStorage

    inner = CrashSafeStorage(CrashSafeJournal(tmp_path / "journal.log"))
    inner.create_new_study([StudyDirection.MAXIMIZE], "s")
    with pytest.warns(UserWarning, match="does not answer"):
        RetryingStorage(Lossy(inner), "it").add_finished(0, (trial(i) for i in range(5)))
    assert [one.number for one in inner.get_all_trials(0)] == list(range(5))


IMPORT = """
import sys
from pathlib import Path
from mixopt.io.import_runs import import_old_runs
from mixopt.tables.run_files import read_old_runs
from mixopt.storage import retrying
from mixopt.study.study import Study
retrying.BATCH = 20
study = Study.open("toy", Path(sys.argv[1]))
old = read_old_runs([Path(sys.argv[2])], known_domains=study.space.domains, known_scores=study.scoring.available)
print("read", flush=True)
import_old_runs(study, old)
"""


def test_a_killed_import_goes_on_without_doubles(tmp_path):
    study = bare_study(tmp_path)
    rng = np.random.default_rng(0)
    rows = [[*row, score] for row, score in zip(rng.dirichlet([1, 1, 1], 3000), rng.random(3000))]
    file = tmp_path / "runs.csv"
    file.write_text("a,b,c,out_score\n" + "".join(",".join(map(repr, map(float, row))) + "\n" for row in rows))
    killed, counts = 0, [0]
    while len(Study.open("toy", study.folder.path).trials()) < len(rows):
        command = [sys.executable, "-c", IMPORT, str(study.folder.path), str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            deadline, before = time.monotonic() + 60, study.folder.journal.stat().st_size
            while killed < 3 and process.poll() is None and time.monotonic() < deadline:
                if study.folder.journal.stat().st_size > before:
                    os.kill(process.pid, signal.SIGKILL)
                    killed += 1
                    break
        assert process.returncode in (0, -signal.SIGKILL)
        counts.append(len(Study.open("toy", study.folder.path).trials()))
        assert counts[-1] >= counts[-2]
    trials = Study.open("toy", study.folder.path).trials(TrialState.COMPLETE)
    assert len(trials) == len(rows) and len({trial.params["a"] for trial in trials}) == len(rows)
    assert [trial.number for trial in trials] == list(range(len(rows)))
    old = read_old_runs([file], known_domains=study.space.domains, known_scores=study.scoring.available)
    assert import_old_runs(Study.open("toy", study.folder.path), old).known == len(rows)
    assert killed, "it was never killed while it wrote"


def test_a_weight_just_above_one_is_one(tmp_path):
    (tmp_path / "runs.csv").write_text("a,b,score\n1.0000000005,0,1\n0.5,0.5,2\n")
    assert read_old_runs([tmp_path / "runs.csv"], "score").runs[0].weights == {"a": 1.0, "b": 0.0}


def test_a_table_of_plain_numbers_stays_as_it_is_beside_a_marked_column():
    lines = [(2, ["0.5", "1.5", "12,5"]), (3, ["1", "0.123", "7,25"])]
    assert with_plain_numbers(lines, ";") == lines, "points and commas are decimals here, so nothing is known"
    assert with_plain_numbers([(2, ["5", "12,5"]), (3, ["1", "7,25"])], ";") == [(2, ["5", "12.5"]), (3, ["1", "7.25"])]
