"""What became of a message that was to be sent."""

from dataclasses import dataclass

from app.aws_failures import AwsFailure, FailureKind

_MAY_PASS = frozenset({FailureKind.THROTTLED, FailureKind.UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class Sent:
    """SQS took the message.

    Args:
        message_id: The id that it gave it.
        retries: How often the request had to be repeated.
    """

    message_id: str
    retries: int


@dataclass(frozen=True, slots=True)
class NotSent:
    """SQS did not take the message, or nobody knows whether it did.

    Args:
        failure: Why.
        retries: How often the request had to be repeated.
        tried: False where it was not asked, because it had just failed others in the same way.
    """

    failure: AwsFailure
    retries: int = 0
    tried: bool = True

    @property
    def may_pass(self) -> bool:
        """Whether trying again helps, with nothing mended."""
        return self.failure.kind in _MAY_PASS


Sending = Sent | NotSent
"""What became of one message."""
