"""How the queues of a stack hang together: what a program says of a queue, wherever it does, and which backs which.

A program says a queue's policy, its redrive policy and whom it lets redrive either in the queue itself or in a resource
of their own. At the first preview a queue's URL and ARN are not known; which resource a property is made from is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from policies.reading.doubt import about, again
from policies.reading.queue_arn import PlacePart, QueueArn
from policies.reading.queue_document import QueueDocument
from policies.reading.queue_url import QueueUrl
from policies.reading.resource_types import QUEUE, QUEUE_POLICY, REDRIVE_ALLOW_POLICY, REDRIVE_POLICY
from policies.rule import Resource, Stack

_SEPARATE = {"policy": QUEUE_POLICY, "redrivePolicy": REDRIVE_POLICY, "redriveAllowPolicy": REDRIVE_ALLOW_POLICY}


@dataclass(frozen=True)
class Target:
    """Where a queue's failed messages go.

    Args:
        queue: The queue of the stack, if it is one.
        arn: The ARN as the redrive policy has it; None where it is known only as that queue's, or names none.
    """

    queue: Resource | None
    arn: str | None


class Links:
    """The queues of a stack and what is said of them.

    Args:
        stack: The stack.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._queues = {one.urn: one for one in stack.of(QUEUE)}

    def documents(self, queue: Resource, name: str) -> Iterator[QueueDocument]:
        """What the program says of a queue, in the queue itself and in resources of their own.

        Args:
            queue: The queue.
            name: `policy`, `redrivePolicy` or `redriveAllowPolicy`.

        Raises:
            UnknownValueError: In the end, where it is not known of a document which queue it is about.
        """
        owned, unknown = self._owned[name]
        apart, own = owned.get(queue.urn, []), QueueDocument(queue, name)
        # Once it is deployed, AWS gives back with the queue what a resource of its own says of it.
        if (name in queue.derived or queue.given(name)) and not any(one.says_what(own) for one in apart):
            yield own
        yield from apart
        _raise_first(unknown)

    def targets(self, queue: Resource) -> Iterator[Target]:
        """Where a queue's failed messages go: one target for each redrive policy, of which AWS keeps the last.

        Raises:
            UnknownValueError: It is not known yet.
        """
        for document in self.documents(queue, "redrivePolicy"):
            yield self._target(document)

    def sources(self, queue: Resource) -> Iterator[Resource]:
        """The queues whose failed messages go to this one.

        Raises:
            UnknownValueError: In the end, where it is not known of some queue where its failed messages go.
        """
        backed, unknown = self._backed
        yield from backed.get(queue.urn, ())
        _raise_first(unknown)

    def is_dead_letter_queue(self, queue: Resource) -> bool:
        """Whether another queue's failed messages go here, or the queue says which ones' may.

        Raises:
            UnknownValueError: It is not known yet.
        """
        return any(
            document.content.get("sourceQueueArns") for document in self.documents(queue, "redriveAllowPolicy")
        ) or any(self.sources(queue))

    def queue_of(self, arn: str) -> Resource | None:
        """The queue of the stack that has the name in this ARN; if several do, the one in its region."""
        parsed = QueueArn.parse(arn)
        named = self._named(parsed.name) if parsed else []
        here = [one for one in named if parsed and _known(one, "region") == parsed.region]
        return next(iter([*here, *named]), None)

    def place(self, queue: Resource, part: PlacePart) -> str:
        """Where a queue is: as its ARN says, or, before it exists, its region or the ARN that its policy names it by.

        Args:
            queue: The queue.
            part: What is asked: the region or the account.

        Raises:
            UnknownValueError: It is not known yet.
        """
        if arn := QueueArn.parse(str(_known(queue, "arn"))):
            return arn.part(part)
        if part == "region" and (region := _known(queue, "region")):
            return str(region)
        for document in self.documents(queue, "policy"):
            for resource in document.resources:
                if (arn := QueueArn.parse(resource)) and arn.name == _known(queue, "name"):
                    return arn.part(part)
        raise UnknownValueError(UNKNOWN_STRING_VALUE, [queue.name, "arn"])

    def places(self, target: Target, part: PlacePart) -> set[str]:
        """Where a redrive policy looks for its target, and where that is; one place, if all is well.

        Raises:
            UnknownValueError: Neither is known yet; one alone is given.
        """
        arn = QueueArn.parse(target.arn or "")
        found = {arn.part(part)} if arn else set()
        try:
            return found | ({self.place(target.queue, part)} if target.queue else set())
        except UnknownValueError:
            if not found:
                raise
            return found

    @cached_property
    def _owned(self) -> Mapping[str, tuple[dict[str, list[QueueDocument]], list[UnknownValueError]]]:
        """By property, the documents in resources of their own by their queue's URN, and whose queue is not known."""
        found: dict[str, tuple[dict[str, list[QueueDocument]], list[UnknownValueError]]] = {}
        for name, type_token in _SEPARATE.items():
            owned, unknown = found[name] = ({}, [])
            for one in self._stack.of(type_token):
                try:
                    owner = self._owner(one)
                except UnknownValueError as error:
                    unknown.append(about(one, error))
                    continue
                if owner:
                    owned.setdefault(owner.urn, []).append(QueueDocument(one, name))
        return found

    @cached_property
    def _backed(self) -> tuple[dict[str, list[Resource]], list[UnknownValueError]]:
        """By a dead-letter queue's URN, the queues that it backs; and of whom that is not known."""
        backed: dict[str, list[Resource]] = {}
        unknown: list[UnknownValueError] = []
        for queue in self._queues.values():
            try:
                for target in self.targets(queue):
                    if target.queue and target.queue is not queue:
                        backed.setdefault(target.queue.urn, []).append(queue)
            except UnknownValueError as error:
                unknown.append(error)
        return backed, unknown

    def _owner(self, one: Resource) -> Resource | None:
        """The queue that a resource names by its URL."""
        made_from = self._among(one.sources.get("queueUrl", frozenset()))
        if len(made_from) == 1:
            return made_from[0]
        url = QueueUrl.parse(str(one.properties.get("queueUrl")))
        region = url.region or _known(one, "region")
        named = [queue for queue in self._named(url.name) if _may_be_in(queue, region, url.account)]
        return next(iter(named), None)

    def _target(self, document: QueueDocument) -> Target:
        try:
            arn = document.content.get("deadLetterTargetArn")
        except UnknownValueError:
            made_from = self._among(document.sources)
            if len(made_from) == 1:
                return Target(made_from[0], None)
            raise
        return Target(self.queue_of(str(arn)), str(arn)) if arn else Target(None, None)

    def _named(self, name: str) -> list[Resource]:
        return [one for one in self._queues.values() if _known(one, "name") == name]

    def _among(self, urns: frozenset[str]) -> list[Resource]:
        return [self._queues[urn] for urn in urns if urn in self._queues]


@lru_cache(maxsize=1)
def links_of(stack: Stack) -> Links:
    """The links of a stack, told once for all the resources that a rule asks about."""
    return Links(stack)


def _may_be_in(queue: Resource, region: object, account: str | None) -> bool:
    """Whether a queue is in a region and an account, as far as both are known."""
    arn = QueueArn.parse(str(_known(queue, "arn")))
    its_region, its_account = (arn.region, arn.account) if arn else (_known(queue, "region"), None)
    return all(None in pair or pair[0] == pair[1] for pair in ((region, its_region), (account, its_account)))


def _known(resource: Resource, name: str) -> object:
    try:
        return resource.properties.get(name)
    except UnknownValueError:
        return None


def _raise_first(errors: list[UnknownValueError]) -> None:
    for error in errors:
        raise again(error)
