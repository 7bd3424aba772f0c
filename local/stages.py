"""The stages of a long command: each announced, each timed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stages:
    """What was done, in order, with the seconds that each stage took.

    Args:
        report: Told when a stage begins.
        now: The clock, in seconds.
    """

    def __init__(self, report: Callable[[str], None], now: Callable[[], float] = time.monotonic) -> None:
        self._report = report
        self._now = now
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Announce a stage and time it."""
        self._report(f"▸ {name}")
        started = self._now()
        yield
        self.seconds[name] = self._now() - started
