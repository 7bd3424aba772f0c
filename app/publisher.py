"""Publishing: one message a prediction, and an answer that a person can read.

A prediction that cannot be published now stays QUEUED in the store and unpublished, and `publish_pending` sends it
later: disabled is not lost.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import structlog
from pydantic import ValidationError
from structlog.typing import FilteringBoundLogger

from app.aws_failures import AWS_ERRORS, AwsFailure, FailureKind
from app.bounded import bounded
from app.client import SQSClient
from app.clock import Clock
from app.kill_switch import KillSwitch
from app.message import MessageRefusedError, PredictionSQSMessage
from app.ownership import difference_from_record
from app.store import Prediction, PredictionStore

log: FilteringBoundLogger = structlog.get_logger(__name__)

_PAGE = 100


class PublishCode(StrEnum):
    """What became of a request to publish: stable codes."""

    PUBLISHED = "published"
    ALREADY_PUBLISHED = "already-published"
    DISABLED = "disabled"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    INVALID = "invalid"
    UNKNOWN = "unknown"


_WORDS = {
    PublishCode.PUBLISHED: "Your prediction is queued. It usually takes 2 to 5 minutes.",
    PublishCode.ALREADY_PUBLISHED: "Your prediction is queued already. Nothing more needs to be done.",
    PublishCode.DISABLED: "Predictions are paused. Yours is kept, and starts by itself when they go on.",
    PublishCode.UNAVAILABLE: "The queue cannot be reached. Your prediction is kept, and starts by itself later.",
    PublishCode.REFUSED: "The queue refuses us. Your prediction is kept, and starts by itself when that is mended.",
    PublishCode.INVALID: "This request is not valid, so no prediction was started.",
    PublishCode.UNKNOWN: "There is no prediction with this id. Upload the file first.",
}
_KEPT = frozenset({PublishCode.DISABLED, PublishCode.UNAVAILABLE, PublishCode.REFUSED})


@dataclass(frozen=True)
class PublishResult:
    """What became of one request to publish.

    Args:
        prediction_id: The prediction, which is also the id to search the logs for.
        code: The stable code.
        text: The same in words, for the person who asked. It tells nothing of the inside.
        retries: How often the send had to be repeated.
        message_id: The message that was sent, if one was.
    """

    prediction_id: UUID
    code: PublishCode
    text: str
    retries: int = 0
    message_id: str | None = None

    @property
    def is_kept(self) -> bool:
        """Whether the prediction waits in the store to be published later."""
        return self.code in _KEPT


class SQSPublisher:
    """Publishes prediction jobs. Safe to use from several threads.

    Args:
        client: The process's SQS client; its settings name the queue.
        store: The predictions, to record what has been published.
        kill_switch: Whether to publish at all.
        clock: The time.
    """

    def __init__(self, client: SQSClient, store: PredictionStore, kill_switch: KillSwitch, clock: Clock) -> None:
        self._client = client
        self._store = store
        self._kill_switch = kill_switch
        self._clock = clock

    def publish(self, message: PredictionSQSMessage) -> PublishResult:
        """Publish the message of a recorded prediction, unless it has been published already.

        Nothing is raised for what may go wrong between here and SQS: the result says it.

        Args:
            message: A valid message, not more than five minutes old or ahead, that says what the store says: the worker
                would refuse any other.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The store does not answer. The message may have been sent; a second one for
                the same prediction is harmless.
        """
        prediction_id = message.prediction_id
        try:
            message.check_publishable(self._clock.now())
        except MessageRefusedError as error:
            return self._invalid(prediction_id, error.reason, error.detail)
        prediction = self._store.get(prediction_id)
        if prediction is None:
            return _result(prediction_id, PublishCode.UNKNOWN)
        difference = difference_from_record(message, prediction)
        if difference:
            return self._invalid(prediction_id, *difference)
        return self._send(message) if prediction.published_at is None else _already(prediction)

    def _send(self, message: PredictionSQSMessage) -> PublishResult:
        prediction_id = message.prediction_id
        if not self._kill_switch.is_on():
            return self._kept(prediction_id, PublishCode.DISABLED)
        before = self._client.attempts.count
        try:
            client = self._client.get_client()
            sent = client.send_message(QueueUrl=self._client.settings.queue_url, MessageBody=message.json())
        except AWS_ERRORS as error:
            failure = AwsFailure.of(error)
            refused = failure.kind in {FailureKind.REFUSED, FailureKind.NO_QUEUE, FailureKind.OTHER}
            code = PublishCode.REFUSED if refused else PublishCode.UNAVAILABLE
            return self._kept(prediction_id, code, self._retries_since(before), failure)
        retries = self._retries_since(before)
        self._store.mark_published(prediction_id, sent["MessageId"])
        log.info("publisher.published", prediction_id=str(prediction_id), message_id=sent["MessageId"], retries=retries)
        return _result(prediction_id, PublishCode.PUBLISHED, retries, sent["MessageId"])

    def publish_prediction(self, prediction_id: UUID) -> PublishResult:
        """Publish the message of a recorded prediction, unless it has been published already."""
        prediction = self._store.get(prediction_id)
        if prediction is None:
            return _result(prediction_id, PublishCode.UNKNOWN)
        return self._publish_recorded(prediction) if prediction.published_at is None else _already(prediction)

    def publish_pending(self) -> Iterator[PublishResult]:
        """Publish every prediction that waits for it, oldest first.

        Ends early where going on would not help: at the first that is kept because publishing is disabled, or because
        SQS refuses or cannot be reached. The rest waits as it did.

        Yields:
            A result for each that was tried.
        """
        last: Prediction | None = None
        while page := self._store.unpublished(limit=_PAGE, after=last):
            for prediction in page:
                result = self._publish_recorded(prediction)
                yield result
                if result.is_kept:
                    return
            last = page[-1]

    def _publish_recorded(self, prediction: Prediction) -> PublishResult:
        try:
            message = PredictionSQSMessage.model_validate(
                {
                    "prediction_id": prediction.prediction_id,
                    "user_id": prediction.user_id,
                    "upload_id": prediction.upload_id,
                    "s3_file_path": prediction.s3_file_path,
                    "timestamp": self._clock.now(),
                    "priority": prediction.priority,
                }
            )
        except ValidationError as error:
            fields = ", ".join(str(fault["loc"][0]) for fault in error.errors(include_input=False))
            return self._invalid(prediction.prediction_id, "recorded-values", f"the record is not valid: {fields}")
        return self._send(message)

    def _retries_since(self, attempts: int) -> int:
        return max(0, self._client.attempts.count - attempts - 1)

    def _invalid(self, prediction_id: UUID, reason: str, detail: str) -> PublishResult:
        log.warning("publisher.refused", prediction_id=str(prediction_id), reason=reason, detail=bounded(detail))
        return _result(prediction_id, PublishCode.INVALID)

    def _kept(
        self, prediction_id: UUID, code: PublishCode, retries: int = 0, failure: AwsFailure | None = None
    ) -> PublishResult:
        log.warning(
            "publisher.kept",
            prediction_id=str(prediction_id),
            code=code.value,
            retries=retries,
            **(failure.fields if failure else {}),
        )
        return _result(prediction_id, code, retries)


def _already(prediction: Prediction) -> PublishResult:
    return _result(prediction.prediction_id, PublishCode.ALREADY_PUBLISHED, message_id=prediction.message_id)


def _result(prediction_id: UUID, code: PublishCode, retries: int = 0, message_id: str | None = None) -> PublishResult:
    return PublishResult(prediction_id, code, _WORDS[code], retries, message_id)
