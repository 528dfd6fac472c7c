"""Trials killed at random moments end like their unkilled twins: the same scores, draws and weights to the last bit.

python tests/rlvr_backend/measures/kills.py --kills 100 --folder /tmp/kills

A round is one short trial on the embedded model, killed up to four times (SIGKILL to its process group) and each time
started again. Most are forks of this process, which has imported the trainer: so they start in no time, and the part
of the trial that each kill fell into is read from memory that they share. Every fifth is started by `accelerate
launch`, as mixopt does, like all the twins. Half of the kills fall at any moment, half into a part drawn at random.
Each round is a line of FOLDER/rounds.jsonl; started again, the measure goes on after the last of them.
"""

import argparse
import hashlib
import json
import mmap
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}  # before torch is imported

from parts import PARTS, Clock, watch, watch_ours

import rlvr_backend.training.trainer  # noqa: F401  what all forks share
from mixopt.trainers.rlvr import LAUNCH, PLAIN
from rlvr_backend import __main__ as command
from rlvr_backend.models.embedded import resolve

MOST = 4  # kills a round
LAUNCHED = 5  # every so many rounds is started by `accelerate launch`
OPTIONS = {"model": "shapes", "prompts": 4, "generations": 4, "samples": 8, "completion_length": 16}
OPTIONS |= {"learning_rate": 1e-3, "dtype": "float32", "save_every": 2}
TRIAL = {"study": "kills", "trial": 0, "train_seed": 7, "weights": {"detect": 0.5, "science": 0.5}, "steps": [2, 5, 8]}
TRIAL |= {"domains": {"detect": 40, "science": 60}, "tests": {"refer": 6, "chart": 8}}
SMALL = {"detect": 40, "science": 9}  # which runs out
VARIANTS = (
    ({}, {}),
    ({"domains": SMALL}, {"save_every": 1}),
    ({"domains": SMALL}, {"on_exhaustion": "renormalise", "save_every": 3}),
    ({"domains": SMALL}, {"on_exhaustion": "repeat", "save_every": 1}),
    ({"until": 5}, {"save_every": 1}),
    ({"steps": [8]}, {"selection": "thompson", "save_every": 1}),
    ({}, {"selection": "variance", "keep_checkpoints": "none"}),
    ({"steps": [1, 2, 3, 4, 5, 6]}, {"selection": "pass_rate", "advantage_weights": "easy_to_hard"}),
    ({}, {"selection": "skip_settled", "save_every": 1}),
)


