"""What condition keys say of every request that a statement is about, by whom it names and with which queue."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from access.documents import Condition, Statement
from access.request import Principal
from policies.language.condition_keys import BY_SERVICE, THROUGH_ENDPOINT
from policies.reading.callers import RoleName, is_role, is_user, role_of, whole_account
from policies.reading.patterns import covers, is_pattern, overlap
from policies.reading.queue_arn import QueueArn

Possible: TypeAlias = Sequence[tuple[str, ...]]
"""Every way that a key can be on a request; no value at all where it is missing."""

_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?")
_SAID_OF_SERVICES = ("aws:principalarn", "aws:principalisawsservice", "aws:principalservicename")
_SAID_OF_CALLERS = (
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principaltype",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:username",
)


def known_of(principal: str, conditions: Iterable[Condition]) -> Mapping[str, Possible]:
    """What the keys say of any request that a principal makes; nothing, where it is not known who that is.

    Args:
        principal: As a policy names it.
        conditions: What is asked of it: a session does not tell the path of its role, so its aws:PrincipalArn is known
            only where that makes no difference to them.
    """
    if _SERVICE.fullmatch(principal):
        facts = Principal.service(principal).facts
        return {key: [facts[key]] for key in _SAID_OF_SERVICES} | {key: [()] for key in THROUGH_ENDPOINT}
    if account := whole_account(principal):
        return {"aws:principalaccount": [(account,)], "aws:principalisawsservice": [("false",)]}
    role = role_of(principal)
    if not role and not is_user(principal):
        return {}
    caller = Principal.role_session(_arn_of(principal, role), "any") if role else Principal.user(principal)
    known = {key: [caller.facts[key]] for key in _SAID_OF_CALLERS} | {key: [()] for key in BY_SERVICE}
    if role and not is_role(principal) and _depends_on_path(role, conditions):
        del known["aws:principalarn"]
    return known


def known_of_queues(statement: Statement) -> Mapping[str, Possible]:
    """What the keys say of any request for the queues that a statement names: a queue answers in its own region."""
    queues = [QueueArn.parse(one) for one in statement.resources]
    regions = sorted({one.region for one in queues if one})
    if not queues or None in queues or any(map(is_pattern, regions)):
        return {}
    return {"aws:requestedregion": [(one,) for one in regions]}


def _arn_of(principal: str, role: RoleName) -> str:
    """A role's ARN; where only a session of it is named, as if the role had no path."""
    if is_role(principal):
        return principal
    return f"arn:{principal.split(':')[1]}:iam::{role.account}:role/{role.name}"


def _depends_on_path(role: RoleName, conditions: Iterable[Condition]) -> bool:
    wherever = f"arn:*:iam::{role.account}:role/*{role.name}"
    return any(
        overlap(value, wherever) and not covers(value, wherever)
        for one in conditions
        if one.key == "aws:principalarn" and one.operator != "null"
        for value in one.values
    )
