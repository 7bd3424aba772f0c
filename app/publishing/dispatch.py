"""What is done under a lease on the outbox: send its messages, and record what became of each."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from pydantic import ValidationError

from app.aws_failures import FailureKind
from app.backoff import Random, backoff_seconds
from app.bounded import bounded
from app.clock import Clock
from app.message import PredictionSQSMessage
from app.publishing.batches import MAX_ENTRIES, Outgoing
from app.publishing.result import PublishCode, PublishResult
from app.publishing.sender import Sender
from app.publishing.sending import NotSent, Sending, Sent
from app.store import Outbox, OutboxEntry, OutboxLease, Postponed, Prediction, State

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

_FIRST_WAIT_SECONDS = 1.0
_MOST_WAIT_SECONDS = 60.0
# What fails by its own fault waits until somebody has mended it; looking for that often helps nobody.
_FIRST_UNFIT_WAIT_SECONDS = 60.0
_MOST_UNFIT_WAIT_SECONDS = 3600.0
_INVALID_RECORD = "invalid-record"
_REFUSALS = frozenset({FailureKind.REFUSED, FailureKind.NO_QUEUE, FailureKind.OTHER})


class Dispatcher:
    """Sends the messages of leased entries and settles the lease. Safe to use from several threads.

    Args:
        sender: What sends.
        outbox: Where the leases are from.
        clock: The time.
        random: Where chance comes from.
        group_by_user: Give each message its user as its group, so that SQS serves the users fairly.
    """

    def __init__(self, sender: Sender, outbox: Outbox, clock: Clock, random: Random, *, group_by_user: bool) -> None:
        self._sender = sender
        self._outbox = outbox
        self._clock = clock
        self._random = random
        self._group_by_user = group_by_user
        # Bound once: a logger of the module's would be put together anew for each line.
        self._log: FilteringBoundLogger = structlog.get_logger(__name__).bind()

    def dispatch(
        self, lease: OutboxLease, correlation_id: str, messages: Mapping[UUID, PredictionSQSMessage] | None = None
    ) -> list[PublishResult]:
        """Send what a lease allows to be sent, and settle it.

        An entry whose prediction is no longer QUEUED needs no message: one has come through, though whoever sent it did
        not live to record it.

        Args:
            lease: The lease.
            correlation_id: What the log lines are to carry.
            messages: The messages, by prediction; one that is not here is made from its record.

        Returns:
            What became of each entry, in the lease's order.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: What became of them could not be recorded. They are sent again later.
        """
        given = messages or {}
        judged = [self._message_or_why_not(entry.prediction, given, correlation_id) for entry in lease.entries]
        outgoing = [
            self._outgoing(each, entry)
            for each, entry in zip(judged, lease.entries, strict=True)
            if isinstance(each, PredictionSQSMessage)
        ]
        sendings = iter([self._sender.send(outgoing[0])] if len(outgoing) == 1 else self._sender.send_many(outgoing))
        outcomes = [next(sendings) if isinstance(each, PredictionSQSMessage) else each for each in judged]
        self._settle(lease, outcomes)
        results = [
            _result(entry.prediction.prediction_id, outcome, correlation_id)
            for entry, outcome in zip(lease.entries, outcomes, strict=True)
        ]
        self._log_published([result for result in results if result.code is PublishCode.PUBLISHED])
        for result, outcome in zip(results, outcomes, strict=True):
            if isinstance(outcome, NotSent) and outcome.tried:
                self._log_kept(result, outcome)
        return results

    def _message_or_why_not(
        self, prediction: Prediction, given: Mapping[UUID, PredictionSQSMessage], correlation_id: str
    ) -> PredictionSQSMessage | PublishCode:
        if prediction.state is not State.QUEUED:
            return PublishCode.ALREADY_PUBLISHED
        message = given.get(prediction.prediction_id) or self._message_of(prediction, correlation_id)
        return PublishCode.INVALID if message is None else message

    def _settle(self, lease: OutboxLease, outcomes: Sequence[Sending | PublishCode]) -> None:
        sent: dict[UUID, str | None] = {}
        postponed: list[Postponed] = []
        for entry, outcome in zip(lease.entries, outcomes, strict=True):
            if isinstance(outcome, Sent):
                sent[entry.prediction.prediction_id] = outcome.message_id
            elif outcome is PublishCode.ALREADY_PUBLISHED:
                sent[entry.prediction.prediction_id] = None
            elif outcome is PublishCode.INVALID:
                postponed.append(self._postponed(entry, _INVALID_RECORD, unfit=True))
            elif isinstance(outcome, NotSent) and outcome.tried:
                postponed.append(self._postponed(entry, outcome.failure.code, unfit=not outcome.may_pass))
        self._outbox.settle(lease, sent=sent, postponed=postponed)

    def _outgoing(self, message: PredictionSQSMessage, entry: OutboxEntry) -> Outgoing:
        return Outgoing(message.json(), message.user_id if self._group_by_user else None, entry.trace)

    def _message_of(self, prediction: Prediction, correlation_id: str) -> PredictionSQSMessage | None:
        """The message that a record calls for; None where somebody has written to it what no message may say."""
        try:
            return PredictionSQSMessage(
                prediction_id=prediction.prediction_id,
                user_id=prediction.user_id,
                upload_id=prediction.upload_id,
                s3_file_path=prediction.s3_file_path,
                timestamp=self._clock.now(),
                priority=prediction.priority,
            )
        except ValidationError as error:
            fields = ", ".join(str(fault["loc"][0]) for fault in error.errors(include_input=False))
            self._log.warning(
                "publisher.refused",
                prediction_id=str(prediction.prediction_id),
                reason=_INVALID_RECORD,
                detail=f"the record is not valid: {bounded(fields)}",
                correlation_id=correlation_id,
            )
            return None

    def _postponed(self, entry: OutboxEntry, code: str, *, unfit: bool) -> Postponed:
        first, most = (
            (_FIRST_UNFIT_WAIT_SECONDS, _MOST_UNFIT_WAIT_SECONDS)
            if unfit
            else (_FIRST_WAIT_SECONDS, _MOST_WAIT_SECONDS)
        )
        wait = backoff_seconds(entry.attempts + 1, first=first, most=most, random=self._random)
        return Postponed(entry.prediction.prediction_id, code, self._clock.now() + timedelta(seconds=wait))

    def _log_kept(self, result: PublishResult, sending: NotSent) -> None:
        self._log.warning(
            "publisher.kept",
            prediction_id=str(result.prediction_id),
            code=result.code.value,
            retries=result.retries,
            correlation_id=result.correlation_id,
            **sending.failure.fields,
        )

    def _log_published(self, results: Sequence[PublishResult]) -> None:
        """One line a message, or one for ten: a line costs a tenth of a batch's whole processor time."""
        if len(results) == 1:
            only = results[0]
            self._log.info(
                "publisher.published",
                prediction_id=str(only.prediction_id),
                message_id=only.message_id,
                retries=only.retries,
                correlation_id=only.correlation_id,
            )
            return
        for start in range(0, len(results), MAX_ENTRIES):
            ten = results[start : start + MAX_ENTRIES]
            self._log.info(
                "publisher.published_many",
                messages={str(each.prediction_id): each.message_id for each in ten},
                retries=max(each.retries for each in ten),
                correlation_id=ten[0].correlation_id,
            )


def _result(prediction_id: UUID, outcome: Sending | PublishCode, correlation_id: str) -> PublishResult:
    if isinstance(outcome, Sent):
        return PublishResult(prediction_id, PublishCode.PUBLISHED, correlation_id, outcome.retries, outcome.message_id)
    if isinstance(outcome, PublishCode):
        return PublishResult(prediction_id, outcome, correlation_id)
    code = PublishCode.REFUSED if outcome.failure.kind in _REFUSALS else PublishCode.UNAVAILABLE
    return PublishResult(prediction_id, code, correlation_id, outcome.retries)
