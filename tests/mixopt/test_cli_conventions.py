"""What people expect of a command line: quick help with examples, `--json`, completion, a doctor and a first file."""

import json
import os
import subprocess
import sys

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from mixopt.cli.app import app
from mixopt.study.plan import checked_spec
from tests.support.command_line import refusal
from tests.support.toy_study import DONE, finished_study

HEAVY = ("torch", "botorch", "optuna", "matplotlib", "numpy", "scipy", "pydantic")


def commands(group, words=()):
    """Every command of the app: its words, and itself."""
    for word, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*words, word))
        else:
            yield pytest.param((*words, word), command, id=" ".join((*words, word)))


def said(*arguments):
    done = CliRunner().invoke(app, [str(part) for part in arguments])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


@pytest.fixture
def home(home, tmp_path, monkeypatch):
    """It lies in the present folder."""
    monkeypatch.chdir(tmp_path)
    return home


@pytest.mark.parametrize(("words", "command"), [*commands(get_command(app))])
def test_every_command_has_help_with_an_example_and_words_for_each_option(words, command):
    assert f"mixopt {' '.join(words)}" in command.help
    assert all(parameter.help for parameter in command.params if parameter.name != "help")


def loaded(libraries, *arguments):
    """What `mixopt ARGUMENTS` prints in a process of its own, and which of the libraries it has imported."""
    code = (
        "import sys\nfrom mixopt.cli.app import main\n"
        f"try: main()\nfinally: print('loaded', *({set(libraries)!r} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60)
    output, _, names = ran.stdout.rpartition("loaded")
    return output, names.split()


def test_help_loads_no_library_and_says_the_exit_codes():
    output, names = loaded(HEAVY, "--help")
    assert "Exit codes: 0 done" in output and names == []


def test_listing_studies_loads_no_heavy_library(tmp_path, home):
    finished_study(tmp_path)
    slow = ("scipy.optimize", "scipy.spatial", "scipy.stats")  # a tenth of a second to a second each
    output, names = loaded(("torch", "matplotlib", "sklearn", "cma", *slow), "study", "list")
    assert f"{DONE} of 14" in output and names == []


def test_the_version_is_that_of_the_package():
    from importlib.metadata import version

    assert said("--version").strip() == version("mixopt")


def test_json_of_list_and_show(tmp_path, home):
    study = finished_study(tmp_path)
    study.optuna.ask()
    [listed] = json.loads(said("study", "list", "--json"))
    assert (listed["study"], listed["done"], listed["state"], listed["error"]) == ("toy", DONE, "to resume", None)
    shown = json.loads(said("study", "show", "toy", "--json"))
    assert shown.items() >= listed.items() and shown["domains"] == ["a", "b", "c"]
    assert [trial["state"] for trial in shown["trials"]] == ["complete"] * DONE + ["running"]
    first = shown["trials"][0]
    assert first["weights"] == {"a": 1.0, "b": 0.0, "c": 0.0} and first["tests"] == {"a_test": 0, "x": 0, "y": 0}
    assert json.loads(said("study", "show", "toy", "--failed", "--json"))["trials"] == []


def test_json_of_a_home_with_an_unreadable_study(home):
    (home / "torn").mkdir(parents=True)
    (home / "torn" / "study.yaml").write_text("study: torn\n")
    [listed] = json.loads(said("study", "list", "--json"))
    assert listed["state"] == "unreadable" and "domains" in listed["error"]
    assert "unreadable: " in said("study", "list")


def test_json_of_recommend_and_compare_are_what_the_package_says(tmp_path, home):
    study = finished_study(tmp_path)
    recommendation = study.recommend()
    told = json.loads(said("study", "recommend", "toy", "--json"))
    assert told["weights"] == recommendation.weights and told["interval"] == list(recommendation.interval)
    assert told["best_trained"]["number"] == recommendation.best_trained.number and told["score"] == "out_score"
    front = json.loads(said("study", "front", "toy", "--scores", "in_score,out_score", "--json"))
    assert front["objectives"] == ["in_score", "out_score"] and 0 <= front["trained"][0]["undominated"] <= 1
    compared = json.loads(said("surrogate", "compare", "toy", "--json"))
    assert compared["runs"] == DONE and {"surrogates", "unfit", "verdict", "domains"} <= set(compared)


def test_json_of_an_empty_home_is_an_empty_list(home):
    assert json.loads(said("study", "list", "--json")) == []


def test_a_shell_completes_the_names_of_studies(tmp_path, home):
    finished_study(tmp_path)
    asked = {"_MIXOPT_COMPLETE": "complete_bash", "COMP_WORDS": "mixopt study show t", "COMP_CWORD": "3"}
    code = "import sys; sys.argv = ['mixopt']; from mixopt.cli.app import app; app(prog_name='mixopt')"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **asked})
    assert ran.stdout.split() == ["toy"], ran.stderr


