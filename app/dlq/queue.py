"""The calls on the dead-letter queue, with AWS's errors turned into one that a person can act upon."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.aws_failures import AWS_ERRORS, AwsFailure, FailureKind
from app.dlq.letter import DeadLetter
from app.dlq.move_task import MoveTask
from app.errors import OperationFailedError

if TYPE_CHECKING:
    from types_boto3_sqs.client import SQSClient as BotoSQSClient
    from types_boto3_sqs.type_defs import SendMessageRequestTypeDef, StartMessageMoveTaskRequestTypeDef

_PAGE = 10
_POLL_SECONDS = 1


class DeadLettersUnavailableError(OperationFailedError):
    """A call on the dead-letter queue, or back to its source, was refused or not answered.

    Args:
        doing: What was tried, in words.
        failure: What AWS said.
    """

    def __init__(self, doing: str, failure: AwsFailure) -> None:
        told = f"{doing} failed: {failure.code}: {failure.message}"
        if failure.kind is FailureKind.REFUSED:
            told += "; this takes the operator's role, through the VPC endpoint"
        super().__init__(told)
        self.failure = failure


@contextmanager
def _told(doing: str) -> Iterator[None]:
    try:
        yield
    except AWS_ERRORS as error:
        raise DeadLettersUnavailableError(doing, AwsFailure.of(error)) from error
    except (LookupError, TypeError, AttributeError) as error:  # what a damaged answer makes of those who read it
        failure = AwsFailure(FailureKind.UNAVAILABLE, "TornAnswer", f"the answer is damaged: {type(error).__name__}")
        raise DeadLettersUnavailableError(doing, failure) from error


@dataclass(frozen=True)
class Depth:
    """How much is in the dead-letter queue, about.

    Args:
        visible: Letters that can be looked at.
        in_flight: Letters that somebody is looking at.
        retention_seconds: How long it keeps a letter, counted from when the message was sent first.
    """

    visible: int
    in_flight: int
    retention_seconds: int


class DeadLetterQueue:
    """A dead-letter queue and the queue that it belongs to.

    All methods raise `DeadLettersUnavailableError` where AWS refuses or does not answer.

    Args:
        sqs: The client.
        url: The dead-letter queue.
        arn: The same, as move tasks name it.
        source_url: The queue whose dead letters these are.
        source_arn: The same, as letters name it.
    """

    def __init__(self, sqs: "BotoSQSClient", *, url: str, arn: str, source_url: str, source_arn: str) -> None:
        self._sqs = sqs
        self._url = url
        self._arn = arn
        self._source_url = source_url
        self.source_arn = source_arn

    @classmethod
    def of(cls, sqs: "BotoSQSClient", source_url: str) -> "DeadLetterQueue":
        """The dead-letter queue of a queue, as its redrive policy names it.

        Raises:
            OperationFailedError: It has none.
        """
        with _told("asking the queue for its dead-letter queue"):
            asked = sqs.get_queue_attributes(QueueUrl=source_url, AttributeNames=["QueueArn", "RedrivePolicy"])
            attributes = {str(name): value for name, value in asked["Attributes"].items()}
            source_arn = attributes["QueueArn"]
        redrive: Mapping[str, object] = json.loads(attributes.get("RedrivePolicy") or "{}")
        target = redrive.get("deadLetterTargetArn")
        if not isinstance(target, str):
            raise OperationFailedError(f"{source_url} has no dead-letter queue: its redrive policy names none")
        owner, name = target.split(":")[-2:]
        with _told("looking up the dead-letter queue"):
            url = sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=owner)["QueueUrl"]
        return cls(sqs, url=url, arn=target, source_url=source_url, source_arn=source_arn)

    def depth(self) -> Depth:
        """How much is in it."""
        with _told("asking the dead-letter queue for its attributes"):
            asked = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["All"])
            found = {str(name): value for name, value in asked["Attributes"].items()}
            return Depth(
                int(found["ApproximateNumberOfMessages"]),
                int(found["ApproximateNumberOfMessagesNotVisible"]),
                int(found["MessageRetentionPeriod"]),
            )

    # ---- Letters

    def receive(self, most: int, hold_seconds: int) -> list[DeadLetter]:
        """Take letters, hidden from others for so long.

        Args:
            most: The most to take; ten at once, whatever it is.
            hold_seconds: For how long.
        """
        with _told("reading the dead-letter queue"):
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(most, _PAGE),
                WaitTimeSeconds=_POLL_SECONDS,
                VisibilityTimeout=hold_seconds,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            return [DeadLetter.of(message) for message in answer.get("Messages", [])]

    def give_back(self, handles: Sequence[str]) -> list[str]:
        """Make letters, ten at most, visible to everybody again.

        Args:
            handles: The receipt handles that they were handed out with.

        Returns:
            Those of letters that are still hidden. One whose hold has lapsed is visible by itself.
        """
        with _told("giving dead letters back"):
            answer = self._sqs.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(place), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                    for place, handle in enumerate(handles)
                ],
            )
        lapsed = {"MessageNotInflight", "InvalidParameterValue", "ReceiptHandleIsInvalid"}
        failed = [entry for entry in answer.get("Failed", []) if entry["Code"].rpartition(".")[2] not in lapsed]
        return [handles[int(entry["Id"])] for entry in failed]

    def send_back(self, letter: DeadLetter) -> str:
        """Send a copy of a letter to the queue that it came from, with all that it was sent with.

        Returns:
            The copy's message id. Without one in its answer, SQS has not said that it took it: the call has failed.
        """
        request: SendMessageRequestTypeDef = {"QueueUrl": self._source_url, "MessageBody": letter.body}
        if letter.attributes:
            request["MessageAttributes"] = dict(letter.attributes)
        if letter.group_id:
            request["MessageGroupId"] = letter.group_id
        if letter.trace_header:
            header = {"DataType": "String", "StringValue": letter.trace_header}
            request["MessageSystemAttributes"] = {"AWSTraceHeader": header}  # type: ignore[dict-item]  # the stubs want a literal
        with _told("sending a dead letter back"):
            return self._sqs.send_message(**request)["MessageId"]

    def delete(self, letter: DeadLetter) -> None:
        """Delete a letter."""
        with _told("deleting a dead letter"):
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt_handle)

    # ---- Move tasks

    def start_moving(self, rate: int | None) -> str:
        """Have SQS move all letters back to where they came from.

        Args:
            rate: The most it may move in a second, 1 to 500; None leaves it to SQS.

        Returns:
            The task's handle.
        """
        request: StartMessageMoveTaskRequestTypeDef = {"SourceArn": self._arn}
        if rate is not None:
            request["MaxNumberOfMessagesPerSecond"] = rate
        with _told("starting the move"):
            return self._sqs.start_message_move_task(**request)["TaskHandle"]

    def tasks(self, most: int = 1) -> list[MoveTask]:
        """The newest move tasks, the newest first; ten at most."""
        with _told("asking for the move tasks"):
            answer = self._sqs.list_message_move_tasks(SourceArn=self._arn, MaxResults=most)
            return [MoveTask.of(entry) for entry in answer.get("Results", [])]

    def cancel(self, handle: str) -> None:
        """Ask a running task to stop; what it has moved stays moved."""
        with _told("cancelling the move"):
            self._sqs.cancel_message_move_task(TaskHandle=handle)
