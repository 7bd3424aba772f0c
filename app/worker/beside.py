"""Waiting for threads no longer than there is time, by a clock that tests may turn."""

import threading
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

import structlog
from structlog.typing import FilteringBoundLogger

log: FilteringBoundLogger = structlog.get_logger(__name__)

_LOOK_SECONDS = 0.1

Result = TypeVar("Result")


class Beside(threading.Thread, Generic[Result]):
    """Does one thing beside what starts it, and keeps no process from ending.

    Args:
        task: What it does.
        name: What it is called.
    """

    def __init__(self, task: Callable[[], Result], name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._task = task
        self._results: list[Result] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        """Do it."""
        try:
            self._results.append(self._task())
        except BaseException as error:  # noqa: BLE001 - raised where it is asked for
            self._error = error

    def result(self) -> Result:
        """What came of it, once it has ended. Raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._results[0]


def join_within(thread: threading.Thread, seconds_left: Callable[[], float]) -> bool:
    """Wait for a thread to end, as long as there is time left.

    Returns:
        Whether it has ended.
    """
    while thread.is_alive() and (left := seconds_left()) > 0:
        thread.join(min(left, _LOOK_SECONDS))
    return not thread.is_alive()


def all_within(tasks: Iterable[Callable[[], None]], seconds_left: Callable[[], float]) -> None:
    """Do things side by side, and wait for them as long as there is time left; what hangs goes on by itself.

    What one raises is logged, and ends nothing.
    """
    threads = [threading.Thread(target=_run, args=(task,), name="giving-back", daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        join_within(thread, seconds_left)


def _run(task: Callable[[], None]) -> None:
    try:
        task()
    except Exception:
        log.exception("worker.giving_back_failed")
