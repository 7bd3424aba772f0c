"""How many messages are worked on at once, and by whom."""

import queue
import threading
from collections.abc import Callable
from typing import Protocol

from app.work_queue import Delivery

Work = Callable[[Delivery], None]
"""What is done with a delivery. Raises nothing."""


class Slots(Protocol):
    """Places to work in. Only one thread calls these."""

    def wait_for_free(self, seconds: float) -> int:
        """How many are free, after waiting at most so long for the first."""
        ...

    def start(self, delivery: Delivery) -> None:
        """Begin to work on a delivery. There must be a free slot."""
        ...

    def wait_until_idle(self, seconds: float) -> bool:
        """Whether all are free, after waiting at most so long for that."""
        ...


class ThreadSlots:
    """Threads, each of which works on one delivery at a time.

    They are daemons: one that does not come to its end keeps no process from ending.

    Args:
        count: How many.
        work: What they do.
    """

    def __init__(self, count: int, work: Work) -> None:
        self._count = count
        self._busy = 0
        self._changed = threading.Condition()
        self._work = work
        self._deliveries: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
        for number in range(1, count + 1):
            threading.Thread(target=self._run, name=f"slot-{number}", daemon=True).start()

    def wait_for_free(self, seconds: float) -> int:
        """How many are free, after waiting at most so long for the first."""
        with self._changed:
            self._changed.wait_for(lambda: self._busy < self._count, seconds)
            return self._count - self._busy

    def start(self, delivery: Delivery) -> None:
        """Begin to work on a delivery."""
        with self._changed:
            self._busy += 1
        self._deliveries.put(delivery)

    def wait_until_idle(self, seconds: float) -> bool:
        """Whether all are free, after waiting at most so long for that."""
        with self._changed:
            return self._changed.wait_for(lambda: self._busy == 0, max(0.0, seconds))

    def _run(self) -> None:
        while True:
            delivery = self._deliveries.get()
            try:
                self._work(delivery)
            finally:
                with self._changed:
                    self._busy -= 1
                    self._changed.notify_all()
