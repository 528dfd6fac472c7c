"""Install torch's CPU build into this Python, where no NVIDIA GPU is found and the index of CPU builds answers.

    python tools/cpu_torch.py constraints.txt https://download.pytorch.org/whl/cpu

On Linux PyPI's torch is the CUDA build, with gigabytes of libraries that only a GPU needs. `make` runs this before it
installs mixopt. Only torch is installed, without its dependencies, in the version that the constraints name. In all
other cases nothing happens, and the next `pip install` takes torch from wherever pip is set to look.
"""

import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from threading import Event, Thread

SECONDS = 3.0  # within which the index must answer


def has_nvidia_gpu() -> bool:
    """Tell whether this machine has an NVIDIA GPU, or its driver's tools."""
    return shutil.which("nvidia-smi") is not None or Path("/dev/nvidia0").exists()


def answers(index: str) -> bool:
    """Tell whether an index lists torch within SECONDS."""
    answered = Event()

    def ask() -> None:
        try:
            with urllib.request.urlopen(f"{index.rstrip('/')}/torch/", timeout=SECONDS):
                answered.set()
        except (OSError, ValueError):
            pass

    asking = Thread(target=ask, daemon=True)  # a thread, since no timeout holds for the look-up of a name
    asking.start()
    asking.join(SECONDS)
    return answered.is_set()


def main(constraints: Path, index: str = "") -> None:
    """Install the CPU build, if this is the machine for it."""
    [version] = [line.removeprefix("torch==") for line in constraints.read_text().split() if line.startswith("torch==")]
    if sys.platform != "linux" or has_nvidia_gpu() or not index or not answers(index):
        return
    print(f"no NVIDIA GPU is found here: installing the CPU build of torch {version} from {index}", flush=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--index-url", index, f"torch=={version}"]
    if subprocess.run(pip).returncode:
        print("it could not be installed: torch comes from pip's own index instead", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
