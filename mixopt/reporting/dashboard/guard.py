"""Who may ask the dashboard for what.

Any page that somebody has open in a browser can send requests to a server on the same machine. Its browser hides the
answers from it, and says in Origin where a request that changes something comes from. But whoever owns a name may have
it point to 127.0.0.1 once his page is open (DNS rebinding), and then asks and is answered as the same origin; only Host
tells. So a request has to name a host by which this dashboard is known to be reached, and one that writes has to come
from its own pages.
"""

import json
import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

NOTE = re.compile(r"/api/studies/\d+(/\d+)?/note")
REFUSED = "a study of mixopt's is changed by its commands (mixopt study --help); only notes are written here"
NOT_OURS = "only the dashboard's own pages write notes: this request does not say that it comes from one of them"
NOT_JSON = "notes are written as application/json"
HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+)(?::(\d+))?")  # a name or an address, and a port
ORIGIN = re.compile(rf"(https?)://{HOST.pattern}(?:/.*)?")  # or a page there
PORTS = {"http": "80", "https": "443"}  # that an origin does not say
LOOPBACK = ("localhost", "127.0.0.1", "::1")
ASKED = "mixopt.asked"  # in a request's environment: the address of this machine that it was sent to

Environment = dict[str, Any]
App = Callable[[Environment, Callable[..., Any]], Iterable[bytes]]  # of WSGI


@dataclass(frozen=True)
class Guard:
    """The dashboard, of which studies may be looked at and notes be written, by the hosts that it is reached by.

    Optuna's can also delete and rename studies and tell trials, which would take a storage out of step with the study's
    folder and with the workers that train its trials.

    Args:
        listening: what it listens on. Unless that is loopback, the machine's own names count too, and the address that
            a request was sent to: of all there are where it listens on 0.0.0.0 or ::.
        allowed: further hosts by which it is reached (`host_of`), such as that of a proxy before it.
    """

    app: App
    listening: str
    allowed: frozenset[str] = frozenset()

    def __call__(self, environment: Environment, respond: Callable[..., Any]) -> Iterable[bytes]:
        if why := self._refused(environment):
            respond("403 Forbidden", [("Content-Type", "application/json")])
            return [json.dumps({"reason": why}).encode()]
        return self.app(environment, respond)

    def _refused(self, environment: Environment) -> str | None:
        """Why a request is refused, or None."""
        method, path = environment["REQUEST_METHOD"], environment["PATH_INFO"].rstrip("/")
        said = environment.get("HTTP_HOST", "")
        host = host_of(said)
        if host not in self._known(environment):
            return (
                f"this dashboard is not known as {said!r}: start it with --allow-host {host or 'NAME'} if it should be"
            )
        if method in ("GET", "HEAD"):
            return None
        if not (method == "PUT" and NOTE.fullmatch(path)):
            return REFUSED
        if not self._from_own_page(environment):
            return NOT_OURS
        kind = environment.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        return None if kind == "application/json" else NOT_JSON

    def _known(self, environment: Environment) -> set[str]:
        """The hosts by which a request may reach the dashboard."""
        known = {*LOOPBACK, _plain(self.listening), *self.allowed}
        if is_loopback(self.listening):
            return known
        return {*known, *_own_names(), _plain(environment.get(ASKED, ""))}

    def _from_own_page(self, environment: Environment) -> bool:
        """Whether the browser says so: in Origin, else in Referer, else in Sec-Fetch-Site. No page can have it lie."""
        site = environment.get("HTTP_SEC_FETCH_SITE")
        origin = environment.get("HTTP_ORIGIN") or environment.get("HTTP_REFERER")
        if site not in (None, "same-origin") or not (origin or site):
            return False
        return origin is None or self._is_own(origin, environment["HTTP_HOST"])

    def _is_own(self, origin: str, host: str) -> bool:
        """Whether an origin is the host that was asked, or an allowed one: a proxy may ask by another."""
        found, asked = ORIGIN.fullmatch(origin), HOST.fullmatch(host)
        if not found or not asked:
            return False
        port = PORTS[found[1]]
        same = (_plain(found[2]), found[3] or port) == (_plain(asked[1]), asked[2] or port)
        return same or _plain(found[2]) in self.allowed


def host_of(said: str) -> str | None:
    """The name or address in HOST or HOST:PORT, as it is compared; None where it is neither."""
    found = HOST.fullmatch(said)
    return _plain(found[1]) if found else None


def _plain(host: str) -> str:
    """A host as it is compared: addresses in one way of writing, names in small letters."""
    bare = host.strip("[]").lower()
    address = _address(bare)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(address or bare)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


@cache
def _own_names() -> tuple[str, ...]:
    """What this machine calls itself; other names of it have to be said."""
    return socket.gethostname().lower(), socket.getfqdn().lower()


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    address = _address(host)
    return host == "localhost" or bool(address and address.is_loopback)
