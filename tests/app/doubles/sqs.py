"""An SQS queue in memory: the few calls that the application makes, honest about visibility, receives and redrive."""
# ruff: noqa: N803 - the arguments have boto3's own names

import itertools
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from botocore.exceptions import ClientError

from tests.app.doubles.clock import FakeClock

if TYPE_CHECKING:
    from types_boto3_sqs.client import SQSClient as BotoSQSClient

Value = TypeVar("Value")

ACCOUNT = "123456789012"
QUEUE_NAME = "predictions"
QUEUE_URL = f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/{QUEUE_NAME}"
TWELVE_HOURS = 12 * 3600


def aws_error(
    code: str, operation: str = "ReceiveMessage", status: int = 400, message: str = "as AWS says"
) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]  # the rest of the metadata is of no interest
        operation,
    )


def _metadata() -> dict[str, object]:
    return {"ResponseMetadata": {"HTTPStatusCode": 200, "RetryAttempts": 0}}


@dataclass
class FakeMessage:
    message_id: str
    body: str
    visible_at: float
    receive_count: int = 0
    receipt_handle: str | None = None
    received_at: float = 0.0
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass
class FakeSqs:
    """One queue and its dead-letter queue, on a clock that a long poll moves."""

    clock: FakeClock
    visibility_seconds: int = 300
    max_receive_count: int | None = 3
    messages: list[FakeMessage] = field(default_factory=list)
    dead_letters: list[FakeMessage] = field(default_factory=list)
    faults: dict[str, list[Exception]] = field(default_factory=dict)
    """By operation, what its next calls raise; a batch goes by the single action, as its permission does."""
    entry_faults: dict[str, list[ClientError]] = field(default_factory=dict)
    """By receipt handle, what its next entries of batches fail with."""
    calls: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    refuse: Callable[[str], dict[str, object] | None] = lambda _body: None
    """Which entries of a batch fail, and how: by the body, `Code` and `SenderFault`."""
    before_receive: Callable[[], None] = lambda: None
    closed: bool = False

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._listeners: list[Callable[[], None]] = []
        self.meta = SimpleNamespace(events=SimpleNamespace(register=self._register))

    @property
    def client(self) -> "BotoSQSClient":
        return cast("BotoSQSClient", self)

    def _register(self, _event: str, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def _called(self, operation: str, **arguments: object) -> None:
        for listener in self._listeners:
            listener()
        self.calls.append((operation, arguments))
        faults = self.faults.get(operation)
        if faults:
            raise faults.pop(0)

    def count(self, operation: str) -> int:
        return sum(name == operation for name, _ in self.calls)

    def put(self, body: str, attributes: Mapping[str, object] | None = None) -> str:
        """Send past the publisher."""
        with self._lock:
            name = f"message-{next(self._numbers)}"
            message = FakeMessage(name, body, self.clock.monotonic(), attributes=attributes or {})
            self.messages.append(message)
            return message.message_id

    def close(self) -> None:
        self.closed = True

    def send_message(
        self,
        *,
        QueueUrl: str,
        MessageBody: str,
        MessageGroupId: str | None = None,
        MessageAttributes: Mapping[str, object] | None = None,
    ) -> dict[str, object]:
        self._called("SendMessage", QueueUrl=QueueUrl, group=MessageGroupId)
        return {"MessageId": self.put(MessageBody, MessageAttributes), **_metadata()}

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, object]:
        assert len(Entries) <= 10
        self._called("SendMessageBatch", QueueUrl=QueueUrl, groups=[each.get("MessageGroupId") for each in Entries])
        taken, refused = [], []
        for entry in Entries:
            failure = self.refuse(entry["MessageBody"])
            if failure:
                refused.append({"Id": entry["Id"], **failure})
            else:
                taken.append(
                    {"Id": entry["Id"], "MessageId": self.put(entry["MessageBody"], entry.get("MessageAttributes"))}
                )
        return {"Successful": taken, "Failed": refused, **_metadata()}

    def receive_message(  # noqa: PLR0913 - as boto3 has them
        self,
        *,
        QueueUrl: str,
        MaxNumberOfMessages: int,
        WaitTimeSeconds: int,
        VisibilityTimeout: int,
        MessageSystemAttributeNames: list[str],
        MessageAttributeNames: Sequence[str] = (),
    ) -> dict[str, object]:
        assert MessageSystemAttributeNames == ["ApproximateReceiveCount"]
        self._called(
            "ReceiveMessage",
            QueueUrl=QueueUrl,
            most=MaxNumberOfMessages,
            wait=WaitTimeSeconds,
            attributes=list(MessageAttributeNames),
        )
        self.before_receive()
        with self._lock:
            self._redrive()
            if not self._visible() and WaitTimeSeconds:
                self._wait(WaitTimeSeconds)
                self._redrive()
            taken = [
                self._take(message, VisibilityTimeout, MessageAttributeNames)
                for message in self._visible()[:MaxNumberOfMessages]
            ]
        return {"Messages": taken} if taken else {}

    def _wait(self, seconds: int) -> None:
        now = self.clock.monotonic()
        soonest = min([message.visible_at for message in self.messages] + [now + seconds])
        self.clock.advance(max(0.0, min(soonest, now + seconds) - now))

    def _visible(self) -> list[FakeMessage]:
        return [message for message in self.messages if message.visible_at <= self.clock.monotonic()]

    def _take(self, message: FakeMessage, visibility_seconds: int, wanted: Sequence[str]) -> dict[str, object]:
        message.receive_count += 1
        message.receipt_handle = f"{message.message_id}/{message.receive_count}"
        message.received_at = self.clock.monotonic()
        message.visible_at = message.received_at + visibility_seconds
        attributes = {name: value for name, value in message.attributes.items() if name in wanted}
        return {
            **({"MessageAttributes": attributes} if attributes else {}),
            "MessageId": message.message_id,
            "ReceiptHandle": message.receipt_handle,
            "Body": message.body,
            "Attributes": {"ApproximateReceiveCount": str(message.receive_count)},
        }

    def _redrive(self) -> None:
        if self.max_receive_count is None:
            return
        for message in self._visible():
            if message.receive_count >= self.max_receive_count:
                self.messages.remove(message)
                self.dead_letters.append(message)

    def delete_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, object]:
        """With an old handle SQS may answer as if it had deleted, and does not; so does this."""
        self._called("DeleteMessage", QueueUrl=QueueUrl, handles=[entry["ReceiptHandle"] for entry in Entries])
        return self._batch(Entries, lambda entry: self._delete(entry["ReceiptHandle"]))

    def _delete(self, handle: str) -> None:
        with self._lock:
            self.messages = [message for message in self.messages if message.receipt_handle != handle]

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:
        self._called("ChangeMessageVisibility", QueueUrl=QueueUrl, handle=ReceiptHandle, seconds=VisibilityTimeout)
        self._hide(ReceiptHandle, VisibilityTimeout)

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: list[dict[str, object]]) -> dict[str, object]:
        self._called(
            "ChangeMessageVisibility", QueueUrl=QueueUrl, handles=[entry["ReceiptHandle"] for entry in Entries]
        )
        return self._batch(
            Entries, lambda entry: self._hide(str(entry["ReceiptHandle"]), int(str(entry["VisibilityTimeout"])))
        )

    def _batch(self, entries: list[dict[str, Value]], do: Callable[[dict[str, Value]], None]) -> dict[str, object]:
        assert 1 <= len(entries) <= 10
        done, failed = [], []
        for entry in entries:
            try:
                faults = self.entry_faults.get(str(entry["ReceiptHandle"]))
                if faults:
                    raise faults.pop(0)
                do(entry)
                done.append({"Id": entry["Id"]})
            except ClientError as error:
                failed.append({"Id": entry["Id"], "SenderFault": True, **error.response["Error"]})
        return {"Successful": done, "Failed": failed, **_metadata()}

    def _hide(self, handle: str, seconds: int) -> None:
        with self._lock:
            now = self.clock.monotonic()
            for message in self.messages:
                if message.receipt_handle == handle and message.visible_at > now:
                    if now + seconds > message.received_at + TWELVE_HOURS:
                        break
                    message.visible_at = now + seconds
                    return
        raise aws_error("InvalidParameterValue", "ChangeMessageVisibility")

    def get_queue_url(self, *, QueueName: str) -> dict[str, str]:
        self._called("GetQueueUrl", name=QueueName)
        if QueueName != QUEUE_NAME:
            raise aws_error("AWS.SimpleQueueService.NonExistentQueue", "GetQueueUrl")
        return {"QueueUrl": QUEUE_URL}

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> dict[str, dict[str, str]]:
        assert AttributeNames == ["All"]
        self._called("GetQueueAttributes", QueueUrl=QueueUrl)
        now = self.clock.monotonic()
        hidden = sum(message.visible_at > now for message in self.messages)
        attributes = {
            "VisibilityTimeout": str(self.visibility_seconds),
            "MessageRetentionPeriod": "345600",
            "ReceiveMessageWaitTimeSeconds": "20",
            "ApproximateNumberOfMessages": str(len(self.messages) - hidden),
            "ApproximateNumberOfMessagesNotVisible": str(hidden),
            "ApproximateNumberOfMessagesDelayed": "0",
        }
        if self.max_receive_count is not None:
            redrive = {
                "deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:{QUEUE_NAME}-dlq",
                "maxReceiveCount": self.max_receive_count,
            }
            attributes["RedrivePolicy"] = json.dumps(redrive)
        return {"Attributes": attributes}
