"""Workers on submitit's local executor and on a local Ray give the scores of local slots."""

import time

import pytest
from optuna.trial import TrialState

from mixopt.study.study import Study
from tests.support.running_workers import start_command, wait_for
from tests.support.toy_study import SEEDS, slow_study, toy_backend, toy_file


def values(study):
    return [trial.value for trial in study.trials()]


def expected(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=SEEDS), tmp_path / "expected")
    wait_for(start_command("resume", "toy", "--folder", str(tmp_path / "expected")))
    return values(study)


def test_submitit_starts_workers_and_nothing_else(tmp_path):
    gate = tmp_path / "gate"
    study = slow_study(tmp_path, backend=toy_backend(gate=str(gate)))
    code, said = wait_for(start_command("resume", "toy", "--on", "local", "--workers", "2", "--with", "timeout_min=10"))
    assert code == 0 and "started 2 workers on local" in said, said
    gate.touch()  # whoever reads what the command says through a pipe, as here, does not wait for the workers
    ends = time.monotonic() + 120
    while len(study.trials(TrialState.COMPLETE)) < 7 and time.monotonic() < ends:
        time.sleep(0.2)
    assert values(study) == expected(tmp_path)


def test_ray_runs_workers(tmp_path):
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'mixopt[cluster]'")
    study = slow_study(tmp_path, seconds=0.0)
    code, said = wait_for(start_command("resume", "toy", "--on", "ray", "--workers", "2"), seconds=240)
    assert code == 0, said
    assert values(study) == expected(tmp_path)


@pytest.mark.parametrize(
    ("said", "named"),
    [
        (["--on", "moon"], "--on moon: use one of slurm, ray, local"),
        (["--on", "local", "--with", "partition"], "--with partition: give NAME=VALUE"),
        (["--on", "local", "--with", "colour=red"], "--on local: "),
        (["--on", "local", "--with", "timeout_min=abc"], "--with timeout_min=abc: must be a whole number"),
        (["--on", "slurm"], "--on slurm: "),
        (["--on", "ray", "--with", "num_gpus=abc"], "--on ray: "),
        (["--on", "ray", "--with", "num_gpus=99"], "--on ray: num_gpus=99: this machine has "),
        (["--on", "ray", "--with", "num_returns=2"], "--with num_returns=2: "),
    ],
)
def test_what_cannot_be_started_is_one_line(tmp_path, said, named):
    slow_study(tmp_path)
    code, answer = wait_for(start_command("resume", "toy", *said))
    assert code == 2 and f"error: {named}" in answer and "Traceback" not in answer, answer
