"""What the tests of mixopt/exchange share: studies without a backend, and the command line in this process."""

from pathlib import Path

import yaml
from typer.testing import CliRunner

from mixopt.cli.app import app
from mixopt.errors import MixoptError
from mixopt.study.study import Study
from tests.support.toy import toy_data


def bare_study(folder: Path, **changes) -> Study:
    """A study over a, b and c that is told by hand: no backend, no sizes."""
    domains = {"a": {}, "b": {}, "c": {}}
    data = toy_data(**{"backend": None, "domains": domains, "score": {"steps": [4]}, **changes})
    folder.mkdir(exist_ok=True)
    (folder / "bare.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
    return Study.create(folder / "bare.yaml", folder / "study")


def mixopt(*arguments) -> str:
    """What `mixopt ARGUMENTS` prints; raises the error that would be its one line."""
    done = CliRunner().invoke(app, [str(part) for part in arguments])
    if isinstance(done.exception, MixoptError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout
