"""What our trainer costs beside a bare TRL script with the same configuration, prompts, rewards and evaluations.

python tests/rlvr_backend/measures/overhead.py --repeats 5

Both are started by `accelerate launch` at once, on the same core with one thread each, so that whatever else the
machine does slows both alike. The figure is the ratio ours / bare of CPU seconds, launcher and all, which is that of
wall seconds on a core of one's own. Both must end with the same scores and weights to the last bit.
time_by_part.py says where the difference lies.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from shapes_trial import HERE, scores_of, write_data, write_request

from mixopt.trainers.rlvr import LAUNCH, PLAIN

OURS, BARE = "ours", "bare"


def start(who: str, request: Path, data: Path) -> int:
    """Start a trial; its process id."""
    script = ["-m", "rlvr_backend", "train", str(request)] if who == OURS else [str(HERE / "bare_trl.py"), str(request)]
    argv = [*LAUNCH, *PLAIN, *script, *([str(data)] if who == BARE else [])]
    with (request.parent / "log.txt").open("w") as log:
        return subprocess.Popen(argv, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": os.getcwd()}).pid


def cpu_seconds(pid: int) -> float:
    """Wait for a trial; what it and its children have used. Raises RuntimeError where it failed."""
    _, status, used = os.wait4(pid, 0)
    if code := os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"a trial ended with {code}")
    return used.ru_utime + used.ru_stime


def outcome(folder: Path) -> tuple:
    models = sorted(folder.glob("checkpoints/step-*/model.safetensors"))
    return scores_of(folder / "result.json"), [hashlib.sha256(model.read_bytes()).hexdigest() for model in models]


def said(name: str, values: np.ndarray) -> str:
    """The mean of (repeats,) values with its standard error, and their median."""
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else float("nan")
    return f"{name} {values.mean():.4f} +- {error:.4f} (median {np.median(values):.4f})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=5, help="pairs of trials")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    ratios = []
    with tempfile.TemporaryDirectory() as scratch:
        (data := Path(scratch) / "data").mkdir()
        for repeat in range(arguments.repeats):
            folders = {who: Path(scratch) / f"{who}-{repeat}" for who in (OURS, BARE)}
            for folder in folders.values():
                folder.mkdir()
            requests = {who: write_request(folder) for who, folder in folders.items()}
            if not repeat:
                write_data(requests[BARE], data)
            started = {who: start(who, request, data) for who, request in requests.items()}
            seconds = {who: cpu_seconds(pid) for who, pid in started.items()}
            same = outcome(folders[OURS]) == outcome(folders[BARE])
            print({who: round(used, 2) for who, used in seconds.items()} | {"same end": same}, flush=True)
            if not same:
                return 1
            ratios.append(seconds[OURS] / seconds[BARE])
    error = np.std(ratios, ddof=1) / np.sqrt(len(ratios)) if len(ratios) > 1 else np.nan
    print(f"CPU seconds ours / bare {np.mean(ratios):.4f} +- {error:.4f} (median {np.median(ratios):.4f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
