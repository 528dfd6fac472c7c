r"""Parse the unit after a number: "km/h", "\text{cm}^{2}", "square meters", "$", "apples". All of it or nothing."""

import re
from fractions import Fraction
from functools import lru_cache

from rlvr_backend.rewards.numbers.unit_table import COUNTED, MULTIPLIERS, NO_NOUNS, SEVERAL, UNITS, Unit

LONGEST = 60  # characters of a unit
MOST = 6  # factors of a unit
PERCENT = (Fraction(1), (("%", 1),))
TOKEN = re.compile(
    r"(?P<over>/|(?<![A-Za-z])per(?![A-Za-z]))|(?P<times>\\cdot|\\times|-|·)|(?P<bracket>[()])|(?P<space>\s+)"
    r"|(?P<sign>°\s?[CF](?![a-zA-Z])|[°%'\"€£¥₹¢¤])"
    r"|(?P<name>[A-Za-zΩμ]+)(?:\s?\^\s?\{?(?P<power>[+-]?\d)\}?|(?P<digit>[23])(?!\d))?"
)
MULTIPLIER = re.compile(rf"\s*(?P<word>{'|'.join(MULTIPLIERS)})s?(?![a-zA-Z])\s*", re.IGNORECASE)
SHORT = re.compile(r"(?P<sign>k|K|M|m|B|bn|T)(?![a-zA-Z/^])")
SHORTS = {"k": 10**3, "K": 10**3, "M": 10**6, "m": 10**6, "B": 10**9, "bn": 10**9, "T": 10**12}
SINGLE = re.compile(r"[A-Za-z](?:\^\{\d\})?")


def multiplied(rest: str, money: bool = False) -> tuple[int, str]:
    """Return the factor at the start of the text (" million", or "M" right after the digits) and the text after it.

    Args:
        rest: The text after a number.
        money: Whether the number is an amount of money, for which "m", "B" and "T" count too.
    """
    if match := MULTIPLIER.match(rest):
        return MULTIPLIERS[match["word"].lower()], rest[match.end() :]
    if (match := SHORT.match(rest)) and (money or match["sign"] in ("k", "M", "bn")):
        return SHORTS[match["sign"]], rest[match.end() :]
    return 1, rest


@lru_cache(4096)
def units(text: str) -> frozenset[Unit]:
    """Return the units that the whole text may mean, or an empty set. A single word in the plural is a unit too."""
    text = re.sub(r"\\text\{([^{}]*)\}", r"\1", text).strip()
    text = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"(\1)/(\2)", text).strip()
    if text.startswith("(") and text.endswith(")") and text.count("(") == 1:
        text = text[1:-1].strip()
    text = re.sub(r"(?<=[a-zA-Z])\.(?!\d)", "", text)  # "sq. ft."
    if not text or len(text) > LONGEST:
        return frozenset()
    text = re.sub(r"\b([a-zA-Z]+)\s+squared\b", r"\1^2", re.sub(r"\b([a-zA-Z]+)\s+cubed\b", r"\1^3", text))
    text = re.sub(r"\b(?i:square|sq)\s+([a-zA-Z]+)", r"\1^2", re.sub(r"\b(?i:cubic|cu)\s+([a-zA-Z]+)", r"\1^3", text))
    text = re.sub(r"\b(?:degrees?|deg|°) (?:C|[Cc]elsius)\b", "°C", text)
    text = re.sub(r"\b(?:degrees?|deg|°) (?:F|[Ff]ahrenheit)\b", "°F", text)
    text = re.sub(r"\b(?:US|Australian|Canadian) (?=dollars?\b)|\bUS(?=¤)", "", text)
    text = text.replace("per cent", "percent")
    text = re.sub(r"\b[Ll]ight[ -]years?\b", "ly", text)
    return frozenset(_read(text) or ())


def is_letter(rest: str) -> bool:
    """Return whether the text is one letter right after the number, as in "5m", which may be a variable."""
    return SINGLE.fullmatch(rest) is not None


def _read(text: str) -> list[Unit] | None:
    """The products of units that the text may mean, or None if a part of it is not a unit."""
    found: list[Unit] = [(Fraction(1), ())]
    at, sign, group, factors, after = 0, 1, 0, 0, True
    while at < len(text):
        if not (token := TOKEN.match(text, at)):
            return None
        at = token.end()
        if token["over"]:
            if (after and factors == 0) or (sign < 0 and not group and after):
                return None
            sign, after = -1, True
        elif token["times"]:
            if after:
                return None
            after = True
        elif token["bracket"]:
            group += 1 if token["bracket"] == "(" else -1
            if group not in (0, 1):
                return None
            if token["bracket"] == ")":
                sign = 1
        elif not token["space"]:
            names = _named(token["name"] or token["sign"], over=sign < 0)
            power = sign * int(token["power"] or token["digit"] or 1)
            if not names or (factors := factors + 1) > MOST:
                return None
            found = [_product(one, other, power) for one in found for other in names]
            after, sign = False, sign if group else 1
    return found if factors and not after and not group else None


def _named(name: str, over: bool) -> list[Unit]:
    name = re.sub(r"\s", "", name)
    if name in SEVERAL:
        return [UNITS[meaning] for meaning in SEVERAL[name]]
    if name in UNITS:
        return [UNITS[name]]
    if len(name) > 1 and (lower := name.lower()) in SEVERAL | UNITS and lower != name:
        return _named(lower, over)
    if len(name) > 2 and name.endswith("s") and name[:-1] in UNITS:  # "kgs"
        return [UNITS[name[:-1]]]
    if name in COUNTED:
        return [(Fraction(1), ((COUNTED[name], 1),))]
    plural = re.fullmatch(r"[A-Za-z]?[a-z]{2,}s", name) and not name.endswith("ss")
    if name.lower() not in NO_NOUNS and (plural or (over and re.fullmatch("[a-z]{3,}", name))):
        return [(Fraction(1), ((_singular(name.lower()), 1),))]
    return []


def _singular(word: str) -> str:
    for end, instead in (("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("sses", "ss"), ("s", "")):
        if word.endswith(end):
            return word.removesuffix(end) + instead
    return word


def _product(one: Unit, other: Unit, power: int) -> Unit:
    powers = dict(one[1])
    for base, exponent in other[1]:
        powers[base] = powers.get(base, 0) + exponent * power
    return one[0] * other[0] ** power, tuple(sorted((base, n) for base, n in powers.items() if n))
