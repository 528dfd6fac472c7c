"""Real training by workers on submitit's local executor and on a local Ray: the scores of local slots."""

import time
from pathlib import Path

import pytest
import yaml
from optuna.trial import TrialState

from mixopt.study.study import Study
from tests.support.running_workers import start_command, wait_for

pytestmark = pytest.mark.slow
SHAPES = Path(__file__).parents[2] / "studies" / "shapes.yaml"
MINUTES = 15


def study_of_three(folder: Path) -> Study:
    """Three seed trials of studies/shapes.yaml."""
    said = yaml.safe_load(SHAPES.read_text()) | {"strategy": [{"seed": {"designs": ["single"], "budget": 3}}]}
    file = folder.with_suffix(".yaml")
    file.write_text(yaml.safe_dump(said, sort_keys=False))
    return Study.create(file, folder)


def trained(folder: Path, *how: str) -> list[dict]:
    """What the trials of a study have scored, by step and test, and drawn."""
    study = study_of_three(folder)
    code, said = wait_for(start_command("resume", "shapes", "--folder", str(folder), *how), seconds=60 * MINUTES)
    assert code == 0, said
    ends = time.monotonic() + 60 * MINUTES
    while len(study.trials(TrialState.COMPLETE)) < 3 and time.monotonic() < ends:
        time.sleep(1)
    return [{key: trial.user_attrs[key] for key in ("evaluations", "draws")} for trial in study.trials()]


def test_workers_on_submitit_and_ray_give_the_scores_of_local_slots(tmp_path):
    local = trained(tmp_path / "slots", "--slots", "2")
    assert len(local) == 3
    submitted = trained(tmp_path / "submitit", "--on", "local", "--workers", "2", "--with", "timeout_min=30")
    assert submitted == local
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'mixopt[cluster]'")
    assert trained(tmp_path / "ray", "--on", "ray", "--workers", "2") == local
