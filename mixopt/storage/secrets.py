"""Passwords and tokens in a storage's URL, masked wherever they could be shown; drivers quote what they were given."""

import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus, unquote, unquote_plus

MASK = "***"
SECRET = re.compile("passw|pwd|token|secret", re.IGNORECASE)  # in the name of a parameter of a URL's query


class Secrets:
    """The secrets of one URL: as the URL has them, decoded, and as a driver may write them.

    Args:
        url: of a storage.
    """

    def __init__(self, url: str) -> None:
        spellings = {spelling for secret in _secrets(url) for spelling in _spellings(secret)} - {""}
        longest_first = sorted(spellings, key=lambda secret: (-len(secret), secret))
        pattern = "|".join(map(re.escape, longest_first))
        self._pattern = re.compile(pattern, re.IGNORECASE) if spellings else None

    def mask(self, text: str) -> str:
        """Return the text with each secret replaced by `***`."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def mask_error(self, error: BaseException) -> bool:
        """Mask the secrets in an error and in all its causes.

        Returns:
            Whether no secret is left in what they print.
        """
        errors = list(_with_causes(error))
        for each in errors:
            each.args = tuple(self._clean(part) for part in each.args)
            of_system = {name: getattr(each, name) for name in ("strerror", "filename") if isinstance(each, OSError)}
            for name, value in [*vars(each).items(), *of_system.items()]:
                if (clean := self._clean(value)) is not value:
                    setattr(each, name, clean)
        texts = [str(each).replace(MASK, "") for each in errors]
        return all(self.mask(text) == text for text in texts)

    def _clean(self, value: object) -> object:
        if isinstance(value, str):
            clean: object = self.mask(value)
        elif isinstance(value, (list, tuple)):
            clean = type(value)(map(self._clean, value)) if type(value) in (list, tuple) else value
        else:
            return value
        return value if clean == value else clean


def _secrets(url: str) -> Iterator[str]:
    """Yield the secret parameters of the query, and the password, up to the last @ and up to the first one.

    Libraries differ in which @ they take.
    """
    place, _, query = url.partition("?")
    for part in (place, url):  # the password may contain a question mark
        user, at, _ = part.partition("://")[2].rpartition("@")
        if at:
            _, _, password = user.partition(":")
            yield from (password, *password.split("@"))
    for pair in query.partition("#")[0].split("&"):
        name, _, value = pair.partition("=")
        if SECRET.search(unquote_plus(name)):
            yield value


def _spellings(secret: str) -> set[str]:
    """Return a secret as it stands in a URL, decoded, and as either is encoded again."""
    decoded = {unquote(secret), unquote_plus(secret)}
    encoded = {text for each in decoded for text in (quote(each, safe=""), quote(each), quote_plus(each))}
    return {secret, *decoded, *encoded, *(repr(each)[1:-1] for each in decoded)}


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, those that it was raised from, and those that it has as attributes."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            left += [each.__cause__, each.__context__]
            left += [kept for kept in vars(each).values() if isinstance(kept, BaseException)]
