"""The data of one run: sizes that can be used, the draw plan, the training examples and the tests."""

import logging
import os

import numpy as np
from datasets import Dataset

from rlvr_backend.contract import Request
from rlvr_backend.datasets import load_rows, usable_sizes
from rlvr_backend.errors import RequestError
from rlvr_backend.options import Options
from rlvr_backend.selection import UNIFORM, selector_named
from rlvr_backend.training.draw_plan import DrawPlan, plan_draws
from rlvr_backend.training.drawn_examples import DrawnExamples

logger = logging.getLogger(__name__)


def with_usable_sizes(request: Request, options: Options) -> Request:
    """Lower the sizes of domains and tests to the examples that can be used, with a warning for each.

    Domains without weight are not read.
    """
    part_of_mixture = {name: size for name, size in request.domains.items() if request.weights[name] > 0}
    domains, domain_warnings = usable_sizes(part_of_mixture, "train", options.data)
    tests, test_warnings = usable_sizes(options.own_tests(request.tests), "test", options.data)
    if os.environ.get("RANK", "0") == "0":  # the first process warns for all
        for warning in (*domain_warnings, *test_warnings):
            logger.warning(warning)
    return request.model_copy(update={"domains": request.domains | domains, "tests": request.tests | tests})


def plan_run(request: Request, options: Options) -> DrawPlan:
    """Plan the draws of a whole run. With example selection no domain runs out.

    Raises:
        RequestError: There are too few examples for a single update.
    """
    plan = plan_draws(
        [request.weights[name] for name in request.domains],
        list(request.domains.values()),
        request.steps[-1],
        options.prompts,
        request.train_seed,
        options.on_exhaustion if options.selection == UNIFORM else "repeat",
    )
    if plan.steps == 0:
        raise RequestError(
            f"no update of {options.prompts} prompts can be filled: a domain of the mixture has no examples, or all "
            "together have too few: give it more, or weight 0"
        )
    return plan


def load_tests(request: Request, options: Options) -> dict[str, Dataset]:
    """Load the tests that this package scores."""
    return {
        name: load_rows(name, "test", size, sources=options.data, scorer=options.scorer, suffix=options.suffix)
        for name, size in options.own_tests(request.tests).items()
    }


def load_drawn_examples(plan: DrawPlan, request: Request, options: Options) -> DrawnExamples:
    """Load the examples that a plan draws, or whole domains where selectors choose the examples."""
    data: list[Dataset | None] = []
    selectors = []
    examples = plan.examples.copy()
    for domain, (name, size) in enumerate(request.domains.items()):
        places = plan.domains == domain
        if options.selection == UNIFORM or not places.any():
            wanted, rows = np.unique(plan.examples[places], return_inverse=True)
            examples[places] = rows
            selectors.append(None)
        else:
            wanted = np.arange(size)
            selectors.append(selector_named(options.selection, size, request.train_seed, domain))
        data.append(_load_domain(name, size, wanted.tolist(), options) if len(wanted) else None)
    return DrawnExamples(DrawPlan(plan.domains, examples, plan.exhausted), data, selectors)


def _load_domain(name: str, size: int, wanted: list[int], options: Options) -> Dataset:
    how = {"sources": options.data, "scorer": options.scorer, "suffix": options.suffix}
    return load_rows(name, "train", size, wanted, reward=options.rewards.get(name), **how)
