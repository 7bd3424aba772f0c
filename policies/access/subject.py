"""A queue's policy is about that queue."""

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_policy import Severity
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from access.documents import MalformedDocumentError, matches
from policies.reading.documents import CARRIERS, Kind, documents
from policies.reading.patterns import RUN
from policies.reading.queue_arn import QueueArn
from policies.reading.queue_url import QueueUrl
from policies.reading.resource_types import QUEUE, REDRIVE_ALLOW_POLICY, REDRIVE_POLICY
from policies.reading.values import fields, members
from policies.rule import Resource, Stack, StackRule, Violations
from policies.settings import RuleSettings


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
        return _named(resource, stack)
    sources = resource.sources.get("queueUrl", frozenset())
    made_from = [one for one in stack.of(QUEUE) if one.urn in sources]
    if len(made_from) == 1:
        return _named(made_from[0], stack)
    url = QueueUrl.parse(_text(resource, "queueUrl"))
    return _Queue(url.name, url.region, url.account)


def _named(queue: Resource, stack: Stack) -> _Queue:
    if arn := QueueArn.parse(str(queue.given("arn"))):
        return _Queue(arn.name, arn.region, arn.account)
    name, region = _text(queue, "name"), queue.given("region")
    return _Queue(name, str(region) if region else None, _account_in_redrives(name, stack))


def _account_in_redrives(name: str, stack: Stack) -> str | None:
    """The account of a queue that redrive and redrive-allow policies of the stack name, if all have one account."""
    arns = list(_arns_in_redrives(stack))
    accounts = {arn.account for arn in arns}
    return accounts.pop() if len(accounts) == 1 and any(arn.name == name for arn in arns) else None


def _arns_in_redrives(stack: Stack) -> Iterator[QueueArn]:
    for one in stack.of(QUEUE, REDRIVE_POLICY, REDRIVE_ALLOW_POLICY):
        for name in ("redrivePolicy", "redriveAllowPolicy"):
            try:
                content = fields(one.given(name))
                named = [content.get("deadLetterTargetArn"), *members(content.get("sourceQueueArns"))]
            except UnknownValueError:
                continue
            yield from filter(None, (QueueArn.parse(str(arn)) for arn in named))


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
