"""A trainer of several processes (ranks) that keeps the file contract, and logs which ranks were in the folder.

    torchrun --nproc_per_node 2 multi_process_trainer.py REQUEST

The first rank trains, the others each score some of the tests. After a kill it continues from its last step. Each rank
locks a file, alive-LAUNCH-RANK, while it lives. A rank that finds a living rank of another launch in the folder adds a
line to witness.log, to which each rank also adds the step from which it continues.
"""

import fcntl
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

path = Path(sys.argv[1])
request = json.loads(path.read_text())
rank, world, launch = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"]), os.getppid()
alive = (path.parent / f"alive-{launch}-{rank}").open("w")
fcntl.flock(alive, fcntl.LOCK_EX)


def witness(word: str, **said) -> None:
    """Add a line to the witness, whole."""
    with path.with_name("witness.log").open("a") as file:
        file.write(json.dumps({"word": word, "rank": rank, "launch": launch, "pid": os.getpid(), **said}) + "\n")


def look_around() -> None:
    """Say where ranks of another launch live in the folder."""
    for other in path.parent.glob("alive-*"):
        if int(other.name.split("-")[1]) != launch:
            with other.open() as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    witness("overlap", with_=other.name)


def scores_at(step: int) -> dict[str, float]:
    """Of the tests that are this rank's; they follow from weights, seed and step."""
    weights = np.array(list(request["weights"].values()))
    noise = np.random.default_rng([request["train_seed"], *(1e6 * weights).astype(int)]).normal(0, 0.002)
    level = 0.6 - 0.3 * float(((weights - 1 / len(weights)) ** 2).sum()) + noise + step / 1e4
    return {test: level - place / 100 for place, test in enumerate(request["tests"]) if place % world == rank}


look_around()
kept, last = path.with_name("step.json"), request["steps"][-1]
begin = json.loads(kept.read_text()) if kept.exists() else 0
witness("start", step=begin)
evaluations = []
for step in range(1, last + 1):
    if step > begin:
        time.sleep(request["options"].get("sleep", 0.0))
        look_around()
    part = path.with_name(f"part-{step}-{rank}.json")
    if step in request["steps"]:
        part.with_suffix(f".{launch}").write_text(json.dumps(scores_at(step)))
        part.with_suffix(f".{launch}").rename(part)
    if rank:
        continue
    if step in request["steps"]:
        parts = [path.with_name(f"part-{step}-{other}.json") for other in range(world)]
        while not all(part.exists() for part in parts):
            time.sleep(0.02)
        found = {test: score for part in parts for test, score in json.loads(part.read_text()).items()}
        evaluations.append({"step": step, "scores": {test: found[test] for test in request["tests"]}})
    if step > begin:
        with path.with_name("events.jsonl").open("a") as events:
            events.write(json.dumps({"kind": "progress", "step": step}) + "\n")
        kept.with_suffix(".tmp").write_text(json.dumps(step))
        kept.with_suffix(".tmp").rename(kept)
if rank == 0:
    draws = {name: round(100 * weight) for name, weight in request["weights"].items()}
    result = {"evaluations": evaluations, "steps": last, "stopped": "finished", "draws": draws, "seconds": 0.1 * last}
    path.with_name("result.json.tmp").write_text(json.dumps(result))
    path.with_name("result.json.tmp").rename(path.with_name("result.json"))
witness("end", step=last)
