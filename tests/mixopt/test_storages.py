"""Storages: addresses, torn journals, full disks, servers that go away, passwords that stay hidden."""

import errno
import math
import os
import resource
import signal
import threading
import time
import warnings
from pathlib import Path

import optuna
import pytest
from hypothesis import given, strategies as st
from optuna.distributions import FloatDistribution
from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.storages import InMemoryStorage, JournalStorage, run_grpc_proxy_server
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState, create_trial

from mixopt.errors import StorageError
from mixopt.storage.retry import is_transient
from mixopt.storage.retrying import RetryingStorage
from mixopt.storage.transient_errors import may_pass
from mixopt.storage.url import StorageUrl
from tests.support.postgres import free_port


def opened(journal: Path) -> optuna.Study:
    return optuna.create_study(study_name="s", storage=StorageUrl().open(journal), load_if_exists=True)


def told(study: optuna.Study, count: int = 1) -> None:
    for _ in range(count):
        trial = study.ask()
        trial.suggest_float("x", 0, 1)
        study.tell(trial, 0.5)


# -- the journal


def test_a_journal_torn_at_any_byte_of_its_last_record_goes_on(tmp_path):
    journal = tmp_path / "journal.log"
    told(opened(journal), 2)
    whole = journal.read_bytes()
    before = whole[:-1].rfind(b"\n") + 1  # the last record tells the second trial
    for end in range(before, len(whole)):
        journal.write_bytes(whole[:end])
        told(opened(journal))
        states = [trial.state for trial in opened(journal).trials]
        assert states == [TrialState.COMPLETE, TrialState.RUNNING, TrialState.COMPLETE], end


def test_what_a_full_disk_let_be_written_in_part_is_taken_back(tmp_path):
    """In a child process whose files may not grow beyond the journal's present size and a few bytes."""
    journal = tmp_path / "journal.log"
    told(opened(journal))
    before = journal.read_bytes()
    child = os.fork()
    if not child:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        storage = StorageUrl().open(journal, longest_outage=0.1)
        study = optuna.load_study(study_name="s", storage=storage)
        warnings.simplefilter("ignore")
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 9, len(before) + 9))
        try:
            study.ask()
        except StorageError as error:
            os._exit(42 if "File too large" in str(error) else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
    assert journal.read_bytes() == before
    told(opened(journal))
    assert len(opened(journal).trials) == 2


def test_a_writer_that_is_killed_does_not_keep_the_others_waiting(tmp_path):
    journal = tmp_path / "journal.log"
    opened(journal)
    child = os.fork()
    if not child:
        study = opened(journal)
        while True:
            told(study)
    time.sleep(1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    started = time.monotonic()
    told(opened(journal))
    assert time.monotonic() - started < 5


def test_a_journal_that_is_none_is_refused_in_one_line(tmp_path):
    journal = tmp_path / "journal.log"
    journal.write_text("[1, 2]\n{}\n")
    with pytest.raises(StorageError, match=r"journal\.log: cannot be opened .* a journal of Optuna's") as caught:
        opened(journal)
    assert "\n" not in str(caught.value)


# -- URLs


@pytest.mark.parametrize("url", ["redis://host/1", "grpc://", "postgresql+psycopg://h:port/db", "journal.log"])
def test_an_address_of_no_known_kind_is_refused(url):
    with pytest.raises(StorageError, match=r"use postgresql|has no host|is no URL"):
        StorageUrl(url)


@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=4))
def test_a_password_is_never_shown(password):
    url = f"postgresql+psycopg://user:hide{password}hide@host/db"
    try:
        shown = StorageUrl(url).masked
    except StorageError as error:
        shown = str(error)
    assert f"hide{password}hide" not in shown
    assert "secret" not in StorageUrl("postgresql://host/db?user=me&password=secret").masked


def test_sqlite_is_for_one_worker():
    assert not StorageUrl("sqlite:////tmp/a.db").several_workers
    assert StorageUrl().several_workers and StorageUrl("postgresql://host/db").several_workers


def test_a_server_that_is_away_is_told_without_the_password():
    with pytest.raises(StorageError, match=r"user:\*\*\*@127.0.0.1:1/db: cannot be opened") as caught:
        StorageUrl("postgresql+psycopg://user:hush@127.0.0.1:1/db").open(Path())
    assert "hush" not in str(caught.value)


# -- outages


class Away(InMemoryStorage):
    """Fails `times` times with an error that may pass, before or after it has done what it was asked."""

    def __init__(self, times: int, after: bool = False) -> None:
        super().__init__()
        self.times, self.after = times, after

    def set_trial_state_values(self, *arguments, **named):
        self.times -= 1
        if self.after or self.times < 0:
            done = super().set_trial_state_values(*arguments, **named)
        if self.times >= 0:
            raise StorageInternalError("lost") from ConnectionError("the line is dead")
        return done


