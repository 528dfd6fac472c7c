"""Hostile and odd pictures: what is made of each, in how many seconds, with how many MB.

python tests/rlvr_backend/measures/pictures.py

Each is read in a process of its own with limits on CPU time and memory. MB are those by which the peak of that process
rose while the picture was read; the bytes that a row itself holds are not counted.
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from tables.hostile_pictures import HOSTILE

from rlvr_backend.datasets.declaration import BadRow
from rlvr_backend.datasets.images import checked_image

MOST_MB, MOST_SECONDS = 4096, 120


@dataclass(frozen=True)
class Measured:
    """The verdict as in HOSTILE, CPU seconds, and MB."""

    verdict: str | tuple[int, int]
    seconds: float
    megabytes: float


def measured(number: int) -> Measured:
    """A row of HOSTILE; raises BrokenProcessPool where its process exceeds the limits."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        return pool.submit(_measured, number).result()


def _measured(number: int) -> Measured:
    memory = psutil.Process().memory_info().vms + (MOST_MB << 20)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    with tempfile.TemporaryDirectory() as scratch:
        (folder := Path(scratch) / "set").mkdir()
        raw = HOSTILE[number][1](folder)
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts from now
        before, start = _peak(), time.process_time()
        try:
            verdict: str | tuple[int, int] = checked_image(raw, folder, None)[1]
        except BadRow as reason:
            verdict = str(reason)
        return Measured(verdict, time.process_time() - start, _peak() - before)


def _peak() -> float:
    """The MB that this process has had at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def main() -> None:
    print("| picture | verdict | seconds | MB |\n|---|---|---|---|")
    for number, (name, _, _) in enumerate(HOSTILE):
        try:
            found = measured(number)
        except BrokenProcessPool:
            print(f"| {name} | beyond the limits | | |", flush=True)
            continue
        verdict = found.verdict if isinstance(found.verdict, str) else "taken, {} x {}".format(*found.verdict)
        print(f"| {name} | {verdict} | {found.seconds:.2f} | {found.megabytes:.0f} |", flush=True)


if __name__ == "__main__":
    main()
