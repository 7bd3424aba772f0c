"""Things that a worker does again and again beside its work, each in a thread of its own."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from structlog.typing import FilteringBoundLogger

from app.clock import Clock

log: FilteringBoundLogger = structlog.get_logger(__name__)

_AFTER_A_MISTAKE_SECONDS = 5.0


@contextmanager
def in_rhythm(name: str, tick: Callable[[], float], clock: Clock) -> Iterator[None]:
    """Do something again and again within.

    Args:
        name: What the thread is called.
        tick: What is done. It says in how many seconds it is to be done again. What it raises is logged, and ends
            nothing.
        clock: The time.
    """
    ended = threading.Event()

    def run() -> None:
        while not clock.wait(ended, _seconds(name, tick)):
            pass

    threading.Thread(target=run, name=name, daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def _seconds(name: str, tick: Callable[[], float]) -> float:
    try:
        return tick()
    except Exception:
        log.exception("worker.rhythm_failed", rhythm=name)
        return _AFTER_A_MISTAKE_SECONDS
