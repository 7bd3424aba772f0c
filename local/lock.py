"""One run at a time: a file lock that dies with its holders, and says who they are.

Standard library only, since set-up holds one before any environment exists. The lock belongs to the open file, so a
child that inherits the descriptor goes on holding it when its parent is killed: a `pulumi` that is still at work keeps
the next run waiting, instead of two of them corrupting the state.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

POLL_SECONDS = 0.2


class LockedError(Exception):
    """Somebody else holds the lock, and did not let go in time. The message says who and what to do."""


@dataclass(frozen=True)
class Lock:
    """A lock that is held.

    Args:
        descriptor: The open file's descriptor, for children that are to hold the lock too (`pass_fds`).
    """

    descriptor: int


@contextmanager
def held(  # noqa: PLR0913 - the clock stands beside what a caller says, all by keyword
    path: Path,
    *,
    purpose: str,
    wait_seconds: float,
    report: Callable[[str], None],
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Lock]:
    """Hold the lock while the block runs.

    Args:
        path: The lock's file; made if it is missing.
        purpose: What the lock is held for, as others are told while they wait.
        wait_seconds: How long to wait for another holder.
        report: Told once, in a line, if there is somebody to wait for.
        now: The clock, in seconds.
        sleep: Waits so many seconds.

    Raises:
        LockedError: When another still holds it after `wait_seconds`.
    """
    with _opened(path, wait_seconds, report, now, sleep) as file:
        _sign(file, purpose)
        try:
            yield Lock(file.fileno())
        finally:
            file.truncate(0)


def _opened(
    path: Path,
    wait_seconds: float,
    report: Callable[[str], None],
    now: Callable[[], float],
    sleep: Callable[[float], None],
) -> IO[str]:
    """The lock's file, open and locked: the one that stands there now; another may have been removed."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
        try:
            _wait(file, wait_seconds, report, now, sleep)
            if _stands(file, path):
                return file
        except BaseException:
            file.close()
            raise
        file.close()


def _stands(file: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _wait(
    file: IO[str],
    wait_seconds: float,
    report: Callable[[str], None],
    now: Callable[[], float],
    sleep: Callable[[float], None],
) -> None:
    deadline = now() + wait_seconds
    told = False
    while not _taken(file):
        if now() >= deadline:
            raise LockedError(
                f"{_holder(file)} is still at work after {wait_seconds:.0f} s; wait for its end, or end it, then run"
                f" this again (the lock is {file.name})"
            )
        if not told:
            report(f"waiting for {_holder(file)} to end (at most {wait_seconds:.0f} s)")
            told = True
        sleep(POLL_SECONDS)


def _taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sign(file: IO[str], purpose: str) -> None:
    file.truncate(0)
    since = datetime.now().astimezone().strftime("%H:%M:%S")
    file.write(json.dumps({"purpose": purpose, "pid": os.getpid(), "since": since}))
    file.flush()


def _holder(file: IO[str]) -> str:
    """Who holds it, as far as the file tells: it is empty for a moment before a holder has signed."""
    file.seek(0)
    try:
        entry = json.loads(file.read())
        purpose, pid, since = str(entry["purpose"]), int(entry["pid"]), str(entry["since"])
    except (ValueError, KeyError, TypeError):
        return "another run"
    if _lives(pid):
        return f"`{purpose}` (process {pid}, since {since})"
    return f"what `{purpose}` has started (process {pid}, since {since}, was killed and left it running)"


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's, but there
        return True
    return True
