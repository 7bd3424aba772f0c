"""What goes wrong on the wire, as rules of microburst: each with a name, so that it can be said how often it fired.

The first rule that matches and draws a hit decides, so a rate is that of requests that no rule before it took.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

Rule = Mapping[str, object]
PUBLISHING: Final = {"sqs": "SendMessageBatch"}
"""What publishers and relays mostly ask for."""
WORKING: Final = {"sqs": "ReceiveMessage", "s3": "GetObject"}
"""What workers mostly ask for."""

SLOW_PREFIX: Final = "user_slow"
"""What the ids of those users begin with whose files take long to be read."""


@dataclass(frozen=True)
class Fault:
    """One kind of fault.

    Args:
        name: What the tables call it.
        rule: The rule, in microburst's language, but for its probability.
        rate: The share of the matching requests that it takes.
        first: The chance of each matching request to be the first, so that a rare fault fires in a short run, too.
    """

    name: str
    rule: Rule
    rate: float = 1.0
    first: float = 0.2

    def in_weather(self, factor: float) -> "Fault":
        """The same, so much more or less often."""
        return replace(self, rate=min(1.0, self.rate * factor), first=self.first if factor else 0.0)

    def as_rules(self, main_operations: Mapping[str, str]) -> Sequence[Rule]:
        """The fault in microburst's language.

        Args:
            main_operations: What each service is mostly asked for: the first is to meet one of these, and no start.
        """
        often = {**self.rule, "probability": self.rate}
        if self.rate >= self.first:
            return [often]
        main = main_operations.get(str(self.rule["service"]))
        operation = {} if main is None or "operation" in self.rule else {"operation": main}
        return [{**self.rule, **operation, "probability": self.first, "times": 1}, often]


def _error(service: str, code: str, status: int, message: str) -> Rule:
    return {"service": service, "error": {"code": code, "status": status, "message": message}}


# In AWS's own envelopes; what the codes are for clients of the query protocol stands in `envelopes`.
_REFUSALS: Final = (
    Fault("SQS throttles", _error("sqs", "RequestThrottled", 403, "Rate exceeded"), 0.03),
    Fault("SQS fails (500)", _error("sqs", "InternalFailure", 500, "We encountered an internal error."), 0.02),
    Fault("SQS is unavailable (503)", _error("sqs", "ServiceUnavailable", 503, "Please try again."), 0.01),
    Fault("SQS: the token has expired", _error("sqs", "ExpiredTokenException", 403, "The token has expired"), 0.005),
    Fault("S3 throttles (503)", _error("s3", "SlowDown", 503, "Please reduce your request rate."), 0.03),
    Fault("S3 fails (500)", _error("s3", "InternalError", 500, "We encountered an internal error."), 0.02),
    Fault("S3: the token has expired", _error("s3", "ExpiredToken", 400, "The provided token has expired."), 0.002),
)
_SENDS: Final = Fault(
    "SQS: sends are slow",
    {"service": "sqs", "operation": "SendMessageBatch", "latency": {"min": 50, "max": 300}},
    0.5,
)
_SSM: Final = Fault("SSM throttles", _error("ssm", "ThrottlingException", 400, "Rate exceeded"), 0.1, 1.0)

# Before the request has arrived, and after it has been carried out. The second kind is what makes duplicates.
_CONNECTIONS: Final = (
    Fault("SQS: reset before", {"service": "sqs", "reset": True}, 0.01),
    Fault("SQS: the answer is lost", {"service": "sqs", "response": {"abort_bytes": 0}}, 0.02),
    Fault("SQS: the answer is torn", {"service": "sqs", "response": {"abort_frac": 0.5}}, 0.01),
    Fault("SQS: the answer is cut short", {"service": "sqs", "response": {"truncate_frac": 0.5}}, 0.01),
    Fault("SQS: the answer is corrupted", {"service": "sqs", "response": {"corrupt_bytes": 3}}, 0.01),
    Fault("S3: reset before", {"service": "s3", "reset": True}, 0.01),
    Fault("S3: the answer is torn", {"service": "s3", "operation": "GetObject", "response": {"abort_frac": 0.5}}, 0.01),
    Fault(
        "S3: the file is corrupted", {"service": "s3", "operation": "GetObject", "response": {"corrupt_bytes": 3}}, 0.01
    ),
    Fault("S3: the answer is lost", {"service": "s3", "operation": "PutObject", "response": {"abort_bytes": 0}}, 0.02),
)

# The client of heartbeats and deletes waits for an answer for 3 s.
_TOO_LATE: Final = (
    Fault(
        "SQS: a heartbeat answers too late",
        {"service": "sqs", "operation": "ChangeMessageVisibilityBatch", "latency": 4000},
        0.05,
    ),
    Fault(
        "SQS: a delete answers too late",
        {"service": "sqs", "operation": "DeleteMessageBatch", "latency": 4000},
        0.03,
    ),
)

# A statement of the server's own that ends the session is FATAL; what the client sees is a connection that is gone.
_DATABASE: Final = (
    Fault(
        "PostgreSQL takes no connection (53300)",
        {
            "service": "postgres",
            "operation": "startup",
            "error": {"sqlstate": "53300", "severity": "FATAL", "message": "sorry, too many clients already"},
        },
        0.03,
    ),
    Fault(
        "PostgreSQL goes down (57P01)",
        {
            "service": "postgres",
            "error": {
                "sqlstate": "57P01",
                "severity": "FATAL",
                "message": "terminating connection due to administrator command",
            },
        },
        0.001,
        0.02,
    ),
    Fault("PostgreSQL: the connection is lost before", {"service": "postgres", "reset": True}, 0.001, 0.02),
    Fault(
        "PostgreSQL: the answer to a commit is lost",
        {"service": "postgres", "operation": "commit", "partial_rows": 0},
        0.003,
        0.05,
    ),
    Fault(
        "PostgreSQL: the answer to an update is lost",
        {"service": "postgres", "operation": "update", "partial_rows": 0},
        0.002,
        0.05,
    ),
    Fault("PostgreSQL: a commit hangs", {"service": "postgres", "operation": "commit", "latency": 3000}, 0.001, 0.02),
)

# Longer than any client of the application's waits (35 s); for runs that have the time.
_NEVER_IN_TIME: Final = (
    Fault(
        "SQS: a receive is given up by the client",
        {"service": "sqs", "operation": "ReceiveMessage", "latency": 36_000},
        0.0005,
        0.01,
    ),
    Fault(
        "S3: a file is given up by the client",
        {"service": "s3", "operation": "GetObject", "latency": 36_000},
        0.0005,
        0.01,
    ),
)


def for_database(weather: float) -> Sequence[Fault]:
    """What publishers, relays and workers meet on their way to PostgreSQL.

    Args:
        weather: How much oftener than usual; 0 for nothing.
    """
    return [fault.in_weather(weather) for fault in _DATABASE if weather]


def for_publishing(weather: float) -> Sequence[Fault]:
    """What publishers and relays meet.

    Args:
        weather: How much oftener than usual; 0 for nothing.
    """
    faults = [fault.in_weather(weather) for fault in (*_REFUSALS[:4], *_CONNECTIONS[:5])]
    return [_SSM, *faults, _SENDS] if weather else []


def for_working(weather: float, *, slow_seconds: float, is_long: bool = False) -> Sequence[Fault]:
    """What workers meet.

    Args:
        weather: How much oftener than usual; 0 for nothing but slow files.
        slow_seconds: How long the files of slow users take to be read; longer than a delivery's visibility timeout,
            so that only heartbeats keep it.
        is_long: Whether the run has time for answers that never come in time.
    """
    slow = Fault(
        "S3: slow files",
        {"service": "s3", "operation": "GetObject", "resource": SLOW_PREFIX, "latency": slow_seconds * 1000},
    )
    faults = (*(_NEVER_IN_TIME if is_long else ()), *_TOO_LATE, *_REFUSALS, *_CONNECTIONS)
    return [slow, *(fault.in_weather(weather) for fault in faults if weather)]
