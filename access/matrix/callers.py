"""Who may ask: the principals whose access the matrix shows.

The stack's own roles and users come with the policies that were read. The people around it (operators, break-glass,
deployers) have theirs outside the stack: they are read live, or the worst is assumed of them. Beside those stand the
strangers that every queue has to withstand, and everybody whom a queue's policy names.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, count

from access.deployed import Deployed, Identity
from access.documents import ANYBODY, Statement
from access.matrix.principals import ADMINISTRATOR, OTHER_ACCOUNTS, SESSION, principal_named, root_named
from access.policy import Policy
from access.request import Principal
from access.sources.documents import ALL_OF_SQS
from access.sources.errors import SourceError
from access.sources.settings import Settings

ROLE_LABELS = {"backend-task": "producer", "worker-task": "consumer"}
"""What reports call the stack's roles, by their names without the environment's prefix; others keep that name."""
PEOPLE = ("operator", "break-glass", "deployer")
"""The labels of those around the stack, whom its settings name."""
STRANGERS = ("administrator", "other role", "other account", "service", "anonymous")
"""The labels of those whom every queue has to withstand."""
STRANGER = "access-stranger"
"""A role that exists nowhere and that no policy names, allowed nothing; `ADMINISTRATOR` is one allowed all of SQS."""
SERVICE = "sns.amazonaws.com"


@dataclass(frozen=True)
class Caller:
    """Somebody who may ask.

    Args:
        label: What it is, the same in every environment.
        principal: Who it is here.
        identity: What its own policies allow it.
        boundaries: What bounds it; None for nothing.
        assumed: Whether its policies were not read, so that the worst is assumed.
        like: The label of the caller that it may do no more than; by default its own.
    """

    label: str
    principal: Principal
    identity: tuple[Policy, ...] = ()
    boundaries: tuple[Policy, ...] | None = None
    assumed: bool = False
    like: str = ""

    @property
    def held_against(self) -> str:
        """The label of the caller whose expected access its own is compared with."""
        return self.like or self.label

    @property
    def detail(self) -> str:
        """Who it is here, in words."""
        return self.principal.issuer_arn or str(self.principal)


def callers(
    deployed: Deployed, settings: Settings, identities: Mapping[str, Identity] | None = None
) -> tuple[Caller, ...]:
    """Everybody who matters.

    Args:
        deployed: The stack.
        settings: Who is who in the environment.
        identities: The policies of principals outside the stack, by ARN, where they were read.
    """
    cast = _Cast(deployed, settings, identities or {})
    known = (*cast.own(), *cast.people(), *cast.strangers())
    return (*known, *cast.named(besides={one.detail for one in known}))


def labels(deployed: Deployed, settings: Settings) -> Mapping[str, str]:
    """What reports call the stack's roles and users, by ARN: each has a label of its own.

    A role is called by its name without the environment's prefix, or `role <name>` where somebody else is called that;
    a user is `user <name>`.

    Args:
        deployed: The stack.
        settings: Which prefix the environment has.
    """
    known = {f"{settings.prefix}{name}": label for name, label in ROLE_LABELS.items()}
    own_first = sorted(deployed.roles, key=lambda one: (not one.name.startswith(settings.prefix), one.arn))
    taken = {*ROLE_LABELS.values(), *PEOPLE, *STRANGERS}
    found: dict[str, str] = {}
    for role in own_first:
        name = settings.label(role.name)
        found[role.arn] = known.get(role.name) or _free(taken, name, f"role {name}")
        taken.add(found[role.arn])
    for user in deployed.users:
        found[user.arn] = _free(taken, f"user {settings.label(user.name)}")
        taken.add(found[user.arn])
    return found


def _free(taken: Collection[str], *wanted: str) -> str:
    """The first of these labels that nobody has; the last one with a number where all are taken."""
    possible = chain(wanted, (f"{wanted[-1]} ({number})" for number in count(2)))
    return next(one for one in possible if one not in taken)


@dataclass(frozen=True)
class _Cast:
    deployed: Deployed
    settings: Settings
    identities: Mapping[str, Identity]

    def own(self) -> Iterator[Caller]:
        """The stack's roles, the two that every stack has before any others; then its users."""
        label_of = labels(self.deployed, self.settings)
        by_label = sorted(self.deployed.roles, key=lambda one: label_of[one.arn])
        two = [role for label in ROLE_LABELS.values() for role in by_label if label_of[role.arn] == label]
        for one in dict.fromkeys([*two, *by_label, *self.deployed.users]):
            yield self._somebody(label_of[one.arn], one.arn, one)

    def people(self) -> Iterator[Caller]:
        arns = (self.settings.operator_arns, self.settings.break_glass_arns, self.settings.deployer_arns)
        for label, listed in zip(PEOPLE, arns, strict=True):
            yield from (self._somebody(label, arn, self.identities.get(arn)) for arn in listed)

    def strangers(self) -> Iterator[Caller]:
        administrator = self.settings.iam_arn("role", ADMINISTRATOR)
        yield Caller("administrator", Principal.role_session(administrator, SESSION), (ALL_OF_SQS,))
        yield Caller("other role", Principal.role_session(self.settings.iam_arn("role", STRANGER), SESSION))
        account = next(one for one in OTHER_ACCOUNTS if one != self.settings.account_id)
        abroad = f"arn:{self.settings.partition}:iam::{account}:role/{ADMINISTRATOR}"
        yield Caller("other account", Principal.role_session(abroad, SESSION), (ALL_OF_SQS,))
        yield Caller("service", Principal.service(SERVICE))
        yield Caller("anonymous", Principal.anonymous())

    def named(self, besides: Collection[str]) -> Iterator[Caller]:
        """Whom a queue's policy names besides those, with the worst assumed of their own policies.

        To be named is no harm in itself: they are held against the stranger of their kind.
        """
        for name in dict.fromkeys(_names(self.deployed)):
            principal = principal_named(name, self.settings.partition)
            if principal is None or name == ANYBODY or name in besides:
                continue
            kinds = {None: "service", self.settings.account_id: "administrator"}
            like = kinds.get(principal.account_id, "other account")
            yield replace(self._somebody(f"named {name}", name, None), like=like)
        for name in dict.fromkeys(_names_in_conditions(self.deployed)):
            if root := root_named(name):
                like = "administrator" if root.account_id == self.settings.account_id else "other account"
                yield Caller(f"named root user {name}", root, like=like)

    def _somebody(self, label: str, name: str, identity: Identity | None) -> Caller:
        principal = principal_named(name, self.settings.partition)
        if principal is None:
            raise SourceError(f"{name} is given as {label}; that takes the ARN of a role or a user")
        if principal.account_id is None:  # a service has no policies of its own
            return Caller(label, principal)
        if identity is None:
            return Caller(label, principal, (ALL_OF_SQS,), assumed=True)
        return Caller(label, principal, identity.policies, (identity.boundary,) if identity.boundary else None)


def _names(deployed: Deployed) -> Iterator[str]:
    """Whom a queue's policy names: as principals, and by ARN or account in a condition."""
    for statement in _statements(deployed):
        for principals in filter(None, (statement.principals, statement.not_principals)):
            yield from (*principals.aws, *principals.services)
    yield from _names_in_conditions(deployed)


def _names_in_conditions(deployed: Deployed) -> Iterator[str]:
    for statement in _statements(deployed):
        for condition in statement.conditions:
            if condition.key in {"aws:principalarn", "aws:principalaccount"} and condition.operator != "null":
                yield from condition.values


def _statements(deployed: Deployed) -> Iterator[Statement]:
    return (one for queue in deployed.queues if queue.policy for one in queue.policy.statements)
