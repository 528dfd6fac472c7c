"""Where a study's storage is, as a user says it: nothing for the journal in its folder, or a URL."""

import os
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from optuna.storages import BaseStorage, GrpcStorageProxy

from mixopt.errors import StorageError
from mixopt.paths import StudyFolder
from mixopt.storage.journal import SturdyJournal, SturdyStorage
from mixopt.storage.patience import Patience, reason
from mixopt.storage.patient import PATIENCE, PatientStorage
from mixopt.storage.secrets import HIDDEN, SECRET, Secrets

POSTGRESQL = ("postgresql", "postgresql+psycopg")
GRPC_PORT = 13000  # Optuna's own
KNOWN = "postgresql+psycopg://USER@HOST/DATABASE, grpc://HOST:PORT or sqlite:////PATH"


@dataclass(frozen=True)
class Address:
    """A storage's URL; "" is the journal file in the study's folder.

    Raises:
        StorageError: a URL that no storage is known for.
    """

    url: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            _ = parts.port
        except ValueError:
            raise StorageError(
                f"storage {self.shown}: is no URL (is a sign in its password not percent-encoded?): say {KNOWN}"
            ) from None
        if self.url and parts.scheme not in (*POSTGRESQL, "sqlite", "grpc"):
            raise StorageError(f"storage {self.shown}: is of no known kind: say {KNOWN}, or nothing for a journal file")
        if parts.scheme == "grpc" and not parts.hostname:
            raise StorageError(f"storage {self.shown}: names no host: say grpc://HOST:{GRPC_PORT}")

    @classmethod
    def of(cls, folder: StudyFolder) -> Self:
        """That of a study's folder.

        Raises:
            StorageError: it cannot be read.
        """
        try:
            if folder.address.exists() and not (folder.address.is_file() or folder.address.is_dir()):
                raise StorageError(f"{folder.address}: is no plain file: write the storage's URL into one")
            return cls(folder.address.read_text().strip() if folder.address.exists() else "")
        except OSError as error:
            raise StorageError(f"{folder.address}: cannot be read ({error.strerror}): mend its permissions") from error
        except UnicodeDecodeError as error:
            raise StorageError(f"{folder.address}: is no text: write the storage's URL into it") from error

    def note(self, folder: StudyFolder) -> None:
        """Write it into a study's folder, readable by its owner alone."""
        if self.url:
            with open(folder.address, "x", opener=partial(os.open, mode=0o600)) as file:
                file.write(self.url + "\n")

    @property
    def kind(self) -> str:
        """journal, postgresql, sqlite or grpc."""
        return urlsplit(self.url).scheme.partition("+")[0] or "journal"

    @property
    def several_workers(self) -> bool:
        """Whether several processes may write at once; of four workers on SQLite one was lost in 3 of 4 runs."""
        return self.kind != "sqlite"

    @property
    def shown(self) -> str:
        """The URL as logs and messages may have it."""
        before, at, after = self.url.rpartition("@")
        scheme, there, user = before.partition("://") if "://" in before else ("", "", before)
        name, colon, _ = user.partition(":")
        url = f"{scheme}{there}{name}{colon}{HIDDEN if colon else ''}{at}{after}" if at else self.url
        place, _, query = url.partition("#")[0].partition("?")
        said = [(key, HIDDEN if SECRET.search(key) else value) for key, value in parse_qsl(query)]
        return place + ("?" + urlencode(said, safe="*/") if said else "")

    def open(self, journal: Path, patience: float = PATIENCE, opening: float = 0.0) -> PatientStorage:
        """The storage, which waits for what may pass.

        Args:
            patience: seconds that an outage may last once it is open.
            opening: seconds that it may be away before.

        Raises:
            StorageError: it cannot be reached, read or written, or a package for it is missing.
        """
        name = str(journal) if self.kind == "journal" else self.shown
        try:
            connected = Patience(name, opening, self.secrets).tries()(self._connected, journal)
            return PatientStorage(connected, name, patience, self.secrets)  # type: ignore[abstract]
        except StorageError:
            raise
        except ImportError as error:
            why = self.secrets.hidden(str(error))
            raise StorageError(f"storage {self.shown}: {why}: pip install 'mixopt[cluster]'") from None
        except Exception as error:  # whatever a driver, a server or a journal's content raises
            mend = "check that it is a journal of Optuna's and writable" if self.kind == "journal" else "is it up?"
            self.secrets.hide_in(error)
            why = self.secrets.hidden(reason(error))
            raise StorageError(f"{name}: cannot be opened ({why}): {mend}") from None

    def _connected(self, journal: Path) -> BaseStorage:
        match self.kind:
            case "journal":
                return SturdyStorage(SturdyJournal(journal))
            case "grpc":
                parts = urlsplit(self.url)
                proxy = GrpcStorageProxy(host=str(parts.hostname), port=parts.port or GRPC_PORT)
                proxy.wait_server_ready(timeout=10)
                return proxy
        from mixopt.storage.database import open_database  # SQLAlchemy

        return open_database(self.url)

    @cached_property
    def secrets(self) -> Secrets:
        """What of it nothing may show."""
        return Secrets(self.url)
