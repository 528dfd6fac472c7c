"""docs/trainers.md is true: its trainer runs a study, and its test passes (its links and study files: test_docs.py)."""

import re
import sys
from io import StringIO
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from mixopt.cli.progress import progress_for
from mixopt.study.plan import trainer_of
from mixopt.study.study import Study
from mixopt.workers.worker import Worker

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "trainers.md").read_text()
TRAINER, TEST = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder of one's own, with the page's trainer in it."""
    monkeypatch.chdir(tmp_path)
    Path("my_trainer.py").write_text(TRAINER)
    return tmp_path


def test_the_trainer_of_the_page_runs_a_study(here):
    backend = yaml.safe_load(re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1])
    assert backend["backend"]["command"]["argv"] == ["python", "my_trainer.py", "{request}"]
    backend["backend"]["command"]["argv"][0] = sys.executable
    data = {name: {"size": 100} for name in "abc"}
    study = {"study": "own", "domains": data, "tests": {"out": {"x": 30}}, "score": {"steps": [2, 4]}}
    Path("own.yaml").write_text(yaml.safe_dump({**study, "strategy": [{"seed": ["single"]}], **backend}))
    created = Study.create(Path("own.yaml"), here / "own")
    Worker(created, [trainer_of(created.spec)], progress_for(Console(file=StringIO()), "own")).run()
    assert [trial.user_attrs["stopped"] for trial in created.trials()] == ["finished"] * 3


def test_the_test_of_the_page_passes_and_is_no_longer_than_a_page(here):
    scope = {}
    exec(TEST, scope)
    scope["test_my_trainer"](here)
    assert len(TRAINER.splitlines()) <= 20
