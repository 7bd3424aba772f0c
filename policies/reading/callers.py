"""How callers and accounts are named, in a configuration and in policies."""

import re
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from pydantic import Field

from access.meaning import arns
from policies.reading.patterns import is_pattern

CallerArn: TypeAlias = Annotated[str, Field(pattern=r"^arn:[a-z-]+:iam::[0-9]{12}:(root|(role|user)/[^*?$]+)$")]
"""A role's, a user's or the root user's ARN, in full. A session is named by its role."""

AccountId: TypeAlias = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
"""An account's twelve digits."""

_CALLERS = (arns.ROLE, arns.USER, arns.SESSION, arns.FEDERATED_USER, arns.ROOT)
_ARN = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(?P<account>\d{12}):.+", re.DOTALL)
_ACCOUNT = re.compile(r"\d{12}")
_WHOLE_ACCOUNT = re.compile(r"(?:arn:[^:]+:iam::)?(?P<account>\d{12})(?::root)?")


@dataclass(frozen=True)
class RoleName:
    """A role by what tells it from all others: no two roles of an account have the same name, whatever their paths.

    Args:
        account: Its account.
        name: Its name, without its path.
    """

    account: str
    name: str


def names_caller(text: str) -> bool:
    """Whether a text is the full ARN of one caller: a role, a user, a session, a federated user, or the root user."""
    return not is_pattern(text) and any(form.fullmatch(text) for form in _CALLERS)


def role_of(principal: str) -> RoleName | None:
    """The role that a principal is, or is a session of; None where it is neither."""
    found = arns.ROLE.fullmatch(principal) or arns.SESSION.fullmatch(principal)
    return RoleName(found["account"], found["name"]) if found else None


def is_role(principal: str) -> bool:
    """Whether a principal is a role as such, and so all of its sessions."""
    return arns.ROLE.fullmatch(principal) is not None


def is_user(principal: str) -> bool:
    """Whether a principal is a user."""
    return arns.USER.fullmatch(principal) is not None


def account_of(arn: str) -> str | None:
    """The account in an ARN, or in a pattern of ARNs that leaves it no choice; None where there is none."""
    found = _ARN.fullmatch(arn)
    return found["account"] if found else None


def whole_account(principal: str) -> str | None:
    """The account that a principal stands for, by its id or as root; None where it is something else."""
    found = _WHOLE_ACCOUNT.fullmatch(principal)
    return found["account"] if found else None


def is_account(text: str) -> bool:
    """Whether a text is an account's id."""
    return _ACCOUNT.fullmatch(text) is not None
