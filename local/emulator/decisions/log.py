"""The file that decisions are kept in: one event a line, appended whole, never more than two files of a bounded size.

Standard library only, since the project's side reads what the server writes.
"""

import logging
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Final

MAX_BYTES: Final = 16 * 1024 * 1024
"""When a file is full: some ten thousand decisions. Then it becomes the older one, and the older one goes."""

_log = logging.getLogger(__name__)


def older(path: Path) -> Path:
    """Says where the file before the current one is kept.

    Args:
        path: The current one.
    """
    return path.with_suffix(f".1{path.suffix}")


def files(path: Path) -> list[Path]:
    """Lists the files that there are, the older first.

    Args:
        path: The current one.
    """
    return [one for one in (older(path), path) if one.exists()]


class DecisionLog:
    """The log of one run of the emulator: it begins anew, since the account does. Safe to use from several threads.

    The file is opened for each append and never kept open: whoever deletes it gets a new one, with what comes next.

    Args:
        path: The file; its folder exists.
        max_bytes: When it is full, in bytes.
    """

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._has_complained = False
        for one in files(path):
            one.unlink()

    def append(self, lines: Iterable[bytes]) -> None:
        """Appends lines, all or none. That it cannot is said once in the emulator's log; a request never fails for it.

        Args:
            lines: Each with its end.
        """
        content = b"".join(lines)
        with self._lock:
            try:
                self._append(content)
            except OSError as error:
                if not self._has_complained:
                    _log.warning("decisions are not logged: %s", error)
                self._has_complained = True

    def _append(self, content: bytes) -> None:
        with self._path.open("ab", buffering=0) as file:
            size = file.tell()
            if size == 0 or size + len(content) <= self._max_bytes:
                if file.write(content) != len(content):
                    file.truncate(size)  # half a line would spoil the next one too
                    raise OSError("the disk is full")
                return
        os.replace(self._path, older(self._path))  # noqa: PTH105 - said as what it is: atomic
        self._append(content)
