"""Somebody to ask about for each form in which policies and settings name principals."""

import re

from access.request import Principal

ADMINISTRATOR, SESSION = "access-administrator", "session"
"""What a role is called that stands for its account, and every session."""
OTHER_ACCOUNTS = ("999999999999", "888888888888")
"""Accounts that stand for all others; two, since a stack may be in one of them."""

_ACCOUNT = re.compile(r"(?:arn:[^:]+:iam::)?(\d{12})(?::root)?")
_SERVICE_NAME = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")
_SESSION = re.compile(r"arn:([^:]+):sts::(\d{12}):assumed-role/([^/]+)/(.+)")
_FEDERATED = re.compile(r"arn:([^:]+):sts::(\d{12}):federated-user/.+")
_ROOT = re.compile(r"arn:([^:]+):iam::(\d{12}):root")


def principal_named(name: str, partition: str) -> Principal | None:
    """A principal of the form that a policy or the settings name, wildcards filled in; None for what is nobody.

    Args:
        name: An ARN, an account or a service, wildcards included.
        partition: The partition of an account that is named by its number.
    """
    filled = _filled(name)
    if account := _ACCOUNT.fullmatch(filled):
        return Principal.role_session(f"arn:{partition}:iam::{account[1]}:role/{ADMINISTRATOR}", SESSION)
    if session := _SESSION.fullmatch(filled):
        return Principal.role_session(f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}", session[4])
    if _SERVICE_NAME.fullmatch(filled):
        return Principal.service(filled)
    try:
        if federated := _FEDERATED.fullmatch(filled):
            return Principal.federated(filled, user_arn=f"arn:{federated[1]}:iam::{federated[2]}:user/{ADMINISTRATOR}")
        return Principal.user(filled) if ":user/" in filled else Principal.role_session(filled, SESSION)
    except ValueError:
        return None


def root_named(name: str) -> Principal | None:
    """The root user whose ARN this is; None for whatever else.

    Only where it is compared with `aws:PrincipalArn`: as a principal the same ARN stands for the whole account.

    Args:
        name: What a condition names.
    """
    found = _ROOT.fullmatch(name)
    return Principal.root(found[2], partition=found[1]) if found else None


def _filled(pattern: str) -> str:
    """Somebody whom a pattern with wildcards describes."""
    if "*" not in pattern and "?" not in pattern:
        return pattern
    parts = pattern.split(":", 5)
    if parts[0] == "arn" and len(parts) > 5:  # noqa: PLR2004 - an ARN has six parts, the fifth is the account
        parts[1] = "aws" if parts[1] == "*" else parts[1]
        parts[4] = parts[4] if parts[4].isdigit() else OTHER_ACCOUNTS[0]
    return ":".join(parts).replace("*", "any").replace("?", "x")
