"""What stops a run from outside is one line: a full disk, a model that is not whole, a taken port."""

import json
import os
import socket
import subprocess
import sys

import pytest

from rlvr_backend.errors import RequestError, RunFailed
from rlvr_backend.files import write_atomically
from rlvr_backend.library_errors import is_disk_full, joining_processes, loading, training_in

WRITERS = {
    "safetensors": "from safetensors.torch import save_file; save_file({'a': torch.ones(9999)}, 'file')",
    "torch": "torch.save({'a': torch.ones(9999)}, 'file')",
    "plain": "open('file', 'wb').write(bytes(40000))",
}
CHILD = """
import resource, signal, sys, torch
from pathlib import Path
from rlvr_backend.errors import RunFailed
from rlvr_backend.library_errors import training_in
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
for writer in sys.argv[1:]:
    try:
        with training_in(Path("trial")):
            exec(writer)
    except RunFailed as error:
        print(error)
"""


def test_a_full_disk_is_told_whoever_writes(tmp_path):
    """A limit on file sizes stands in for the disk."""
    argv = [sys.executable, "-c", CHILD, *WRITERS.values()]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, env=_environment())
    lines = done.stdout.splitlines()
    assert len(lines) == len(WRITERS), done.stderr
    assert all(line.startswith("trial: the disk is full (") for line in lines)


def test_other_errors_stay_what_they_are(tmp_path):
    assert not is_disk_full(ValueError("no")) and not is_disk_full(None)
    with pytest.raises(FileNotFoundError), training_in(tmp_path):
        (tmp_path / "nowhere").read_text()
    with pytest.raises(ImportError, match="else"), loading("m"):
        raise ImportError("something else")


def test_a_missing_torchvision_is_told_with_its_mend():
    with (
        pytest.raises(RequestError, match=r"model m: its processor needs torchvision, .*: install") as caught,
        loading("m"),
    ):
        raise ImportError("\nQwen2VLVideoProcessor requires the Torchvision library but it was not found.\nMore.")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"config.json": "{"},
        {"config.json": '{"model_type": "gpt2"}'},
        {"config.json": '{"model_type": "qwen2_vl"}'},
        {"config.json": '{"model_type": "qwen2_vl"}', "model.safetensors": "torn"},
    ],
)
def test_a_model_that_is_not_whole_is_named(tmp_path, files):
    from rlvr_backend.models.load import load_policy

    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(RequestError, match=f"model {tmp_path}: cannot be loaded") as caught:
        load_policy(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_a_taken_port_is_named(monkeypatch):
    from torch.distributed import TCPStore

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("MASTER_PORT", str(port))
        with pytest.raises(RunFailed, match=f"port {port}, .* cannot be used"), joining_processes():
            TCPStore("127.0.0.1", port, is_master=True)


def test_what_is_written_whole_leaves_no_part(tmp_path):
    path = tmp_path / "result.json"
    for number in range(2):
        write_atomically(path, json.dumps(number))
    assert json.loads(path.read_text()) == 1 and os.listdir(tmp_path) == ["result.json"]


def _environment():
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": here}
