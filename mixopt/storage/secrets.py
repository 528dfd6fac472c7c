"""The passwords and tokens in a storage's URL, which nothing may show: drivers quote what they were given."""

import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus, unquote, unquote_plus

HIDDEN = "***"
SECRET = re.compile("passw|pwd|token|secret", re.IGNORECASE)  # in the name of what a URL's query says


class Secrets:
    """Those of one URL, as they stand in it, as they are meant, and as a driver may write them."""

    def __init__(self, url: str) -> None:
        said = {spelling for secret in _secrets(url) for spelling in _spellings(secret)} - {""}
        longest_first = sorted(said, key=lambda secret: (-len(secret), secret))
        self._said = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if said else None

    def hidden(self, text: str) -> str:
        """Text without them."""
        return self._said.sub(HIDDEN, text) if self._said else text

    def hide_in(self, error: BaseException) -> bool:
        """Take them out of an error and of all that it came from; whether that says nothing of them any more."""
        errors = list(_with_causes(error))
        for each in errors:
            each.args = tuple(self._cleaned(part) for part in each.args)
            beside = {name: getattr(each, name) for name in ("strerror", "filename") if isinstance(each, OSError)}
            for name, value in [*vars(each).items(), *beside.items()]:
                if (clean := self._cleaned(value)) is not value:
                    setattr(each, name, clean)
        said = [str(each).replace(HIDDEN, "") for each in errors]
        return all(self.hidden(text) == text for text in said)

    def _cleaned(self, value: object) -> object:
        if isinstance(value, str):
            clean: object = self.hidden(value)
        elif isinstance(value, (list, tuple)):
            clean = type(value)(map(self._cleaned, value)) if type(value) in (list, tuple) else value
        else:
            return value
        return value if clean == value else clean


def _secrets(url: str) -> Iterator[str]:
    """The password, up to the last @ and to the first one (libraries differ), and what the query calls a secret."""
    place, _, query = url.partition("?")
    for part in (place, url):  # a question mark may be of the password
        user, at, _ = part.partition("://")[2].rpartition("@")
        if at:
            _, _, password = user.partition(":")
            yield from (password, *password.split("@"))
    for pair in query.partition("#")[0].split("&"):
        name, _, value = pair.partition("=")
        if SECRET.search(unquote_plus(name)):
            yield value


def _spellings(secret: str) -> set[str]:
    """A secret as it stands in a URL, as it is meant, and as either is quoted again."""
    meant = {unquote(secret), unquote_plus(secret)}
    again = {quoted for each in meant for quoted in (quote(each, safe=""), quote(each), quote_plus(each))}
    return {secret, *meant, *again, *(repr(each)[1:-1] for each in meant)}


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    """An error, those that it was raised from or beside, and those that it keeps."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            left += [each.__cause__, each.__context__]
            left += [kept for kept in vars(each).values() if isinstance(kept, BaseException)]
