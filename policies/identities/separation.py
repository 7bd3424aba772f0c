"""Nobody both fills a queue and drains it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pulumi_policy import Severity
from pulumi_policy.proxy import UnknownValueError

from access.documents import MalformedDocumentError, Statement
from policies.identities.holders import ATTACHING, policies_in, role_names, roles_in
from policies.reading.callers import RoleName, account_of, role_of
from policies.reading.documents import CARRIERS, Document, Kind, documents
from policies.reading.patterns import RUN, overlap
from policies.reading.reach import named
from policies.reading.resource_types import QUEUE, QUEUE_POLICY, ROLE
from policies.rule import Resource, Stack, StackRule, Violations
from policies.settings import RuleSettings

SENDING = ("sqs:SendMessage",)
CONSUMING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility")


@dataclass(frozen=True)
class _Grant:
    """An Allow, and where it stands."""

    document: Document
    by: str
    statement: Statement

    @property
    def sends(self) -> bool:
        return self.statement.covers_any_action(SENDING)

    @property
    def consumes(self) -> bool:
        return self.statement.covers_any_action(CONSUMING)

    @property
    def queues(self) -> tuple[str, ...]:
        """Patterns of the queues that it is about; a policy variable may be anything."""
        if self.statement.not_resources:
            return (RUN,)
        return tuple(one.split("${")[0] + RUN if "${" in one else one for one in self.statement.resources)

    def __str__(self) -> str:
        return f"{self.statement.label} of {self.by}"


def sends_or_consumes(resource: Resource, stack: Stack, _settings: RuleSettings) -> Violations:
    """No role both sends to a queue and consumes from it, all that it is given taken together.

    Whoever can do both can read a message and forge another in its place. What counts: policies inline in the role and
    attached to it, and what the stack's queue policies allow it. A policy that is attached to nothing here is judged by
    itself, for whoever will have it, and a queue policy too, principal by principal. It is judged queue by queue: who
    redrives reads one queue and sends to another. What other stacks attach is out of sight.

    Implements SEC03-BP02 (AWS Well-Architected, least privilege); no public scanner looks for it.
    """
    for who, sources in _holders(resource, stack):
        grants: list[_Grant] = []
        unknown: UnknownValueError | None = None
        for source in sources:
            try:
                for grant in source:
                    grants.append(grant)  # noqa: PERF402 - what comes before an unknown value counts
            except UnknownValueError as error:
                unknown = error
        yield from _both(who, grants, apart=resource.type_token not in CARRIERS[Kind.QUEUE])
        if unknown:
            raise unknown


def _both(who: str, grants: Iterable[_Grant], *, apart: bool) -> Violations:
    """A sentence where two grants, or one, are for both halves of the work on one queue.

    Args:
        who: Whose grants they are.
        grants: The grants.
        apart: Whether two grants of one queue policy are left to the look at that policy.
    """
    consuming = [one for one in grants if one.consumes]
    for sends in (one for one in grants if one.sends):
        for consumes in consuming:
            if apart and sends.document.kind is Kind.QUEUE and sends.document == consumes.document:
                continue
            shared = [one for one in sends.queues for other in consumes.queues if overlap(one, other)]
            if shared:
                yield (
                    f"{who} both sends to {shared[0]} ({sends}) and consumes from it ({consumes}); whoever can do both"
                    " can replace messages: give each half to a role of its own"
                )
                return


def _holders(resource: Resource, stack: Stack) -> Iterator[tuple[str, Iterator[Iterator[_Grant]]]]:
    """Who is to be judged at a resource, and what is given to them, source by source."""
    if resource.type_token == ROLE:
        yield f"role {resource.given('name') or resource.name!r}", _of_role(resource, stack)
    elif resource.type_token in CARRIERS[Kind.QUEUE]:
        allows = [grant for document in documents(resource, Kind.QUEUE) for grant in _allows(document, resource.name)]
        for holder, principal in _principals(allows).items():
            yield principal, iter([(grant for grant in allows if holder in map(_holder, named(grant.statement)))])
    elif resource.type_token in ATTACHING:
        for name in [] if roles_in(stack, resource) else role_names(resource):
            attaching = [one for one in stack.of(*ATTACHING) if not roles_in(stack, one) and name in role_names(one)]
            if attaching[0] is resource:
                yield f"role {name!r}", (_in_policies(policies_in(stack, one)) for one in attaching)
    elif not any(resource in policies_in(stack, one) for one in stack.of(ROLE, *ATTACHING)):
        yield "whoever has this policy", iter([_in_policies([resource])])


def _principals(grants: Iterable[_Grant]) -> Mapping[RoleName | str, str]:
    """Whom grants name, and how; a role stands for its sessions, whether it is named itself or by them."""
    found: dict[RoleName | str, str] = {}
    for principal in sorted({one for grant in grants for one in named(grant.statement)}):
        found.setdefault(_holder(principal), principal)
    return found


def _holder(principal: str) -> RoleName | str:
    return role_of(principal) or principal


def _of_role(role: Resource, stack: Stack) -> Iterator[Iterator[_Grant]]:
    yield _in_policies([role])
    for one in stack.of(ROLE, *ATTACHING):
        yield _attached(one, role, stack)
    for one in stack.of(QUEUE, QUEUE_POLICY):
        yield _by_queue(one, role)


def _by_queue(one: Resource, role: Resource) -> Iterator[_Grant]:
    for document in documents(one, Kind.QUEUE):
        for grant in _allows(document, one.name):
            if any(_is(principal, role) for principal in named(grant.statement)):
                yield grant


def _attached(one: Resource, role: Resource, stack: Stack) -> Iterator[_Grant]:
    if role in ([one] if one.type_token == ROLE else roles_in(stack, one)):
        yield from _in_policies(policies_in(stack, one))


def _in_policies(resources: Iterable[Resource]) -> Iterator[_Grant]:
    for resource in resources:
        for document in documents(resource, Kind.IDENTITY):
            yield from _allows(document, resource.name)


def _allows(document: Document, by: str) -> Iterator[_Grant]:
    try:
        yield from (_Grant(document, by, one) for one in document.allows)
    except MalformedDocumentError:
        return  # another rule tells


def _is(principal: str, role: Resource) -> bool:
    """Whether a principal is the role, or a session of it, as far as the role is known."""
    named_one, account = role_of(principal), account_of(str(role.given("arn")))
    return named_one is not None and named_one.name == role.given("name") and account in {None, named_one.account}


SENDS_OR_CONSUMES = StackRule(
    name="role-sends-or-consumes",
    description="No role both sends to a queue and consumes from it.",
    remediation="Give sending and consuming to two roles.",
    severity=Severity.HIGH,
    controls=("SEC03-BP02",),
    settings=RuleSettings,
    types=frozenset({*CARRIERS[Kind.QUEUE], *CARRIERS[Kind.IDENTITY], *ATTACHING}),
    check=sends_or_consumes,
)
