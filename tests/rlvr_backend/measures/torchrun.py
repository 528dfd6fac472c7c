"""The realised draws of trials equal their plans exactly, in one process and in two under torchrun (gloo, on the CPU).

python tests/rlvr_backend/measures/torchrun.py
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}  # before torch is imported

from rlvr_backend.models.embedded import resolve
from rlvr_backend.training.draw_plan import plan_draws

PROMPTS, SEED, STEPS = 4, 7, 6
DOMAINS = {"detect": 40, "refer": 30, "science": 9}  # the last runs out
WEIGHTS = {"detect": 0.3, "refer": 0.2, "science": 0.5}
OPTIONS = {"model": "shapes", "prompts": PROMPTS, "generations": 4, "samples": 8, "completion_length": 16}
VARIANTS: tuple[dict, ...] = (
    {},
    {"on_exhaustion": "renormalise"},
    {"on_exhaustion": "repeat"},
    {"selection": "thompson"},
)
LAUNCHERS = {1: ["-m"], 2: ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m"]}


def planned(options: dict) -> dict[str, int]:
    """Draws a domain."""
    rule = "repeat" if "selection" in options else options.get("on_exhaustion", "stop")
    plan = plan_draws(list(WEIGHTS.values()), list(DOMAINS.values()), STEPS, PROMPTS, SEED, rule)
    return dict(zip(DOMAINS, plan.counts(len(DOMAINS)), strict=True))


def realised(options: dict, processes: int, folder: Path) -> dict[str, int]:
    """Draws a domain of a trial, as its result says."""
    request = {"study": "draws", "trial": 0, "train_seed": SEED, "weights": WEIGHTS, "domains": DOMAINS}
    request |= {"tests": {"chart": 2}, "steps": [STEPS], "options": OPTIONS | {"dtype": "float32"} | options}
    path = folder / "request.json"
    path.write_text(json.dumps(request))
    argv = [sys.executable, *LAUNCHERS[processes], "rlvr_backend", "train", str(path)]
    with (folder / "log.txt").open("w") as log:
        subprocess.run(argv, stdout=log, stderr=log, check=True)
    return json.loads((folder / "result.json").read_text())["draws"]


def main() -> int:
    argparse.ArgumentParser(description=__doc__.partition("\n")[0]).parse_args()
    resolve("shapes")
    equal = total = 0
    for options in VARIANTS:
        for processes in LAUNCHERS:
            with tempfile.TemporaryDirectory() as folder:
                draws, plan = realised(options, processes, Path(folder)), planned(options)
            print(options or "stop", f"in {processes}: {draws}, planned {plan}", flush=True)
            equal, total = equal + (draws == plan), total + 1
    print(f"{equal} of {total} trials drew what was planned")
    return 0 if equal == total else 1


if __name__ == "__main__":
    sys.exit(main())
