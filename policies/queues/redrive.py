"""Rules on where failed messages go: somewhere, to a queue that takes them, in time."""

from collections.abc import Mapping

from pulumi_policy import Severity
from pydantic import Field

from access.documents import matches
from policies.reading.doubt import as_far_as_known
from policies.reading.links import Links, Target, links_of
from policies.reading.queue_arn import PLACE_PARTS, PlacePart
from policies.reading.resource_types import QUEUE, REDRIVE_POLICY
from policies.reading.values import fields
from policies.rule import Resource, ResourceRule, Stack, StackRule, Violations
from policies.settings import RuleSettings


class ReceiveCountSettings(RuleSettings):
    """How often a message may be tried."""

    minimum: int = Field(default=2, ge=1, le=1000, description="The fewest receives before a message is moved.")
    maximum: int = Field(default=10, ge=1, le=1000, description="The most receives before a message is moved.")


class OutsideSettings(RuleSettings):
    """Queues that are not of this stack."""

    outside: tuple[str, ...] = Field(
        default=(), description="ARNs of queues outside the stack that are known to be there; * and ? allowed."
    )

    def knows(self, arn: str) -> bool:
        """Whether a queue outside the stack is known to be there."""
        return any(matches(pattern, arn) for pattern in self.outside)


def max_receive_count_within_limits(resource: Resource, settings: ReceiveCountSettings) -> Violations:
    """A redrive policy tries a message more than once and not for ever.

    With one receive a worker that is merely restarted condemns its message; with very many a poisonous message keeps
    workers busy. Implements REL05-BP03 (AWS Well-Architected, limit retries); no public scanner looks at the count.
    """
    if not (redrive := fields(resource.given("redrivePolicy"))):
        return
    count = receive_count(redrive)
    if count is None or not settings.minimum <= count <= settings.maximum:
        yield (
            f"maxReceiveCount is {redrive.get('maxReceiveCount')!r}; set it to {settings.minimum} to"
            f" {settings.maximum}: fewer condemns a message whose worker was only restarted, more"
            " keeps workers busy with poison"
        )


def receive_count(redrive: Mapping[str, object]) -> int | None:
    """How often a redrive policy lets a message be received; None where that is no count."""
    try:
        return int(str(redrive.get("maxReceiveCount")).removesuffix(".0"))
    except ValueError:
        return None


def dead_letter_queue_behind_every_queue(queue: Resource, stack: Stack, _settings: RuleSettings) -> Violations:
    """Every queue has a dead-letter queue, or is one.

    Implements AwsSolutions-SQS3, CT.SQS.PR.1 and REL05-BP04 (AWS Well-Architected, limit queues). A queue is known to
    be a dead-letter queue when the redrive policy of another queue of the stack names it, or when it says itself whose
    failed messages it takes.
    """
    links = links_of(stack)
    if not any(links.documents(queue, "redrivePolicy")) and not links.is_dead_letter_queue(queue):
        yield (
            "the queue has no dead-letter queue, so a message that cannot be handled comes back until it expires; give"
            " it a redrive policy that names one of this stack"
        )


def dead_letter_queue_within_reach(queue: Resource, stack: Stack, settings: OutsideSettings) -> Violations:
    """The queue that failed messages go to is there, is another one, and may take them.

    It must be of the same type, in the same account and region (SQS developer guide, "Using dead-letter queues"). AWS
    refuses some of this, though at the update and not in the pull request; no public scanner looks for it.
    """
    links = links_of(stack)
    return as_far_as_known(_out_of_reach(queue, target, links, settings) for target in links.targets(queue))


def _out_of_reach(queue: Resource, target: Target, links: Links, settings: OutsideSettings) -> Violations:
    if target.queue is None and target.arn is None:
        yield "the redrive policy names no deadLetterTargetArn; set it to the ARN of the dead-letter queue"
        return
    if target.queue is queue:
        yield "the redrive policy names the queue itself, so failed messages stay in it; name another queue"
        return
    if target.queue is None and not settings.knows(str(target.arn)):
        yield (
            f"the redrive policy names {target.arn}, which is no queue of this stack; name one that is, or list it"
            " under `outside` in the rule's configuration"
        )
        return
    if _is_fifo(queue) != (_is_fifo(target.queue) if target.queue else str(target.arn).endswith(".fifo")):
        yield "a FIFO queue's dead-letter queue must be FIFO too, a standard queue's standard; make both the same"
    yield from as_far_as_known(_apart(part, queue, target, links) for part in PLACE_PARTS)


def _apart(part: PlacePart, queue: Resource, target: Target, links: Links) -> Violations:
    own = links.place(queue, part)
    for its in sorted(links.places(target, part) - {own}):
        yield f"the dead-letter queue is in {part} {its} and the queue in {own}; both must be in the same"


def _is_fifo(queue: Resource) -> bool:
    return bool(queue.properties.get("fifoQueue"))


MAX_RECEIVE_COUNT = ResourceRule(
    name="queue-max-receive-count",
    description="A message is tried more than once, and not for ever.",
    remediation="Set maxReceiveCount in the queue's redrive policy to 2 to 10.",
    severity=Severity.MEDIUM,
    controls=("REL05-BP03",),
    settings=ReceiveCountSettings,
    types=frozenset({QUEUE, REDRIVE_POLICY}),
    check=max_receive_count_within_limits,
)
HAS_DEAD_LETTER_QUEUE = StackRule(
    name="queue-has-dead-letter-queue",
    description="Behind every queue stands a dead-letter queue.",
    remediation="Give the queue a redrive policy that names a dead-letter queue of this stack.",
    severity=Severity.HIGH,
    controls=("AwsSolutions-SQS3", "CT.SQS.PR.1", "REL05-BP04"),
    settings=RuleSettings,
    types=frozenset({QUEUE}),
    check=dead_letter_queue_behind_every_queue,
)
REACHES_DEAD_LETTER_QUEUE = StackRule(
    name="queue-reaches-dead-letter-queue",
    description="The queue that failed messages go to is there and may take them.",
    remediation="Name a queue of this stack, of the same type, account and region, as deadLetterTargetArn.",
    severity=Severity.HIGH,
    controls=(),
    settings=OutsideSettings,
    types=frozenset({QUEUE}),
    check=dead_letter_queue_within_reach,
)
