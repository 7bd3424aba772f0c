"""A stack's resources put together: which queue has which policy, and moves its dead letters where; who has access."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from access.deployed import Deployed, Endpoint, Identity, Queue
from access.sources.attached import ROLES, USERS, Attached, Kind
from access.sources.documents import policy, redrive_target
from access.sources.errors import SourceError
from access.sources.references import name_of, refers
from access.sources.resources import Resource, Stack
from access.sources.settings import Settings
from access.sources.unread import unread_resources

QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY, REDRIVE_POLICY = "aws:sqs/queuePolicy:QueuePolicy", "aws:sqs/redrivePolicy:RedrivePolicy"
ENDPOINT, ENDPOINT_POLICY = "aws:ec2/vpcEndpoint:VpcEndpoint", "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"


def assemble(stack: Stack, settings: Settings, source: str) -> Deployed:
    """Make one whole of a stack's resources.

    Args:
        stack: The resources.
        settings: The account, to build ARNs that are not known yet.
        source: Where they were read, in words.

    Raises:
        SourceError: When something is missing without which access cannot be judged; what can be assumed is assumed,
            and noted.
    """
    return _Assembly(stack, settings).deployed(source)


@dataclass
class _Assembly:
    stack: Stack
    settings: Settings
    notes: list[str] = field(default_factory=list)

    def deployed(self, source: str) -> Deployed:
        queues = sorted((self._queue(one) for one in self.stack.of(QUEUE)), key=lambda one: one.arn)
        if not queues:
            raise SourceError(f"the stack {self.stack.name} holds no queue: it is not deployed")
        roles, users = (self._identities(kind) for kind in (ROLES, USERS))
        endpoints = tuple(self._endpoints())
        self._note_strays()
        unread = tuple(unread_resources(self.stack, (QUEUE, QUEUE_POLICY, REDRIVE_POLICY)))
        self.notes.extend(f"{one} is not understood: what it grants is not shown" for one in unread)
        return Deployed(source, tuple(queues), roles, endpoints, tuple(dict.fromkeys(self.notes)), users, unread)

    def _identities(self, kind: Kind) -> tuple[Identity, ...]:
        attached = Attached(self.stack, self.settings, self.notes)
        return tuple(
            sorted((attached.identity(one, kind) for one in self.stack.of(kind.token)), key=lambda one: one.arn)
        )

    def _note_strays(self) -> None:
        queues = list(self.stack.of(QUEUE))
        for one in self.stack.of(QUEUE_POLICY):
            if not any(_is_queues(one, queue) for queue in queues):
                self.notes.append(f"{one.title} belongs to no queue of the stack; it is left out")

    # ---- queues

    def _queue(self, queue: Resource) -> Queue:
        arn = self._queue_arn(queue)
        own = [*((one, "policy") for one in self._about(QUEUE_POLICY, queue)), (queue, "policy")]
        redrive = [*((one, "redrivePolicy") for one in self._about(REDRIVE_POLICY, queue)), (queue, "redrivePolicy")]
        return Queue(
            arn=arn,
            policy=next((policy(self._label(arn), text) for text in _known(own)), None),
            dead_letter_arn=next((redrive_target(text, queue.title) for text in _known(redrive)), None),
        )

    def _queue_arn(self, queue: Resource) -> str:
        return queue.text("arn") or self.settings.queue_arn(name_of(queue), queue.text("region"))

    def _about(self, token: str, queue: Resource) -> Iterator[Resource]:
        """The resources of a type that are this queue's; its URL ends in its name."""
        return (one for one in self.stack.of(token) if _is_queues(one, queue))

    # ---- endpoints

    def _endpoints(self) -> Iterator[Endpoint]:
        for one in self.stack.of(ENDPOINT):
            if not (one.text("serviceName") or "").endswith((".sqs", ".sqs-fips")):
                continue
            beside = (each for each in self.stack.of(ENDPOINT_POLICY) if _is_endpoints(each, one))
            document = next(_known([*((each, "policy") for each in beside), (one, "policy")]), None)
            yield Endpoint(
                endpoint_id=one.physical_id,
                vpc_id=one.text("vpcId"),
                policy=policy("endpoint policy", document) if document else None,
            )

    def _label(self, arn: str) -> str:
        return self.settings.label(arn.rsplit(":", 1)[-1].rsplit("/", 1)[-1])


def _is_queues(resource: Resource, queue: Resource) -> bool:
    return refers(resource, "queueUrl", queue, lambda url: url.rsplit("/", 1)[-1] == queue.text("name"))


def _is_endpoints(resource: Resource, endpoint: Resource) -> bool:
    return refers(resource, "vpcEndpointId", endpoint, lambda given: given == endpoint.physical_id)


def _known(places: Iterable[tuple[Resource, str]]) -> Iterator[str]:
    """The texts at these places, empty ones left out."""
    return (text for resource, name in places if (text := resource.known_text(name)))
