"""Start and stop a vLLM server for one trial (`generation: vllm_server`).

The trial's main process starts it on free ports and on the first GPU that the training does not use, waits until it is
healthy, and ends it however the trial ends (guarded_process.py). TRL sends it the weights over a group port of its own.
TRL also says what its client needs of a server (trl/scripts/vllm_serve.py: flags for weight transfer and log
probabilities, and vLLM's development endpoints). `trl vllm-serve` itself is deprecated and would do nothing more.
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

from rlvr_backend.errors import RequestError, RunFailed
from rlvr_backend.options import SERVER, Options

HOST = "127.0.0.1"
START_LIMIT = 300.0  # seconds to load a model and capture its graphs; the other processes wait for it
POLL = 0.5  # seconds between checks of a starting server
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open  # a cluster's proxy cannot reach loopback


class VllmServer:
    """A vLLM server that runs within the context.

    Args:
        model: Folder or hub name of the model.
        dtype: Its precision.
        memory: Share of the GPU's memory that it takes.
        device: The GPU, as CUDA_VISIBLE_DEVICES names it.
        log: File for its log.

    Attributes:
        url: Its address.
        group_port: The port for the weights.
    """

    def __init__(self, model: str, dtype: str, memory: float, device: str, log: Path):
        self._model, self._dtype, self._memory, self._device, self._log = model, dtype, memory, device, log
        self._name = f"trial-{uuid.uuid4().hex}"  # tells it from another server that has taken its port
        self._port, self.group_port = free_ports(2)
        self.url = f"http://{HOST}:{self._port}"

    def command(self) -> list[str]:
        """Return the command line of vLLM's own server, with the flags that TRL needs."""
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
            environment.pop(name, None)  # it is not a process of the training
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "rlvr_backend.generation.guarded_process", *self.command()],
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
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()

    def _wait_until_healthy(self) -> None:
        """Wait for the server.

        Raises:
            RunFailed: It ended, or was not healthy in time. The message has the last line of its log.
        """
        deadline = time.monotonic() + START_LIMIT
        while not self._answers():
            ended = self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                code = self._process.returncode
                reason = f"ended with exit code {code}" if ended else "did not become healthy in time"
                raise RunFailed(f"the vLLM server {reason}: {self._last_line()} (see {self._log})")
            time.sleep(POLL)

    def _answers(self) -> bool:
        """Whether this server is healthy, and not another one on its port."""
        try:
            with _open(f"{self.url}/health", timeout=5):
                pass
            with _open(f"{self.url}/v1/models", timeout=5) as response:
                return json.load(response)["data"][0]["id"] == self._name
        except (OSError, ValueError, LookupError, TypeError):  # not up yet, or another server
            return False

    def _last_line(self) -> str:
        lines = self._log.read_text(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "its log is empty")


@contextmanager
def server_for(options: Options, model: str, processes: int, folder: Path) -> Iterator[VllmServer | None]:
    """Run the vLLM server of a run, if the options ask for one and this is the first process; else yield None.

    Args:
        options: The run's options.
        model: Folder or hub name of the model.
        processes: Number of processes of the training.
        folder: The trial's folder, for the log.
    """
    if options.generation == SERVER and os.environ.get("RANK", "0") == "0":
        log = folder / "vllm_server.log"
        with VllmServer(model, options.dtype, options.vllm_memory, spare_gpu(processes), log) as server:
            yield server
    else:
        yield None


def free_ports(count: int) -> list[int]:
    """Return ports of this machine that nothing listens on at this moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def spare_gpu(processes: int) -> str:
    """Return the first GPU after those of the training, as CUDA_VISIBLE_DEVICES names it.

    Args:
        processes: Number of processes of the training, which uses the first GPUs.

    Raises:
        RequestError: There is none. The weights cannot be sent between processes on one GPU.
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
