"""Whom a queue's policy allows something: principals that it names, of accounts that are trusted."""

import re
from collections.abc import Iterator

from pulumi_policy import Severity
from pydantic import Field

from access.documents import ANYBODY, Condition, Statement
from policies.reading.callers import AccountId, account_of, names_caller, whole_account
from policies.reading.documents import CARRIERS, Document, Kind, on_documents
from policies.reading.patterns import is_pattern
from policies.rule import ResourceRule, Violations
from policies.settings import RuleSettings

_DELETED = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")
_IS = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})
_IN_ORGANISATION = frozenset({"aws:sourceorgid", "aws:sourceorgpaths"})


class PrincipalSettings(RuleSettings):
    """Which accounts besides the queue's own may be named."""

    trusted_account_ids: tuple[AccountId, ...] = Field(
        default=(), description="Accounts whose principals a queue policy may name, twelve digits each."
    )


def only_named_principals(document: Document, settings: PrincipalSettings) -> Violations:
    """Every Allow is for principals that it names, of the queue's own account or of a trusted one.

    Implements CKV_AWS_168, CKV_AWS_387, AWS-0097, F7, F21, SQS_QUEUE_NO_PUBLIC_ACCESS and SEC03-BP07 (AWS
    Well-Architected, public and cross-account access), and for services the confused-deputy prevention that AWS asks
    for.

    - `*`, and a pattern of principals, are anybody, anonymous callers included, whatever conditions stand beside.
    - An account, by its id or as root, stands for whomever it chooses.
    - The id of a principal that was deleted names nobody, and shows that somebody was named.
    - A service acts for whoever asks it, unless aws:SourceAccount or aws:SourceArn says for whom.
    - Who comes through an identity provider takes a role first; the role is what to name.
    - NotPrincipal with Allow is everybody but some. With Deny it spares a role's session only where the account, the
      role and the very session are named, so it denies those whom it means to spare (IAM user guide, "NotPrincipal").
    """
    own = _own_account(document)
    for statement in document.statements:
        if statement.not_principals is not None:
            yield f"{document.at(statement)} {_not_principal(statement)}"
        if statement.allows:
            for problem in _problems(statement, own | frozenset(settings.trusted_account_ids)):
                yield f"{document.at(statement)} allows {problem}"


def _own_account(document: Document) -> frozenset[str]:
    """The account of the queue, if all statements that name one name the same: one stray ARN must not add a second."""
    resources = (one for statement in document.statements for one in statement.resources)
    accounts = {account for one in resources if (account := account_of(one))}
    return frozenset(accounts) if len(accounts) == 1 else frozenset()


def _not_principal(statement: Statement) -> str:
    if statement.allows:
        return "allows everybody but some (NotPrincipal); name those who may, by ARN"
    return (
        'denies by NotPrincipal, which denies the sessions of the very roles that it names; deny to "*" with'
        " ArnNotEquals on aws:PrincipalArn"
    )


def _problems(statement: Statement, trusted: frozenset[str]) -> Iterator[str]:
    named = statement.principals
    if named is None:
        return
    for principal in named.aws:
        if problem := _problem(principal, trusted):
            yield problem
    for service in named.services:
        if is_pattern(service):
            yield f"{service}; name those who may, by full ARN"
        elif not _for_whom_is_told(statement, trusted):
            yield (
                f"{service} to act for anybody who asks it; add StringEquals on aws:SourceAccount, or ArnLike on"
                " aws:SourceArn, with an account that is the queue's own or trusted"
            )
    for provider in named.federated:
        yield f"{provider}, an identity provider; name the role that its users take"
    for user in named.canonical_users:
        yield f"the canonical user {user}, which SQS does not know; name a role by its ARN"


def _problem(principal: str, trusted: frozenset[str]) -> str | None:
    if is_pattern(principal) or principal == ANYBODY:
        return f"{principal}; name those who may, by full ARN"
    if whole_account(principal):
        return f"the whole account {principal}; name those who may, by full ARN"
    if _DELETED.fullmatch(principal):
        return f"{principal}, the id of a principal that was deleted; remove it"
    if not names_caller(principal):
        return f"{principal}, which is not the ARN of a role, a user or a session; name those who may, by full ARN"
    if (account := account_of(principal)) not in trusted:
        return f"{principal} of another account; trust {account} in trustedAccountIds, or remove it"
    return None


def _for_whom_is_told(statement: Statement, trusted: frozenset[str]) -> bool:
    return any(_tells_for_whom(condition, trusted) for condition in statement.conditions)


def _tells_for_whom(condition: Condition, trusted: frozenset[str]) -> bool:
    operator = condition.operator
    if condition.key in _IN_ORGANISATION:
        return operator.removeprefix("foranyvalue:") in _IS and not any(
            one.startswith(ANYBODY) for one in condition.values
        )
    if operator not in _IS or not condition.values:
        return False
    if condition.key == "aws:sourceaccount":
        return trusted.issuperset(condition.values)
    return condition.key == "aws:sourcearn" and trusted.issuperset(account_of(one) for one in condition.values)


ONLY_NAMED_PRINCIPALS = ResourceRule(
    name="queue-policy-names-principals",
    description="A queue policy allows only principals that it names, of accounts that are trusted.",
    remediation="Name roles by full ARN; give services a source condition; replace NotPrincipal.",
    severity=Severity.CRITICAL,
    controls=("CKV_AWS_168", "CKV_AWS_387", "AWS-0097", "F7", "F21", "SQS_QUEUE_NO_PUBLIC_ACCESS", "SEC03-BP07"),
    settings=PrincipalSettings,
    types=CARRIERS[Kind.QUEUE],
    check=on_documents(only_named_principals, Kind.QUEUE),
)
