"""Errors that the trainer raises on purpose: one line that names the item, the value and the fix."""


class RequestError(Exception):
    """A request that cannot be carried out."""


class MissingPackage(RequestError):
    """A request that needs a package which is not installed on this machine."""


class RunFailed(Exception):
    """A run that failed for a reason outside the request, such as a full disk."""


class TryAgain(RunFailed):
    """A run that cannot start now but may start later."""
