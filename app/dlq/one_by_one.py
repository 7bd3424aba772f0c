"""Sending chosen letters back, one after the other: what SQS's own move tasks cannot, since they choose nothing.

Each is sent first and deleted then. Whatever comes in between (a crash, a refused delete) leaves a copy in both queues,
never in neither: a letter may be sent twice, and none is lost. The worker makes each prediction once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from structlog.typing import FilteringBoundLogger

from app.aws_failures import FailureKind
from app.clock import Clock
from app.dlq.browsing import Browse
from app.dlq.filters import Filter
from app.dlq.letter import DeadLetter
from app.dlq.queue import DeadLetterQueue, DeadLettersUnavailableError
from app.dlq.records import NoRecords, Records
from app.shutdown import Shutdown

log: FilteringBoundLogger = structlog.get_logger(__name__)

Explainer = Records | NoRecords


@dataclass
class Tally:
    """What became of the letters.

    Args:
        matched: How many were meant.
        sent: How many were sent back.
        deleted: How many of those were then deleted; the others are in both queues.
        failed: How many could not be sent; they stay.
        foreign: How many were meant but come from another queue than this one's; they stay.
        returned: How many that were sent back have come here again meanwhile; they stay.
        failure: What ended it early, in words.
    """

    matched: int = 0
    sent: int = 0
    deleted: int = 0
    failed: int = 0
    foreign: int = 0
    returned: int = 0
    failure: str | None = None


class OneByOne:
    """Sends back the letters that a filter takes.

    Args:
        queue: The queue.
        records: Why the letters are there.
        wanted: Which ones.
        clock: The time.
        shutdown: Ends it between two letters.
        rate: The most to send in a second; None for as many as it can.
        dry_run: Whether to send nothing, and only count.
    """

    def __init__(  # noqa: PLR0913 - the parts, put together in one place
        self,
        *,
        queue: DeadLetterQueue,
        records: Explainer,
        wanted: Filter,
        clock: Clock,
        shutdown: Shutdown,
        rate: int | None = None,
        dry_run: bool = False,
    ) -> None:
        self._queue = queue
        self._records = records
        self._wanted = wanted
        self._clock = clock
        self._shutdown = shutdown
        self._pause_seconds = 1 / rate if rate else 0.0
        self._dry_run = dry_run
        self._copies: set[str] = set()
        self.tally = Tally()

    def run(self, browse: Browse) -> None:
        """Look through the queue, and send back what is meant.

        Raises:
            DeadLettersUnavailableError: The queue cannot be read at all. If it cannot be read any further, `tally` says
                so, and what was done until then.
        """
        try:
            for page in browse.pages():
                self._take_page(page, browse)
                if self.tally.failure:
                    return
        except DeadLettersUnavailableError as error:
            if not browse.looked_at:
                raise
            self.tally.failure = str(error)

    def _take_page(self, page: Sequence[DeadLetter], browse: Browse) -> None:
        explained = self._records.explain(page)
        for letter in page:
            if self._shutdown.is_requested or self.tally.failure:
                return
            if letter.message_id in self._copies:  # it has failed again already; to send it once more would never end
                self.tally.returned += 1
            elif self._wanted.takes(letter, explained[letter.message_id], self._clock.now()):
                self._take(letter, browse)

    def _take(self, letter: DeadLetter, browse: Browse) -> None:
        self.tally.matched += 1
        if letter.source_arn not in {None, self._queue.source_arn}:
            self.tally.foreign += 1
        elif not self._dry_run and self._send(letter):
            if self._delete(letter):
                browse.forget(letter)
            self._shutdown.pause(self._pause_seconds)

    def _send(self, letter: DeadLetter) -> bool:
        try:
            self._copies.add(self._queue.send_back(letter))
        except DeadLettersUnavailableError as error:
            self.tally.failed += 1
            log.warning("dlq.send_failed", message_id=letter.message_id, **error.failure.fields)
            if error.failure.kind is FailureKind.REFUSED:
                self.tally.failure = str(error)
            return False
        self.tally.sent += 1
        return True

    def _delete(self, letter: DeadLetter) -> bool:
        try:
            self._queue.delete(letter)
        except DeadLettersUnavailableError as error:
            log.warning("dlq.delete_failed", message_id=letter.message_id, **error.failure.fields)
            if error.failure.kind is FailureKind.REFUSED:
                self.tally.failure = str(error)
            return False
        self.tally.deleted += 1
        log.info("dlq.sent_back", message_id=letter.message_id, prediction_id=str(letter.prediction_id or "") or None)
        return True
