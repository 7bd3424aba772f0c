"""What is granted and never used, and what was refused: a role's permissions held against the calls that it made.

A grant is one action on one resource of one Allow, in the role's own policies or in a resource's policy that lets the
role in. What nothing uses should go (IAM user guide, "Security best practices in IAM", on unused permissions). A
refusal that code met is a permission missing, or a call too many.

A list is only as good as the calls behind it: what ran rarely or not at all seems unused.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from access.documents import ANYBODY, Statement, matches
from access.policy import Policy, StatementName
from access.usage.cloudtrail import Event

_VARIABLE = re.compile(r"\$\{[^}]*\}")
_ROLE_ARN = re.compile(r"arn:(?P<partition>[^:]+):iam::(?P<account>\d{12}):role/(?:.*/)?(?P<name>[^/]+)")


@dataclass(frozen=True)
class RoleGrants:
    """A role and what is granted to it.

    Args:
        role_arn: The role's ARN, its path included.
        identity: Its own policies, inline and attached.
        resource: The policies of resources that may let it in, such as a queue's; what they say of others is left out.
        application: The id by which the application that runs with this role names itself in its user agent: only its
            calls count, not those of a person or a probe with the same role. None counts every call.
    """

    role_arn: str
    identity: Sequence[Policy]
    resource: Sequence[Policy] = ()
    application: str | None = None


@dataclass(frozen=True, order=True)
class Grant:
    """One action on one resource that one statement allows.

    Args:
        statement: The statement.
        action: The action as the statement has it, in lower case, wildcards included; `all but …` for a NotAction.
        resource: The resource as the statement has it; `all but …` for a NotResource, `*` where it names none.
    """

    statement: StatementName
    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}, by {self.statement}"


@dataclass(frozen=True)
class Refusal:
    """What was tried and refused.

    Args:
        action: The action, such as `sqs:SendMessage`.
        resource: The resource's ARN, or `*` where the event names none.
        vpc_endpoint: The VPC endpoint that it came through; None from elsewhere.
        by: The statements that denied it; none where nothing allowed it, and where the event does not say.
        message: AWS's words, the first time.
        times: How often.
    """

    action: str
    resource: str
    vpc_endpoint: str | None
    by: tuple[StatementName, ...]
    message: str | None
    times: int

    def __str__(self) -> str:
        origin = f"through {self.vpc_endpoint}" if self.vpc_endpoint else "through no VPC endpoint"
        by = f", by {', '.join(one.label for one in self.by)}" if self.by else ""
        return f"{self.action} on {self.resource}, {origin}{by}: {'once' if self.times == 1 else f'{self.times} times'}"


@dataclass(frozen=True)
class RoleUsage:
    """How a role's permissions were used.

    Args:
        role_arn: The role.
        calls: How many calls counted. Where there are none, the lists say nothing.
        unused: The grants that no call used, in order.
        refused: The refusals, in order of their first time.
    """

    role_arn: str
    calls: int
    unused: tuple[Grant, ...]
    refused: tuple[Refusal, ...]


def observed(events: Iterable[Event], roles: Sequence[RoleGrants]) -> tuple[RoleUsage, ...]:
    """What each role was granted and never used, and what it was refused.

    A call that was not refused uses a grant if the statement covers its action and resource and, where the event names
    the statements that allowed it, is among them by its policy's name and its label. Events that name none, as AWS's,
    do not say which of several statements did, so all that cover the call count. An event that names no resource counts
    for all. Conditions are left to whoever decided.

    Args:
        events: The calls, in any order. For those of one run alone, choose them by their `time`.
        roles: The roles and their grants.

    Returns:
        One for each role, in the order given.
    """
    by_principal: dict[str, list[Event]] = {}
    for event in sorted(events, key=lambda one: one.time):
        by_principal.setdefault(event.principal, []).append(event)
    return tuple(_usage(role, by_principal.get(role.role_arn, [])) for role in roles)


def _usage(role: RoleGrants, events: Sequence[Event]) -> RoleUsage:
    own = [event for event in events if role.application is None or event.is_of(role.application)]
    allowed = {(event.actions, event.resources, event.decided_by): event for event in own if not event.is_refused}
    unused = {
        grant for policy, statement in _allows(role) for grant in _unused(policy, statement, list(allowed.values()))
    }
    return RoleUsage(role.role_arn, len(own), tuple(sorted(unused)), _refusals(own))


def _refusals(events: Sequence[Event]) -> tuple[Refusal, ...]:
    alike: dict[Refusal, list[Event]] = {}
    for event in events:
        if event.is_refused:
            resource = event.resources[0] if event.resources else "*"
            for action in event.actions:
                refusal = Refusal(action, resource, event.vpc_endpoint, event.decided_by, message=None, times=0)
                alike.setdefault(refusal, []).append(event)
    return tuple(replace(one, message=met[0].error_message, times=len(met)) for one, met in alike.items())


def _allows(role: RoleGrants) -> Iterator[tuple[str, Statement]]:
    """Every Allow that is about the role, with its policy's name."""
    for policy in role.identity:
        yield from ((policy.name, statement) for statement in policy.statements if statement.allows)
    for policy in role.resource:
        for statement in policy.statements:
            if statement.allows and _lets_in(statement, role.role_arn):
                yield policy.name, statement


