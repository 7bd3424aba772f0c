"""The application's processes as users run them, each started again when it ends, as a container's would be."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

PROJECT = Path(__file__).parents[2]
_LOOK_SECONDS = 0.1
_STOP_SECONDS = 30.0


@dataclass
class Member:
    """One process of the fleet, through all its lives.

    Args:
        name: What its logs are called.
        command: The program and its arguments, after `python -m`.
        environment: All that it sees of an environment.
        goes_on: Whether it is started again after an end of its own with status 0, too.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    goes_on: bool = True
    process: "subprocess.Popen[bytes] | None" = None
    lives: int = 0
    is_done: bool = False
    again_at: float = field(default=0.0)


class Fleet:
    """Starts the members and keeps them running. Use it as a context; at its end they are stopped with SIGTERM.

    Args:
        members: The processes.
        folder: Where they log.
    """

    def __init__(self, members: Sequence[Member], folder: Path) -> None:
        self.members = members
        self._folder = folder
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="fleet", daemon=True)
        self.exits: Counter[tuple[str, int]] = Counter()
        """How often which member ended by itself or was killed, by its status."""

    def __enter__(self) -> Self:
        for member in self.members:
            self._start(member)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        self._thread.join()
        with self._lock:
            running = [each.process for each in self.members if each.process is not None]
            for process in running:
                if process.poll() is None:
                    process.send_signal(signal.SIGCONT)
                    process.terminate()
            ends = time.monotonic() + _STOP_SECONDS
            for process in running:
                try:
                    process.wait(max(0.1, ends - time.monotonic()))
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def named(self, prefix: str) -> list[Member]:
        """The members whose names begin so."""
        return [member for member in self.members if member.name.startswith(prefix)]

    def revive(self, member: Member) -> None:
        """Start a member again that was done, as somebody does who publishes once more."""
        with self._lock:
            if member.is_done:
                member.is_done, member.again_at = False, 0.0
                self._start(member)

    def signal(self, member: Member, number: signal.Signals) -> bool:
        """Send a signal to a member that runs; gives whether it did."""
        with self._lock:
            if member.process is None or member.process.poll() is not None:
                return False
            os.kill(member.process.pid, number)
            return True

    def _start(self, member: Member) -> None:
        member.lives += 1
        with (self._folder / f"{member.name}.log").open("ab") as log:
            member.process = subprocess.Popen(
                [sys.executable, "-m", *member.command],
                cwd=PROJECT,
                env=dict(member.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _keep(self) -> None:
        while not self._stopping.wait(_LOOK_SECONDS):
            with self._lock:
                for member in self.members:
                    self._look_after(member)

    def _look_after(self, member: Member) -> None:
        if member.is_done or member.process is None:
            return
        status = member.process.poll()
        if status is None:
            return
        if not member.again_at:
            self.exits[member.name, status] += 1
            member.is_done = status == 0 and not member.goes_on
            member.again_at = time.monotonic() + (0.0 if status < 0 else 0.5)
        elif time.monotonic() >= member.again_at:
            member.again_at = 0.0
            self._start(member)
