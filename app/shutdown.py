"""SIGTERM and SIGINT: the first asks a long-running command to stop, the second ends the process at once."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from app.clock import Clock

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_EXIT_BASE = 128
_LOOK_SECONDS = 0.5


class Shutdown:
    """Whether this process has been asked to stop.

    The handler does nothing but take a note: it runs between any two instructions of the main thread, which may hold
    the very lock that a log line or an event would need. So whoever waits looks here every half second.

    Args:
        clock: The time.
        exit_now: Ends the process with a code, without cleaning up.
    """

    def __init__(self, clock: Clock, exit_now: Callable[[int], object] = os._exit) -> None:
        self._clock = clock
        self._exit_now = exit_now
        self.requested_at: float | None = None
        """When the first signal came, by the monotonic clock."""

    @property
    def is_requested(self) -> bool:
        """Whether to stop."""
        return self.requested_at is not None

    def request(self, number: int, _frame: FrameType | None = None) -> None:
        """Take note of a signal; at the second one, end the process as that signal would."""
        if self.requested_at is not None:
            self._exit_now(_EXIT_BASE + number)
        self.requested_at = self._clock.monotonic()

    def pause(self, seconds: float) -> None:
        """Wait so long, or until the process is asked to stop."""
        ends = self._clock.monotonic() + seconds
        never = threading.Event()
        while not self.is_requested and (left := ends - self._clock.monotonic()) > 0:
            self._clock.wait(never, min(left, _LOOK_SECONDS))

    def listen(self) -> None:
        """Handle the two signals from now on. For the main thread only."""
        for number in _SIGNALS:
            signal.signal(number, self.request)

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Handle the two signals within, and as before after. For the main thread only."""
        before = {number: signal.getsignal(number) for number in _SIGNALS}
        self.listen()
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
