"""Serve Optuna's dashboard for one study."""

import logging
import warnings
from collections.abc import Sequence
from socket import AF_INET6
from socketserver import ThreadingMixIn
from threading import Event, Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from mixopt.errors import MixoptError
from mixopt.reporting.dashboard.guard import ASKED, Guard, host_of
from mixopt.reporting.dashboard.storage import ViewedStorage
from mixopt.reporting.dashboard.views import Views
from mixopt.storage.retry import reason
from mixopt.study.study import Study

EVERY = 3.0  # seconds between looks at the study


class Dashboard:
    """A dashboard server that is bound to its port and not serving yet.

    Args:
        study: the study to show.
        host: the address to listen on; anything but loopback is open to the network, without a password.
        port: 0 takes a free one.
        allowed: more hosts by which it is reached; requests for any other are refused (guard.py).

    Attributes:
        url: the URL of the study's page.

    Raises:
        MixoptError: optuna-dashboard is not installed, the port is taken, or an allowed host is not valid.
    """

    def __init__(self, study: Study, host: str = "127.0.0.1", port: int = 8080, allowed: Sequence[str] = ()) -> None:
        try:
            from optuna_dashboard import wsgi
        except ImportError as error:
            raise MixoptError(f"the dashboard cannot be loaded ({error}): pip install 'mixopt[dashboard]'") from None
        self._views, self._closed, self._ended = Views(study), Event(), Event()
        study.storage.interrupt_on(self._closed)
        viewed = ViewedStorage(study.storage, study.study_id, lambda: self._views.attributes)
        guard = Guard(wsgi(viewed), host, frozenset(map(_allowed, allowed)))
        try:
            self._server = make_server(host, port, guard, _Server6 if ":" in host else _Server, _Requests)
        except OSError as error:
            why = error.strerror or error
            raise MixoptError(f"{host}:{port}: cannot be used ({why}): choose another --port or --host") from None
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._server.server_port}/dashboard/studies/{study.study_id}"

    def serve(self) -> None:
        """Serve until `close` or an interrupt; notes and figures follow the study within a few seconds.

        Raises:
            StorageError: the study cannot be read at the start.
        """
        logger = logging.getLogger("optuna_dashboard")
        logger.propagate, logger.handlers = False, [_Warnings()]
        self._views.refresh()
        follower = Thread(target=self._follow, daemon=True)
        follower.start()
        try:
            with self._server:
                self._server.serve_forever()
        finally:
            self._closed.set()
            follower.join()
            self._ended.set()

    def close(self) -> None:
        """End `serve`, which runs in another thread; after this nothing reads the study."""
        self._server.shutdown()
        self._ended.wait()

    def _follow(self) -> None:
        while not self._closed.wait(EVERY):
            try:
                self._views.refresh()
            except KeyboardInterrupt:  # closed while the storage was away
                return
            except Exception as error:  # whatever a storage raises, of a study that was deleted for one
                warnings.warn(f"the dashboard's notes and figures are not up to date: {reason(error)}", stacklevel=1)


def _allowed(said: str) -> str:
    if host := host_of(said):
        return host
    raise MixoptError(f"--allow-host {said}: not a host: give a name or an address, such as mixopt.example.org")


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Server6(_Server):
    address_family = AF_INET6


class _Requests(WSGIRequestHandler):
    def get_environ(self) -> dict[str, Any]:
        return {**super().get_environ(), ASKED: self.connection.getsockname()[0]}

    def log_message(self, format: str, *args: Any) -> None:
        """Log no requests."""


class _Warnings(logging.Handler):
    """Print errors that Optuna's dashboard logs with a traceback as one line."""

    def emit(self, record: logging.LogRecord) -> None:
        warnings.warn(record.getMessage().partition("\n")[0], stacklevel=1)
