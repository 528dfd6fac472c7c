"""What pydantic finds wrong, in the words of mixopt."""

from pydantic import ValidationError

MENDS = {
    "extra_forbidden": "unknown key: take it out or correct it",
    "missing": "is missing: add it",
    "union_tag_not_found": "must be one of {expected}, with its options after the colon",
    "union_tag_invalid": "must be one of {expected}",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    "string_pattern_mismatch": "must be letters, digits, '_', '-' and '.', and start with a letter or digit",
}
SHOWN = 60  # characters of a value that a message shows
LONG = 200  # bits of a whole number that is not shown
TAGS = ("str", "Blend", "OwnMixture", "SeedKind", "NumberedKind", "HeuristicName", "HeuristicGroup", "[key]")
BY_HAND = {"phase": "seed, heuristic, quadratic, bayes, regression or optuna", "backend": "rlvr or command"}


def in_words(error: ValidationError) -> str:
    """What is wrong first, as `key: what to do`.

    Unknown keys come before all else (a mistyped key is also a missing one); among the alternatives of a value the
    one that was followed furthest is what was meant.
    """
    first = min(error.errors(), key=lambda e: (e["type"] != "extra_forbidden", -len(e["loc"])))
    path: list[str] = []
    for part in map(str, first["loc"]):
        theirs = part in TAGS or part.startswith(("literal[", "list[", "dict["))
        said = path[-1:] == [part] and not part.isdigit()
        path += [] if theirs or said else [" ".join(part.split())]  # pydantic's names of alternatives are left out
    context = {"expected": BY_HAND["backend" if path[:1] == ["backend"] else "phase"], **first.get("ctx", {})}
    ours = MENDS.get(first["type"])
    message = ours.format(**context) if ours else first["msg"].removeprefix("Value error, ")
    given = first.get("input")
    shown = f" (given: {_short(given)})" if isinstance(given, (str, int, float)) and first["type"] != "missing" else ""
    return f"{'.'.join(path) or 'study file'}: {message}{shown}"


def _short(given: str | int | float) -> str:
    """What stands in the file, as far as a line has room for it."""
    if isinstance(given, str):
        return shortened(given)
    if isinstance(given, int) and given.bit_length() > LONG:  # Python refuses to write thousands of digits
        return "a number of more than 60 digits"
    return repr(given)


def shortened(text: str) -> str:
    """A text in quotes, as far as a line has room for it."""
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "...")
