"""A queue by the names of OpenTelemetry's conventions for messaging spans.

See https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ and …/messaging/sqs/.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from opentelemetry.semconv._incubating.attributes.aws_attributes import AWS_SQS_QUEUE_URL
from opentelemetry.semconv._incubating.attributes.cloud_attributes import CLOUD_REGION
from opentelemetry.semconv._incubating.attributes.messaging_attributes import (
    MESSAGING_BATCH_MESSAGE_COUNT,
    MESSAGING_DESTINATION_NAME,
    MESSAGING_MESSAGE_ID,
    MESSAGING_OPERATION_NAME,
    MESSAGING_OPERATION_TYPE,
    MESSAGING_SYSTEM,
    MessagingOperationTypeValues,
    MessagingSystemValues,
)
from opentelemetry.semconv.attributes.server_attributes import SERVER_ADDRESS, SERVER_PORT
from opentelemetry.trace import SpanKind

from app.telemetry.tracing import Attributes

BATCH_COUNT = MESSAGING_BATCH_MESSAGE_COUNT
MESSAGE_ID = MESSAGING_MESSAGE_ID

_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Operation:
    """Something that is done with messages.

    Args:
        name: What SQS's users call it; spans are called by it and the queue.
        type: Its type in the conventions.
        kind: The kind of its spans.
    """

    name: str
    type: MessagingOperationTypeValues
    kind: SpanKind


CREATE = Operation("create", MessagingOperationTypeValues.CREATE, SpanKind.PRODUCER)
"""One message of a batch: what it carries is the context of this."""
SEND = Operation("send", MessagingOperationTypeValues.SEND, SpanKind.PRODUCER)
"""A message by itself, which carries the context of this."""
SEND_BATCH = Operation("send", MessagingOperationTypeValues.SEND, SpanKind.CLIENT)
RECEIVE = Operation("receive", MessagingOperationTypeValues.RECEIVE, SpanKind.CLIENT)
PROCESS = Operation("process", MessagingOperationTypeValues.PROCESS, SpanKind.CONSUMER)
DELETE = Operation("delete", MessagingOperationTypeValues.SETTLE, SpanKind.CLIENT)
CHANGE_VISIBILITY = Operation("change_visibility", MessagingOperationTypeValues.SETTLE, SpanKind.CLIENT)


@dataclass(frozen=True)
class MessagingQueue:
    """A queue as spans name it.

    Args:
        url: The queue's URL.
        region: The region's name; None where it is not known.
    """

    url: str
    region: str | None
    name: str = field(init=False)
    _shared: Mapping[str, str | int] = field(init=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        shared: dict[str, str | int] = {
            MESSAGING_SYSTEM: MessagingSystemValues.AWS_SQS.value,
            MESSAGING_DESTINATION_NAME: parts.path.rsplit("/", 1)[-1],
            AWS_SQS_QUEUE_URL: self.url,
            SERVER_ADDRESS: parts.hostname or "",
            SERVER_PORT: parts.port or _PORTS.get(parts.scheme, 443),
        }
        if self.region is not None:
            shared[CLOUD_REGION] = self.region
        object.__setattr__(self, "name", shared[MESSAGING_DESTINATION_NAME])
        object.__setattr__(self, "_shared", shared)

    def span_name(self, operation: Operation) -> str:
        """What spans of an operation on this queue are called."""
        return f"{operation.name} {self.name}"

    def attributes(self, operation: Operation, **more: str | int) -> Attributes:
        """The attributes of an operation on this queue.

        Args:
            operation: Which.
            more: `message_id`, or `batch_count` for an operation on a batch.
        """
        named = {_NAMES[name]: value for name, value in more.items()}
        return {
            **self._shared,
            MESSAGING_OPERATION_NAME: operation.name,
            MESSAGING_OPERATION_TYPE: operation.type.value,
            **named,
        }


_NAMES = {"message_id": MESSAGING_MESSAGE_ID, "batch_count": MESSAGING_BATCH_MESSAGE_COUNT}
