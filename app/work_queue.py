"""The queue as its consumer sees it: the few calls, with AWS's strings and dictionaries left behind."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.aws_failures import AWS_ERRORS, AwsFailure, FailureKind, whole_answer
from app.clock import Clock
from app.telemetry.trace_context import ATTRIBUTE_NAMES, TraceContext

if TYPE_CHECKING:
    from types_boto3_sqs.client import SQSClient as BotoSQSClient
    from types_boto3_sqs.type_defs import (
        ChangeMessageVisibilityBatchRequestEntryTypeDef,
        ChangeMessageVisibilityBatchResultTypeDef,
        DeleteMessageBatchRequestEntryTypeDef,
        DeleteMessageBatchResultTypeDef,
        ReceiveMessageRequestTypeDef,
    )

MAX_BATCH = 10
"""The most messages that one receive returns."""

MAX_VISIBILITY_SECONDS = 12 * 3600
"""How long after its receive a message can be kept at most, extensions counted (SQS developer guide, "Quotas")."""


@dataclass(frozen=True)
class Delivery:
    """One message as handed out once.

    Args:
        message_id: The message's id, the same at each delivery.
        receipt_handle: What this delivery is deleted or extended by; each delivery has its own.
        body: The body.
        receive_count: How often it has been handed out, this time counted.
        received_at: When it arrived here, by the monotonic clock.
        trace: The trace that the message carries on, where it was asked for; None for none.
    """

    message_id: str
    receipt_handle: str
    body: str
    receive_count: int
    received_at: float
    trace: TraceContext | None = None


@dataclass(frozen=True)
class QueueAttributes:
    """What the queue says of itself.

    Args:
        queue_url: The URL that was asked.
        visibility_timeout_seconds: For how long a delivery is hidden from others.
        message_retention_seconds: For how long a message is kept.
        receive_wait_seconds: The queue's own long poll.
        max_receive_count: After how many deliveries a message goes to the dead-letter queue; None without one.
        dead_letter_queue_arn: That queue; None without one.
        visible: Messages that wait, about.
        in_flight: Messages that are handed out or postponed, about.
        delayed: Messages whose delay has not passed, about.
    """

    queue_url: str
    visibility_timeout_seconds: int
    message_retention_seconds: int
    receive_wait_seconds: int
    max_receive_count: int | None
    dead_letter_queue_arn: str | None
    visible: int
    in_flight: int
    delayed: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits, nothing is handed out and nothing is delayed, as far as SQS knows."""
        return self.visible == self.in_flight == self.delayed == 0


