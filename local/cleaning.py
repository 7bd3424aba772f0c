"""`make clean`: stop the emulator and remove all that set-up and runs have left, unless something is at work there.

Standard library only, since it must work when the environments do not.
"""

import shutil
import subprocess
import sys
from contextlib import ExitStack

from local.lock import LockedError, held
from local.paths import LocalPaths

TOOL_CACHES = (".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis")
STOP_SECONDS = 30.0


def clean(paths: LocalPaths) -> None:
    """Remove the ignored folder and the test tools' caches.

    An emulator that cannot be told to stop ends by itself when its record is gone.

    Args:
        paths: Where.

    Raises:
        LockedError: When set-up or a run is at work.
    """
    with ExitStack() as locks:
        for lock in (paths.setup_lock, paths.run_lock):
            locks.enter_context(held(lock, purpose="make clean", wait_seconds=0, report=print))
        python = paths.environment / "bin" / "python"
        if python.exists():
            subprocess.run(
                [python, "-m", "local", "stop"],
                cwd=paths.project,
                stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # a broken environment is no reason not to remove it
                check=False,
                timeout=STOP_SECONDS,
            )
        shutil.rmtree(paths.tools)
    for cache in TOOL_CACHES:
        shutil.rmtree(paths.project / cache, ignore_errors=True)


if __name__ == "__main__":
    try:
        clean(LocalPaths())
    except (LockedError, OSError, subprocess.TimeoutExpired) as error:
        sys.exit(f"error: {error}")
