"""`mixopt doctor`: check what works on this machine, one line for each check, with the fix of what does not.

Libraries that take seconds to load (vLLM, Ray, transformers) are looked up without importing them. torch is imported,
since only torch knows whether it can use a GPU.
"""

import fcntl
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from types import ModuleType
from typing import Literal

from packaging.requirements import Requirement

from mixopt.paths import default_home

OTHER_HOME = "set $MIXOPT_HOME to another folder"
LOCKED = 75  # exit code of the second process where the lock holds
TRY_LOCK = f"""
import fcntl, sys
try:
    fcntl.flock(open(sys.argv[1], "r+"), fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    sys.exit({LOCKED})
"""
PACKAGE = "mixopt"
FOR_DEVELOPERS = ("dev", "docs")


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Attributes:
        what: What was checked.
        state: "works", "absent" (which matters only to users of it), or "broken".
        detail: What was found.
        fix: What to do; "" where nothing is wrong.
    """

    what: str
    state: Literal["works", "absent", "broken"]
    detail: str
    fix: str = ""

    @property
    def line(self) -> str:
        """For people."""
        return f"{self.state:7} {self.what:13} {self.detail}" + (f": {self.fix}" if self.fix else "")


def findings() -> Iterator[Finding]:
    """Run all checks, in the order in which they are printed."""
    yield Finding("python", "works", f"{sys.version.split()[0]}, {os.cpu_count()} cores")
    yield from _packages()
    yield _gpu()
    yield _torchvision()
    yield _postgres()
    yield _slurm()
    yield _home()
    yield _locks()
    yield _base_model()


def findings_document(found: list[Finding]) -> list[dict[str, str]]:
    """The findings as data, for `--json`."""
    return [asdict(finding) for finding in found]


def _packages() -> Iterator[Finding]:
    """Whether the requirements of mixopt, and of each of its extras, are installed in versions that fit."""
    needed = [Requirement(text) for text in requires(PACKAGE) or ()]
    yield _complete(PACKAGE, [r for r in needed if _of_extra(r, "")], PACKAGE, "broken")
    for extra in metadata(PACKAGE).get_all("Provides-Extra", ()):
        own = [r for r in needed if r.name != PACKAGE and not _of_extra(r, "") and _of_extra(r, extra)]
        if own and extra not in FOR_DEVELOPERS:
            yield _complete(extra, own, f"{PACKAGE}[{extra}]", "absent")


def _of_extra(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _complete(what: str, wanted: list[Requirement], target: str, otherwise: Literal["absent", "broken"]) -> Finding:
    installed = {requirement.name: _version(requirement.name) for requirement in wanted}
    missing = [f"{r.name}{r.specifier}" for r in wanted if not _satisfies(r, installed[r.name])]
    if missing:
        return Finding(what, otherwise, f"lacks {', '.join(missing)}", f"pip install '{target}'")
    return Finding(what, "works", ", ".join(f"{name} {found}" for name, found in installed.items()))


def _satisfies(requirement: Requirement, found: str | None) -> bool:
    return found is not None and requirement.specifier.contains(found, prereleases=True)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _gpu() -> Finding:
    if not _version("torch"):
        return Finding("gpu", "absent", "torch is not installed, which trainings need", "pip install 'mixopt[rlvr]'")
    if (torch := _imported("torch")) is None:
        return Finding("gpu", "broken", "torch cannot be imported", "pip install --force-reinstall torch")
    if torch.cuda.is_available():
        names = ", ".join(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count()))
        return Finding("gpu", "works", names)
    if shutil.which("nvidia-smi"):
        build = f"torch {torch.__version__} sees none"
        return Finding("gpu", "broken", build, "install PyTorch's CUDA build for this driver, or fix the driver")
    return Finding("gpu", "absent", "none here; trials train on the CPU")


def _torchvision() -> Finding:
    """Processors of vision models need it for videos; a build for another torch fails to import."""
    if not (found := _version("torchvision")):
        return Finding("torchvision", "absent", "not needed without videos")
    if _imported("torchvision") is None:
        return Finding("torchvision", "broken", f"{found} does not fit torch", "pip uninstall torchvision")
    return Finding("torchvision", "works", found)


def _postgres() -> Finding:
    if not _version("psycopg"):
        return Finding("postgresql", "absent", "no driver", "pip install 'mixopt[postgres]'")
    if _imported("psycopg") is None:
        return Finding("postgresql", "broken", "its driver finds no libpq", "pip install 'psycopg[binary]'")
    return Finding("postgresql", "works", "the driver loads; no server was tried")


def _slurm() -> Finding:
    if not shutil.which("sbatch"):
        return Finding("sbatch", "absent", "not on PATH: no `--on slurm` from this machine")
    return Finding("sbatch", "works", "on PATH")


def _home() -> Finding:
    home = default_home()
    try:
        with tempfile.TemporaryDirectory(dir=_nearest_folder(home)):
            return Finding("home", "works", f"{home} can be written")
    except OSError as error:
        return Finding("home", "broken", f"{home}: {error.strerror}", OTHER_HOME)


def _locks() -> Finding:
    """Whether a file lock of one process excludes another process."""
    try:
        with tempfile.NamedTemporaryFile(dir=_nearest_folder(default_home())) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            other = subprocess.run([sys.executable, "-c", TRY_LOCK, file.name], capture_output=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("locks", "broken", f"cannot be tried ({error})", OTHER_HOME)
    if other.returncode != LOCKED:
        return Finding("locks", "broken", "on this file system a lock does not exclude a second process", OTHER_HOME)
    return Finding("locks", "works", "between processes of this machine; other machines were not tried")


def _base_model() -> Finding:
    """Whether the cache of rlvr_backend has the embedded model (its path is from rlvr_backend/cache.py)."""
    cache = Path(os.environ.get("RLVR_CACHE") or Path.home() / ".cache" / "rlvr_backend")
    if any(cache.glob("shapes-*")):
        return Finding("base model", "works", f"the embedded one is in {cache}")
    return Finding("base model", "absent", "the embedded one is made when it is first needed, in some minutes")


def _nearest_folder(path: Path) -> Path:
    """The folder, or the nearest one above that exists."""
    return next(folder for folder in (path, *path.parents) if folder.is_dir())


def _imported(module: str) -> ModuleType | None:
    """A module; None where its import fails in any way."""
    try:
        return importlib.import_module(module)
    except Exception:  # an incompatible library may raise any exception
        return None
