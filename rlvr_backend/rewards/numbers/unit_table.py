"""Table of units: each as an exact factor and powers of base units."""

from fractions import Fraction

Unit = tuple[Fraction, tuple[tuple[str, int], ...]]  # (factor, powers of base units by name)

PREFIXES = {  # symbol: (word, power of ten)
    "f": ("femto", -15), "p": ("pico", -12), "n": ("nano", -9), "μ": ("micro", -6), "u": ("micro", -6),
    "m": ("milli", -3), "c": ("centi", -2), "d": ("deci", -1), "h": ("hecto", 2), "k": ("kilo", 3),
    "M": ("mega", 6), "G": ("giga", 9), "T": ("tera", 12),
}  # fmt: skip
SI = {  # symbol: (words, factor, base units); all of them take prefixes
    "m": ("meter metre", 1, {"m": 1}),
    "g": ("gram gramme gm", 1, {"g": 1}),
    "s": ("second", 1, {"s": 1}),
    "L": ("liter litre", Fraction(1, 1000), {"m": 3}),
    "l": ("", Fraction(1, 1000), {"m": 3}),
    "N": ("newton", 1000, {"g": 1, "m": 1, "s": -2}),
    "J": ("joule", 1000, {"g": 1, "m": 2, "s": -2}),
    "W": ("watt", 1000, {"g": 1, "m": 2, "s": -3}),
    "Wh": ("", 3600 * 1000, {"g": 1, "m": 2, "s": -2}),
    "Pa": ("pascal", 1000, {"g": 1, "m": -1, "s": -2}),
    "bar": ("bar", 10**8, {"g": 1, "m": -1, "s": -2}),
    "Hz": ("hertz", 1, {"s": -1}),
    "A": ("ampere amp", 1, {"A": 1}),
    "C": ("coulomb", 1, {"A": 1, "s": 1}),
    "V": ("volt", 1000, {"g": 1, "m": 2, "s": -3, "A": -1}),
    "Ω": ("ohm", 1000, {"g": 1, "m": 2, "s": -3, "A": -2}),
    "F": ("farad", Fraction(1, 1000), {"g": -1, "m": -2, "s": 4, "A": 2}),
    "T": ("tesla", 1000, {"g": 1, "s": -2, "A": -1}),
    "Wb": ("weber", 1000, {"g": 1, "m": 2, "s": -2, "A": -1}),
    "H": ("henry", 1000, {"g": 1, "m": 2, "s": -2, "A": -2}),
    "eV": ("electronvolt", 1, {"eV": 1}),
    "mol": ("mole", 1, {"mol": 1}),
    "M": ("", 1000, {"mol": 1, "m": -3}),
    "K": ("kelvin", 1, {"K": 1}),
    "cal": ("calorie", 1, {"cal": 1}),
    "B": ("byte", 8, {"bit": 1}),
    "bit": ("bit", 1, {"bit": 1}),
}
OTHERS = {  # symbols and words: (factor, base units), without prefixes
    "min mins minute minutes": (60, {"s": 1}),
    "h hr hrs hour hours": (3600, {"s": 1}),
    "sec secs": (1, {"s": 1}),
    "day days": (86400, {"s": 1}),
    "week weeks wk wks": (7 * 86400, {"s": 1}),
    "month months": (1, {"month": 1}),
    "year years yr yrs": (12, {"month": 1}),
    "decade decades": (120, {"month": 1}),
    "century centuries": (1200, {"month": 1}),
    "in inch inches": (Fraction(254, 10000), {"m": 1}),
    "ft foot feet": (Fraction(3048, 10000), {"m": 1}),
    "yd yds yard yards": (Fraction(9144, 10000), {"m": 1}),
    "mi mile miles": (Fraction(1609344, 1000), {"m": 1}),
    "mph": (Fraction(1609344, 3600 * 1000), {"m": 1, "s": -1}),
    "kph kmh kmph": (Fraction(1000, 3600), {"m": 1, "s": -1}),
    "mps": (1, {"m": 1, "s": -1}),
    "Nm": (1000, {"g": 1, "m": 2, "s": -2}),
    "rpm": (1, {"rpm": 1}),
    "cc": (Fraction(1, 10**6), {"m": 3}),
    "ha hectare hectares": (10**4, {"m": 2}),
    "acre acres": (1, {"acre": 1}),
    "gal gallon gallons": (8, {"pint": 1}),
    "qt quart quarts": (2, {"pint": 1}),
    "pint pints": (1, {"pint": 1}),
    "cup cups": (Fraction(1, 2), {"pint": 1}),
    "lb lbs": (1, {"lb": 1}),
    "oz ounce ounces": (Fraction(1, 16), {"lb": 1}),
    "ton tons": (1, {"ton": 1}),
    "tonne tonnes": (10**6, {"g": 1}),
    "atm": (1, {"atm": 1}),
    "mmHg": (1, {"mmHg": 1}),
    "psi": (1, {"psi": 1}),
    "hp horsepower": (1, {"hp": 1}),
    "dB decibel decibels": (1, {"dB": 1}),
    "amu u": (1, {"amu": 1}),
    "AU": (1, {"AU": 1}),
    "ly lightyear lightyears": (1, {"ly": 1}),
    "rad radian radians": (1, {"rad": 1}),
    "sr steradian steradians": (1, {"sr": 1}),
    "deg": (1, {"°": 1}),
    "°C Celsius celsius": (1, {"°C": 1}),
    "°F Fahrenheit fahrenheit": (1, {"°F": 1}),
    "% percent percentage pct percents": (1, {"%": 1}),
    "¤ USD dollar dollars buck bucks": (1, {"$": 1}),
    "¢ cent cents": (Fraction(1, 100), {"$": 1}),
    "€ EUR euro euros": (1, {"€": 1}),
    "£ GBP": (1, {"£": 1}),
    "¥ yen yuan JPY CNY RMB": (1, {"¥": 1}),
    "₹ Rs rupee rupees INR": (1, {"₹": 1}),
    "th st nd rd": (1, {"ordinal": 1}),
    "AM am": (1, {"am": 1}),
    "PM": (1, {"pm": 1}),
    "unit units": (1, {"unit": 1}),
}
SEVERAL = {  # words with several meanings
    "pound": ("lb", "£"), "pounds": ("lb", "£"), "°": ("deg", "°C", "°F"), "degree": ("deg", "°C", "°F"),
    "degrees": ("deg", "°C", "°F"), "'": ("ft", "min"), '"': ("in", "s"), "pm": ("PM", "pm"), "c": ("¢",),
}  # fmt: skip
COUNTED = {  # plurals without an "s"
    "people": "person", "men": "man", "women": "woman", "children": "child", "sheep": "sheep", "fish": "fish",
    "mice": "mouse", "geese": "goose", "teeth": "tooth", "deer": "deer", "oxen": "ox", "dice": "die",
}  # fmt: skip
NO_NOUNS = frozenset(  # words that end in "s" and are not things that are counted
    "halves thirds quarters fourths fifths sixths sevenths eighths ninths tenths elevenths twelfths hundredths "
    "thousandths millionths tens hundreds thousands millions billions trillions dozens scores plus minus was has is as "
    "equals does this thus its ones twos threes fours fives sixes sevens eights nines squares cubes roots powers "
    "factors wrongs negatives positives pis perhaps always besides seems fails lies".split()
)
MULTIPLIERS = {
    "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12,
}  # fmt: skip


def _table() -> dict[str, Unit]:
    table: dict[str, Unit] = {}
    for symbol, (words, factor, bases) in SI.items():
        for prefix, (word, power) in PREFIXES.items():
            unit = (Fraction(10) ** power * factor, tuple(sorted(bases.items())))
            table[prefix + symbol] = unit
            table |= {f"{word}{name}{plural}": unit for name in words.split() for plural in ("", "s")}
    for symbol, (words, factor, bases) in SI.items():
        unit = (Fraction(factor), tuple(sorted(bases.items())))
        table |= {symbol: unit} | {name + plural: unit for name in words.split() for plural in ("", "s")}
    for names, (factor, bases) in OTHERS.items():
        table |= dict.fromkeys(names.split(), (Fraction(factor), tuple(sorted(bases.items()))))
    return table


UNITS = _table()
