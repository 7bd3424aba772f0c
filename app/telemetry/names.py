"""The names that instruments share: OpenTelemetry's conventions for messaging metrics, and what is our own.

See https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics/ (version 1.43, in development there). They
are written out here, since their package loads the whole of OpenTelemetry.
"""

from app.telemetry.instruments import Description, Kind

SYSTEM = "messaging.system"
SQS = "aws_sqs"
DESTINATION = "messaging.destination.name"
OPERATION = "messaging.operation.name"
"""`send`, `receive`, `process`, `delete`, `change_visibility`."""
ERROR = "error.type"
"""Which class of failures it was; left out where it was none."""

OUTCOME = "retainwise.outcome"
REASON = "retainwise.reason"
CODE = "retainwise.code"
CAUSE = "retainwise.cause"

OPERATION_DURATION = Description(
    "messaging.client.operation.duration",
    Kind.HISTOGRAM,
    "s",
    "How long requests to the queue took, their repetitions counted in",
    (OPERATION, ERROR),
)
