"""What SLURM does to the workers of a study, and that nothing is lost by it, on a SLURM of its own.

    python -m tests.measures.queues                                   # the scenarios as a table, 12 trials each
    python -m tests.measures.queues --only 'node down' 'node drained'   # some of them
    python -m tests.measures.queues --rounds 10                       # 60 trials under random scancel, requeue, limits

All by `mixopt study resume toy --on slurm`. Afterwards all trials must be complete, each with a mixture of its own, and
each step walked once, by one trainer at a time; each trainer that went on with an interrupted trial must have begun at
the step where that was interrupted.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import optuna
from optuna.trial import TrialState

from mixopt.leases.leases import Leases
from mixopt.study.study import Study
from tests.support.slurm import Slurm, why_not
from tests.support.toy_study import toy_file

STEPPER = Path(__file__).parents[1] / "support" / "checkpointing_trainer.py"
TRIALS, STEPS = 12, 8
LIMIT = 300.0  # seconds that a study may take


@dataclass(frozen=True)
class Outcome:
    """What became of a study's trials.

    Attributes:
        states: how many are in which state.
        distinct: mixtures among those that are complete.
        interrupted: trials that more than one trainer had; `resumed` are those that each of them went on with at the
            step where the one before was.
        twice: trials with a step that was walked twice, left out or walked by two trainers at once.
        deaths: workers whose end was counted against a trial, five of which would fail it.
    """

    states: dict[str, int]
    distinct: int
    interrupted: int
    resumed: int
    twice: int
    deaths: int

    @property
    def complete(self) -> int:
        return self.states.get("COMPLETE", 0)

    def well(self, trials: int) -> bool:
        """Whether all trials are complete, none lost, failed or trained twice, and the interrupted ones went on; no end
        of a job counts against a trial."""
        counts = (self.complete, self.distinct, sum(self.states.values()))
        return counts == (trials,) * 3 and self.resumed == self.interrupted and not (self.twice or self.deaths)


class Submitted:
    """A study of short trials whose workers are SLURM's jobs."""

    def __init__(
        self, slurm: Slurm, folder: Path, trials: int = TRIALS, steps: int = STEPS, sleep: float = 0.5
    ) -> None:
        self.slurm, self.folder, self.trials, self.steps = slurm, folder, trials, steps
        backend = {"command": {"argv": [sys.executable, str(STEPPER)], "options": {"sleep": sleep}}}
        score = {"maximize": "out_score", "steps": [steps // 2, steps]}
        strategy = [{"seed": [{"space_filling": trials}]}]
        self.study = Study.create(toy_file(folder, strategy=strategy, score=score, backend=backend), folder / "study")

    def say(self, *words: str) -> tuple[int, str]:
        """`mixopt study` with these words: exit code, and what it printed."""
        root = str(Path(__file__).parents[2])
        environment = {**self.slurm.environment, "OMP_NUM_THREADS": "1", "PYTHONPATH": root}
        argv = [sys.executable, "-m", "mixopt.cli", "study", *words, "--folder", str(self.study.folder.path)]
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout + done.stderr

    def submit(self, workers: int = 2, *options: str) -> list[str]:
        """Submit workers; their jobs' ids."""
        said = [word for option in options for word in ("--with", option)]
        code, answer = self.say("resume", "toy", "--on", "slurm", "--workers", str(workers), *said)
        assert code == 0, answer
        line = next(line for line in answer.splitlines() if line.startswith("started"))
        return line.partition(": ")[2].partition(";")[0].split(", ")

    def wait(self, condition: Callable[[], object], seconds: float = LIMIT) -> None:
        """Raises AssertionError, with what the jobs printed, where it does not come to that."""
        ends = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < ends, f"{self.outcome()}\n{self.printed[-6000:]}"
            time.sleep(0.2)

    @property
    def printed(self) -> str:
        """By all jobs."""
        files = sorted(self.study.folder.jobs.glob("*_log.*"))
        return "\n".join(f"== {file.name}\n{file.read_text(errors='replace')[-3000:]}" for file in files)

    def wait_for_trainers(self, jobs: Sequence[str]) -> None:
        """Until each of these jobs has a trainer that has walked a step and not ended."""
        self.wait(lambda: set(jobs) <= set(self._at_work()), seconds=90)

    def _at_work(self) -> list[str]:
        told = [lines for lines in self.witnesses().values() if lines and "step" in lines[-1]]
        return [[line["job"] for line in lines if "start" in line][-1] for lines in told]

    def witnesses(self) -> dict[int, list[dict]]:
        """What the trainers of each trial have told."""
        paths = self.study.folder.path.glob("trials/*/witness.jsonl")
        return {int(path.parent.name): [json.loads(line) for line in path.read_text().splitlines()] for path in paths}

    @property
    def complete(self) -> bool:
        """Whether no trial is left to train, and no job of the study is left either."""
        return len(self.study.trials(TrialState.COMPLETE)) >= self.trials and not self.slurm.jobs()

    def outcome(self) -> Outcome:
        trials = self.study.trials()
        states = {state.name: n for state in TrialState if (n := sum(trial.state == state for trial in trials))}
        done = self.study.trials(TrialState.COMPLETE)
        mixtures = np.array([[trial.params[name] for name in self.study.space.domains] for trial in done]).round(9)
        interrupted = resumed = twice = 0
        for lines in self.witnesses().values():
            starts = [at for at, line in enumerate(lines) if "start" in line]
            walked = [[line["step"] for line in lines[:at] if "step" in line] for at in starts]
            went_on = all(lines[at]["start"] == (before[-1] if before else 0) for at, before in zip(starts, walked))
            interrupted += len(starts) > 1
            resumed += len(starts) > 1 and went_on
            steps = [line["step"] for line in lines if "step" in line]
            twice += steps != list(range(1, self.steps + 1)) or any("overlap" in line for line in lines)
        distinct = len(np.unique(mixtures, axis=0)) if done else 0
        deaths = sum(Leases(self.study.folder).deaths(trial.number) for trial in trials)
        return Outcome(states, distinct, interrupted, resumed, twice, deaths)


def warned(study: Submitted) -> None:
    study.submit(2, "timeout_min=1", "slurm_signal_delay_s=20")


def warned_at_once(study: Submitted) -> None:
    study.submit(2, "timeout_min=1", "slurm_signal_delay_s=50")  # while the worker starts, or soon after


def not_warned(study: Submitted) -> None:
    study.submit(2, "timeout_min=1", "slurm_additional_parameters={signal: URG@20}")  # which nobody heeds


def without_srun(study: Submitted) -> None:
    study.submit(2, "timeout_min=1", "slurm_signal_delay_s=20", "slurm_use_srun=false")


def cancelled(study: Submitted) -> None:
    jobs = study.submit(2)
    study.wait_for_trainers(jobs)
    study.slurm.run("scancel", jobs[0])


def all_cancelled(study: Submitted) -> None:
    jobs = study.submit(2)
    study.wait_for_trainers(jobs)
    study.slurm.run("scancel", *jobs)
    study.wait(lambda: not study.slurm.jobs())
    study.submit(2)


def requeued(study: Submitted) -> None:
    jobs = study.submit(2)
    study.wait_for_trainers(jobs)
    study.slurm.run("scontrol", "requeue", jobs[0])


def node_down(study: Submitted) -> None:
    jobs = study.submit(4)
    study.wait_for_trainers(jobs)
    study.slurm.power_off("n1")
    time.sleep(10)
    study.slurm.power_on("n1")


def node_drained(study: Submitted) -> None:
    jobs = study.submit(4)
    study.wait_for_trainers(jobs)
    study.slurm.run("scontrol", "update", "nodename=n1", "state=drain", "reason=test")
    study.slurm.run("scontrol", "requeue", jobs[0])
    study.slurm.run("scontrol", "requeue", jobs[-1])


def controller_restarted(study: Submitted) -> None:
    study.wait_for_trainers(study.submit(2))
    time.sleep(6)  # by then it has written down what it knows
    study.slurm.stop_controller()
    time.sleep(5)
    study.slurm.start_controller()


def preempted(study: Submitted, *options: str) -> None:
    study.wait_for_trainers(study.submit(2, *options))
    for node in ("n1", "n2"):
        study.slurm.run("sbatch", "-p", "urgent", "-w", node, "-c", "2", "-o", "/dev/null", "--wrap", "sleep 10")


def two_submissions(study: Submitted) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(study.submit, [2, 2]))


def more_workers_than_cpus(study: Submitted) -> None:
    jobs = study.submit(7)
    assert len(jobs) == 7


def stopped(study: Submitted) -> None:
    jobs = study.submit(6)
    study.wait_for_trainers(jobs[:4])
    code, said = study.say("stop", "toy")
    assert code == 0 and "cancelled 2 waiting jobs" in said, said
    study.wait(lambda: not study.slurm.jobs(), seconds=60)
    outcome = study.outcome()
    assert outcome.complete < TRIALS, outcome
    study.submit(2)


def paused(study: Submitted) -> None:
    jobs = study.submit(6)
    study.wait_for_trainers(jobs[:4])
    code, said = study.say("pause", "toy")
    assert code == 0 and "held 2 waiting jobs" in said, said
    study.wait(lambda: set(study.slurm.jobs()) == set(jobs[4:]), seconds=90)  # the others have ended
    outcome = study.outcome()
    assert outcome.complete < TRIALS and not study.study.trials(TrialState.RUNNING), outcome
    code, said = study.say("resume", "toy", "--on", "slurm")
    assert code == 0 and "released 2 waiting jobs" in said, said


SCENARIOS: dict[str, Callable[[Submitted], None]] = {
    "time limit, warned": warned,
    "time limit, warned at once": warned_at_once,
    "time limit, not warned": not_warned,
    "time limit, without srun": without_srun,
    "scancel of one worker": cancelled,
    "scancel of all, resume": all_cancelled,
    "scontrol requeue": requeued,
    "node down": node_down,
    "node drained": node_drained,
    "slurmctld restarted": controller_restarted,
    "preemption, REQUEUE": preempted,
    "preemption, CANCEL": lambda study: preempted(study, "slurm_partition=spare"),
    "two submissions at once": two_submissions,
    "more workers than CPUs": more_workers_than_cpus,
    "stop with jobs queued": stopped,
    "pause with jobs queued": paused,
}
CALM = ("slurmctld restarted", "two submissions at once", "more workers than CPUs", "pause with jobs queued")
SECONDS = {  # of a step, where a study must be longer than a limit, or than the time for an order
    "time limit, warned": 1.5,
    "time limit, not warned": 2.5,
    "time limit, without srun": 1.5,
    "stop with jobs queued": 1.0,
    "pause with jobs queued": 1.0,
}


def weathered(slurm: Slurm, name: str, folder: Path) -> Outcome:
    """Put a study through a scenario, to its end."""
    slurm.idle()
    study = Submitted(slurm, folder, sleep=SECONDS.get(name, 0.5))
    SCENARIOS[name](study)
    study.wait(lambda: study.complete)
    outcome = study.outcome()
    assert outcome.well(TRIALS), f"{outcome}\n{study.printed}"
    assert outcome.interrupted or name in CALM, f"no trial was interrupted: {outcome}"
    return outcome


def storm(slurm: Slurm, folder: Path, seed: int, trials: int = 60, workers: int = 4) -> tuple[Outcome, dict[str, int]]:
    """60 trials, and every few seconds one of the running jobs, picked at random, is cancelled, queued again, or has
    its time limit cut to what it has had; who was cancelled is replaced. The outcome, and how often what was done."""
    slurm.idle()
    chance, done = random.Random(seed), dict.fromkeys(("scancel", "requeue", "limit"), 0)
    study = Submitted(slurm, folder, trials, steps=6, sleep=0.4)
    study.submit(workers, "timeout_min=2", "slurm_signal_delay_s=20")
    ends = time.monotonic() + 4 * LIMIT
    while not study.complete:
        assert time.monotonic() < ends, f"{study.outcome()}\n{study.printed[-6000:]}"
        time.sleep(chance.uniform(2, 6))
        jobs = slurm.jobs("RUNNING")
        if jobs and len(study.study.trials(TrialState.COMPLETE)) < trials:
            what, job = chance.choice(list(done)), chance.choice(list(jobs))
            done[what] += 1
            if what == "limit":
                slurm.run("scontrol", "update", f"jobid={job}", "timelimit=1")
            else:
                slurm.run(*(["scancel"] if what == "scancel" else ["scontrol", "requeue"]), job)
        if len(slurm.jobs()) < workers and study.outcome().complete < trials:
            study.submit(1, "timeout_min=2", "slurm_signal_delay_s=20")
    return study.outcome(), done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(SCENARIOS), default=[])
    parser.add_argument("--rounds", type=int, default=0, help="rounds of 60 trials under random storms, in their place")
    parser.add_argument("--first", type=int, default=0, help="the first round's seed")
    said = parser.parse_args()
    if reason := why_not():
        raise SystemExit(reason)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    slurm, bad = Slurm(), 0
    try:
        if not said.rounds:
            columns = (
                "scenario",
                "complete",
                "distinct",
                "resumed at their step",
                "trained twice",
                "deaths",
                "seconds",
            )
            print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|", flush=True)
        for name in [] if said.rounds else said.only or SCENARIOS:
            began = time.monotonic()
            with tempfile.TemporaryDirectory() as folder:
                try:
                    outcome = weathered(slurm, name, Path(folder))
                except AssertionError as error:
                    bad += 1
                    print(f"| {name} | FAILED: {error}", flush=True)
                    continue
            resumed = f"{outcome.resumed} of {outcome.interrupted}"
            told = (f"{outcome.complete} of {TRIALS}", outcome.distinct, resumed, outcome.twice, outcome.deaths)
            print(f"| {name} | {' | '.join(map(str, told))} | {time.monotonic() - began:.0f} |", flush=True)
        for seed in range(said.first, said.first + said.rounds):
            began = time.monotonic()
            with tempfile.TemporaryDirectory() as folder:
                outcome, done = storm(slurm, Path(folder), seed)
            bad += not outcome.well(60)
            took = time.monotonic() - began
            print(f"round {seed}: {'well' if outcome.well(60) else 'BAD'}: {outcome}, {done}, {took:.0f} s", flush=True)
    finally:
        slurm.remove()
    raise SystemExit(1 if bad else 0)


if __name__ == "__main__":
    main()
