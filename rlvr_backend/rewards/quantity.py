"""Parse numbers as charts and people write them: "$1.2M", "−5", "12,00,000", "1½", "20 %", "5 million people"."""

import re
from dataclasses import dataclass
from fractions import Fraction

from rlvr_backend.rewards.typography import bare_answer

LONGEST = 100  # characters; a longer text is not a number
LARGEST = 10**300
VULGAR = dict(
    zip("½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞", "1/2 1/3 2/3 1/4 3/4 1/5 2/5 3/5 4/5 1/6 5/6 1/8 3/8 5/8 7/8".split(), strict=True)
)
LATEX = re.compile(r"\\[dt]?frac\s*\{\s*([0-9]+)\s*\}\s*\{\s*([0-9]+)\s*\}")
DIGITS = (
    r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?",  # 1,234,567.8
    r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]*)?",  # 12,34,567, in India
    r"[0-9]{1,3}(?:[ '][0-9]{3})+(?:\.[0-9]*)?",  # 1 234 567, 1'234'567
    r"[0-9]{1,3}(?:\.[0-9]{3}){2,}",  # 1.234.567; a single point is a decimal one
    r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+",
)
TEN = r" ?[x×*·] ?10(?:\^[ ({]*(?P<ten>[+-]?[0-9]{1,3})[ )}]*|(?P<raised>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}))"
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
NUMBER = re.compile(
    rf"(?P<sign>[+-]?) ?(?:(?P<digits>{'|'.join(DIGITS)})(?:e(?P<e>[+-]?[0-9]{{1,3}})|{TEN})?|"
    r"(?:(?P<whole>[0-9]+) )?(?P<over>[0-9]+) ?/ ?(?P<under>[0-9]+))"
    r" ?(?P<percent>%|percent|per cent|pct)?",
    re.IGNORECASE,
)
SCALES = {
    10**3: "k thousand thousands",
    10**5: "lakh lakhs lac lacs",
    10**6: "m mn mil mio million millions",
    10**7: "crore crores cr",
    10**9: "b bn billion billions",
    10**12: "tn trillion trillions",
}
SCALE = {word: factor for factor, words in SCALES.items() for word in words.split()}
CURRENCIES = {
    "$": "$ us$ usd dollar dollars",
    "€": "€ eur euro euros",
    "£": "£ gbp pound pounds",
    "¥": "¥ jpy yen",
    "₹": "₹ inr rs rs. rupee rupees",
    "₩": "₩ krw won",
    "元": "元 cny rmb yuan",
}
CURRENCY = {word: sign for sign, words in CURRENCIES.items() for word in words.split()}
ABOUT = re.compile(r"\A(?:[~≈]|(?:about|around|approximately|approx\.?|roughly|circa|ca\.)(?= )) ?", re.IGNORECASE)
SPLIT = re.compile(
    r"(?P<sign>[+-]?) ?(?P<money>us\$|[$€£¥₹₩元]|(?:usd|eur|gbp|jpy|inr|cny|rs\.?)(?=[ \d]))? ?"
    r"(?P<number>[+-]? ?[0-9.].*?)"
    r"(?P<tail>(?:(?: ?(?!e[+-]?[0-9])[^\W\d_]| ?[$€£¥₹₩°])[^0-9\n]{0,40}(?:\^?[23]|[²³])?)?)",
    re.IGNORECASE,
)
TAIL = re.compile(rf" ?(?:({'|'.join(sorted(SCALE, key=len, reverse=True))})(?![^\W\d_]))?\.? ?(.*)", re.IGNORECASE)
NO_UNIT = re.compile(
    r"(?i:s|st|nd|rd|th)|.*(?:[,;:?!&+=<>]|(?i:\b(?:or|and|not|no|to|than|wrong|incorrect|false|but|minus|plus|percent)\b)).*"
)


@dataclass(frozen=True)
class Quantity:
    """A number as written, the factor of a word such as "million", and its unit ("" without one)."""

    number: Fraction
    scale: int = 1
    unit: str = ""


def number_of(text: str) -> Fraction | None:
    """Return the exact number that the whole text is, or None. A percentage is divided by 100."""
    for sign, fraction in VULGAR.items():
        text = text.replace(sign, f" {fraction}")
    found = NUMBER.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if not found:
        return None
    if found["over"]:
        if not int(found["under"]):
            return None
        value = int(found["whole"] or 0) + Fraction(int(found["over"]), int(found["under"]))
    else:
        digits = re.sub(r"[ ',]", "", found["digits"])
        value = Fraction(digits.replace(".", "") if digits.count(".") > 1 else digits)
        value *= Fraction(10) ** int(found["e"] or found["ten"] or (found["raised"] or "0").translate(RAISED))
    value /= 100 if found["percent"] else 1
    return (-value if found["sign"] == "-" else value) if value < LARGEST else None


def quantity_of(text: str) -> Quantity | None:
    """Return the number that the whole text is, with or without a unit, or None."""
    if len(text) > 4 * LONGEST:
        return None
    text = LATEX.sub(r" \1/\2", text).replace("{,}", ",").replace(r"\times", "×").replace(r"\cdot", "·")
    text = ABOUT.sub("", bare_answer(text))
    if (number := number_of(text)) is not None:
        return Quantity(number)
    parts = SPLIT.fullmatch(text) if len(text) <= LONGEST else None
    if not parts or (number := number_of(f"{parts['sign']}{parts['number']}")) is None:
        return None
    word, unit = TAIL.fullmatch(parts["tail"]).groups()
    if word == "m" and not parts["money"]:  # metres
        word, unit = None, parts["tail"]
    unit = unit.strip(" .").casefold()
    if NO_UNIT.fullmatch(unit) or (parts["money"] and unit and unit not in CURRENCY):
        return None
    money = CURRENCY.get((parts["money"] or "").casefold(), "")
    unit = CURRENCY.get(unit, unit)
    if money and unit and money != unit:
        return None
    return Quantity(number, SCALE[word.casefold()] if word else 1, money or unit)
