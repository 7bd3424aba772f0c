"""The processes that the host has started: none outlives it, and each is ended the way its kind is ended."""

import contextlib
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

GRACE_SECONDS = 3.0
"""How long an interrupted program may take to clean up. Less than the 5 s that the engine gives a plugin to end."""


class Closed(Exception):  # noqa: N818 - it says what happened, and is no user's mistake
    """Nothing is started any more: the host has been told to stop."""


class Children:
    """Starts processes and ends them. Safe to call from many threads.

    They stay in the host's process group, so that the engine's last resort (SIGKILL to the group) reaches them as well.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    def start(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        stdin: int,
        output: int | IO[bytes] | None,
    ) -> "subprocess.Popen[bytes]":
        """Start a process.

        Args:
            command: The program and its arguments.
            folder: The working directory.
            environment: The whole environment.
            stdin: As for `subprocess.Popen`.
            output: Where both standard output and standard error go; None for the host's own, PIPE for one pipe each.

        Returns:
            The running process; give it back to `reap`.

        Raises:
            Closed: The host has been told to stop.
            OSError: The process could not be started.
        """
        with self._lock:
            if self._closed:
                raise Closed
            process = subprocess.Popen(
                command, cwd=folder, env=dict(environment), stdin=stdin, stdout=output, stderr=output
            )
            self._running.add(process)
        return process

    def reap(self, process: "subprocess.Popen[bytes]") -> int:
        """Wait for a process and forget it.

        Returns:
            Its exit status, or minus the signal that ended it.
        """
        status = process.wait()
        with self._lock:
            self._running.discard(process)
        return status

    def interrupt(self, process: "subprocess.Popen[bytes]") -> None:
        """Ask a process to end, and kill it if it has not done so within `GRACE_SECONDS`. Returns at once."""
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            threading.Thread(target=_kill_later, args=(process,), daemon=True).start()

    def interrupt_all(self) -> None:
        """Ask every process to end, as `interrupt` does."""
        with self._lock:
            running = list(self._running)
        for process in running:
            self.interrupt(process)

    def close(self) -> None:
        """Start nothing more, end everything, and return when it has ended: after `GRACE_SECONDS` at the most."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        self.interrupt_all()
        for process in running:
            _kill_later(process)


def _kill_later(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    process.kill()
    process.wait()
