"""A vLLM server of one trial's own, for `generation: vllm_server`.

The trial's main process starts it on free ports and on the first GPU that the training does not use, waits until it is
healthy, and ends it however the trial ends (guard.py). Weights reach it through TRL, over a group port of its own.
What TRL's client needs of a server, TRL says (trl/scripts/vllm_serve.py: flags for weight transfer and log
probabilities, and vLLM's development endpoints); `trl vllm-serve` itself is deprecated and would do no more.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from rlvr_backend.contract import RequestError, RunFailed
from rlvr_backend.options import SERVER, Options

HOST = "127.0.0.1"
START_LIMIT = 300.0  # seconds to load a model and capture its graphs; the other processes wait for it
POLL = 0.5  # seconds between looks at a starting server
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open  # a cluster's proxy knows no loopback


class VllmServer:
    """A server of `model` (folder or hub name) in `dtype`, with the share `memory` of the GPU `device`, while entered.

    Attributes: `url`, and `group_port` for the weights. It logs into the file `log`.
    """

    def __init__(self, model: str, dtype: str, memory: float, device: str, log: Path):
        self._model, self._dtype, self._memory, self._device, self._log = model, dtype, memory, device, log
        self._name = f"trial-{uuid.uuid4().hex}"  # by which it is told from a server that has its port
        self._port, self.group_port = free_ports(2)
        self.url = f"http://{HOST}:{self._port}"

    def command(self) -> list[str]:
        """vLLM's own server with the flags that TRL imposes."""
        from trl.scripts.vllm_serve import ScriptArguments, build_command

        arguments = ScriptArguments(
            model=self._model,
            host=HOST,
            port=self._port,
            dtype=self._dtype,
            gpu_memory_utilization=self._memory,
            log_level="warning",
        )
        return build_command(arguments, ["--served-model-name", self._name])

    def __enter__(self) -> Self:
        environment = {**os.environ, "VLLM_SERVER_DEV_MODE": "1", "CUDA_VISIBLE_DEVICES": self._device}
        for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):
            environment.pop(name, None)  # it is no process of the training
        with self._log.open("w") as log:
            self._guard = subprocess.Popen(
                [sys.executable, "-m", "rlvr_backend.guard", *self.command()],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
            )
        try:
            self._wait_until_healthy()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        assert self._guard.stdin
        self._guard.stdin.close()
        self._guard.wait()

    def _wait_until_healthy(self) -> None:
        """Raises RunFailed, with the last line of the log, where it ends or is not healthy in time."""
        deadline = time.monotonic() + START_LIMIT
        while not self._answers():
            ended = self._guard.poll() is not None
            if ended or time.monotonic() > deadline:
                reason = f"ended with exit code {self._guard.returncode}" if ended else "did not become healthy in time"
                raise RunFailed(f"the vLLM server {reason}: {self._last_line()} (see {self._log})")
            time.sleep(POLL)

    def _answers(self) -> bool:
        """Whether it is healthy, and it itself: somebody else's server may have taken the port."""
        try:
            with _open(f"{self.url}/health", timeout=5):
                pass
            with _open(f"{self.url}/v1/models", timeout=5) as said:
                return json.load(said)["data"][0]["id"] == self._name
        except (OSError, ValueError, LookupError, TypeError):  # not there yet, or no such server
            return False

    def _last_line(self) -> str:
        lines = self._log.read_text(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


@contextmanager
def server_for(options: Options, model: str, processes: int, folder: Path) -> Iterator[VllmServer | None]:
    """The server of a run, where it wants one and this is the first of its processes; else None."""
    if options.generation == SERVER and os.environ.get("RANK", "0") == "0":
        log = folder / "vllm_server.log"
        with VllmServer(model, options.dtype, options.vllm_memory, spare_gpu(processes), log) as server:
            yield server
    else:
        yield None


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on at this moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def spare_gpu(processes: int) -> str:
    """The GPU for a server beside a training on the first `processes` ones, as CUDA_VISIBLE_DEVICES names it.

    Raises RequestError where there is none: the weights cannot be sent between processes on one GPU.
    """
    import torch

    present = torch.cuda.device_count()
    if present <= processes:
        raise RequestError(
            f"backend option 'generation': vllm_server needs a GPU beside the {processes} of the training, and "
            f"{present} are visible: use vllm_colocate, or fewer `processes` in `launch`"
        )
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    return visible.split(",")[processes].strip() if visible else str(processes)
