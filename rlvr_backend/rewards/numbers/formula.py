r"""Rewrite a formula as LaTeX that math-verify does not misread.

math-verify reads "5 6" as 11, "2(3)" as 5, "yes" as s·e·y, "f'(x)" as f(x), "1.5e3" as 1.5 e·3 and "3t" as 3 tons.
So words and names of points stay text, and products, mixed numbers, decimals and powers of ten are written out.
"""

import re
from fractions import Fraction

LONGEST = 500  # characters; no answer is longer, and a long reference must not take long either
COMMANDS = frozenset(
    "frac sqrt pi cdot times div pm mp infty emptyset cup cap setminus in mathbb le ge ne sin cos tan cot sec csc "
    "arcsin arccos arctan sinh cosh tanh log ln exp lim sum prod int binom vert lfloor rfloor lceil rceil begin end "
    "vec to alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi rho sigma tau phi varphi chi psi omega "
    "Gamma Delta Theta Lambda Pi Sigma Phi Psi Omega".split()
)
SET = re.compile(r"[<>]|\\(?:le|ge|ne|cup|cap|setminus|emptyset|mathbb|in)(?![a-zA-Z])")
ALLOWED = re.compile(r"[\w\s+\-/^=<>().,!|{}\[\]\\:°&%]*", re.ASCII)
ENVIRONMENT = re.compile(r"\\(begin|end)\{([a-zA-Z]*matrix)\}")
ENGLISH = frozenset("is of to no on an by if so and or not the but are was for all any at it as be we".split())
FRACTION = r"\\frac\s?\{[^{}]*\}\s?\{[^{}]*\}"
MIXED = re.compile(
    r"(?<![\d.}^_/])(\d+) ?(?:\\frac\s?\{ ?(\d+) ?\}\s?\{ ?(\d+) ?\}|(?<= )(\d+)/(\d+)(?![\d/]))", re.ASCII
)
SCIENTIFIC = re.compile(r"(?<![a-zA-Z])(\d+\.?\d*|\.\d+)[eE]([+-]?\d{1,4})(?!\d)", re.ASCII)
DECIMAL = re.compile(r"(?<!\d)(\d*)\.(\d*)(?!\d)", re.ASCII)
TRIGONOMETRY = re.compile(r"\\(?:sin|cos|tan|cot|sec|csc)(?![a-z])")


def is_set(text: str) -> bool:
    """Return whether a formula is an inequality or a set."""
    return SET.search(text) is not None


def is_term(text: str) -> bool:
    """Return whether a formula is a number or a term, and not an equation, inequality or set."""
    return "=" not in text and not is_set(text)


def has_variables(text: str) -> bool:
    """Return whether a formula has a letter other than e and i, or a Greek letter other than pi."""
    text = re.sub(r"\\(?:pi|infty|frac|sqrt|cdot|times|div|pm|log|ln|exp|sin|cos|tan|binom)(?![a-zA-Z])", "", text)
    return re.search("[a-zA-DF-Z]", SCIENTIFIC.sub("1", text).replace("e", "").replace("i", "")) is not None


def formula(text: str) -> str | None:
    """Return the text as LaTeX for math-verify, or None if it is words, points or something unknown."""
    text = text.strip().replace("Ω", r"\Omega ").replace("μ", r"\mu ").replace("{}", " ")
    if not 0 < len(text) <= LONGEST or not ALLOWED.fullmatch(text) or "..." in text or "%" in text:
        return None
    if not _balanced(text):
        return None
    text = re.sub(r"\\text\{ ?([a-zA-Z]) ?\}", r"\1", text)
    bare = ENVIRONMENT.sub(" ", text)
    if any(command not in COMMANDS for command in re.findall(r"\\([a-zA-Z]+)", bare)):
        return None
    if re.search(r"\\vec\s?\{?\s?[a-zA-Z]{2}|\d_\{|(?<!\d)\d{1,3}(?:,\d{3})+[^\d,)\]]", text):
        return None  # \vec{AB}; a base, as in 1010_2; thousands inside a formula
    runs = re.findall(r"[a-zA-Z]+", re.sub(r"\\[a-zA-Z]+", " ", SCIENTIFIC.sub("1", bare)))
    if any(len(run) > 3 for run in runs) or any(word.lower() in ENGLISH for word in text.split()):
        return None
    if len(text) > 1 and re.fullmatch(r"[a-zA-Z\s]+", text):  # "cab" is a word; "2cab" is a product
        return None
    return _degrees(_products(text))


def exactly(value: Fraction) -> str:
    """Return a number as LaTeX."""
    sign, above = "-" if value < 0 else "", abs(value.numerator)
    return f"{sign}{above}" if value.denominator == 1 else rf"{sign}\frac{{{above}}}{{{value.denominator}}}"


def _balanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if not 0 <= depth < 20:
            return False
    return depth == 0


def _products(text: str) -> str | None:
    """Write numbers as fractions, and a sign between factors that math-verify would add."""
    text = SCIENTIFIC.sub(r"(\1 \\cdot 10^{\2})", text)
    improper = False

    def mixed(match: re.Match) -> str:
        nonlocal improper
        whole, above, below = match[1], match[2] or match[4], match[3] or match[5]
        improper |= int(above) >= int(below)
        return rf"({whole}+\frac{{{above}}}{{{below}}})"

    text = MIXED.sub(mixed, text)
    if re.search(r"(?<![\d.])0\d|\d\s*\{\s*\d|(?:^|[^\w\]}^_])\s*\{[^{}]*\}\s*\d", text):
        return None  # a date, a code; "{5} 6"
    if improper or re.search(rf"\d\s+[.(]?\d|\d\s*\\frac\s?\{{\d+\}}\s?\{{\d+\}}|{FRACTION}\s?\.?\d", text):
        return None  # "5 6", or something that may be a sum or a product
    text = DECIMAL.sub(_decimal, text)
    text = re.sub(rf"({FRACTION})\s?(?=\(|\\frac|\\sqrt)", r"\1 \\cdot ", text)
    return re.sub(r"(?<=[\d)]) ?\(|(?<=\)) ?(?=\d)", lambda m: r" \cdot " + m[0], text)


def _decimal(match: re.Match) -> str:
    whole, places = match[1], match[2]
    if not whole and not places:
        return match[0]
    return rf"\frac{{{whole}{places}}}{{1{'0' * len(places)}}}" if places else whole


def _degrees(text: str | None) -> str | None:
    """Degrees in trigonometric functions as radians, or None: elsewhere they are a unit."""
    if text is None or "°" not in text:
        return text
    if not TRIGONOMETRY.search(text):
        return None
    text = re.sub(r"\(?(\d+|\\frac\{\d+\}\{\d+\})\s?°\)?", r"(\1 \\cdot \\frac{\\pi}{180})", text)
    return None if "°" in text else text
