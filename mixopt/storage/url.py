"""The URL of a study's storage: a journal file, a PostgreSQL or SQLite database, or Optuna's gRPC proxy."""

import os
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from optuna.storages import BaseStorage, GrpcStorageProxy

from mixopt.errors import StorageError
from mixopt.paths import StudyFolder
from mixopt.storage.journal import CrashSafeJournal, CrashSafeStorage
from mixopt.storage.retry import RetryPolicy, reason
from mixopt.storage.retrying import LONGEST_OUTAGE, RetryingStorage
from mixopt.storage.secrets import MASK, SECRET, Secrets

POSTGRESQL = ("postgresql", "postgresql+psycopg")
GRPC_PORT = 13000  # Optuna's default
KNOWN = "postgresql+psycopg://USER@HOST/DATABASE, grpc://HOST:PORT or sqlite:////PATH"


@dataclass(frozen=True)
class StorageUrl:
    """The URL of a storage; "" is the journal file in the study's folder.

    Args:
        url: as the user gave it. It may contain a password, so it is not part of the representation.

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
                f"storage {self.masked}: is no URL (is a sign in its password not percent-encoded?): use {KNOWN}"
            ) from None
        if self.url and parts.scheme not in (*POSTGRESQL, "sqlite", "grpc"):
            raise StorageError(
                f"storage {self.masked}: is of an unknown kind: use {KNOWN}, or nothing for a journal file"
            )
        if parts.scheme == "grpc" and not parts.hostname:
            raise StorageError(f"storage {self.masked}: has no host: use grpc://HOST:{GRPC_PORT}")

    @classmethod
    def of(cls, folder: StudyFolder) -> Self:
        """Read the URL that a study's folder holds.

        Raises:
            StorageError: it cannot be read.
        """
        file = folder.storage_url
        try:
            if file.exists() and not (file.is_file() or file.is_dir()):
                raise StorageError(f"{file}: is no plain file: write the storage's URL into one")
            return cls(file.read_text().strip() if file.exists() else "")
        except OSError as error:
            raise StorageError(f"{file}: cannot be read ({error.strerror}): fix its permissions") from error
        except UnicodeDecodeError as error:
            raise StorageError(f"{file}: is no text: write the storage's URL into it") from error

    def save(self, folder: StudyFolder) -> None:
        """Write the URL into a study's folder, readable by its owner alone."""
        if self.url:
            with open(folder.storage_url, "x", opener=partial(os.open, mode=0o600)) as file:
                file.write(self.url + "\n")

    @property
    def kind(self) -> str:
        """The kind of storage: journal, postgresql, sqlite or grpc."""
        return urlsplit(self.url).scheme.partition("+")[0] or "journal"

    @property
    def several_workers(self) -> bool:
        """Whether several processes may write at once; of four workers on SQLite one was lost in 3 of 4 runs."""
        return self.kind != "sqlite"

    @property
    def masked(self) -> str:
        """The URL without passwords and tokens, for logs and messages."""
        before, at, after = self.url.rpartition("@")
        scheme, separator, user = before.partition("://") if "://" in before else ("", "", before)
        name, colon, _ = user.partition(":")
        url = f"{scheme}{separator}{name}{colon}{MASK if colon else ''}{at}{after}" if at else self.url
        place, _, query = url.partition("#")[0].partition("?")
        options = [(key, MASK if SECRET.search(key) else value) for key, value in parse_qsl(query)]
        return place + ("?" + urlencode(options, safe="*/") if options else "")

    @cached_property
    def secrets(self) -> Secrets:
        """The passwords and tokens in the URL."""
        return Secrets(self.url)

    def open(self, journal: Path, longest_outage: float = LONGEST_OUTAGE, opening: float = 0.0) -> RetryingStorage:
        """Open the storage; its calls are repeated while it is away.

        Args:
            journal: the journal file, where the URL names no other storage.
            longest_outage: seconds that it may be away once it is open.
            opening: seconds that it may be away before.

        Raises:
            StorageError: it cannot be reached, read or written, or a package for it is missing.
        """
        name = str(journal) if self.kind == "journal" else self.masked
        try:
            connected = RetryPolicy(name, opening, self.secrets).attempts()(self._connect, journal)
            return RetryingStorage(connected, name, longest_outage, self.secrets)
        except StorageError:
            raise
        except ImportError as error:
            why = self.secrets.mask(str(error))
            raise StorageError(f"storage {self.masked}: {why}: pip install 'mixopt[cluster]'") from None
        except Exception as error:  # a driver, a server or the content of a journal may raise anything
            fix = "check that it is a journal of Optuna's and writable" if self.kind == "journal" else "is it up?"
            self.secrets.mask_error(error)
            why = self.secrets.mask(reason(error))
            raise StorageError(f"{name}: cannot be opened ({why}): {fix}") from None

    def _connect(self, journal: Path) -> BaseStorage:
        match self.kind:
            case "journal":
                return CrashSafeStorage(CrashSafeJournal(journal))
            case "grpc":
                parts = urlsplit(self.url)
                proxy = GrpcStorageProxy(host=str(parts.hostname), port=parts.port or GRPC_PORT)
                proxy.wait_server_ready(timeout=10)
                return proxy
        from mixopt.storage.database import open_database  # loads SQLAlchemy

        return open_database(self.url)
