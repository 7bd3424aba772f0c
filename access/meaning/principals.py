"""Whom a Principal or NotPrincipal element is about, as formulas.

How a caller is named decides what the grant is worth, so the three ways are told apart. Sources: IAM user guide,
"Principal", "NotPrincipal", and "Policy evaluation logic" (resource-based policies and implicit denies).
"""

import re
from dataclasses import dataclass
from typing import Final

from access.documents import ANYBODY, MalformedDocumentError, Principals
from access.meaning import arns
from access.meaning.formula import TRUE, Exactly, Formula, Like, Not, Or, Present, Run, Some, either, every, is_text
from access.request import PrincipalKind

_CALLERS: Final = (arns.ROLE, arns.USER, arns.SESSION, arns.FEDERATED_USER)
_UNIQUE_ID: Final = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")  # IAM user guide, "IAM identifiers": AROA…, AIDA…


@dataclass(frozen=True)
class Naming:
    """Whether a request's caller is named, and how.

    Args:
        group: As anybody, as a service, or by the identity provider that vouched for it.
        caller: By its own ARN: a user, one session, a federated user.
        issuer: By the ARN of its role, or of the user whom a federated user acts for.
        account: By its account.
    """

    group: Formula
    caller: Formula
    issuer: Formula
    account: Formula

    @property
    def itself(self) -> Formula:
        """Whether a grant to these goes to the caller directly. No implicit deny of another policy limits it then."""
        return either(self.group, self.caller)

    @property
    def anyhow(self) -> Formula:
        """Whether the caller is named in one way at least."""
        return either(self.group, self.caller, self.issuer, self.account)

    @property
    def throughout(self) -> Formula:
        """Whether all that the caller is is named: its account, its role if it has one, and itself.

        That is what it takes to be spared by a Deny with NotPrincipal: AWS looks at the account, then at the role,
        then at the session. The root user has no ARN but the account's.
        """
        issuer_if_any = either(self.issuer, Not(Present("principal.issuer")))
        root = is_text("principal.kind", PrincipalKind.ROOT)
        return either(self.group, every(self.account, either(root, every(self.caller, issuer_if_any))))


def naming(principals: Principals) -> Naming:
    """What the principals of a statement say of a request's caller.

    `*` is anybody, anonymous callers and services included.

    Raises:
        MalformedDocumentError: When one of them is written in no form that IAM knows; there are no wildcards but `*`.
    """
    if principals.canonical_users:
        raise MalformedDocumentError(
            f"the canonical user {principals.canonical_users[0]!r} is known to S3 alone; name the account by its id"
        )
    ways: dict[str, list[Formula]] = {"group": [], "caller": [], "issuer": [], "account": []}
    for name in principals.services:
        ways["group"].append(is_text("aws:principalservicenameslist", _without_wildcard(name)))
    for name in principals.federated:
        ways["group"].append(is_text("aws:federatedprovider", _without_wildcard(name)))
    for name in principals.aws:
        for way, formula in _aws_principal(name).items():
            ways[way].append(formula)
    return Naming(**{way: Or(tuple(formulas)) for way, formulas in ways.items()})


def _aws_principal(name: str) -> dict[str, Formula]:
    if name == ANYBODY:
        return {"group": TRUE}
    if arns.ACCOUNT.fullmatch(name):
        return {"account": is_text("aws:principalaccount", name)}
    if root := arns.ROOT.fullmatch(name):
        return {"account": is_text("aws:principalaccount", root["account"])}
    if any(form.fullmatch(name) for form in _CALLERS):
        return {"caller": is_text("principal.arn", name), "issuer": is_text("principal.issuer", name)}
    if _UNIQUE_ID.fullmatch(name):
        session = Some("aws:userid", Like((Exactly(f"{name}:"), Run())))
        return {"caller": is_text("aws:userid", name), "issuer": session}
    raise MalformedDocumentError(
        f"{name!r} names no principal; it is an account (twelve digits, or arn:aws:iam::123456789012:root), the ARN of"
        " a role, a user, a role's session or a federated user, without wildcards, or * alone"
    )


def _without_wildcard(name: str) -> str:
    if ANYBODY in name:
        raise MalformedDocumentError(f"{name!r} names no principal; there are no wildcards in it")
    return name
