"""Worker process of the reward `number`: compare formulas with a budget, which ends the process when it is exceeded.

Input: JSON lines [[formula, formula, half], ...], where `half`, a fraction as text or null, is how far a decimal among
the two may be from what it rounds. Output: "r" when ready, then one character per pair, "1" for equal, "0" for not.

math-verify parses the formulas and compares sets, intervals, equations and matrices. Its comparison of numbers, to 6
decimal places, is not used: terms are compared here, relative to their size.
"""

import json
import logging
import resource
import signal
import sys

from latex2sympy2_extended import NormalizationConfig, latex2sympy
from latex2sympy2_extended.latex2sympy2 import ConversionConfig
from math_verify import verify
from math_verify.grader import should_treat_as_complex
from sympy import Expr, Rational, nan, zoo

SECONDS = 2.0  # of CPU time per comparison; ordinary ones take 0.01 to 0.2
MEMORY = 4 << 30  # bytes of address space
DIGITS = 60  # of the arithmetic
EQUAL = Rational(1, 10**40)  # relative difference of equal terms
ROUNDING = Rational(1, 10**6)  # largest relative error of a rounded decimal
POINTS = (  # values of the variables at which terms are compared, all different
    tuple(Rational(2 * i + 3, 2 * i + 7) for i in range(60)),
    tuple(Rational(-(3 * i + 5), 2 * i + 3) for i in range(60)),
    tuple(Rational(5 * i + 11, 3 * i + 4) for i in range(60)),
)
SPELLING = NormalizationConfig(
    basic_latex=True, units=False, malformed_operators=True, nits=True, boxed="none", equations=False
)
MEANING = ConversionConfig(lowercase_symbols=False, interpret_as_mixed_fractions=False)  # R is not r


def equal(given: str, true: str, half: str | None) -> bool:
    """Return whether two formulas are equal.

    They are parsed with math-verify's LaTeX grammar: its parser of plain text would call `eval`.

    Args:
        given: A formula as LaTeX.
        true: Another one.
        half: How far a decimal among them may be from what it rounds, as a fraction, or None.
    """
    real = not (should_treat_as_complex(given) or should_treat_as_complex(true))
    one, other = (
        latex2sympy(text, is_real=real, normalization_config=SPELLING, conversion_config=MEANING)
        for text in (given, true)
    )
    return _equal(one, other, half)


def _equal(one: object, other: object, half: str | None) -> bool:
    if not isinstance(one, Expr) or not isinstance(other, Expr):
        return _verified(one, other)
    if nan in (one, other) or zoo in (one, other):
        return False
    names = sorted({symbol.name for symbol in one.free_symbols | other.free_symbols})
    if not names:
        return one == other or _close(one, other, None if half is None else Rational(half))
    if len(names) > len(POINTS[0]):
        return False
    for point in POINTS:
        values = dict(zip(names, point))
        ones, others = (term.subs({s: values[s.name] for s in term.free_symbols}) for term in (one, other))
        if not ones.is_number or not others.is_number:  # an unknown function f(x)
            return _verified(one, other)
        if not _close(ones, others, None):
            return False
    return True


def _verified(one: object, other: object) -> bool:
    """math-verify's verdict on sets, relations, matrices, and terms without a numeric value."""
    return verify(other, one, numeric_precision=DIGITS, allow_set_relation_comp=True, timeout_seconds=None)


def _close(one: Expr, other: Expr, half: Rational | None) -> bool:
    """Whether two numbers are equal, or one is the other rounded, with an error of at most `half`."""
    a, b = one.evalf(DIGITS), other.evalf(DIGITS)
    if not (a.is_finite and b.is_finite):
        return bool(a == b)
    size, off = max(abs(a), abs(b)), abs(a - b)
    if off <= EQUAL * size or (half is not None and off <= half and off <= ROUNDING * size):
        return True
    # a difference that cancels to nothing needs a proof that it is 0
    return bool(off <= EQUAL and min(abs(a), abs(b)) <= EQUAL and (one - other).equals(0))


def main() -> None:
    """Answer requests until standard input is closed."""
    logging.disable()  # math-verify warns of each switched-off timeout
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with its trainer, which closes stdin
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    equal("1", "2", None)  # loads what a first comparison needs
    sys.stdout.write("r")
    sys.stdout.flush()
    for line in sys.stdin:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # by default SIGPROF ends the process, whatever it is doing
        verdicts = ""
        for pair in json.loads(line):
            try:
                verdict = equal(*pair)
            except Exception:  # an adversarial answer may raise anything in the library
                verdict = False
            verdicts += str(int(verdict))
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.write(verdicts)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
