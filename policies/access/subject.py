"""A queue's policy is about that queue."""

import re
from dataclasses import dataclass

from pulumi_policy import Severity
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from access.documents import MalformedDocumentError, matches
from policies.reading.documents import CARRIERS, Kind, documents
from policies.reading.patterns import RUN
from policies.reading.queue_arn import QueueArn
from policies.reading.resource_types import QUEUE
from policies.rule import Resource, Stack, StackRule, Violations
from policies.settings import RuleSettings

_URL = re.compile(r"https?://(?:sqs\.(?P<region>[a-z0-9-]+)\.)?[^/]*/(?P<account>\d{12})/(?P<name>[^/]+)")


@dataclass(frozen=True)
class _Queue:
    """A queue, as far as it is known before it is made.

    Args:
        name: Its name.
        region: Its region.
        account: Its account.
    """

    name: str
    region: str | None = None
    account: str | None = None

    def is_meant_by(self, resource: str) -> bool:
        """Whether a Resource is about it."""
        written = QueueArn.parse(resource)
        if not written:
            return resource == RUN
        parts = ((written.name, self.name), (written.region, self.region), (written.account, self.account))
        return all(value is None or matches(pattern, value) for pattern, value in parts)


def about_its_queue(resource: Resource, stack: Stack, _settings: RuleSettings) -> Violations:
    """Every statement of a queue's policy is about that queue, by its ARN.

    SQS takes a policy that is about another queue, copied perhaps, and it then protects neither. No public scanner
    looks for this, so there is no id to cite.
    """
    for document in documents(resource, Kind.QUEUE):
        try:
            statements = document.statements
        except MalformedDocumentError:
            continue  # another rule tells
        queue = _queue(resource, stack)
        for statement in statements:
            if others := [one for one in statement.resources if not queue.is_meant_by(one)]:
                yield (
                    f"{document.at(statement)} is about {', '.join(others)}, and the policy is of the queue"
                    f" {queue.name!r}; write that queue's ARN"
                )


def _queue(resource: Resource, stack: Stack) -> _Queue:
    if resource.type_token == QUEUE:
        return _named(resource)
    sources = resource.sources.get("queueUrl", frozenset())
    made_from = [one for one in stack.of(QUEUE) if one.urn in sources]
    if len(made_from) == 1:
        return _named(made_from[0])
    url = _text(resource, "queueUrl")
    if found := _URL.match(url):
        return _Queue(found["name"], found["region"], found["account"])
    return _Queue(url.rsplit("/", 1)[-1])


def _named(queue: Resource) -> _Queue:
    if arn := QueueArn.parse(str(queue.given("arn"))):
        return _Queue(arn.name, arn.region, arn.account)
    return _Queue(_text(queue, "name"))


def _text(resource: Resource, name: str) -> str:
    """A property that there must be; one that is left out is AWS's to choose, and not known yet."""
    given = resource.properties.get(name)
    if given is None:
        raise UnknownValueError(UNKNOWN_STRING_VALUE, [name])
    return str(given)


ABOUT_ITS_QUEUE = StackRule(
    name="queue-policy-is-about-its-queue",
    description="Every statement of a queue's policy is about that queue.",
    remediation="Write the ARN of the policy's own queue as Resource.",
    severity=Severity.HIGH,
    controls=(),
    settings=RuleSettings,
    types=CARRIERS[Kind.QUEUE],
    check=about_its_queue,
)
