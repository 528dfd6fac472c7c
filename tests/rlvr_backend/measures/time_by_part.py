"""Where a trial's time goes, by part, in our trainer beside bare TRL.

python tests/rlvr_backend/measures/time_by_part.py

Each runs once under `accelerate launch`, its parts told apart by wrapped functions (parts.py). Seconds of CPU time; the
launcher's are those of the process that `accelerate launch` itself is.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from parts import PARTS, Clock, watch, watch_bare, watch_ours
from shapes_trial import write_data, write_request

INSIDE = "--inside="
LAUNCHER = "launcher"
ARITHMETIC = ("generation", "forward", "update", "evaluation")  # mostly the model's own


def inside(report: Path) -> None:
    """The trial itself, in a process of its own: the rest of the arguments are the script's."""
    sys.argv = sys.argv[2:]
    clock = Clock()
    clock.cpu["start-up"] = time.process_time()  # Python's own, until here
    if sys.argv[0] == "rlvr_backend":
        from rlvr_backend.__main__ import main

        watch(clock)
        watch_ours(clock)
    else:
        from bare_trl import main

        watch(clock)
        watch_bare(clock)
    main()
    clock.stop()
    report.write_text(json.dumps(clock.cpu))


def measured(arguments: list[str], report: Path) -> dict[str, float]:
    """CPU seconds by part of one trial."""
    from mixopt.trainers.rlvr import LAUNCH, PLAIN

    before = os.times()
    with report.with_suffix(".log").open("w") as log:
        argv = [*LAUNCH, *PLAIN, str(Path(__file__)), f"{INSIDE}{report}", *arguments]
        environment = {**os.environ, "PYTHONPATH": os.getcwd()}
        subprocess.run(argv, stdout=log, stderr=log, check=True, env=environment)
    after = os.times()
    cpu = json.loads(report.read_text())
    whole = after.children_user + after.children_system - before.children_user - before.children_system
    return {LAUNCHER: whole - sum(cpu.values()), **cpu}


def table(seconds: dict[str, dict[str, float]]) -> str:
    """One line a part, one column a trainer."""
    rows = [f"{'CPU seconds':14}" + "".join(f"{who:>9}" for who in seconds)]
    for part in (LAUNCHER, *PARTS):
        mark = " *" if part in ARITHMETIC else ""
        rows.append(f"{part:14}" + "".join(f"{cpu.get(part, 0):9.2f}" for cpu in seconds.values()) + mark)
    rows.append(f"{'sum':14}" + "".join(f"{sum(cpu.values()):9.2f}" for cpu in seconds.values()))
    return "\n".join([*rows, "* mostly the model's own arithmetic"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.parse_args()
    seconds = {}
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "data"
        data.mkdir()
        for who in ("bare", "ours"):
            folder = Path(scratch) / who
            folder.mkdir()
            request = write_request(folder)
            if who == "bare":
                write_data(request, data)
            argv = {"bare": ["bare_trl.py", str(request), str(data)], "ours": ["rlvr_backend", "train", str(request)]}
            seconds[who] = measured(argv[who], folder / "parts.json")
    print(table(seconds))
    return 0


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].startswith(INSIDE):
        inside(Path(sys.argv[1].removeprefix(INSIDE)))
    else:
        sys.exit(main())
