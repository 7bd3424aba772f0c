"""Who may ask: the principals whose access the matrix shows.

The stack's own roles come with the policies that were read. The people around it (operators, break-glass, deployers)
have theirs outside the stack: they are read live, or the worst is assumed of them. Beside those stand the strangers
that every queue has to withstand, and everybody whom a queue's policy names.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from access.deployed import Deployed, Identity
from access.documents import ANYBODY
from access.policy import Policy
from access.request import Principal
from access.sources.documents import ALL_OF_SQS
from access.sources.errors import SourceError
from access.sources.settings import Settings

ROLE_LABELS = {"backend-task": "producer", "worker-task": "consumer"}
"""What reports call the stack's roles, by their names without the environment's prefix; others keep that name."""
ADMINISTRATOR, STRANGER = "access-administrator", "access-stranger"
"""Roles that exist nowhere and that no policy names, one allowed everything on SQS, the other nothing."""
_OTHER_ACCOUNTS = ("999999999999", "888888888888")
SERVICE = "sns.amazonaws.com"
SESSION = "session"

_ACCOUNT = re.compile(r"(?:arn:[^:]+:iam::)?(\d{12})(?::root)?")
_SERVICE_NAME = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")
_SESSION = re.compile(r"arn:([^:]+):sts::(\d{12}):assumed-role/([^/]+)/(.+)")


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
    known = (*cast.roles(), *cast.people(), *cast.strangers())
    return (*known, *cast.named(besides={one.detail for one in known}))


def role_label(role: Identity, settings: Settings) -> str:
    """What reports call one of the stack's roles."""
    name = settings.label(role.name)
    return ROLE_LABELS.get(name, name)


@dataclass(frozen=True)
class _Cast:
    deployed: Deployed
    settings: Settings
    identities: Mapping[str, Identity]

    def roles(self) -> Iterator[Caller]:
        """The stack's roles: the two that every stack has, then any others."""
        by_label = {role_label(role, self.settings): role for role in self.deployed.roles}
        ordered = [*(one for one in ROLE_LABELS.values() if one in by_label), *sorted(by_label)]
        for label in dict.fromkeys(ordered):
            yield self._somebody(label, by_label[label].arn, by_label[label])

    def people(self) -> Iterator[Caller]:
        arns = {
            "operator": self.settings.operator_arns,
            "break-glass": self.settings.break_glass_arns,
            "deployer": self.settings.deployer_arns,
        }
        for label, listed in arns.items():
            yield from (self._somebody(label, arn, self.identities.get(arn)) for arn in listed)

    def strangers(self) -> Iterator[Caller]:
        administrator = self.settings.iam_arn("role", ADMINISTRATOR)
        yield Caller("administrator", Principal.role_session(administrator, SESSION), (ALL_OF_SQS,))
        yield Caller("other role", Principal.role_session(self.settings.iam_arn("role", STRANGER), SESSION))
        account = next(one for one in _OTHER_ACCOUNTS if one != self.settings.account_id)
        abroad = f"arn:{self.settings.partition}:iam::{account}:role/{ADMINISTRATOR}"
        yield Caller("other account", Principal.role_session(abroad, SESSION), (ALL_OF_SQS,))
        yield Caller("service", Principal.service(SERVICE))
        yield Caller("anonymous", Principal.anonymous())

    def named(self, besides: Collection[str]) -> Iterator[Caller]:
        """Whom a queue's policy names besides those, with the worst assumed of their own policies.

        To be named is no harm in itself: they are held against the stranger of their kind.
        """
        for name in dict.fromkeys(_names(self.deployed)):
            principal = _principal(name, self.settings.partition)
            if principal is None or name == ANYBODY or name in besides:
                continue
            kinds = {None: "service", self.settings.account_id: "administrator"}
            like = kinds.get(principal.account_id, "other account")
            yield replace(self._somebody(f"named {name}", name, None), like=like)

    def _somebody(self, label: str, name: str, role: Identity | None) -> Caller:
        principal = _principal(name, self.settings.partition)
        if principal is None:
            raise SourceError(f"{name} is given as {label}; that takes the ARN of a role or a user")
        if principal.account_id is None:  # a service has no policies of its own
            return Caller(label, principal)
        if role is None:
            return Caller(label, principal, (ALL_OF_SQS,), assumed=True)
        return Caller(label, principal, role.policies, (role.boundary,) if role.boundary else None)


def _principal(name: str, partition: str) -> Principal | None:
    """A principal of the form that a policy or the settings name, wildcards filled in; None for what is nobody."""
    filled = _filled(name)
    if account := _ACCOUNT.fullmatch(filled):
        return Principal.role_session(f"arn:{partition}:iam::{account[1]}:role/{ADMINISTRATOR}", SESSION)
    if session := _SESSION.fullmatch(filled):
        return Principal.role_session(f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}", session[4])
    if _SERVICE_NAME.fullmatch(filled):
        return Principal.service(filled)
    try:
        return Principal.user(filled) if ":user/" in filled else Principal.role_session(filled, SESSION)
    except ValueError:
        return None


def _filled(pattern: str) -> str:
    """Somebody whom a pattern with wildcards describes."""
    if "*" not in pattern and "?" not in pattern:
        return pattern
    parts = pattern.split(":", 5)
    if parts[0] == "arn" and len(parts) > 5:  # noqa: PLR2004 - an ARN has six parts, the fifth is the account
        parts[1] = "aws" if parts[1] == "*" else parts[1]
        parts[4] = parts[4] if parts[4].isdigit() else _OTHER_ACCOUNTS[0]
    return ":".join(parts).replace("*", "any").replace("?", "x")


def _names(deployed: Deployed) -> Iterator[str]:
    """Whom a queue's policy names: as principals, and by ARN or account in a condition."""
    for queue in deployed.queues:
        for statement in queue.policy.statements if queue.policy else ():
            for principals in filter(None, (statement.principals, statement.not_principals)):
                yield from (*principals.aws, *principals.services)
            for condition in statement.conditions:
                if condition.key in {"aws:principalarn", "aws:principalaccount"} and condition.operator != "null":
                    yield from condition.values
