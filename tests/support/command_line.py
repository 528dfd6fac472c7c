"""Run the mixopt command line in this process, for its output, its exit code, or its one line of error."""

import sys

import pytest
from typer.testing import CliRunner

from mixopt.cli.app import app, main
from mixopt.errors import MixoptError


def mixopt(*arguments: object) -> str:
    """What `mixopt ARGUMENTS` prints; raises the error that would be its one line."""
    done = CliRunner().invoke(app, [str(part) for part in arguments])
    if isinstance(done.exception, MixoptError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def exit_code(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """The exit code of `mixopt ARGUMENTS`."""
    monkeypatch.setattr(sys, "argv", ["mixopt", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def refusal(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: object, lines: int = 1
) -> str:
    """What `mixopt ARGUMENTS` prints on stderr: it must be so many lines with `error: `, and exit code 2."""
    capfd.readouterr()
    code = exit_code(monkeypatch, *arguments)
    stderr = capfd.readouterr().err
    assert code == 2, stderr
    assert stderr.endswith("\n") and all(line.startswith("error: ") for line in stderr.splitlines()), stderr
    assert len(stderr.splitlines()) == lines and "Traceback" not in stderr, stderr
    return stderr.removeprefix("error: ").rstrip("\n")
