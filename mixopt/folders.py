"""Every path that mixopt owns on disk: one folder a study, one folder in it a trial.

A study's folder is made for its user alone, and what lies in it is as private as the folder is: who opens it later
(docs/trust.md) finds it as he has left it.

$MIXOPT_HOME/NAME/study.yaml       the study file as it was when the study was created
                  base_directory   the folder that it was in: its relative paths start there
                  journal.log      Optuna's storage; with another one its URL is in
                  storage          readable by its owner alone
                  desk             locked by the worker that asks for a trial
                  worker           locked by the one worker that SQLite bears
                  base_worker      locked by the worker that has the base model scored
                  base/            the scores of the base model, files as below
                  figures/         what the end of a run draws
                  workers/         what workers on a cluster print, and what they were submitted with
                  replicates/KEY/  runs outside the budget, files as below
                  models/KEY/      runs whose models are kept, files as below
                  trials/0007/     owner-1.json, request.json, events.jsonl, result.json, log.txt, checkpoints
"""

import errno
import fcntl
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from mixopt.passing import may_pass

HOME = "MIXOPT_HOME"
PRIVATE = 0o700
MOST = 1 << 28  # bytes of a file that is read whole


def default_home() -> Path:
    """`$MIXOPT_HOME`, else `~/.mixopt`."""
    return Path(os.environ.get(HOME) or Path.home() / ".mixopt").expanduser().absolute()


def study_names(home: Path | None = None) -> list[str]:
    """The folders under the home that have a study file, whatever that is, sorted."""
    try:
        names = os.listdir(home or default_home())
    except OSError:
        return []
    return sorted(
        name for name in names if name[0] != "." and os.path.lexists((home or default_home()) / name / "study.yaml")
    )


def make_private(path: Path) -> None:
    """Make a folder, and those above it that are not there, for the user alone, whatever the umask.

    Raises:
        FileExistsError: it is there.
    """
    for missing in reversed([above for above in path.parents if not above.exists()]):
        missing.mkdir(mode=PRIVATE, exist_ok=True)
    path.mkdir(mode=PRIVATE)


def write_whole(path: Path, text: str) -> None:
    """Write a file in one move: a reader sees the old one or the new one, never a part."""
    refuse_folder(path)
    part = path.with_name(path.name + ".tmp")
    part.unlink(missing_ok=True)  # of who was killed; and a pipe would be waited for, a link followed
    with part.open("x", encoding="utf-8", newline="") as file:  # line ends stay as they are
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def is_locked(path: Path) -> bool:
    """Whether a process holds the kernel's lock on a file; nobody does where there is none.

    Raises:
        OSError: that cannot be seen at the moment.
    """
    try:
        with open(path, "rb", buffering=0, opener=at_once) as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError as error:
        if may_pass(error):
            raise
    return False


def at_once(path: str, flags: int) -> int:
    """An opener that waits for nobody: a pipe in a file's place would have to be written to."""
    return os.open(path, flags | os.O_NONBLOCK)


def read_plain(path: Path) -> bytes:
    """The content of a file.

    Raises:
        OSError: it cannot be read, is no plain file, or is larger than MOST.
    """
    descriptor = at_once(str(path), os.O_RDONLY)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EEXIST, "it is no plain file", str(path))
        if found.st_size > MOST:
            raise OSError(errno.EFBIG, f"it is larger than {MOST >> 20} MiB", str(path))
    except OSError:
        os.close(descriptor)
        raise
    with open(descriptor, "rb") as file:
        return file.read()


def read_own(path: Path) -> bytes:
    """The content of a file that a trainer keeps in its trial's folder.

    Raises:
        OSError: it cannot be read, is no plain file, is larger than MOST, or is reached by a link, its own or its
            folder's, that leads out of the folder: it may be another trial's.
    """
    check_own(path)
    return read_plain(path)


def check_own(path: Path) -> None:
    """Raises OSError where a file of a trial's folder leads out of it, or is there and no plain file."""
    home = path.parent.parent.resolve() / path.parent.name
    if not Path(os.path.realpath(path)).is_relative_to(home):
        raise OSError(errno.EXDEV, "a link leads out of the trial's folder", str(path))
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise OSError(errno.EEXIST, "it is no plain file", str(path))


def refuse_folder(path: Path) -> None:
    """Raises OSError where a folder is in a file's place."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))


@dataclass(frozen=True)
class TrialFolder:
    """The files of one trial."""

    path: Path

    @property
    def request(self) -> Path:
        return self.path / "request.json"

    @property
    def events(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def result(self) -> Path:
        return self.path / "result.json"

    @property
    def checkpoints(self) -> Path:
        """What the trainer keeps to go on from; mixopt only looks whether it is there."""
        return self.path / "checkpoints"

    @property
    def lock(self) -> Path:
        """Held by the command that trains while it lives; says its process id."""
        return self.path / "lock"

    @property
    def log(self) -> Path:
        return self.path / "log.txt"


@dataclass(frozen=True)
class StudyFolder:
    """The files of one study."""

    path: Path

    @property
    def spec(self) -> Path:
        return self.path / "study.yaml"

    @property
    def base_directory(self) -> Path:
        """Records the folder that the study file was in; studies without a backend have none."""
        return self.path / "base_directory"

    @property
    def journal(self) -> Path:
        return self.path / "journal.log"

    @property
    def address(self) -> Path:
        return self.path / "storage"

    @property
    def desk(self) -> Path:
        return self.path / "desk"

    @property
    def worker(self) -> Path:
        return self.path / "worker"

    @property
    def base_worker(self) -> Path:
        return self.path / "base_worker"

    @property
    def base(self) -> TrialFolder:
        return TrialFolder(self.path / "base")

    @property
    def figures(self) -> Path:
        return self.path / "figures"

    @property
    def jobs(self) -> Path:
        return self.path / "workers"

    def replicate(self, key: str) -> TrialFolder:
        return TrialFolder(self.path / "replicates" / key)

    def model(self, key: str) -> TrialFolder:
        return TrialFolder(self.path / "models" / key)

    def trial(self, number: int) -> TrialFolder:
        return TrialFolder(self.path / "trials" / f"{number:04d}")