@pytest.mark.parametrize("after", [False, True])
def test_an_outage_is_waited_for_and_told(after):
    """Also where the storage had done it and only the answer was lost."""
    storage = RetryingStorage(Away(1, after), "the storage", longest_outage=20)
    study = optuna.create_study(storage=storage)
    trial = study.ask()
    with pytest.warns(UserWarning, match="the storage does not answer .*the line is dead"):
        study.tell(trial, 0.25)
    assert study.trials[0].state == TrialState.COMPLETE and study.trials[0].value == 0.25


def test_an_outage_that_lasts_is_an_error_in_one_line():
    study = optuna.create_study(storage=RetryingStorage(Away(10_000), "the storage", longest_outage=0.2))
    trial = study.ask()
    with warnings.catch_warnings(), pytest.raises(StorageError, match=r"the storage has not answered for 0\.2 s"):
        warnings.simplefilter("ignore")
        study.tell(trial, 0.25)


def test_a_mistake_is_no_outage():
    study = optuna.create_study(storage=RetryingStorage(InMemoryStorage(), "the storage"))
    trial = study.ask()
    study.tell(trial, 0.25)
    with pytest.raises(UpdateFinishedTrialError):
        study._storage.set_trial_state_values(trial._trial_id, TrialState.COMPLETE, [0.5])
    with pytest.raises(KeyError):
        study._storage.get_trial(99)
    assert not is_transient(FileNotFoundError()) and is_transient(OSError(28, "No space left on device"))


# -- servers


def test_postgresql_keeps_a_study_through_a_restart(postgres):
    storage = StorageUrl(postgres.url).open(Path())
    study = optuna.create_study(study_name="s", storage=storage)
    told(study)
    postgres.stop()
    back = threading.Timer(3, postgres.start)
    back.start()
    with pytest.warns(UserWarning, match="does not answer") as caught:
        told(study)
    back.join()
    assert all("hush" not in str(warning.message) for warning in caught)
    assert [trial.state for trial in study.trials].count(TrialState.COMPLETE) == 2


def test_the_grpc_proxy_stands_in_front_of_postgresql(postgres):
    port = free_port()
    behind = StorageUrl(postgres.url).open(Path())
    server = threading.Thread(
        target=run_grpc_proxy_server, args=(behind,), kwargs={"host": "127.0.0.1", "port": port}, daemon=True
    )
    server.start()
    study = optuna.create_study(study_name="by proxy", storage=StorageUrl(f"grpc://127.0.0.1:{port}").open(Path()))
    told(study, 3)
    assert len(optuna.load_study(study_name="by proxy", storage=behind).trials) == 3


# -- a trial that is made once, and recorded or asked for twice


def finished(journal: Path, scores: list[float]) -> None:
    """A study of trials whose weights are their scores; each is made whole, as workers make them, and told."""
    study = opened(journal)
    for score in scores:
        whole = create_trial(
            state=TrialState.RUNNING, params={"x": score}, distributions={"x": FloatDistribution(0, 1)}
        )
        study.tell(study._storage.get_trial_number_from_id(study._storage.create_new_trial(0, whole)), score)


@pytest.mark.parametrize("block", [False, True], ids=["a line", "a block"])
def test_a_record_of_a_new_trial_that_stands_twice_gives_no_trial_anothers_scores(tmp_path, block):
    journal, wanted = tmp_path / "journal.log", {score: score for score in (0.1, 0.2, 0.3, 0.4)}
    finished(journal, [0.1, 0.2, 0.3])
    lines = journal.read_text().splitlines(keepends=True)
    made = next(number for number, line in enumerate(lines) if '"op_code":4' in line)
    twice = [*lines, *lines[made:]] if block else [*lines[: made + 1], *lines[made:]]
    journal.write_text("".join(twice))
    with pytest.warns(UserWarning, match=rf"line \d+ makes the trial of line {made + 1} again: it is passed over"):
        finished(journal, [0.4])
    with pytest.warns(UserWarning, match="it is passed over"):
        assert {trial.params["x"]: trial.value for trial in opened(journal).trials} == wanted


def test_a_record_that_stands_twice_in_a_journal_of_plain_optuna_ends_in_one_line(tmp_path):
    """Plain Optuna counted it when it wrote what follows, or did not: nobody can tell."""
    journal = tmp_path / "journal.log"
    told(optuna.create_study(study_name="s", storage=JournalStorage(JournalFileBackend(str(journal)))), 2)
    lines = journal.read_text().splitlines(keepends=True)
    made = next(number for number, line in enumerate(lines) if '"op_code":4' in line)
    journal.write_text("".join([*lines[: made + 1], *lines[made:]]))
    with pytest.raises(
        StorageError, match=rf"line {made + 2} makes the trial of line {made + 1} again: remove"
    ) as caught:
        opened(journal)
    assert "\n" not in str(caught.value)


def test_mixtures_that_were_enqueued_twice_are_two_trials(tmp_path):
    study = opened(tmp_path / "journal.log")
    for _ in range(2):
        study.enqueue_trial({"x": 0.5})
    assert len(opened(tmp_path / "journal.log").trials) == 2


