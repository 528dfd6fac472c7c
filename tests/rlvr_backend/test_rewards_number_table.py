"""The reward `number` over a table of answers, and what holds for numbers of any size and spelling."""

import time
from fractions import Fraction

import pytest
from hypothesis import assume, given, strategies as st
from tables.number import ROWS

from rlvr_backend.rewards import Truth, reward_named
from rlvr_backend.rewards.numbers.literals import number_literal, same
from rlvr_backend.rewards.numbers.markup import one_spelling

number = reward_named("number")
DIGITS = st.integers(-(10**12), 10**12)
EXPONENTS = st.integers(-40, 40)


@pytest.mark.parametrize(("answer", "truth", "right"), ROWS)
def test_a_careful_grader_would_say_the_same(answer, truth, right):
    assert number(answer, Truth(truth)) == float(right)


def test_the_table_is_long_and_a_third_of_it_is_wrong_answers():
    assert len(ROWS) >= 200 and len(set(ROWS)) == len(ROWS)
    assert sum(not right for *_, right in ROWS) * 3 >= len(ROWS)


def spellings(mantissa: int, exponent: int) -> list[str]:
    """One number, mantissa x 10^exponent, written in many ways."""
    value = Fraction(mantissa) * Fraction(10) ** exponent
    several = [
        f"{mantissa}e{exponent}",
        f"{mantissa}E{exponent:+}",
        rf"{mantissa} \times 10^{{{exponent}}}",
        f"${mantissa}·10^{exponent}$",
        f"**{mantissa} × 10^{{{exponent}}}**",
        f"{value.numerator}/{value.denominator}",
        rf"\boxed{{\frac{{{value.numerator}}}{{{value.denominator}}}}}",
    ]
    if value.denominator == 1:
        several += [f"{value.numerator}", f"{value.numerator:,}", f"{value.numerator:,}".replace(",", " ")]
    return several


@given(DIGITS, EXPONENTS, st.data())
def test_a_number_is_itself_however_it_is_written(mantissa, exponent, data):
    one, other = (data.draw(st.sampled_from(spellings(mantissa, exponent))) for _ in range(2))
    assert number(one, Truth(other)) == 1.0


@given(DIGITS, DIGITS, EXPONENTS, EXPONENTS, st.data())
def test_numbers_more_than_a_millionth_apart_never_agree_and_order_does_not_matter(a, b, m, n, data):
    one, other = data.draw(st.sampled_from(spellings(a, m))), data.draw(st.sampled_from(spellings(b, n)))
    score = number(one, Truth(other))
    assert score == number(other, Truth(one))
    first, second = Fraction(a) * Fraction(10) ** m, Fraction(b) * Fraction(10) ** n
    if abs(first - second) * 10**6 > max(abs(first), abs(second)):
        assert score == 0.0


@given(st.integers(1, 10**9), st.integers(1, 8), st.integers(-30, 30))
def test_a_change_of_the_last_digit_is_another_number(mantissa, change, exponent):
    assert number(f"{mantissa}e{exponent}", Truth(f"{mantissa + change}e{exponent}")) == 0.0


@given(st.integers(1, 10**6), st.integers(2, 10**6), st.integers(1, 12))
def test_a_decimal_agrees_with_a_fraction_only_if_it_rounds_it(above, below, places):
    value = Fraction(above, below)
    digits = round(value * 10**places)
    rounded, wrong = (f"{n // 10**places}.{n % 10**places:0{places}}" for n in (digits, digits + 2))
    decimal = Fraction(rounded)
    assume(value != decimal)
    agrees = abs(value - decimal) * 10**6 <= value
    assert number(rounded, Truth(f"{above}/{below}")) == float(agrees)
    assert number(wrong, Truth(f"{above}/{below}")) == 0.0


@given(st.integers(0, 99), st.integers(1, 99), st.integers(2, 100))
def test_a_mixed_number_is_the_sum_of_its_parts(whole, above, below):
    assume(whole > 0 and above < below)
    truth = f"{whole * below + above}/{below}"
    for answer in (f"{whole} {above}/{below}", rf"{whole}\frac{{{above}}}{{{below}}}", f"{whole}\u00a0{above}⁄{below}"):
        assert number(answer, Truth(truth)) == 1.0
        assert number("-" + answer, Truth("-" + truth)) == 1.0
    assert number(f"{whole} {above}/{below}", Truth(f"{whole}{above}/{below}")) == 0.0


@given(
    st.sampled_from("km cm m s kg N J V L °C % USD apples km/h cm² m/s^2".split()),
    st.integers(-(10**6), 10**6),
    st.integers(1, 9),
)
def test_a_unit_changes_nothing_on_one_side_and_never_makes_two_numbers_one(unit, value, off):
    assert number(f"{value} {unit}", Truth(f"{value}")) == number(f"{value}", Truth(f"{value} {unit}")) == 1.0
    assert number(f"{value + off} {unit}", Truth(f"{value} {unit}")) == 0.0


@given(st.text(alphabet="0123456789.,eE+-/ \\{}^_()[]xabπ√½²%$°:;=*`mk", max_size=40))
def test_reading_ends_whatever_stands_there(text):
    spelled = one_spelling(text)
    read = number_literal(spelled)
    assert read is None or same(read, read)


@pytest.mark.parametrize(
    "answer",
    [
        *("1e" + "9" * 400, "10^{" + "9" * 400 + "}", "9" * 480, "1 " * 240, "1/" * 240, "√" * 490, "^(" * 240),
        *("(" * 490, r"\boxed{" * 70, "1,000," * 80, "±" * 400, "=" * 490, "5=" * 240, "x, " * 160, "~" * 490),
        *("*" * 490, "**a" * 160, r"\frac" * 95, "5 m" * 160, "1:" * 240, "1½" * 200, "$" * 491, "\n" * 490 + "7"),
        *("kg·" * 160, "a^2" * 160, "<sup>" * 95, "0." * 240, r"\text{" * 80, "'" * 490, "1'000" * 95),
    ],
    ids=lambda answer: answer[:8],
)
@pytest.mark.parametrize("truth", ["12", r"\sqrt{2}", "1, 2, 3", "x = 5", "5 km"])
def test_reading_takes_no_longer_than_it_should(answer, truth):
    started = time.process_time()
    assert number(answer, Truth(truth)) == 0.0
    assert time.process_time() - started < 1, "seconds of this process"


def test_long_lists_of_formulas_cost_no_more_than_one_budget():
    items = ", ".join(f"√{i}" for i in range(2, 90))
    started = time.perf_counter()
    assert number(items[:499], Truth(items[:499].replace("√2,", "√3,", 1))) == 0.0
    assert time.perf_counter() - started < 60, "seconds, on a machine that may be busy"
