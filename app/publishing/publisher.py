"""The publisher: from a request, or from what waits in the outbox, to messages in the queue.

All ways are one: take the predictions' entries in the outbox under a lease, send their messages, settle the lease. What
cannot be sent now stays in the outbox, and a process that dies in between leaves a lease that runs out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from random import getrandbits
from uuid import UUID

import structlog
from structlog.typing import FilteringBoundLogger

from app.bounded import bounded
from app.clock import Clock
from app.kill_switch import KillSwitch
from app.message import MessageRefusedError, PredictionSQSMessage
from app.ownership import difference_from_record
from app.publishing.dispatch import Dispatcher
from app.publishing.result import PublishCode, PublishResult
from app.reasons import Reason
from app.store import Outbox, Prediction, PredictionStore

log: FilteringBoundLogger = structlog.get_logger(__name__)

_CHUNK = 500
"""How many messages of `publish_many` share a lease and a transaction."""
_PAGE = 100
_HALTING = frozenset({PublishCode.DISABLED, PublishCode.UNAVAILABLE, PublishCode.REFUSED})
"""What all of a chunk met, the next one would meet, too."""


class SQSPublisher:
    """Publishes prediction jobs. Safe to use from several threads, and in any number of processes.

    Nothing is raised for what may go wrong between here and SQS: the results say it. What the store raises
    (`sqlalchemy.exc.SQLAlchemyError`) is passed on. Messages may have been sent then and not recorded; they are sent
    again later, and a second message for one prediction is harmless.

    Args:
        predictions: The predictions.
        outbox: Which of their messages are still to be sent.
        dispatcher: What sends them.
        kill_switch: Whether to send at all.
        clock: The time.
    """

    def __init__(
        self,
        *,
        predictions: PredictionStore,
        outbox: Outbox,
        dispatcher: Dispatcher,
        kill_switch: KillSwitch,
        clock: Clock,
    ) -> None:
        self._predictions = predictions
        self._outbox = outbox
        self._dispatcher = dispatcher
        self._kill_switch = kill_switch
        self._clock = clock

    # ---- What somebody asks for

    def publish(self, message: PredictionSQSMessage, correlation_id: str | None = None) -> PublishResult:
        """Publish the message of a recorded prediction, unless it has been published already.

        Args:
            message: A valid message, not more than five minutes old or ahead, that says what the store says: the worker
                would refuse any other.
            correlation_id: What the log lines of this request are to carry; by default a new id.
        """
        correlation_id = correlation_id or new_correlation_id()
        record = self._predictions.get(message.prediction_id)
        refused = self._refused(message, record, correlation_id)
        return refused or self._send({message.prediction_id: message}, correlation_id)[message.prediction_id]

    def publish_prediction(self, prediction_id: UUID, correlation_id: str | None = None) -> PublishResult:
        """Publish the message that a recorded prediction calls for, unless it has been published already."""
        correlation_id = correlation_id or new_correlation_id()
        record = self._predictions.get(prediction_id)
        if record is None:
            return PublishResult(prediction_id, PublishCode.UNKNOWN, correlation_id)
        if record.published_at is not None:
            return _already(record, correlation_id)
        return self._send({prediction_id: None}, correlation_id)[prediction_id]

    def publish_many(
        self, messages: Iterable[PredictionSQSMessage], correlation_id: str | None = None
    ) -> list[PublishResult]:
        """Publish the messages of many recorded predictions, in batches; for each, what `publish` says holds.

        A message that SQS does not take is tried again where that may help, then kept for the relay. When nothing gets
        through any more, the rest is kept without being tried.

        Returns:
            What became of each, in the order given.
        """
        correlation_id = correlation_id or new_correlation_id()
        results: list[PublishResult] = []
        halted: PublishCode | None = None
        remaining = iter(messages)
        while chunk := list(islice(remaining, _CHUNK)):
            done = self._publish_chunk(chunk, correlation_id, halted)
            if halted is None and all(result.code in _HALTING for result in done):
                halted = done[-1].code
            results += done
        return results

    def _publish_chunk(
        self, chunk: Sequence[PredictionSQSMessage], correlation_id: str, halted: PublishCode | None
    ) -> list[PublishResult]:
        records = self._predictions.get_many({message.prediction_id for message in chunk})
        refusals = [self._refused(each, records.get(each.prediction_id), correlation_id) for each in chunk]
        wanted = {
            message.prediction_id: message for message, refused in zip(chunk, refusals, strict=True) if refused is None
        }
        if halted is None:
            done = self._send(wanted, correlation_id)
        else:
            done = {each: PublishResult(each, halted, correlation_id) for each in wanted}
        return [refused or done[message.prediction_id] for message, refused in zip(chunk, refusals, strict=True)]

    def _refused(
        self, message: PredictionSQSMessage, record: Prediction | None, correlation_id: str
    ) -> PublishResult | None:
        """Why a message is not to be sent; None if it is."""
        if record is None:
            return PublishResult(message.prediction_id, PublishCode.UNKNOWN, correlation_id)
        try:
            message.check_publishable(self._clock.now())
        except MessageRefusedError as error:
            return _invalid(message, error.reason, error.detail, correlation_id)
        difference = difference_from_record(message, record)
        if difference:
            return _invalid(message, *difference, correlation_id)
        return _already(record, correlation_id) if record.published_at is not None else None

    def _send(
        self, wanted: Mapping[UUID, PredictionSQSMessage | None], correlation_id: str
    ) -> dict[UUID, PublishResult]:
        """Send these messages now, as far as nobody else is doing it."""
        if not wanted:
            return {}
        if not self._kill_switch.is_on():
            return {each: _disabled(each, correlation_id) for each in wanted}
        lease = self._outbox.take(wanted)
        messages = {prediction_id: message for prediction_id, message in wanted.items() if message is not None}
        results = self._dispatcher.dispatch(lease, correlation_id, messages)
        done = {result.prediction_id: result for result in results}
        if len(done) < len(wanted):
            not_taken = wanted.keys() - done.keys()
            now = self._predictions.get_many(not_taken)
            done |= {each: _in_other_hands(each, now.get(each), correlation_id) for each in not_taken}
        return done

    # ---- What waits

    def publish_due(self, limit: int = _PAGE) -> list[PublishResult]:
        """Publish what waits in the outbox and is due, the longest due first; nothing while publishing is disabled.

        Args:
            limit: The most to publish.
        """
        if not self._kill_switch.is_on():
            return []
        lease = self._outbox.take_due(limit)
        return self._dispatcher.dispatch(lease, new_correlation_id()) if lease.entries else []

    def publish_pending(self) -> Iterator[PublishResult]:
        """Publish all that waits in the outbox, due or not, oldest first.

        Ends early where going on would not help: where publishing is disabled, or when something has to be kept because
        SQS refuses or cannot be reached. The rest waits as it did.

        Yields:
            A result for each that was tried.
        """
        self._outbox.adopt()
        self._outbox.hurry()
        if not self._kill_switch.is_on():
            oldest = self._outbox.oldest()
            if oldest is not None:
                yield _disabled(oldest.prediction_id, new_correlation_id())
            return
        while results := self.publish_due():
            yield from results
            if any(result.is_kept for result in results):
                return


def new_correlation_id() -> str:
    """An id for the log lines of one request: told apart from all others, but no secret."""
    return f"{getrandbits(128):032x}"


def _already(record: Prediction, correlation_id: str) -> PublishResult:
    return PublishResult(
        record.prediction_id, PublishCode.ALREADY_PUBLISHED, correlation_id, message_id=record.message_id
    )


def _invalid(message: PredictionSQSMessage, reason: Reason, detail: str, correlation_id: str) -> PublishResult:
    log.warning(
        "publisher.refused",
        prediction_id=str(message.prediction_id),
        reason=reason.value,
        detail=bounded(detail),
        correlation_id=correlation_id,
    )
    return PublishResult(message.prediction_id, PublishCode.INVALID, correlation_id)


def _in_other_hands(prediction_id: UUID, record: Prediction | None, correlation_id: str) -> PublishResult:
    if record is not None and record.published_at is not None:
        return _already(record, correlation_id)
    return PublishResult(prediction_id, PublishCode.IN_HAND, correlation_id)


def _disabled(prediction_id: UUID, correlation_id: str) -> PublishResult:
    log.warning(
        "publisher.kept",
        prediction_id=str(prediction_id),
        code=PublishCode.DISABLED.value,
        correlation_id=correlation_id,
    )
    return PublishResult(prediction_id, PublishCode.DISABLED, correlation_id)
