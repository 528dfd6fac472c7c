"""Every path that mixopt owns on disk: one folder a study, one folder in it a trial.

A study's folder is made for its user alone, and what lies in it is as private as the folder is: who opens it later
(docs/trust.md) finds it as he has left it.

$MIXOPT_HOME/NAME/study.yaml       the study file as created, its paths absolute
                  journal.log      Optuna's storage; with another one its URL is in
                  storage          readable by its owner alone
                  queue.lock       locked by the worker that asks for a trial
                  worker           locked by the one worker that SQLite bears
                  base_worker      locked by the worker that has the base model scored
                  base/            the scores of the base model, files as below
                  figures/         what the end of a run draws
                  workers/         what workers on a cluster print, and what they were submitted with
                  replicates/KEY/  runs outside the budget, files as below
                  models/KEY/      runs whose models are kept, files as below
                  trials/0007/     owner-1.json, request.json, events.jsonl, result.json, log.txt, checkpoints
"""

import os
from dataclasses import dataclass
from pathlib import Path

HOME = "MIXOPT_HOME"


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
    def journal(self) -> Path:
        return self.path / "journal.log"

    @property
    def address(self) -> Path:
        return self.path / "storage"

    @property
    def queue_lock(self) -> Path:
        return self.path / "queue.lock"

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
