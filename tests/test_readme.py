"""The README is true: its links lead somewhere, its study file is the one in studies/, its commands exist."""

import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from mixopt.cli.app import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_every_local_link_leads_somewhere(link):
    assert link.startswith("https://") or (ROOT / link).exists()


def test_the_study_file_shown_is_the_study_file():
    shown = next(yaml.safe_load(block) for block in blocks("yaml") if "study: shapes" in block)
    assert shown == yaml.safe_load((ROOT / "studies" / "shapes.yaml").read_text())


@pytest.mark.parametrize(
    "group, command", sorted(set(re.findall(r"^mixopt (study|surrogate|benchmark) (\w+)", README, re.MULTILINE)))
)
def test_every_command_has_help_with_an_example(group, command):
    said = CliRunner().invoke(app, [group, command, "--help"], env={"COLUMNS": "120"})
    assert said.exit_code == 0 and f"mixopt {group} {command}" in said.output


@pytest.mark.parametrize("target", sorted(set(re.findall(r"^make ([\w-]+)", README, re.MULTILINE))))
def test_every_make_target_exists(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_python_examples_run():
    centre = {"coco": 0.3, "lisa": 0.3, "sat": 0.4}
    scope = {"train_and_score": lambda weights: -sum((weights[name] - centre[name]) ** 2 for name in centre)}
    for code in blocks("python"):
        exec(code, scope)
    assert scope["study"].best_value > -0.02
    assert scope["caps"]["sat"] == 1 and scope["tpe"].space == scope["space"]
