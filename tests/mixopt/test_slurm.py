"""Workers as jobs of a real SLURM that the tests start: refused options, exit codes, pause and stop, requeue.

tests/measures/queues.py has the scenarios, and prints them as a table.
"""

import re
import time

import pytest

from mixopt.errors import MixoptError
from mixopt.study.control import Control, paused
from mixopt.study.study import Study
from mixopt.workers.cluster import submit
from mixopt.workers.slurm_queue import cancel_queued, hold_queued, release_held
from mixopt.workers.worker import Worker
from tests.measures.queues import SCENARIOS, Submitted, storm, weathered
from tests.support.toy_study import SEEDS, toy_file

pytestmark = pytest.mark.slurm


@pytest.fixture
def user(slurm, monkeypatch):
    """This process uses the SLURM of the tests, whose queue is empty."""
    monkeypatch.setenv("SLURM_CONF", slurm.environment["SLURM_CONF"])
    slurm.idle()
    return slurm


def submitted(folder, *said, workers=1):
    return submit(["--version"], workers, folder / "workers", "slurm", "mixopt-toy", said)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("slurm_partition=nowhere", "invalid partition specified: nowhere"),
        ("slurm_additional_parameters={colour: red}", "unrecognized option '--colour=red'"),
        ("gpus_per_node=9", "Requested node configuration is not available"),
        ("slurm_gres=banana:1", "Invalid generic resource (gres) specification"),
        ("slurm_mem=lots", "Invalid --mem specification"),
        ("slurm_constraint=fast", "Invalid feature specification"),
        ("slurm_nodelist=n9", "Invalid node name specified"),
        ("cpus_per_task=64", "PartitionConfig"),
        ("nodes=5", "PartitionConfig"),
        ("slurm_colour=red", "Unknown argument 'colour'"),
        ("partitoin=main", "did you mean slurm_partition?"),
    ],
)
@pytest.mark.parametrize("workers", [1, 3])
def test_what_is_refused_is_one_line_and_nothing_is_left_in_the_queue(user, tmp_path, said, words, workers):
    with pytest.raises(MixoptError, match=re.escape(words)) as refused:
        submitted(tmp_path, said, workers=workers)
    assert str(refused.value).startswith("--on slurm: ") and "\n" not in str(refused.value)
    assert not user.jobs("PENDING", "RUNNING")


def test_a_limit_that_leaves_no_time_is_refused(tmp_path):
    with pytest.raises(MixoptError, match="--with timeout_min=1: leaves no time before the warning"):
        submitted(tmp_path, "timeout_min=1", "slurm_signal_delay_s=60")


def test_a_limit_beyond_the_partitions_is_refused(user, tmp_path):
    with pytest.raises(MixoptError, match=r"job \d+ would never start, and is cancelled: Partition"):
        submitted(tmp_path, "slurm_partition=short", "timeout_min=100", workers=2)
    assert not user.jobs("PENDING", "RUNNING")


def test_a_worker_that_fails_leaves_its_job_failed(user, tmp_path):
    [good] = submitted(tmp_path)
    submitted(tmp_path, "slurm_teardown=true")
    [bad] = submit(
        ["study", "resume", "nobody"], 1, tmp_path / "workers", "slurm", "mixopt-toy", ["slurm_teardown=true"]
    )
    ends = time.monotonic() + 60
    while user.jobs() and time.monotonic() < ends:
        time.sleep(0.2)
    assert user.state(good) == "COMPLETED" and user.state(bad) == "FAILED"
    assert "ExitCode=2:0" in user.run("scontrol", "show", "job", bad)


def test_lists_mappings_and_switches_reach_the_job(user, tmp_path):
    witness = tmp_path / "witness"
    submitted(
        tmp_path,
        f"slurm_setup=[echo one >> {witness}, 'echo two, three >> {witness}']",
        f"slurm_setup=echo four: $SLURM_JOB_NAME $SLURM_STEP_ID. >> {witness}",
        "slurm_additional_parameters={job-name: mine}",
        "slurm_use_srun=false",
        f"slurm_teardown=echo end >> {witness}",
    )
    ends = time.monotonic() + 60
    while user.jobs() and time.monotonic() < ends:
        time.sleep(0.2)
    assert witness.read_text().splitlines() == ["one", "two, three", "four: mine .", "end"]


def test_pause_and_stop_reach_the_pending_jobs_of_the_study_only(user, tmp_path):
    held = "slurm_additional_parameters={begin: now+1hour}"
    ours, others = submitted(tmp_path, held, workers=3), submitted(tmp_path / "other", held)
    assert {"mixopt-toy"} == set(user.run("squeue", "--noheader", "--format=%j").splitlines())
    logs = tmp_path / "workers"
    assert sorted(hold_queued(logs)) == sorted(ours) and hold_queued(logs) == []
    assert sorted(release_held(logs)) == sorted(ours) and release_held(logs) == []
    assert sorted(cancel_queued(logs)) == sorted(ours)
    assert list(user.jobs()) == others


def test_a_job_that_starts_after_a_stop_or_pause_trains_nothing(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=SEEDS))
    Control(study.optuna).give("pause")
    Worker(study, [], watcher=None, submitted=True).run()  # with no slot it could not even begin
    assert not study.trials()


def test_a_resume_that_is_refused_leaves_a_pause_as_it_is(user, tmp_path):
    study = Submitted(user, tmp_path)
    study.say("pause", "toy")
    code, said = study.say("resume", "toy", "--on", "slurm", "--with", "slurm_partition=nowhere")
    assert code == 2 and "error: --on slurm: invalid partition specified: nowhere" in said and "Traceback" not in said
    assert paused(study.study.optuna)


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_is_lost_by(user, tmp_path, name):
    weathered(user, name, tmp_path)


@pytest.mark.slow
def test_nothing_is_lost_by_a_storm(user, tmp_path):
    outcome, _ = storm(user, tmp_path, seed=0)
    assert outcome.well(60), outcome


def test_a_requeued_worker_continues(user, tmp_path):
    study = Submitted(user, tmp_path, trials=2, steps=6)
    gpus = ("--gpus-per-trial", "1", "--with", "gpus_per_node=1")  # as docs/workers.md has it
    code, said = study.say("resume", "toy", "--on", "slurm", "--with", "timeout_min=600", *gpus)
    assert code == 0, said
    [job] = user.jobs()
    study.wait_for_trainers([job])
    user.run("scontrol", "requeue", job)
    study.wait(lambda: study.complete)
    outcome = study.outcome()
    assert outcome.well(2) and outcome.interrupted == 1, outcome
    assert user.state(job) == "COMPLETED"