def test_a_trial_whose_fsync_failed_is_made_once(tmp_path, monkeypatch):
    """Its line may have been read by others, so it stays; the second try finds it."""
    study, real, failures = opened(tmp_path / "journal.log"), os.fsync, [OSError(errno.EIO, "Input/output error")]

    def fsync(descriptor):
        if failures:
            raise failures.pop()
        real(descriptor)

    monkeypatch.setattr("mixopt.storage.journal.os.fsync", fsync)
    with pytest.warns(UserWarning, match="Input/output error"):
        trial = study.ask()
    trial.suggest_float("x", 0, 1)
    study.tell(trial, 0.5)
    assert [trial.value for trial in opened(tmp_path / "journal.log").trials] == [0.5]


class AnswerLost(InMemoryStorage):
    """Makes a trial, and then the line is dead, once."""

    lost = False

    def create_new_trial(self, *arguments, **named):
        made = super().create_new_trial(*arguments, **named)
        if not self.lost:
            self.lost = True
            raise StorageInternalError("lost") from ConnectionError("the line is dead")
        return made


@pytest.mark.filterwarnings("ignore:the storage does not answer")
@pytest.mark.parametrize("whole", [False, True])
def test_a_trial_whose_answer_was_lost_is_made_once_and_is_no_other_with_the_same_content(whole):
    behind = AnswerLost()
    behind.lost = True
    storage = RetryingStorage(behind, "the storage", longest_outage=20)
    study = optuna.create_study(storage=storage)
    same = create_trial(state=TrialState.RUNNING, params={"x": 0.5}, distributions={"x": FloatDistribution(0, 1)})
    first = storage.create_new_trial(0, same if whole else None)
    behind.lost = False
    second = storage.create_new_trial(0, same if whole else None)
    assert first != second and len(study.trials) == 2


# -- telling a trial


@pytest.mark.parametrize("url", ["", "sqlite:///{}/trials.db"], ids=["journal", "database"])
def test_what_is_told_at_once_is_what_optuna_keeps(url, tmp_path):
    ours, theirs = (StorageUrl(url.format(tmp_path)).open(tmp_path / "journal.log") for _ in range(2))
    study = optuna.create_study(study_name="s", storage=ours)
    study_id = ours.get_study_id_from_name("s")
    trial_id = ours.create_new_trial(study_id)
    theirs.set_trial_intermediate_value(trial_id, 2, 0.25)
    theirs.set_trial_user_attr(trial_id, "note", "old")
    ours.tell(trial_id, TrialState.COMPLETE, [math.inf], {"note": "new", "more": 1}, {2: 0.5, 4: math.nan})
    [read], [told] = study.trials, theirs.get_all_trials(study_id)
    assert repr(read) == repr(told)  # NaN is not itself
    assert told.values == [math.inf] and told.user_attrs == {"note": "new", "more": 1}
    assert told.intermediate_values[2] == 0.5 and math.isnan(told.intermediate_values[4])
    assert told.state == TrialState.COMPLETE and told.duration.total_seconds() < 60
    with pytest.raises(UpdateFinishedTrialError):
        ours.tell(trial_id, TrialState.COMPLETE, [0.5], {}, {})


@pytest.mark.parametrize("url", ["", "sqlite:///{}/trials.db"], ids=["journal", "database"])
def test_what_another_process_changes_is_read_again(url, tmp_path):
    ours, theirs = (StorageUrl(url.format(tmp_path)).open(tmp_path / "journal.log") for _ in range(2))
    study = optuna.create_study(study_name="s", storage=ours)
    trials = [study.ask() for _ in range(2)]
    assert [trial.state for trial in study.trials] == [TrialState.RUNNING] * 2
    study_id = theirs.get_study_id_from_name("s")
    first, second = (theirs.get_trial_id_from_study_id_trial_number(study_id, trial.number) for trial in trials)
    theirs.set_trial_user_attr(second, "note", "new")
    theirs.set_trial_state_values(first, TrialState.COMPLETE, [1.0])
    theirs.create_new_trial(study_id)
    after = study.trials
    assert after[0].state == TrialState.COMPLETE and after[1].user_attrs == {"note": "new"}
    assert [trial.number for trial in after] == [0, 1, 2]


# -- errors that pass, and errors that do not


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.ENOLCK])
def test_what_may_pass_is_waited_for(number):
    assert may_pass(OSError(number, "")) and is_transient(OSError(number, ""))


@pytest.mark.parametrize(
    "number",
    [
        errno.EROFS,
        errno.EACCES,
        errno.EPERM,
        errno.ENOTDIR,
        errno.ENAMETOOLONG,
        errno.EOPNOTSUPP,
        errno.ELOOP,
        errno.EFBIG,
    ],
)
def test_what_does_not_pass_is_not_waited_for(number, monkeypatch, tmp_path):
    study = opened(tmp_path / "journal.log")

    def fail(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("mixopt.storage.journal._write_all", fail)
    with pytest.raises(StorageError, match=r"journal\.log: cannot be used \(.*\): .+, and resume") as caught:
        study.ask()
    assert "\n" not in str(caught.value)
