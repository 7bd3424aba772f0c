"""What is measured of requests to send. Where nothing is measured, there is none of this."""

from collections.abc import Sequence

from app.aws_failures import AwsFailure
from app.publishing.sending import NotSent, Sending
from app.telemetry.instruments import Description, Kind
from app.telemetry.names import ERROR, OPERATION, OPERATION_DURATION
from app.telemetry.registry import Registry

SENT = Description(
    "messaging.client.sent.messages",
    Kind.COUNTER,
    "{message}",
    "Messages that SQS was asked to take, each time; those that it did not have an error",
    (OPERATION, ERROR),
)

_SEND = "send"


class SenderMetrics:
    """Measures requests to send. Safe to use from several threads.

    Args:
        registry: Where the numbers are asked for.
    """

    def __init__(self, registry: Registry) -> None:
        self._sent = registry.counter(SENT)
        self._duration = registry.histogram(OPERATION_DURATION)

    def asked(self, seconds: float, sendings: Sequence[Sending], failure: AwsFailure | None = None) -> None:
        """SQS has been asked to take messages, one or a batch.

        Args:
            seconds: How long that took.
            sendings: What became of each.
            failure: Why the request failed as a whole, if it did; one for a single message fails with that.
        """
        taken = 0
        for sending in sendings:
            if isinstance(sending, NotSent):
                self._sent.add(_SEND, sending.failure.kind.value)
                if len(sendings) == 1:
                    failure = sending.failure
            else:
                taken += 1
        if taken:
            self._sent.add(_SEND, "", amount=taken)
        self._duration.record(seconds, _SEND, "" if failure is None else failure.kind.value)
