"""A PostgreSQL server of a test's own, on loopback: Debian's package, not started by the system."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

USER = "postgres"  # the server refuses to run as root


def program(name: str) -> str | None:
    found = shutil.which(name) or max(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), default=None)
    return found


def why_not() -> str | None:
    """Why no server can be started here."""
    if not program("initdb") or not program("postgres"):
        return "PostgreSQL is not installed"
    try:
        pwd.getpwnam(USER)
    except KeyError:
        return f"there is no user {USER} to run PostgreSQL as"
    return None if os.getuid() == 0 else "only root may start PostgreSQL as another user"


def free_port() -> int:
    """A port of loopback that nobody listens on at this moment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Postgres:
    """A server whose data lie in a folder of their own; `url` names an empty database."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="mixopt-postgres-"))
        shutil.chown(self._folder, USER)
        self.port = free_port()
        self.url = f"postgresql+psycopg://{USER}:hush@127.0.0.1:{self.port}/postgres"
        self._run("initdb", "-D", "data", "-U", USER, "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
        self.start()

    def start(self) -> None:
        options = f"-p {self.port} -h 127.0.0.1 -k {self._folder} -c fsync=off -c max_connections=200"
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def empty(self) -> None:
        """Forget all studies."""
        wipe = "drop schema public cascade; create schema public"
        self._run("psql", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-c", wipe)

    def stop(self) -> None:
        self._run("pg_ctl", "-D", "data", "-m", "immediate", "stop")

    def freeze(self) -> None:
        """Have it answer nothing, and close no connection."""
        for pid in self._processes():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on."""
        for pid in self._processes():
            os.kill(pid, signal.SIGCONT)

    def _processes(self) -> list[int]:
        first = int((self._folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        return [first, *map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())]

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, name: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(program(name)), *arguments],
            cwd=self._folder,
            user=USER,
            env={"PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, done.stdout
