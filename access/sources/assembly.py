"""A stack's resources put together: which policy is whose, which queue moves its dead letters where."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from access.deployed import Deployed, Endpoint, Identity, Queue
from access.policy import Policy
from access.sources.documents import ALL_OF_SQS, policy, redrive_target
from access.sources.errors import SourceError
from access.sources.resources import Resource, Stack
from access.sources.settings import Settings

QUEUE, ROLE, MANAGED_POLICY = "aws:sqs/queue:Queue", "aws:iam/role:Role", "aws:iam/policy:Policy"
QUEUE_POLICY, REDRIVE_POLICY = "aws:sqs/queuePolicy:QueuePolicy", "aws:sqs/redrivePolicy:RedrivePolicy"
ATTACHMENT, INLINE = "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/rolePolicy:RolePolicy"
MANY_ATTACHMENTS = "aws:iam/policyAttachment:PolicyAttachment"
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
        roles = sorted((self._role(one) for one in self.stack.of(ROLE)), key=lambda one: one.arn)
        endpoints = tuple(self._endpoints())
        self._note_strays()
        return Deployed(source, tuple(queues), tuple(roles), endpoints, tuple(dict.fromkeys(self.notes)))

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
        return queue.text("arn") or self.settings.queue_arn(_name(queue), queue.text("region"))

    def _about(self, token: str, queue: Resource) -> Iterator[Resource]:
        """The resources of a type that are this queue's; its URL ends in its name."""
        return (one for one in self.stack.of(token) if _is_queues(one, queue))

    # ---- roles

    def _role(self, role: Resource) -> Identity:
        arn = self._iam_arn("role", role)
        trust = role.known_text("assumeRolePolicy")
        return Identity(
            arn=arn,
            policies=tuple(dict.fromkeys([*self._inline(role), *self._attached(role)])),
            boundary=self._boundary(role),
            trust=policy(f"trust of {self._label(arn)}", trust) if trust else None,
        )

    def _inline(self, role: Resource) -> Iterator[Policy]:
        for number, raw in enumerate(role.items("inlinePolicies"), start=1):
            one = raw if isinstance(raw, Mapping) else {}
            if one.get("policy"):
                yield policy(str(one.get("name") or f"inline policy {number} of {role.title}"), one["policy"])
        for resource in self.stack.of(INLINE):
            if _is_roles(resource, role) and (text := resource.known_text("policy")):
                yield policy(self.settings.label(resource.text("name") or resource.title), text)

    def _attached(self, role: Resource) -> Iterator[Policy]:
        for arn in role.items("managedPolicyArns"):
            yield self._managed(str(arn), (), role)
        for one in self.stack.of(ATTACHMENT):
            if _is_roles(one, role):
                yield self._managed(one.text("policyArn"), one.comes_from.get("policyArn", ()), role)
        for one in self.stack.of(MANY_ATTACHMENTS):
            if role.text("name") in one.items("roles") or role.urn in one.comes_from.get("roles", ()):
                yield self._managed(one.text("policyArn"), one.comes_from.get("policyArn", ()), role)

    def _boundary(self, role: Resource) -> Policy | None:
        arn, made_of = role.text("permissionsBoundary"), role.comes_from.get("permissionsBoundary", ())
        if arn is None and not role.is_unknown("permissionsBoundary"):
            return None
        return self._managed(arn, made_of, role)

    def _managed(self, arn: str | None, made_of: Iterable[str], role: Resource) -> Policy:
        """A managed policy, found by its ARN or, where that is not known yet, by the resource it comes from."""
        for one in self.stack.of(MANAGED_POLICY):
            if (arn is None and one.urn in made_of) or (arn is not None and self._iam_arn("policy", one) == arn):
                text = one.known_text("policy")
                if text is None:
                    raise SourceError(f"{one.title} has no document")
                return policy(self._label(self._iam_arn("policy", one)), text)
        self.notes.append(
            f"{arn or 'a policy'} of {role.title} is not in the stack; it is taken to allow everything on SQS"
        )
        return ALL_OF_SQS

    def _iam_arn(self, kind: str, resource: Resource) -> str:
        return resource.text("arn") or self.settings.iam_arn(kind, _name(resource), resource.text("path") or "/")

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


def _name(resource: Resource) -> str:
    if (name := resource.known_text("name")) is None:
        raise SourceError(f"{resource.title} has no name; name it, so that it can be judged before it exists")
    return name


def _refers(resource: Resource, reference: str, target: Resource, is_its_name: Callable[[str], bool]) -> bool:
    """Whether a resource refers to another: by name or, while that is not known, by being made of its outputs."""
    given = resource.text(reference)
    return target.urn in resource.comes_from.get(reference, ()) if given is None else is_its_name(given)


def _is_queues(resource: Resource, queue: Resource) -> bool:
    return _refers(resource, "queueUrl", queue, lambda url: url.rsplit("/", 1)[-1] == queue.text("name"))


def _is_roles(resource: Resource, role: Resource) -> bool:
    return _refers(resource, "role", role, lambda given: given in {role.text("name"), role.text("arn")})


def _is_endpoints(resource: Resource, endpoint: Resource) -> bool:
    return _refers(resource, "vpcEndpointId", endpoint, lambda given: given == endpoint.physical_id)


def _known(places: Iterable[tuple[Resource, str]]) -> Iterator[str]:
    """The texts at these places, empty ones left out."""
    return (text for resource, name in places if (text := resource.known_text(name)))
