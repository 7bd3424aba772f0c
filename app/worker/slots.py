"""How many messages are worked on at once, and by whom."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog
from structlog.typing import FilteringBoundLogger

from app.worker.lease import Lease

log: FilteringBoundLogger = structlog.get_logger(__name__)

_LINGER_SECONDS = 0.05

Work = Callable[[Lease], None]
"""What is done with a delivery, under its lease. Raises nothing."""


class Slots(Protocol):
    """Places to work in. A poller reserves them before it asks for messages, so that it receives no more than fit."""

    def reserve(self, most: int, seconds: float) -> int:
        """Reserve as many as are free, after waiting at most so long for the first."""
        ...

    def cancel(self, count: int) -> None:
        """Free reserved slots that nothing came for."""
        ...

    def start(self, leases: Sequence[Lease]) -> None:
        """Begin to work on deliveries, each in a reserved slot."""
        ...

    def wait_until_idle(self, seconds: float) -> bool:
        """Whether all are free, after waiting at most so long for that."""
        ...


class ThreadSlots:
    """Threads, each of which works on one delivery at a time. Safe to use from several threads.

    They are daemons: one that does not come to its end keeps no process from ending.

    Args:
        count: How many.
        work: What they do.
    """

    def __init__(self, count: int, work: Work) -> None:
        self._count = count
        self._taken = 0
        self._working = 0
        self._lock = threading.RLock()
        self._freed = threading.Condition(self._lock)
        self._awaited: list[int] = []
        """How many free slots each of those who wait is waiting for: nobody is woken for fewer."""
        self._work = work
        self._leases: deque[Lease] = deque()
        self._arrived = threading.Condition(self._lock)
        self._waiting = 0
        self._is_waking = False
        """Whether a thread has been woken that has not looked for work yet."""
        for number in range(1, count + 1):
            threading.Thread(target=self._run, name=f"slot-{number}", daemon=True).start()

    @property
    def working(self) -> int:
        """How many deliveries are worked on; what is only reserved is not counted."""
        return self._working

    @property
    def is_busy(self) -> bool:
        """Whether anything is worked on; what is only reserved is not."""
        return self._working > 0

    def reserve(self, most: int, seconds: float) -> int:
        """Reserve as many as are free, after waiting at most so long for the first."""
        with self._freed:
            if self._wait_for(1, seconds):
                # Where jobs are short, the other slots are free in a moment: one request for ten costs that of one.
                self._wait_for(min(most, self._count), _LINGER_SECONDS)
            reserved = min(most, self._count - self._taken)
            self._taken += reserved
            return reserved

    def cancel(self, count: int) -> None:
        """Free reserved slots that nothing came for."""
        with self._freed:
            self._free(count)

    def start(self, leases: Sequence[Lease]) -> None:
        """Begin to work on deliveries, each in a reserved slot."""
        with self._lock:
            self._working += len(leases)
            self._leases.extend(leases)
            self._wake()

    def wait_until_idle(self, seconds: float) -> bool:
        """Whether all are free, after waiting at most so long for that."""
        with self._freed:
            return self._wait_for(self._count, max(0.0, seconds))

    def _run(self) -> None:
        while True:
            lease = self._next()
            try:
                self._work(lease)
            except BaseException as error:  # such as a panic in native code, or a model that exits
                # The slot must not go with it: it would count as free, and what is started in it would never begin.
                log.exception("worker.slot_failed", message_id=lease.delivery.message_id, kind=type(error).__name__)
            finally:
                with self._lock:
                    self._working -= 1
                    self._free(1)

    def _next(self) -> Lease:
        with self._lock:
            while not self._leases:
                self._waiting += 1
                self._arrived.wait()
                self._waiting -= 1
                self._is_waking = False
            lease = self._leases.popleft()
            self._wake()
            return lease

    def _wake(self) -> None:
        """Wake one thread, if there is work for it; it wakes the next one when it has begun.

        Where the work is short, one of them then does it all, while ten that are woken at once get in each other's way.
        """
        if self._leases and self._waiting and not self._is_waking:
            self._is_waking = True
            self._arrived.notify()

    def _wait_for(self, free: int, seconds: float) -> bool:
        self._awaited.append(free)
        try:
            return self._freed.wait_for(lambda: self._count - self._taken >= free, seconds)
        finally:
            self._awaited.remove(free)

    def _free(self, count: int) -> None:
        self._taken -= count
        if self._awaited and self._count - self._taken >= min(self._awaited):
            self._freed.notify_all()
