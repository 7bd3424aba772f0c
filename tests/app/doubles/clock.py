"""Clocks that stand still until they are moved."""

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class FakeClock:
    """Time as a test wants it; waiting moves it, at once."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._passed = 0.0
        self.waits: list[float] = []
        self.meanwhile: list[Callable[[], None]] = []
        """What else happens, each time that somebody waits."""

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.waits.append(seconds)
        self.advance(seconds)
        for happens in self.meanwhile:
            happens()
        return event.is_set()

    def advance(self, seconds: float) -> None:
        self._passed += seconds


class TurnedClock(FakeClock):
    """A clock for a thread that waits beside the test: time passes for it when the test turns the clock."""

    _LOOK_SECONDS = 0.01

    def __init__(self) -> None:
        super().__init__()
        self._turned = threading.Condition()
        self._looks = 0

    def wait(self, event: threading.Event, seconds: float) -> bool:
        ends = self.monotonic() + seconds
        with self._turned:
            while not event.is_set() and self.monotonic() < ends:
                self._looks += 1
                self._turned.notify_all()
                self._turned.wait(self._LOOK_SECONDS)  # an event that is set turns no clock
        return event.is_set()

    def turn(self, seconds: float) -> None:
        """Let time pass, and return when the thread has seen it and waits again."""
        with self._turned:
            self.advance(seconds)
            looks = self._looks
            self._turned.notify_all()
            assert self._turned.wait_for(lambda: self._looks > looks, timeout=30)
