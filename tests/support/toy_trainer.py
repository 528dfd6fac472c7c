"""A trainer that keeps the file contract in a second's fraction: scores follow from weights, seed and step alone.

    python toy_trainer.py REQUEST

Of the base model, which is trained on nothing, all scores are near .2.

Its options make it misbehave: `crash` (where the weight of the first domain is above it), `sleep` (seconds before an
evaluation), `last` (those before the last one), `gate` (a file that it waits for). It notes each training that it ends
in trained.log.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

path = Path(sys.argv[1])
request = json.loads(path.read_text())
weights = np.array(list(request["weights"].values()))
options, last = request["options"], request["steps"][-1]
until = request.get("until", last)
if weights[0] > options.get("crash", 2.0):
    print("line one of the log\nCUDA error: the toy is broken", file=sys.stderr)
    sys.exit(3)
best = np.linspace(1, 2, len(weights)) / np.linspace(1, 2, len(weights)).sum()
noise = np.random.default_rng([request["train_seed"], *(1e6 * weights).astype(int)]).normal(0, 0.002)
evaluations = []
with path.with_name("events.jsonl").open("w") as events:  # it starts anew each time
    for step in [step for step in request["steps"] if step <= until] or [0]:
        time.sleep(options.get("last" if step == last and "last" in options else "sleep", 0.0))
        while "gate" in options and not Path(options["gate"]).exists():
            time.sleep(0.05)
        level = 0.6 - 0.3 * float(((weights - best) ** 2).sum()) + noise + step / 1e4 if step else 0.2
        scores = {test: level - i / 100 for i, test in enumerate(request["tests"])}
        evaluations.append({"step": step, "scores": scores, "carried": False})
        events.write(json.dumps({"kind": "progress", "step": step, "of": last, "reward": level}) + "\n")
        events.write(json.dumps({"kind": "evaluation", "step": step, "scores": scores}) + "\n")
        events.flush()
result = {
    "evaluations": evaluations,
    "steps": until,
    "stopped": "finished" if until == last else "until",
    "draws": {name: round(100 * w) if until else 0 for name, w in request["weights"].items()},
    "seconds": 0.025 * until,
}
path.with_name("result.json.tmp").write_text(json.dumps(result))
path.with_name("result.json.tmp").rename(path.with_name("result.json"))
with path.with_name("trained.log").open("a") as trained:
    trained.write("trained\n")
