"""One trial of studies/shapes.yaml on all domains equally, and its data as one concatenated dataset for TRL alone."""

import json
import os
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}  # before torch is imported

HERE = Path(__file__).parent
STUDY = HERE.parents[2] / "studies" / "shapes.yaml"


def write_request(folder: Path) -> Path:
    """`request.json` as mixopt writes it; its path."""
    from mixopt.study.plan import request_of
    from mixopt.study.spec import read_spec

    spec = read_spec(STUDY)
    uniform = spec.space.as_dict(spec.space.uniform())
    path = folder / "request.json"
    path.write_text(request_of(spec, 0, uniform, spec.train_seed).as_json())
    return path


def write_data(path: Path, folder: Path) -> None:
    """What a request draws, in the order of the draws, and its tests, as datasets on disk."""
    from datasets import Dataset, disable_progress_bars

    from rlvr_backend.contract import Request
    from rlvr_backend.datasets import load_rows
    from rlvr_backend.datasets.examples import FEATURES
    from rlvr_backend.training.draw_plan import plan_draws

    disable_progress_bars()
    request = Request.read(path)
    names, sizes = list(request.domains), list(request.domains.values())
    weights = [request.weights[name] for name in names]
    plan = plan_draws(weights, sizes, request.steps[-1], request.options["prompts"], request.train_seed)
    domains = [load_rows(name, "train", size) for name, size in request.domains.items()]
    drawn = [domains[d][int(e)] for d, e in zip(plan.domains.flat, plan.examples.flat, strict=True)]
    Dataset.from_list(drawn, features=FEATURES).save_to_disk(folder / "train")
    for name, size in request.tests.items():
        load_rows(name, "test", size).save_to_disk(folder / name)


def scores_of(result: Path) -> dict[int, dict[str, float]]:
    """Step -> test -> score of a `result.json`."""
    return {entry["step"]: entry["scores"] for entry in json.loads(result.read_text())["evaluations"]}
