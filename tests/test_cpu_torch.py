"""`make` installs torch's CPU build first, where there is no NVIDIA GPU and the index of CPU builds answers."""

import os
import socket
import subprocess
import sys
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "tools" / "cpu_torch.py"
HAS_GPU = subprocess.run([sys.executable, "-c", "import cpu_torch as c; exit(c.has_nvidia_gpu())"], cwd=SCRIPT.parent)
WHEEL = "torch-9.9.9+cpu-py3-none-any.whl"


@pytest.fixture
def index(tmp_path):
    """The address of a package index with one wheel, a torch that depends on something that no index has."""
    folder = tmp_path / "index" / "torch"
    folder.mkdir(parents=True)
    info = "torch-9.9.9+cpu.dist-info"
    with ZipFile(folder / WHEEL, "w") as wheel:
        wheel.writestr("torch/__init__.py", "")
        about = ["Metadata-Version: 2.1", "Name: torch", "Version: 9.9.9+cpu", "Requires-Dist: nowhere-9"]
        wheel.writestr(f"{info}/METADATA", "\n".join(about))
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    (folder / "index.html").write_text(f'<!DOCTYPE html><html><body><a href="{WHEEL}">{WHEEL}</a></body></html>')

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=folder.parent)

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def install(tmp_path, *arguments):
    """Run the script into a folder of its own: what it prints, what is installed, and its seconds."""
    (tmp_path / "constraints.txt").write_text("tqdm==4.70.1\ntorch==9.9.9\ntorchvision==1.0\n")
    pip = {"PIP_TARGET": str(tmp_path / "site"), "PIP_CONFIG_FILE": os.devnull, "NO_PROXY": "127.0.0.1"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")} | pip
    started = time.monotonic()
    argv = [sys.executable, SCRIPT, tmp_path / "constraints.txt", *arguments]
    ran = subprocess.run(argv, capture_output=True, text=True, env=environment, check=True)
    return ran.stdout, sorted(path.name for path in tmp_path.glob("site/*")), time.monotonic() - started


@pytest.mark.skipif(HAS_GPU.returncode, reason="an NVIDIA GPU is found here")
def test_without_a_gpu_the_cpu_build_is_installed_alone(tmp_path, index):
    said, installed, _ = install(tmp_path, index)
    assert installed == ["torch", "torch-9.9.9+cpu.dist-info"] and f"torch 9.9.9 from {index}" in said


@pytest.mark.skipif(HAS_GPU.returncode, reason="an NVIDIA GPU is found here")
def test_a_wheel_that_cannot_be_installed_is_left_to_the_next_install(tmp_path, index):
    (tmp_path / "index" / "torch" / WHEEL).write_text("torn")
    said, installed, _ = install(tmp_path, index)
    assert installed == [] and "torch comes from pip's own index instead" in said


def test_an_index_that_does_not_answer_is_waited_for_for_three_seconds(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        said, installed, seconds = install(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert (said, installed) == ("", []) and seconds < 10


@pytest.mark.parametrize("arguments", [[], ["http://127.0.0.1:1"], ["no address"]])
def test_no_index_and_one_that_refuses_install_nothing(tmp_path, arguments):
    said, installed, _ = install(tmp_path, *arguments)
    assert (said, installed) == ("", [])
