"""The two virtual environments, made if need be; then a command runs in the project's, in place of this process.

    python3 -m local.environments [--project-only] COMMAND ARGUMENT…

Standard library only, and any Python from 3.11 on, since this is what runs first on a fresh machine. What it says goes
to standard error, so that what the command prints stays usable.
"""

import os
import sys

# Before all else, since what follows does not import on an older Python. This file itself is read by Python 3.6.
if sys.version_info < (3, 11):  # noqa: UP036 - whoever runs this has not been checked yet
    _found = f"Python {sys.version_info[0]}.{sys.version_info[1]} ({sys.executable})"
    sys.exit(f"error: this is {_found}; 3.11 or later is needed: install it, or name one: make PYTHON=python3.12 …")
if os.name != "posix":
    sys.exit("error: this runs on Linux and macOS; on Windows, run it in WSL")

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from local.lock import LockedError, held
from local.paths import LocalPaths
from local.virtual_environment import SetupError, VirtualEnvironment

SETUP_WAIT_SECONDS = 900.0
USAGE = "usage: python3 -m local.environments [--project-only] COMMAND ARGUMENT…"


def environments(paths: LocalPaths) -> tuple[VirtualEnvironment, VirtualEnvironment]:
    """The project's environment and the emulator's."""
    return (
        VirtualEnvironment(
            "project environment",
            paths.environment,
            paths.project / "tests" / "requirements.txt",
            paths.logs / "pip-project.log",
        ),
        VirtualEnvironment(
            "emulator environment",
            paths.emulator_environment,
            paths.project / "local" / "emulator" / "requirements.txt",
            paths.logs / "pip-emulator.log",
        ),
    )


def make_environments(paths: LocalPaths, report: Callable[[str], None], *, project_only: bool = False) -> None:
    """Make what is missing, side by side; takes no lock when nothing is.

    Args:
        paths: Where.
        report: Told of progress.
        project_only: Leave out the emulator's.

    Raises:
        SetupError: When one cannot be made.
        LockedError: When another run is still making them after a quarter of an hour.
    """
    wanted = environments(paths)[: 1 if project_only else 2]
    if all(one.is_made() for one in wanted):
        return
    with held(paths.setup_lock, purpose="set-up", wait_seconds=SETUP_WAIT_SECONDS, report=report) as lock:
        missing = [replace(one, inherited_fds=(lock.descriptor,)) for one in wanted if not one.is_made()]
        with ThreadPoolExecutor(len(wanted)) as pool:
            making = [pool.submit(one.make, report) for one in missing]
        for one in making:
            one.result()


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def main(arguments: Sequence[str]) -> None:
    """Make the environments, then become the command, with the project environment's programs first on PATH."""
    project_only = arguments[:1] == ["--project-only"]
    command = arguments[1:] if project_only else arguments
    if not command:
        sys.exit(USAGE)
    paths = LocalPaths()
    try:
        make_environments(paths, _say, project_only=project_only)
    except (SetupError, LockedError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted; run the same command again to go on")
    path = os.pathsep.join([str(paths.environment / "bin"), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PATH": path}
    environment.pop("PYTHONHOME", None)  # it names the Python that runs this, not the environment's
    os.execvpe(command[0], list(command), environment)  # noqa: S606 - the command is the Makefile's


if __name__ == "__main__":
    main(sys.argv[1:])
