"""No password of a storage's URL is shown: by no message, warning or traceback, however a driver writes it."""

import traceback
import warnings
from pathlib import Path
from urllib.parse import quote, quote_plus

import optuna
import pytest
from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.storages import InMemoryStorage

from mixopt.errors import StorageError
from mixopt.reporting.dashboard.storage import ViewedStorage
from mixopt.storage.retrying import RetryingStorage
from mixopt.storage.secrets import Secrets
from mixopt.storage.url import StorageUrl
from tests.support.command_line import refusal
from tests.support.toy_study import toy_file

MEANT = "hu sh/é%'@\\1"
QUOTED = quote(MEANT, safe="")
URLS = {
    "postgresql": f"postgresql+psycopg://me:{QUOTED}@127.0.0.1:1/db",
    "postgresql by its query": f"postgresql://127.0.0.1:1/db?user=me&password={quote_plus(MEANT)}",
    "sqlite": f"sqlite:////nowhere/a.db?sslpassword={QUOTED}&x=1",
    "grpc": f"grpc://me:{QUOTED}@127.0.0.1:1",
    "another's token": f"postgresql://127.0.0.1:1/db?auth_Token={QUOTED.lower()}",
}
SPELLINGS = (MEANT, QUOTED, QUOTED.lower(), quote(MEANT), quote_plus(MEANT), repr(MEANT)[1:-1])
every_kind = pytest.mark.parametrize("url", URLS.values(), ids=URLS.keys())


def failure(kind=ConnectionError):
    """An error that quotes the password in all ways, raised from one that does, beside another."""
    try:
        try:
            try:
                raise ValueError(f"beside: {SPELLINGS[0]}")
            except ValueError:
                raise OSError(5, f"of the system: {SPELLINGS[1]}") from None
        except OSError as cause:
            raise StorageInternalError(*SPELLINGS) from cause
    except StorageInternalError as cause:
        error = kind(f"cannot log in by {' and '.join(SPELLINGS)}")
        error.orig = cause
        error.add_note(f"was {SPELLINGS[2]}")
        error.__cause__ = cause
        return error


def told(error):
    """All that a traceback says, and what the errors say that it leaves out."""
    said = ["".join(traceback.format_exception(error))]
    while error is not None:
        said += [str(error), repr(error), str(getattr(error, "orig", ""))]
        error = error.__cause__ or error.__context__
    return "\n".join(said)


def shows(text):
    return [spelling for spelling in SPELLINGS if spelling in text] + ["hush"] * ("hush" in text)


@every_kind
def test_what_a_driver_says_when_it_cannot_connect_is_shown_without_the_password(url, monkeypatch, tmp_path):
    def fail(*_):
        raise failure()

    monkeypatch.setattr(StorageUrl, "_connect", fail)
    for opening in (0.0, 0.15):
        with warnings.catch_warnings(record=True) as warned, pytest.raises(StorageError, match=r"\*\*\*") as caught:
            warnings.simplefilter("always")
            StorageUrl(url).open(tmp_path / "journal", opening=opening)
        assert len(warned) >= bool(opening)
        assert not shows(
            told(caught.value) + "".join(str(warning.message) for warning in warned) + repr(StorageUrl(url))
        )


class Failing(InMemoryStorage):
    """A storage of which some calls raise what quotes the password."""

    kind = ConnectionError

    def set_trial_state_values(self, *arguments, **named):
        raise failure(self.kind)


@every_kind
@pytest.mark.parametrize("kind", [ConnectionError, StorageInternalError, ValueError, UpdateFinishedTrialError])
def test_neither_does_a_call_that_fails_later_nor_the_warning_that_it_is_tried_again(url, kind):
    behind = Failing()
    behind.kind = kind
    storage = RetryingStorage(behind, "the storage", 0.15, StorageUrl(url).secrets)
    study = optuna.create_study(storage=ViewedStorage(storage, 0, dict))
    trial = study.ask()
    with warnings.catch_warnings(record=True) as warned, pytest.raises(Exception, match=r"\*\*\*") as caught:
        warnings.simplefilter("always")
        study.tell(trial, 0.5)
    passing = kind is ConnectionError or kind is StorageInternalError
    assert isinstance(caught.value, StorageError if passing else kind)
    assert bool(warned) == passing
    assert not shows(told(caught.value) + "".join(str(warning.message) for warning in warned))


class Stubborn(ValueError):
    """What it says cannot be taken out of it."""

    def __str__(self):
        return f"no: {MEANT}"


def test_an_error_that_cannot_be_had_without_is_replaced(monkeypatch):
    behind, address = Failing(), StorageUrl(URLS["postgresql"])
    behind.kind = Stubborn
    storage = RetryingStorage(behind, "the storage", 0.1, address.secrets)
    trial = optuna.create_study(storage=storage).ask()
    with pytest.raises(StorageError, match=r"the storage has failed .*\*\*\*") as caught:
        storage.set_trial_state_values(trial._trial_id, optuna.trial.TrialState.FAIL)
    assert not shows(told(caught.value))

    def fail(*_):
        raise Stubborn

    monkeypatch.setattr(StorageUrl, "_connect", fail)
    with pytest.raises(StorageError, match=r"cannot be opened \(no: \*\*\*\)") as caught:
        address.open(Path())
    assert not shows("".join(traceback.format_exception(caught.value)))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hush@127.0.0.1:1/db",
        "postgresql+psycopg://me:hush%40x@127.0.0.1:1/db?connect_timeout=1",
        "postgresql://me:no@hush@127.0.0.1:1/db",  # SQLAlchemy takes the first @ for the last one
        "postgresql://127.0.0.1:1/db?user=me&password=hush&nonsense=1",
        "sqlite:////nowhere/at/all.db?password=hush",
        "me:hush@127.0.0.1/db",
        "postgresql:/me:hush@127.0.0.1/db",
        "redis://me:hush@127.0.0.1/1",
        "postgresql://me:hush@[::1/db",
        "postgresql://me:hu://hush#hush?hush@127.0.0.1:port/db",
    ],
)
def test_the_command_line_and_real_drivers_do_not_show_it(url, tmp_path, capfd, monkeypatch):
    said = refusal(capfd, monkeypatch, "study", "create", toy_file(tmp_path), "--storage", url)
    assert "hush" not in said


def test_the_storage_is_handed_the_url_as_it_is(tmp_path):
    """What is hidden is hidden from people, not from drivers."""
    url = f"sqlite:///{tmp_path}/a.db"
    optuna.create_study(storage=StorageUrl(url).open(Path()))
    assert (tmp_path / "a.db").stat().st_size
    assert Secrets(url).mask(url) == url and Secrets(URLS["grpc"]).mask("me at 127.0.0.1") == "me at 127.0.0.1"