def test_the_doctor_says_what_works_and_how_to_fix_what_does_not(home, monkeypatch):
    monkeypatch.setattr("mixopt.cli.doctor._version", lambda name: None if name == "trl" else "99.0")
    monkeypatch.setattr("mixopt.cli.doctor._imported", lambda name: None)
    done = CliRunner().invoke(app, ["doctor", "--json"])
    found = {finding["what"]: finding for finding in json.loads(done.stdout)}
    assert found["rlvr"]["state"] == "absent" and found["rlvr"]["detail"] == "lacks trl>=1.16"
    assert found["rlvr"]["fix"] == "pip install 'mixopt[rlvr]'"
    assert found["gpu"]["state"] == "broken" and done.exit_code == 1
    assert all(finding["fix"] for finding in found.values() if finding["state"] == "broken")
    assert found["locks"]["state"] == found["home"]["state"] == "works"
    assert not home.exists()


def test_the_doctor_finds_locks_that_do_not_lock(home, monkeypatch):
    from mixopt.cli import doctor

    monkeypatch.setattr(doctor, "TRY_LOCK", "")
    assert {finding.state for finding in doctor.findings() if finding.what == "locks"} == {"broken"}
    monkeypatch.setenv("MIXOPT_HOME", "/proc/nowhere")
    assert {finding.state for finding in doctor.findings() if finding.what in ("home", "locks")} == {"broken"}


SAID = ["--domain", "coco=5997", "--domain", "sat=15000"]


@pytest.mark.parametrize("backend", ["none", "command", "rlvr"])
def test_a_first_study_file_is_valid_and_commented(tmp_path, home, backend):
    options = [*SAID, "--in-test", "sat=1928", "--out-test", "chartqa=2500", "--trials", 12, "--steps", 500]
    assert "see its plan" in said("study", "new", "mine", *options, "--backend", backend)
    spec = checked_spec(tmp_path / "mine.yaml")
    assert (spec.study, spec.sizes, spec.score.steps) == ("mine", {"coco": 5997, "sat": 15000}, [500])
    assert "in all 12 trials" in said("study", "create", "mine.yaml", "--dry-run")
    assert (tmp_path / "mine.yaml").read_text().count("#") > 4


def test_without_out_tests_a_first_study_maximises_the_in_score(tmp_path, home):
    said("study", "new", "mine", *SAID, "--in-test", "sat=1928")
    assert checked_spec(tmp_path / "mine.yaml").score.maximize == "in_score"


def test_what_the_trainer_does_not_know_is_said_at_once(home):
    told = said(
        "study", "new", "mine", "--domain", "mine=10", "--domain", "b=3", "--out-test", "x=3", "--backend", "rlvr"
    )
    assert "needs a fix" in told and "mine" in told


def test_a_first_study_file_is_asked_for_in_a_terminal(tmp_path, home, monkeypatch):
    monkeypatch.setattr("mixopt.cli.new_study._in_a_terminal", lambda: True)
    answers = "coco=5997\nsat=\nsat=15000\n\nchart=250\n\n"
    done = CliRunner().invoke(app, ["study", "new", "mine"], input=answers)
    assert done.exit_code == 0 and "sat=: give NAME=EXAMPLES" in done.stdout
    assert list(checked_spec(tmp_path / "mine.yaml").domains) == ["coco", "sat"]


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        ([], "give --domain NAME=EXAMPLES"),
        (SAID, "give --out-test NAME=EXAMPLES"),
        (["--domain", "coco"], "--domain coco: give NAME=EXAMPLES"),
        (["--domain", "coco=0"], "--domain coco=0: give NAME=EXAMPLES"),
        ([*SAID, "--domain", "sat=3"], "sat appears twice"),
        ([*SAID, "--out-test", "x=3", "--backend", "verl"], "--backend verl: use one of rlvr, command, none"),
        ([*SAID, "--out-test", "x=3", "--file", "nowhere/mine.yaml"], "nowhere/mine.yaml"),
        ([*SAID, "--out-test", "x: 1=3"], "--out-test x: 1=3: give NAME=EXAMPLES"),
        ([*SAID, "--out-test", "-x=3"], "tests.out"),
    ],
)
def test_a_first_study_file_that_cannot_be_is_refused(home, tmp_path, capfd, monkeypatch, options, refused):
    assert refused in refusal(capfd, monkeypatch, "study", "new", "mine", *options)
    assert not (tmp_path / "mine.yaml").exists()


def test_a_file_that_is_there_is_kept(home, tmp_path, capfd, monkeypatch):
    (tmp_path / "mine.yaml").write_text("kept")
    assert "exists already" in refusal(capfd, monkeypatch, "study", "new", "mine", *SAID, "--out-test", "x=3")
    assert (tmp_path / "mine.yaml").read_text() == "kept"
