"""One message of the dead-letter queue, and what can be read out of it whatever it holds."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from app.message import MAX_BODY_BYTES, check_user_id
from app.telemetry.trace_context import TraceContext

if TYPE_CHECKING:
    from types_boto3_sqs.type_defs import MessageAttributeValueOutputTypeDef, MessageTypeDef

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class DeadLetter:
    """A dead letter as it was handed out.

    Args:
        message_id: Its id in SQS, the one under which it was refused.
        receipt_handle: What this delivery is given back or deleted by.
        body: The body, whatever it is.
        receive_count: How often it has been handed out, by both queues together; each look at it counts.
        sent_at: When it was sent first: dead-lettering does not change it. None if SQS does not say.
        source_arn: The queue that it comes from; None for a message that was sent to the dead-letter queue directly.
        group_id: The message group that it was sent with.
        trace_header: The X-Ray header that it was sent with.
        attributes: The message attributes that it was sent with, by name.
        prediction_id: The prediction that it names, where that can be read.
        user_id: The user that it names, where that can be read. It proves nothing.
    """

    message_id: str
    receipt_handle: str
    body: str
    receive_count: int
    sent_at: datetime | None
    source_arn: str | None
    group_id: str | None
    trace_header: str | None
    attributes: "Mapping[str, MessageAttributeValueOutputTypeDef]"
    prediction_id: UUID | None
    user_id: str | None

    @classmethod
    def of(cls, message: "MessageTypeDef") -> "DeadLetter":
        """Read a message that SQS handed out."""
        system = {str(name): value for name, value in message.get("Attributes", {}).items()}
        body = message.get("Body", "")
        named = _fields(body)
        return cls(
            message_id=message.get("MessageId", ""),
            receipt_handle=message.get("ReceiptHandle", ""),
            body=body,
            receive_count=int(system.get("ApproximateReceiveCount", "0")),
            sent_at=_time(system.get("SentTimestamp")),
            source_arn=system.get("DeadLetterQueueSourceArn"),
            group_id=system.get("MessageGroupId"),
            trace_header=system.get("AWSTraceHeader"),
            attributes=message.get("MessageAttributes", {}),
            prediction_id=_uuid(named.get("prediction_id")),
            user_id=_user(named.get("user_id")),
        )

    @property
    def trace_id(self) -> str | None:
        """The trace that it carries on, by which its spans and log lines are found; None where it carries none."""
        trace = TraceContext.of_attributes(self.attributes)
        return trace.trace_id if trace else None

    @property
    def size(self) -> int:
        """The body's length in bytes."""
        return len(self.body.encode("utf-8", "surrogatepass"))


def _fields(body: str) -> Mapping[str, object]:
    """The fields of a body, even of one that no worker would take: to look is not to trust."""
    if len(body) > MAX_BODY_BYTES:
        return {}
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _uuid(value: object) -> UUID | None:
    return UUID(value) if isinstance(value, str) and _UUID.fullmatch(value) else None


def _user(value: object) -> str | None:
    try:
        return check_user_id(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _time(milliseconds: str | None) -> datetime | None:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if milliseconds else None