class Run:
    """A trial in a folder, started as often as it is killed."""

    def __init__(self, folder: Path, variant: int):
        changes, options = VARIANTS[variant]
        self.folder, request = folder, {**TRIAL, **changes, "options": {**OPTIONS, **options}}
        folder.mkdir(parents=True)
        self._path = folder / "request.json"
        self._path.write_text(json.dumps(request))
        # Shared with forks: the present part, and how often each was entered.
        self._entered = memoryview(mmap.mmap(-1, 4 * (1 + len(PARTS)))).cast("I")

    @property
    def done(self) -> bool:
        return (self.folder / "result.json").exists()

    @property
    def part(self) -> str:
        """The part that a fork is in, or was in when it died."""
        return PARTS[self._entered[0]]

    def times(self, part: str) -> int:
        """How often a fork has entered a part."""
        return self._entered[1 + PARTS.index(part)]

    def launch(self) -> int:
        """Start the trial as mixopt does; the process id, which is its group's too."""
        argv = [*LAUNCH, *PLAIN, "-m", "rlvr_backend", "train", str(self._path)]
        with (self.folder / "log.txt").open("a") as log:
            return subprocess.Popen(argv, stdout=log, stderr=log, start_new_session=True).pid

    def fork(self) -> int:
        """Start the trial as a fork; the process id, which is its group's too."""
        for place in range(len(self._entered)):
            self._entered[place] = 0
        if pid := os.fork():
            return pid
        code = 1
        try:
            os.setsid()
            log = os.open(self.folder / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(log, 1), os.dup2(log, 2)
            sys.argv = ["rlvr_backend", "train", str(self._path)]
            clock = Clock(self._note)
            watch(clock), watch_ours(clock)
            code = command.main()
        finally:
            sys.stdout.flush(), sys.stderr.flush()
            os._exit(code)

    def outcome(self) -> dict:
        """All that must not depend on kills."""
        result = json.loads((self.folder / "result.json").read_text())
        models = self.folder.glob("checkpoints/*/model.safetensors")
        result["models"] = {str(m.relative_to(self.folder)): hashlib.sha256(m.read_bytes()).hexdigest() for m in models}
        del result["seconds"]
        return result

    def _note(self, part: str) -> None:
        self._entered[0] = PARTS.index(part)
        self._entered[1 + PARTS.index(part)] += 1


def ended(pid: int) -> bool:
    """Whether a process is over; raises RuntimeError where it failed."""
    found, status = os.waitpid(pid, os.WNOHANG)
    if found and (code := os.waitstatus_to_exitcode(status)):
        raise RuntimeError(f"a trial ended with {code}: see its log.txt")
    return bool(found)


def kill(pid: int) -> None:
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def interrupt(run: Run, launched: bool, seconds: float, rng: random.Random) -> str | None:
    """Start the trial and kill it at a random moment: where that was; None if it came to its end before."""
    pid = run.launch() if launched else run.fork()
    started, deadline = time.monotonic(), rng.random() * seconds
    aim, nth, delay = rng.choice(PARTS), rng.choice((1, 1, 2, 3, 5)), rng.random() ** 4 * 0.1
    if launched or rng.random() < 0.5:
        aim = None
    while True:
        if ended(pid):
            return None
        if run.times(aim) >= nth if aim else time.monotonic() - started >= deadline:
            time.sleep(delay if aim else 0)
            if ended(pid):
                return None
            kill(pid)
            return f"{time.monotonic() - started:.1f} s after launch" if launched else run.part
        time.sleep(0.0005)


def finish(run: Run, launched: bool) -> float:
    """Run the trial to its end; the seconds that took."""
    started, pid = time.monotonic(), run.launch() if launched else run.fork()
    while not ended(pid):
        time.sleep(0.01)
    return time.monotonic() - started


def twin(folder: Path, variant: int) -> dict:
    """The outcome of an unkilled trial, and the seconds that it takes launched and forked; measured once."""
    known = folder / f"twin-{variant}.json"
    if not known.exists():
        shutil.rmtree(folder / "twin", ignore_errors=True)
        launched, forked = Run(folder / "twin" / "launched", variant), Run(folder / "twin" / "forked", variant)
        seconds = [finish(launched, True), finish(forked, False)]
        if launched.outcome() != forked.outcome():
            raise RuntimeError(f"variant {variant}: a fork ends unlike a launched trial")
        known.write_text(json.dumps({"outcome": launched.outcome(), "seconds": seconds}))
    return json.loads(known.read_text())


def one_round(folder: Path, number: int) -> dict:
    """Kill a trial up to MOST times, let it end, and compare it with its twin."""
    rng, launched = random.Random(number), number % LAUNCHED == LAUNCHED - 1
    variant = rng.randrange(len(VARIANTS))
    unkilled = twin(folder, variant)
    seconds = unkilled["seconds"][0 if launched else 1]
    shutil.rmtree(folder / f"{number}", ignore_errors=True)
    run, kills = Run(folder / f"{number}", variant), []
    while not run.done:
        if len(kills) == MOST:
            finish(run, launched)
        elif where := interrupt(run, launched, seconds, rng):
            kills.append(where)
    equal = run.outcome() == unkilled["outcome"]
    if equal:
        shutil.rmtree(run.folder)
    return {"round": number, "variant": variant, "kills": kills, "equal": equal}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100, help="go on until so many trials were killed")
    parser.add_argument("--folder", type=Path, default=Path("kills"), help="where trials and rounds.jsonl are kept")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    folder, lines = arguments.folder.resolve(), arguments.folder / "rounds.jsonl"
    command.one_thread()
    resolve("shapes")
    rounds = [json.loads(line) for line in lines.read_text().splitlines()] if lines.exists() else []
    while sum(len(line["kills"]) for line in rounds) < arguments.kills:
        rounds.append(one_round(folder, len(rounds)))
        print(rounds[-1], flush=True)
        with lines.open("a") as file:
            file.write(json.dumps(rounds[-1]) + "\n")
    kills = [where for line in rounds for where in line["kills"]]
    equal = sum(len(line["kills"]) for line in rounds if line["equal"])
    print(f"{equal} of {len(kills)} kills over {len(rounds)} trials equal")
    fell = Counter("launched" if where.endswith("launch") else where for where in kills)
    print("they fell into", ", ".join(f"{part} {count}" for part, count in fell.most_common()))
    return 0 if equal == len(kills) else 1


if __name__ == "__main__":
    sys.exit(main())
