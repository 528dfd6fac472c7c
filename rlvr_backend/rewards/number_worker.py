"""The process behind the reward `number`: compares formulas on a budget, and dies where it overdraws it.

In: a JSON line [[formula, formula, half], ...], where `half`, a fraction as text or null, is how far off a decimal of
the two may be from what it rounds. Out: "r" once ready, then a character a pair, "1" for equal and "0" for not.

math-verify's parser reads the formulas, and math-verify compares sets, intervals, equations and matrices. Its way with
numbers, to 6 places after the point, is not used: terms are compared here, relative to their size.
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

SECONDS = 2.0  # of CPU time a comparison; honest ones take 0.01 to 0.2
MEMORY = 4 << 30  # bytes of address space
DIGITS = 60  # of the arithmetic
EQUAL = Rational(1, 10**40)  # relative: two terms that are this close are one
ROUNDING = Rational(1, 10**6)  # relative: how far off a rounded decimal may be
POINTS = (  # where terms with variables are compared; no variable takes the same value as another
    tuple(Rational(2 * i + 3, 2 * i + 7) for i in range(60)),
    tuple(Rational(-(3 * i + 5), 2 * i + 3) for i in range(60)),
    tuple(Rational(5 * i + 11, 3 * i + 4) for i in range(60)),
)
SPELLING = NormalizationConfig(
    basic_latex=True, units=False, malformed_operators=True, nits=True, boxed="none", equations=False
)
MEANING = ConversionConfig(lowercase_symbols=False, interpret_as_mixed_fractions=False)  # R is not r


def equal(said: str, true: str, half: str | None) -> bool:
    """Whether two formulas are equal. They are parsed by math-verify's grammar; its plain reading would call `eval`."""
    real = not (should_treat_as_complex(said) or should_treat_as_complex(true))
    one, other = (
        latex2sympy(text, is_real=real, normalization_config=SPELLING, conversion_config=MEANING)
        for text in (said, true)
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
        if not ones.is_number or not others.is_number:  # f(x), of which nothing is known
            return _verified(one, other)
        if not _close(ones, others, None):
            return False
    return True


def _verified(one: object, other: object) -> bool:
    """math-verify's verdict: on sets, relations, matrices, and terms that are no numbers at any point."""
    return verify(other, one, numeric_precision=DIGITS, allow_set_relation_comp=True, timeout_seconds=None)


def _close(one: Expr, other: Expr, half: Rational | None) -> bool:
    """Whether two numbers are equal, or one is the other rounded, by `half` at the most."""
    a, b = one.evalf(DIGITS), other.evalf(DIGITS)
    if not (a.is_finite and b.is_finite):
        return bool(a == b)
    size, off = max(abs(a), abs(b)), abs(a - b)
    if off <= EQUAL * size or (half is not None and off <= half and off <= ROUNDING * size):
        return True
    # what cancels to nothing is known to be 0 only by proof
    return bool(off <= EQUAL and min(abs(a), abs(b)) <= EQUAL and (one - other).equals(0))


def main() -> None:
    logging.disable()  # math-verify warns of each switched-off timeout
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ends with its trainer, whose end closes stdin
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    equal("1", "2", None)  # loads what the first comparison loads
    sys.stdout.write("r")
    sys.stdout.flush()
    for line in sys.stdin:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # SIGPROF's default is to end the process, whatever it is at
        verdicts = ""
        for pair in json.loads(line):
            try:
                verdict = equal(*pair)
            except Exception:  # whatever an adversarial answer makes of the library
                verdict = False
            verdicts += str(int(verdict))
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.write(verdicts)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
