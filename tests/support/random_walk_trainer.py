"""A trainer whose scores depend on all steps before, as a random walk, and which can continue from a checkpoint.

    python random_walk_trainer.py REQUEST

Its events are the steps that it has done itself.
"""

import json
import random
import sys
from pathlib import Path

path = Path(sys.argv[1])
folder, request = path.parent, json.loads(path.read_text())
end = request.get("until", request["steps"][-1])
walker = random.Random(f"{request['train_seed']} {request['weights']}")
place, step, evaluations = 0.0, 0, []
if "warm_start" in request:
    kept = json.loads((folder / request["warm_start"] / "checkpoints" / "walk.json").read_text())
    place, step, evaluations, (version, numbers, gauss) = kept
    walker.setstate((version, tuple(numbers), gauss))
with (folder / "events.jsonl").open("w") as events:
    while step < end:
        place, step = place + walker.gauss(0, 0.01), step + 1
        events.write(json.dumps({"kind": "progress", "step": step}) + "\n")
        if step in request["steps"]:
            evaluations.append({"step": step, "scores": dict.fromkeys(request["tests"], place)})
(folder / "checkpoints").mkdir()
(folder / "checkpoints" / "walk.json").write_text(json.dumps([place, step, evaluations, walker.getstate()]))
stopped = "until" if "until" in request else "finished"
result = {"evaluations": evaluations, "steps": step, "stopped": stopped, "draws": {}, "seconds": step}
(folder / "result.json").write_text(json.dumps(result))