def _lets_in(statement: Statement, role_arn: str) -> bool:
    """Whether a statement names the role, one of its sessions, or everybody. Its account alone grants it nothing."""
    if statement.not_principals is not None:
        return role_arn not in statement.not_principals.aws
    named = statement.principals.aws if statement.principals else ()
    sessions = _sessions(role_arn)
    return any(one in {ANYBODY, role_arn} or (sessions and one.startswith(sessions)) for one in named)


def _sessions(role_arn: str) -> str | None:
    """What the ARNs of a role's sessions begin with: they leave the role's path out. None for what is no role."""
    found = _ROLE_ARN.fullmatch(role_arn)
    return f"arn:{found['partition']}:sts::{found['account']}:assumed-role/{found['name']}/" if found else None


def _unused(policy: str, statement: Statement, events: Sequence[Event]) -> Iterator[Grant]:
    """What of a statement no event used: each action on each resource is a grant of its own."""
    name = StatementName(policy, statement.label)
    here = (_short(policy), statement.label)
    possible = [
        one for one in events if not one.decided_by or here in {(_short(by.policy), by.label) for by in one.decided_by}
    ]
    for action in _parts(statement.actions, statement.not_actions):
        concerned = [one for one in possible if any(action.covers(each.lower()) for each in one.actions)]
        for resource in _parts(statement.resources, statement.not_resources):
            if not any(not one.resources or any(map(resource.covers, one.resources)) for one in concerned):
                yield Grant(name, str(action), str(resource))


def _short(policy: str) -> str:
    """A policy's name, where an event has its ARN or that of the resource whose own it is."""
    return policy.rsplit(":", 1)[-1].rsplit("/", 1)[-1]


@dataclass(frozen=True)
class _Part:
    """A piece of an Action or a Resource element, or the one piece that a NotAction or a NotResource is."""

    patterns: tuple[str, ...]
    negated: bool = False

    def covers(self, text: str) -> bool:
        """Whether it is about an action, given in lower case, or a resource; a policy variable stands for anything."""
        found = any(matches(_VARIABLE.sub("*", pattern), text) for pattern in self.patterns)
        return found is not self.negated

    def __str__(self) -> str:
        return f"all but {', '.join(self.patterns)}" if self.negated else ", ".join(self.patterns)


def _parts(listed: tuple[str, ...], excepted: tuple[str, ...]) -> tuple[_Part, ...]:
    if excepted:
        return (_Part(excepted, negated=True),)
    return tuple(_Part((pattern,)) for pattern in listed or ("*",))
