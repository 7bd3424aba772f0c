"""The environment of the linters that read documents: parliament and checkov, which pin much of what they need."""

from collections.abc import Callable
from dataclasses import replace

from local.environments import SETUP_WAIT_SECONDS
from local.lock import held
from local.paths import LocalPaths
from local.virtual_environment import VirtualEnvironment


def document_linters(paths: LocalPaths) -> VirtualEnvironment:
    """The environment, made or not."""
    return VirtualEnvironment(
        "linters' environment",
        paths.tools / "linters-env",
        paths.project / "local" / "linters" / "requirements.txt",
        paths.logs / "pip-linters.log",
    )


def make_document_linters(paths: LocalPaths, report: Callable[[str], None]) -> VirtualEnvironment:
    """Make the environment if need be; half a minute and 300 MB, once.

    Args:
        paths: Where.
        report: Told of progress; nothing when it is there.

    Raises:
        SetupError: When it cannot be made.
        LockedError: When another run is still setting up after a quarter of an hour.
    """
    environment = document_linters(paths)
    if not environment.is_made():
        with held(paths.setup_lock, purpose="set-up", wait_seconds=SETUP_WAIT_SECONDS, report=report) as lock:
            if not environment.is_made():
                replace(environment, inherited_fds=(lock.descriptor,)).make(report)
    return environment
