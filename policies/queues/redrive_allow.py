"""A rule on whose failed messages a dead-letter queue takes: those of queues that it names."""

from collections.abc import Sequence

from pulumi_policy import Severity

from policies.queues.redrive import OutsideSettings
from policies.reading.doubt import as_far_as_known
from policies.reading.links import Links, links_of
from policies.reading.queue_arn import PLACE_PARTS, QueueArn
from policies.reading.queue_document import QueueDocument
from policies.reading.resource_types import QUEUE
from policies.reading.values import members
from policies.rule import Resource, Stack, StackRule, Violations

MOST_SOURCES = 10
"""How many ARNs `sourceQueueArns` may have (SQS API reference, SetQueueAttributes, RedriveAllowPolicy)."""


def dead_letter_queue_names_its_sources(queue: Resource, stack: Stack, settings: OutsideSettings) -> Violations:
    """A dead-letter queue says by name whose failed messages it takes, and names all that send some and no others.

    By default every queue of the account may use it (SQS API reference, RedriveAllowPolicy: `allowAll`), and so fill
    it, or by a redrive from it be given its messages. No public scanner looks for this.
    """
    links = links_of(stack)
    said = list(links.documents(queue, "redriveAllowPolicy"))
    if not said and any(links.sources(queue)):
        yield (
            "the dead-letter queue does not say whose failed messages it takes, so every queue of the account may use"
            " it; add a redrive-allow policy with redrivePermission byQueue and the ARNs of its sources"
        )
    yield from as_far_as_known(_not_by_name(queue, document, links, settings) for document in said)


def _not_by_name(queue: Resource, document: QueueDocument, links: Links, settings: OutsideSettings) -> Violations:
    allowed = document.content
    if (permission := allowed.get("redrivePermission", "allowAll")) != "byQueue":
        yield (
            f"the redrive-allow policy says {permission}; set redrivePermission to byQueue and name the sources' ARNs"
            " under sourceQueueArns"
        )
        return
    named = [str(one) for one in members(allowed.get("sourceQueueArns"))]
    if len(named) > MOST_SOURCES:
        yield (
            f"the redrive-allow policy names {len(named)} sources, and SQS takes {MOST_SOURCES}; split them among"
            " several dead-letter queues"
        )
    if not named:
        yield "the redrive-allow policy names no source; put the ARNs of the queues it serves under sourceQueueArns"
    sources = list(links.sources(queue))
    for source in sources:
        if source not in [links.queue_of(arn) for arn in named]:
            yield (
                f"the redrive-allow policy does not name {source.name}, whose failed messages are to come here; add its"
                " ARN to sourceQueueArns, or AWS moves none"
            )
    strays = [arn for arn in named if not settings.knows(arn)]
    yield from as_far_as_known(_no_source(arn, queue, sources, links) for arn in strays)


def _no_source(arn: str, queue: Resource, sources: Sequence[Resource], links: Links) -> Violations:
    parsed = QueueArn.parse(arn)
    if parsed is None or links.queue_of(arn) not in sources:
        yield (
            f"the redrive-allow policy names {arn}, which is no queue of this stack that sends its failed messages"
            " here; take it out, or list it under `outside` in the rule's configuration"
        )
        return
    for part in PLACE_PARTS:
        if parsed.part(part) != (own := links.place(queue, part)):
            yield f"the redrive-allow policy names {arn}, and this queue is in {part} {own}; both must be in the same"


NAMES_SOURCES = StackRule(
    name="dead-letter-queue-names-sources",
    description="A dead-letter queue takes the failed messages of named queues only.",
    remediation="Set redrivePermission to byQueue and sourceQueueArns to the ARNs of its sources.",
    severity=Severity.MEDIUM,
    controls=(),
    settings=OutsideSettings,
    types=frozenset({QUEUE}),
    check=dead_letter_queue_names_its_sources,
)
