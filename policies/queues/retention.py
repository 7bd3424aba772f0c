"""Rules on how long messages are kept: long enough to be dead-lettered, and then to be looked at."""

from pulumi_policy import Severity
from pydantic import Field

from policies.queues.delivery import DEFAULT_VISIBILITY_SECONDS
from policies.queues.redrive import receive_count
from policies.reading.doubt import as_far_as_known
from policies.reading.links import links_of
from policies.reading.queue_document import QueueDocument
from policies.reading.resource_types import QUEUE
from policies.reading.values import whole
from policies.rule import Resource, Stack, StackRule, Violations
from policies.settings import RuleSettings

DEFAULT_RETENTION_SECONDS = 4 * 24 * 3600
"""How long a queue keeps a message when nobody says (SQS API reference, MessageRetentionPeriod)."""


LONGEST_RETENTION_SECONDS = 14 * 24 * 3600
"""The most that `MessageRetentionPeriod` can be set to (SQS API reference)."""


class RetentionSettings(RuleSettings):
    """How long a queue may keep a message that nobody has handled."""

    maximum_seconds: int = Field(
        default=LONGEST_RETENTION_SECONDS // 2,
        ge=60,
        le=LONGEST_RETENTION_SECONDS,
        description="The most seconds; AWS's own limit is 14 days, which leaves a failed message none to be looked at.",
    )


def queue_keeps_no_longer(queue: Resource, stack: Stack, settings: RetentionSettings) -> Violations:
    """A queue that is worked on keeps a message for no longer than somebody can still want it handled.

    Half of what SQS keeps at most leaves as much to the dead-letter queue, where a message's age counts on. How long
    personal data may lie is for a company to say. No public scanner looks for this.
    """
    kept = retention_seconds(queue)
    if kept > settings.maximum_seconds and not links_of(stack).is_dead_letter_queue(queue):
        yield (
            f"it keeps messages for {kept} s; set messageRetentionSeconds to {settings.maximum_seconds} or less, and"
            " let its dead-letter queue keep what failed"
        )


def dead_letter_queue_keeps_longer(queue: Resource, stack: Stack, _settings: RuleSettings) -> Violations:
    """A dead-letter queue keeps messages longer than every queue that it backs.

    On a standard queue a message keeps its first enqueue time when it moves, so in a dead-letter queue that keeps no
    longer it may expire on arrival. A FIFO queue's message gets a new one, and AWS asks for longer all the same (SQS
    developer guide, "Using dead-letter queues"). No public scanner looks for this.
    """
    kept = retention_seconds(queue)
    for source in links_of(stack).sources(queue):
        if kept <= retention_seconds(source):
            yield (
                f"it keeps messages for {kept} s and its source {source.name} for {retention_seconds(source)} s, so a"
                " failed message may expire on arrival; keep them longer here, up to 1209600 s, or shorter there"
            )


def queue_keeps_through_retries(queue: Resource, stack: Stack, _settings: RuleSettings) -> Violations:
    """A queue keeps a message long enough for all its tries to fail, so that it is dead-lettered and does not expire.

    A worker that dies holds a message for the visibility timeout each time, `maxReceiveCount` times. No public scanner
    looks for this.
    """
    redrives = links_of(stack).documents(queue, "redrivePolicy")
    return as_far_as_known(_expires_before_moved(queue, document) for document in redrives)


def _expires_before_moved(queue: Resource, redrive: QueueDocument) -> Violations:
    count = receive_count(redrive.content)
    if count is None:
        return  # another rule reports it
    tries = count * whole(queue, "visibilityTimeoutSeconds", DEFAULT_VISIBILITY_SECONDS)
    if (kept := retention_seconds(queue)) <= tries:
        yield (
            f"it keeps messages for {kept} s, and {count} tries may take {tries} s, so a message may expire before it"
            " is dead-lettered; keep messages longer, try fewer times, or lower the visibility timeout"
        )


def retention_seconds(queue: Resource) -> int:
    """How long a queue keeps a message."""
    return whole(queue, "messageRetentionSeconds", DEFAULT_RETENTION_SECONDS)


KEEPS_NO_LONGER = StackRule(
    name="queue-retention-limit",
    description="A queue keeps a message no longer than it is of use.",
    remediation="Set messageRetentionSeconds to 604800 or less.",
    severity=Severity.LOW,
    controls=(),
    settings=RetentionSettings,
    types=frozenset({QUEUE}),
    check=queue_keeps_no_longer,
)
KEEPS_LONGER = StackRule(
    name="dead-letter-queue-retention",
    description="A dead-letter queue keeps messages longer than the queues it backs.",
    remediation="Set messageRetentionSeconds of the dead-letter queue above its sources'; 1209600 is the most.",
    severity=Severity.HIGH,
    controls=(),
    settings=RuleSettings,
    types=frozenset({QUEUE}),
    check=dead_letter_queue_keeps_longer,
)
KEEPS_THROUGH_RETRIES = StackRule(
    name="queue-keeps-through-retries",
    description="A message outlives all its tries, so that it is dead-lettered.",
    remediation="Set messageRetentionSeconds above maxReceiveCount times visibilityTimeoutSeconds.",
    severity=Severity.MEDIUM,
    controls=(),
    settings=RuleSettings,
    types=frozenset({QUEUE}),
    check=queue_keeps_through_retries,
)
