"""Both packages print text from outside in the same way: the trainer's copy of the rule is mixopt's."""

from hypothesis import given, strategies as st

from mixopt.text import visible as of_mixopt
from rlvr_backend.visible import visible


@given(st.text(st.characters(categories=("Cc", "Cf", "Cs", "Zl", "Zp", "L"))))
def test_both_packages_show_the_same(text):
    assert visible(text) == of_mixopt(text, lines=True)
