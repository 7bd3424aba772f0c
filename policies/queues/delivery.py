"""Rules on how messages reach a worker: hidden from others for long enough, by long polls, of a size that fits."""

from collections.abc import Mapping

from pulumi_policy import Severity
from pydantic import Field

from policies.reading.links import links_of
from policies.reading.remedies import remedy
from policies.reading.resource_types import QUEUE
from policies.reading.values import whole
from policies.rule import Resource, ResourceRule, Stack, StackRule, Violations
from policies.settings import RuleSettings

DEFAULT_VISIBILITY_SECONDS = 30
"""How long a received message is hidden when nobody says (SQS API reference, VisibilityTimeout)."""

DEFAULT_WAIT_SECONDS = 0
"""How long a receive waits when nobody says: short polling (SQS API reference, ReceiveMessageWaitTimeSeconds)."""

LONGEST_WAIT_SECONDS = 20
"""The most that `ReceiveMessageWaitTimeSeconds` can be set to (SQS API reference)."""

SMALLEST_LIMIT_BYTES = 1024
"""The least that `MaximumMessageSize` can be set to (SQS API reference)."""

DEFAULT_MESSAGE_BYTES = 256 * 1024
"""The most that a message may have when nobody says, by the AWS provider; SQS's own default is its limit of 1 MiB."""


class VisibilitySettings(RuleSettings):
    """How long a received message may be hidden."""

    minimum_seconds: int = Field(
        default=60, ge=0, le=43_200, description="The least; a worker extends it at a third, and may fail at it twice."
    )
    maximum_seconds: int = Field(default=43_200, ge=0, le=43_200, description="The most; AWS's own limit is 12 hours.")


class LongPollSettings(RuleSettings):
    """How long a receive has to wait for messages."""

    minimum_seconds: int = Field(default=1, ge=1, le=20, description="The shortest wait; 20 is the longest there is.")


class MessageSizeSettings(RuleSettings):
    """How big a message may be."""

    maximum_bytes: int = Field(
        default=256 * 1024,
        ge=1024,
        le=1024 * 1024,
        description="The most bytes; what is bigger belongs in S3. AWS's own limit is 1 MiB, for a batch as well.",
    )


def visibility_timeout_fits_worker(queue: Resource, stack: Stack, settings: VisibilitySettings) -> Violations:
    """A received message is hidden for as long as a worker needs to say that it still has it.

    The worker says so when a third of the timeout has passed, and has the rest for saying it again where that fails.
    AWS's default of 30 s hands a message out twice while it is worked on. A dead-letter queue has no worker; somebody
    who looks into it says each time how long. No public scanner looks for this.
    """
    seconds = whole(queue, "visibilityTimeoutSeconds", DEFAULT_VISIBILITY_SECONDS)
    if settings.minimum_seconds <= seconds <= settings.maximum_seconds:
        return
    if not links_of(stack).is_dead_letter_queue(queue):
        yield (
            f"a received message is hidden for {seconds} s; set visibilityTimeoutSeconds to"
            f" {settings.minimum_seconds} to {settings.maximum_seconds}: less hands a message out again while it is"
            " worked on, more keeps it waiting when its worker has died"
        )


def receives_wait(queue: Resource, settings: LongPollSettings) -> Violations:
    """Receives wait for messages (long polling), on dead-letter queues as well.

    A short poll asks some of SQS's servers only: whoever looks into a dead-letter queue may see nothing though messages
    are there, and a worker that asks again at once pays for each empty answer (SQS developer guide, "Short and long
    polling"). No public scanner looks for this.
    """
    seconds = whole(queue, "receiveWaitTimeSeconds", DEFAULT_WAIT_SECONDS)
    if not settings.minimum_seconds <= seconds <= LONGEST_WAIT_SECONDS:
        yield (
            f"receives wait {seconds} s for messages; set receiveWaitTimeSeconds to {settings.minimum_seconds} to"
            f" {LONGEST_WAIT_SECONDS}, so that no message is missed and no empty answer is paid for"
        )


def _longest_wait(queue: Resource, settings: LongPollSettings) -> Mapping[str, object]:
    return {"receiveWaitTimeSeconds": LONGEST_WAIT_SECONDS} if any(receives_wait(queue, settings)) else {}


def message_size_within_limit(queue: Resource, settings: MessageSizeSettings) -> Violations:
    """A message is no bigger than consumers expect.

    A message says what is to be done; data that it is to be done with lies in S3. No public scanner looks for this.
    """
    size = whole(queue, "maxMessageSize", DEFAULT_MESSAGE_BYTES)
    if not SMALLEST_LIMIT_BYTES <= size <= settings.maximum_bytes:
        yield (
            f"a message may have {size} bytes; set maxMessageSize to {SMALLEST_LIMIT_BYTES} to"
            f" {settings.maximum_bytes}, and leave bigger things in S3"
        )


VISIBILITY_TIMEOUT = StackRule(
    name="queue-visibility-timeout",
    description="A received message is hidden for as long as its worker needs.",
    remediation="Set visibilityTimeoutSeconds to 60 to 43200, above what handling a message usually takes.",
    severity=Severity.MEDIUM,
    controls=(),
    settings=VisibilitySettings,
    types=frozenset({QUEUE}),
    check=visibility_timeout_fits_worker,
)
LONG_POLLING = ResourceRule(
    name="queue-long-polling",
    description="Receives wait for messages.",
    remediation="Set receiveWaitTimeSeconds to 20.",
    severity=Severity.LOW,
    controls=(),
    settings=LongPollSettings,
    types=frozenset({QUEUE}),
    check=receives_wait,
    remedy=remedy(_longest_wait),
)
MESSAGE_SIZE = ResourceRule(
    name="queue-message-size",
    description="A message carries what is to be done, not the data.",
    remediation="Set maxMessageSize to 262144 or less, and leave bigger things in S3.",
    severity=Severity.LOW,
    controls=(),
    settings=MessageSizeSettings,
    types=frozenset({QUEUE}),
    check=message_size_within_limit,
)
