"""Restrict requests to the dashboard: known hosts, no cross-origin writes, no deletes.

Any page that is open in a user's browser can send requests to a server on the same machine. The browser hides the
answers from that page and states the page's origin in the header Origin. With DNS rebinding, an attacker's host name
can point to 127.0.0.1, and then the origin looks right; only Host tells. So a request must name a host by which this
dashboard is known to be reached, and a request that writes must come from the dashboard's own pages.
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
REFUSED = "this page can only write notes; change the study by `mixopt study` (see mixopt study --help)"
NOT_OURS = "only the dashboard's own pages can write notes, and this request does not come from one of them"
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
    """A WSGI application in front of the dashboard: studies can be viewed and notes written, from known hosts only.

    Optuna's dashboard can also delete and rename studies and tell trials. That would break the link between a storage
    and the study's folder and workers.

    Args:
        app: the dashboard.
        listening: the address that it listens on. Unless that is loopback, the machine's own names are known too, and
            the
        address that a request was sent to: any of them where it listens on 0.0.0.0 or ::.
        allowed: more hosts by which it is reached (`host_of`), such as a proxy's.
    """

    app: App
    listening: str
    allowed: frozenset[str] = frozenset()

    def __call__(self, environment: Environment, respond: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request, or refuse it."""
        if why := self._refused(environment):
            respond("403 Forbidden", [("Content-Type", "application/json")])
            return [json.dumps({"reason": why}).encode()]
        return self.app(environment, respond)

    def _refused(self, environment: Environment) -> str | None:
        """Return why a request is refused, or None."""
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
        """Return the hosts by which a request may reach the dashboard."""
        known = {*LOOPBACK, _plain(self.listening), *self.allowed}
        if is_loopback(self.listening):
            return known
        return {*known, *_own_names(), _plain(environment.get(ASKED, ""))}

    def _from_own_page(self, environment: Environment) -> bool:
        """Return whether the browser says so in Origin, Referer or Sec-Fetch-Site, which pages cannot forge."""
        site = environment.get("HTTP_SEC_FETCH_SITE")
        origin = environment.get("HTTP_ORIGIN") or environment.get("HTTP_REFERER")
        if site not in (None, "same-origin") or not (origin or site):
            return False
        return origin is None or self._is_own(origin, environment["HTTP_HOST"])

    def _is_own(self, origin: str, host: str) -> bool:
        """Return whether an origin is the requested host or an allowed one; a proxy may use another."""
        found, asked = ORIGIN.fullmatch(origin), HOST.fullmatch(host)
        if not found or not asked:
            return False
        port = PORTS[found[1]]
        same = (_plain(found[2]), found[3] or port) == (_plain(asked[1]), asked[2] or port)
        return same or _plain(found[2]) in self.allowed


def host_of(said: str) -> str | None:
    """Return the normalised name or address in HOST or HOST:PORT; None if it is neither."""
    found = HOST.fullmatch(said)
    return _plain(found[1]) if found else None


def _plain(host: str) -> str:
    """Return a host in the form that is compared: addresses normalised, names in lower case."""
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
    """Return the machine's own names; other names must be allowed explicitly."""
    return socket.gethostname().lower(), socket.getfqdn().lower()


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address."""
    address = _address(host)
    return host == "localhost" or bool(address and address.is_loopback)
