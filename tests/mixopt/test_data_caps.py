"""Data caps: a domain at its cap runs out with a probability of 5 %."""

import pytest
from scipy.stats import binom

from mixopt.errors import SpaceError
from mixopt.space.data_caps import data_caps


@pytest.mark.parametrize(("steps", "prompts"), [(60, 8), (1000, 4), (3, 1)])
def test_at_the_cap_the_risk_is_five_percent(steps, prompts):
    sizes = {"one": 1, "few": 3, "some": 200, "all": steps * prompts, "plenty": steps * prompts + 1}
    for name, cap in data_caps(sizes, steps, prompts).items():
        if sizes[name] > steps * prompts:
            assert cap == 1
        else:
            assert binom.sf(sizes[name] - 1, steps * prompts, cap) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("size", "steps", "prompts", "said"),
    [
        (0, 10, 8, "the size of domain 'a' is 0"),
        (2.5, 10, 8, "the size of domain 'a' is 2.5"),
        (9, -10, 8, "steps is -10"),
        (9, 10, "8", "prompts is '8'"),
    ],
)
def test_what_is_no_count_is_refused(size, steps, prompts, said):
    with pytest.raises(SpaceError, match=f"{said}: give a whole number from 1 on"):
        data_caps({"a": size}, steps, prompts)
