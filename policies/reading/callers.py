"""How callers and accounts are named, in a configuration and in policies."""

import re
from typing import Annotated, TypeAlias

from pydantic import Field

CallerArn: TypeAlias = Annotated[str, Field(pattern=r"^arn:[a-z-]+:iam::[0-9]{12}:(root|(role|user)/[^*?$]+)$")]
"""A role's, a user's or the root user's ARN, in full. A session is named by its role."""

AccountId: TypeAlias = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
"""An account's twelve digits."""

_ARN = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(?P<account>\d{12}):.+", re.DOTALL)
_ACCOUNT = re.compile(r"\d{12}")
_WHOLE_ACCOUNT = re.compile(r"(?:arn:[^:]+:iam::)?(?P<account>\d{12})(?::root)?")


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
