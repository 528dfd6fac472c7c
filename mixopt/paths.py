"""Every path that mixopt uses on disk: one folder for a study, and in it one folder for each trial.

A study's folder is private to its user (docs/security.md).

$MIXOPT_HOME/NAME/study.yaml       the study file, as it was when the study was created
                  base_directory   the folder that it was in: its relative paths start there
                  journal.log      Optuna's journal, unless the study has another storage, whose URL is in
                  storage          readable by its owner only
                  queue.lock       locked by the worker that asks for a trial
                  worker           locked by the only worker that SQLite allows
                  base_worker      locked by the worker that scores the base model
                  base/            the scores of the base model; files as for a trial
                  figures/         figures drawn at the end of a run
                  workers/         output of workers on a cluster, and what they were submitted with
                  replicates/KEY/  runs outside the budget; files as for a trial
                  models/KEY/      runs whose models are kept; files as for a trial
                  trials/0007/     owner-1.json, request.json, events.jsonl, result.json, log.txt, checkpoints
"""

import os
from dataclasses import dataclass
from pathlib import Path

HOME = "MIXOPT_HOME"


def default_home() -> Path:
    """Return the folder of all studies: `$MIXOPT_HOME`, else `~/.mixopt`."""
    return Path(os.environ.get(HOME) or Path.home() / ".mixopt").expanduser().absolute()


def study_names(home: Path | None = None) -> list[str]:
    """Return the sorted names of the folders under the home that have a study file, readable or not."""
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
        """What the trainer is asked for."""
        return self.path / "request.json"

    @property
    def events(self) -> Path:
        """What the trainer appends while it runs."""
        return self.path / "events.jsonl"

    @property
    def result(self) -> Path:
        """What the trainer writes last."""
        return self.path / "result.json"

    @property
    def checkpoints(self) -> Path:
        """What the trainer keeps to resume from; mixopt only checks that it exists."""
        return self.path / "checkpoints"

    @property
    def lock(self) -> Path:
        """Locked by the training command while it runs; holds its process id."""
        return self.path / "lock"

    @property
    def log(self) -> Path:
        """What the trainer prints."""
        return self.path / "log.txt"


@dataclass(frozen=True)
class StudyFolder:
    """The files of one study."""

    path: Path

    @property
    def spec(self) -> Path:
        """The study file as created."""
        return self.path / "study.yaml"

    @property
    def base_directory(self) -> Path:
        """Holds the folder from which relative paths of the study file start."""
        return self.path / "base_directory"

    @property
    def journal(self) -> Path:
        """Optuna's journal."""
        return self.path / "journal.log"

    @property
    def storage_url(self) -> Path:
        """The URL of a storage other than the journal."""
        return self.path / "storage"

    @property
    def queue_lock(self) -> Path:
        """Locked by the worker that asks for a trial."""
        return self.path / "queue.lock"

    @property
    def worker(self) -> Path:
        """Locked by the only worker that SQLite allows."""
        return self.path / "worker"

    @property
    def base_worker(self) -> Path:
        """Locked by the worker that scores the base model."""
        return self.path / "base_worker"

    @property
    def base(self) -> TrialFolder:
        """The scores of the base model."""
        return TrialFolder(self.path / "base")

    @property
    def figures(self) -> Path:
        """Figures drawn at the end of a run."""
        return self.path / "figures"

    @property
    def jobs(self) -> Path:
        """Output of workers on a cluster."""
        return self.path / "workers"

    def replicate(self, key: str) -> TrialFolder:
        """Return the folder of a run outside the budget."""
        return TrialFolder(self.path / "replicates" / key)

    def model(self, key: str) -> TrialFolder:
        """Return the folder of a run whose model is kept."""
        return TrialFolder(self.path / "models" / key)

    def trial(self, number: int) -> TrialFolder:
        """Return the folder of a trial."""
        return TrialFolder(self.path / "trials" / f"{number:04d}")
