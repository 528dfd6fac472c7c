"""Checks that optional packages are installed."""

from importlib.util import find_spec

from rlvr_backend.errors import MissingPackage


def require(packages: tuple[str, ...], item: str, fix: str) -> None:
    """Check that at least one of several packages is installed.

    Args:
        packages: Names of packages, any of which is enough.
        item: What needs the package, as the message names it.
        fix: How to install it.

    Raises:
        MissingPackage: None of them is installed.
    """
    if not any(map(find_spec, packages)):
        raise MissingPackage(f"{item} needs {' or '.join(packages)}: {fix}")
