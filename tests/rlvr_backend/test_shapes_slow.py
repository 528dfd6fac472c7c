"""The promises of the shapes world, by real training on its real base model: minutes, so `make test-slow` runs them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from mixopt.paths import TrialFolder
from mixopt.study.plan import request_of
from mixopt.study.spec import read_spec
from mixopt.trainers.rlvr import RlvrTrainer
from rlvr_backend.datasets import load_rows
from rlvr_backend.evaluation.evaluator import Evaluator
from rlvr_backend.models.embedded import resolve
from rlvr_backend.models.load import load_policy

pytestmark = pytest.mark.slow
SPEC = read_spec(Path(__file__).parents[2] / "studies" / "shapes.yaml")


@pytest.fixture(scope="module")
def base():
    """The base model's score by test."""
    model, processor = load_policy(resolve("shapes"))
    tests = {name: load_rows(name, "test", size) for name, size in SPEC.tests.sizes.items()}
    return Evaluator(tests, processor, max_new_tokens=24, batch=256).scores(model)


def test_the_base_knows_more_than_its_format_lets_it_score(base):
    assert 0.2 < SPEC.scoring.out_score(base) < 0.45
    assert all(base[name] < 0.6 for name in SPEC.tests.in_)


def test_training_lifts_the_out_score_and_scores_depend_on_the_request_alone(base, tmp_path):
    weights = {"detect": 0.0, "refer": 0.0, "geometry": 0.6, "spatial": 0.0, "science": 0.4}
    asked = request_of(SPEC, 0, weights, train_seed=7)
    with ThreadPoolExecutor(2) as slots:
        side_by_side = list(slots.map(lambda name: _run(asked, tmp_path / name), ("first", "second")))
    assert side_by_side[0].evaluations == side_by_side[1].evaluations
    assert side_by_side[0].stopped == "exhausted", "315 examples of geometry last for 80 steps at a share below 0.49"
    assert SPEC.scoring.value(side_by_side[0].scores) > SPEC.scoring.out_score(base) + 0.15
    assert _run(asked, tmp_path / "alone").evaluations == side_by_side[0].evaluations


def _run(asked, folder):
    return RlvrTrainer(asked.options).run(asked, TrialFolder(folder), Event())
