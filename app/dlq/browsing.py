"""Looking through the dead-letter queue without emptying it.

SQS has no way to look: a message must be received, and is hidden from everybody for as long as the receive asks. So
what is looked at is held, lest it come twice, and given back at the end, however that comes: done, Ctrl-C, or a page
that fails. Should giving back fail, or this process be killed, the letters come back by themselves when their time is
over. Nothing here deletes.
"""

from collections.abc import Iterator
from types import TracebackType
from typing import Self

import structlog
from structlog.typing import FilteringBoundLogger

from app.dlq.letter import DeadLetter
from app.dlq.queue import DeadLetterQueue, DeadLettersUnavailableError
from app.shutdown import Shutdown

log: FilteringBoundLogger = structlog.get_logger(__name__)

HOLD_SECONDS = 120
"""For how long a letter is hidden from others at most."""

_PAGE = 10
_TRIES = 3
_STALE_PAGES = 3


class Browse:
    """One look through the queue; a context manager that gives back what it holds.

    Args:
        queue: The queue.
        shutdown: Ends the look between two pages.
        limit: The most letters to look at.
    """

    def __init__(self, queue: DeadLetterQueue, shutdown: Shutdown, limit: int) -> None:
        self._queue = queue
        self._shutdown = shutdown
        self._limit = limit
        # Handles alone: thousands of letters with their bodies may be more than memory holds.
        self._held: dict[str, str] = {}
        self._seen: set[str] = set()
        self.is_complete = False
        """Whether everything that was visible has been looked at."""
        self.not_given_back = 0
        """How many letters stay hidden until their hold lapses."""

    @property
    def looked_at(self) -> int:
        """How many letters have been looked at."""
        return len(self._seen)

    def pages(self) -> Iterator[list[DeadLetter]]:
        """The letters, ten at most at a time, each once.

        Raises:
            DeadLettersUnavailableError: AWS refuses, or does not answer.
        """
        stale = 0  # pages on which nothing was new: their letters' holds have lapsed
        while not self._shutdown.is_requested and self.looked_at < self._limit and stale < _STALE_PAGES:
            letters = self._queue.receive(self._limit - self.looked_at, HOLD_SECONDS)
            if not letters:
                self.is_complete = True
                return
            self._held.update({letter.message_id: letter.receipt_handle for letter in letters})
            new = [letter for letter in letters if letter.message_id not in self._seen]
            self._seen.update(letter.message_id for letter in new)
            stale = 0 if new else stale + 1
            if new:
                yield new

    def forget(self, letter: DeadLetter) -> None:
        """Hold a letter no longer: it has been deleted."""
        del self._held[letter.message_id]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        held = list(self._held.values())
        for start in range(0, len(held), _PAGE):
            self.not_given_back += len(self._give_back(held[start : start + _PAGE]))
        if self.not_given_back:
            log.warning("dlq.not_given_back", letters=self.not_given_back, visible_again_within_seconds=HOLD_SECONDS)

    def _give_back(self, handles: list[str]) -> list[str]:
        for _ in range(_TRIES):
            try:
                handles = self._queue.give_back(handles)
            except DeadLettersUnavailableError as error:
                log.warning("dlq.give_back_failed", **error.failure.fields)
            if not handles:
                break
        return handles
