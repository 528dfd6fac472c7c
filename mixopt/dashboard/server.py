"""Optuna's dashboard as a server of one study."""

import json
import logging
import re
import warnings
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from threading import Event, Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from mixopt.dashboard.storage import ViewedStorage
from mixopt.dashboard.views import Views
from mixopt.errors import MixoptError
from mixopt.storages.patience import reason
from mixopt.study import Study

EVERY = 3.0  # seconds between looks at the study
NOTE = re.compile(r"/api/studies/\d+(/\d+)?/note")
REFUSED = "a study of mixopt's is changed by its commands (mixopt study --help); only notes are written here"

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]  # of WSGI


class Dashboard:
    """A server that is bound to its port and has not answered yet.

    Args:
        host: by which it is reached; anything but loopback is open to the network, without a password.
        port: 0 takes a free one.

    Attributes:
        url: of the study's page.

    Raises:
        MixoptError: optuna-dashboard is not installed, or the port cannot be had.
    """

    def __init__(self, study: Study, host: str = "127.0.0.1", port: int = 8080) -> None:
        try:
            from optuna_dashboard import wsgi
        except ImportError as error:
            raise MixoptError(f"the dashboard cannot be loaded ({error}): pip install 'mixopt[dashboard]'") from None
        self._views, self._closed, self._ended = Views(study), Event(), Event()
        study.storage.heed(self._closed)
        study_id = study.optuna._study_id
        viewed = ViewedStorage(study.storage, study_id, lambda: self._views.attributes)  # type: ignore[abstract]
        app = wsgi(viewed)
        try:
            self._server = make_server(host, port, notes_only(app), _Server, _Quiet)
        except OSError as error:
            why = error.strerror or error
            raise MixoptError(f"{host}:{port}: cannot be listened on ({why}): say another --port or --host") from None
        self.url = f"http://{host}:{self._server.server_port}/dashboard/studies/{study_id}"

    def serve(self) -> None:
        """Answer until `close`, or an interruption; views follow the study a few seconds behind.

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
        """End `serve`, which another thread is in; nothing reads the study any more."""
        self._server.shutdown()
        self._ended.wait()

    def _follow(self) -> None:
        while not self._closed.wait(EVERY):
            try:
                self._views.refresh()
            except KeyboardInterrupt:  # closed while the storage was away
                return
            except Exception as error:  # whatever a storage raises, of a study that was deleted for one
                warnings.warn(f"the dashboard's views are not up to date: {reason(error)}", stacklevel=1)


def notes_only(app: App) -> App:
    """The dashboard, in which a study can be looked at and notes be written.

    Optuna's can also delete and rename studies and tell trials, which would take a storage out of step with the study's
    folder and with the workers that train its trials.
    """

    def guarded(request: dict[str, Any], respond: Callable[..., Any]) -> Iterable[bytes]:
        method, path = request["REQUEST_METHOD"], request["PATH_INFO"]
        if method in ("GET", "HEAD") or (method == "PUT" and NOTE.fullmatch(path.rstrip("/"))):
            return app(request, respond)
        respond("403 Forbidden", [("Content-Type", "application/json")])
        return [json.dumps({"reason": REFUSED}).encode()]

    return guarded


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of requests."""


class _Warnings(logging.Handler):
    """One line of what Optuna's dashboard logs with a traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        warnings.warn(record.getMessage().partition("\n")[0], stacklevel=1)