class WorkQueue:
    """A queue to consume from. Raises `aws_failures.AWS_ERRORS`. Safe to use from several threads.

    Args:
        sqs: The client.
        queue_url: The queue.
        clock: The time.
        ask_for_trace: Whether to ask for the attributes that carry a trace, and to read them.
    """

    def __init__(self, sqs: "BotoSQSClient", queue_url: str, clock: Clock, *, ask_for_trace: bool = False) -> None:
        self._sqs = sqs
        self._queue_url = queue_url
        self._clock = clock
        self._ask_for_trace = ask_for_trace

    def receive(self, most: int, wait_seconds: int, visibility_seconds: int) -> list[Delivery]:
        """Take messages, waiting for the first.

        Args:
            most: The most to take, from 1 to 10.
            wait_seconds: How long to wait for one, from 0 to 20.
            visibility_seconds: For how long they are hidden from others. Said each time, so that a lease lasts as long
                as the worker believes even if the queue's own timeout is changed meanwhile.
        """
        asked: ReceiveMessageRequestTypeDef = {
            "QueueUrl": self._queue_url,
            "MaxNumberOfMessages": most,
            "WaitTimeSeconds": wait_seconds,
            "VisibilityTimeout": visibility_seconds,
            "MessageSystemAttributeNames": ["ApproximateReceiveCount"],
        }
        if self._ask_for_trace:
            asked["MessageAttributeNames"] = ATTRIBUTE_NAMES
        with whole_answer():
            answer = self._sqs.receive_message(**asked)
            now = self._clock.monotonic()
            return [
                Delivery(
                    message_id=message["MessageId"],
                    receipt_handle=message["ReceiptHandle"],
                    body=message["Body"],
                    receive_count=int(message["Attributes"]["ApproximateReceiveCount"]),
                    received_at=now,
                    trace=TraceContext.of_attributes(message.get("MessageAttributes")) if self._ask_for_trace else None,
                )
                for message in answer.get("Messages", [])
            ]

    def delete_many(self, deliveries: Sequence[Delivery]) -> dict[int, AwsFailure]:
        """Delete messages whose work is done, in one request. Raises nothing.

        Args:
            deliveries: From 1 to 10.

        Returns:
            Those that failed, by their places, and why.
        """
        entries: list[DeleteMessageBatchRequestEntryTypeDef] = [
            {"Id": str(place), "ReceiptHandle": each.receipt_handle} for place, each in enumerate(deliveries)
        ]
        return _failures(
            len(entries), lambda: self._sqs.delete_message_batch(QueueUrl=self._queue_url, Entries=entries)
        )

    def hide(self, delivery: Delivery, seconds: int) -> None:
        """Hide a message from others for so many seconds from now; 0 gives it back at once."""
        with whole_answer():
            self._sqs.change_message_visibility(
                QueueUrl=self._queue_url, ReceiptHandle=delivery.receipt_handle, VisibilityTimeout=seconds
            )

    def hide_many(self, hidings: Sequence[tuple[Delivery, int]]) -> dict[int, AwsFailure]:
        """Hide messages from others, each for so many seconds from now, in one request. Raises nothing.

        Args:
            hidings: From 1 to 10.

        Returns:
            Those that failed, by their places, and why.
        """
        entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = [
            {"Id": str(place), "ReceiptHandle": each.receipt_handle, "VisibilityTimeout": seconds}
            for place, (each, seconds) in enumerate(hidings)
        ]
        return _failures(
            len(entries),
            lambda: self._sqs.change_message_visibility_batch(QueueUrl=self._queue_url, Entries=entries),
        )

    def give_back_many(self, deliveries: Sequence[Delivery]) -> dict[int, AwsFailure]:
        """Make messages visible to everybody at once, in one request. Raises nothing.

        Args:
            deliveries: From 1 to 10.

        Returns:
            Those that failed, by their places, and why.
        """
        return self.hide_many([(delivery, 0) for delivery in deliveries])

    def attributes(self) -> QueueAttributes:
        """Ask the queue for its attributes."""
        with whole_answer():
            answer = self._sqs.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=["All"])
            attributes = {str(name): value for name, value in answer["Attributes"].items()}
            redrive: dict[str, str | int] = json.loads(attributes.get("RedrivePolicy") or "{}")
            most, target = redrive.get("maxReceiveCount"), redrive.get("deadLetterTargetArn")
            return QueueAttributes(
                queue_url=self._queue_url,
                visibility_timeout_seconds=int(attributes["VisibilityTimeout"]),
                message_retention_seconds=int(attributes["MessageRetentionPeriod"]),
                receive_wait_seconds=int(attributes["ReceiveMessageWaitTimeSeconds"]),
                max_receive_count=None if most is None else int(most),
                dead_letter_queue_arn=None if target is None else str(target),
                visible=int(attributes["ApproximateNumberOfMessages"]),
                in_flight=int(attributes["ApproximateNumberOfMessagesNotVisible"]),
                delayed=int(attributes["ApproximateNumberOfMessagesDelayed"]),
            )


def _failures(
    count: int, ask: "Callable[[], DeleteMessageBatchResultTypeDef | ChangeMessageVisibilityBatchResultTypeDef]"
) -> dict[int, AwsFailure]:
    """Ask for a batch, and tell which of its entries failed: one that the answer does not name has failed, too."""
    try:
        with whole_answer():
            answer = ask()
            failed = {int(entry["Id"]): AwsFailure.of_entry(entry) for entry in answer.get("Failed", [])}
            done = {int(entry["Id"]) for entry in answer.get("Successful", [])}
    except AWS_ERRORS as error:
        return dict.fromkeys(range(count), AwsFailure.of(error))
    return failed | {place: _UNANSWERED for place in range(count) if place not in done and place not in failed}


_UNANSWERED = AwsFailure(FailureKind.UNAVAILABLE, "NoAnswer", "the answer does not say what became of it")
