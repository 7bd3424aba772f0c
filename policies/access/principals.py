"""Whom a queue's policy allows something: principals that it names, of accounts that are trusted."""

import re
from collections.abc import Iterator
from functools import partial

from pulumi_policy import Severity
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError
from pydantic import Field

from access.documents import ANYBODY, Condition, Statement
from policies.reading.callers import AccountId, account_of, is_account, names_caller, whole_account
from policies.reading.documents import CARRIERS, Document, Kind, on_documents
from policies.reading.patterns import is_pattern
from policies.reading.queue_url import QueueUrl
from policies.reading.reach import named
from policies.rule import Resource, ResourceRule, Violations
from policies.settings import RuleSettings

_DELETED = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")
_IS = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})
_IN_ORGANISATION = frozenset({"aws:sourceorgid", "aws:sourceorgpaths"})


class PrincipalSettings(RuleSettings):
    """Which accounts besides the queue's own may be named."""

    trusted_account_ids: tuple[AccountId, ...] = Field(
        default=(), description="Accounts whose principals a queue policy may name, twelve digits each."
    )


def only_named_principals(document: Document, settings: PrincipalSettings, resource: Resource) -> Violations:
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

    The queue's own account is the one in its URL or, before it has one, in the ARNs that its policy calls it by.

    Raises:
        UnknownValueError: In the end, where it takes the queue's account to tell, and that is not known.
    """
    own_account = _account_of(resource) or _account_in(document)
    trusted = frozenset(settings.trusted_account_ids)
    if own_account:
        yield from _told(document, trusted | {own_account})
        return
    surely = list(_told(document, trusted | _accounts_named(document)))
    yield from surely
    if surely != list(_told(document, trusted)):
        raise UnknownValueError(UNKNOWN_STRING_VALUE, ["queueUrl"])


def _told(document: Document, trusted: frozenset[str]) -> Violations:
    for statement in document.statements:
        if statement.not_principals is not None:
            yield f"{document.at(statement)} {_not_principal(statement)}"
        if statement.allows:
            for problem in _problems(statement, trusted):
                yield f"{document.at(statement)} allows {problem}"


def _account_of(resource: Resource) -> str | None:
    """The queue's account, as its URL or its ARN has it; None where neither is known."""
    for name in ("queueUrl", "url", "arn"):
        try:
            given = str(resource.properties.get(name))
        except UnknownValueError:
            continue
        if account := account_of(given) or QueueUrl.parse(given).account:
            return account
    return None


def _account_in(document: Document) -> str | None:
    """The queue's account, if all ARNs that name one name the same: one stray ARN must not add a second."""
    resources = (one for statement in document.statements for one in statement.resources)
    accounts = {account for one in resources if (account := account_of(one))}
    return accounts.pop() if len(accounts) == 1 else None


def _accounts_named(document: Document) -> frozenset[str]:
    """The accounts that a document asks of callers, any of which may be the queue's own."""
    callers = (
        *(one for statement in document.allows for one in named(statement)),
        *(value for statement in document.allows for one in statement.conditions for value in one.values),
    )
    return frozenset(account for one in callers if (account := one if is_account(one) else account_of(one)))


def _of_resource(resource: Resource, settings: PrincipalSettings) -> Violations:
    check = partial(only_named_principals, resource=resource)
    yield from on_documents(check, Kind.QUEUE)(resource, settings)


def _not_principal(statement: Statement) -> str:
    if statement.allows:
        return "allows everybody but some (NotPrincipal); name those who may, by ARN"
    return (
        'denies by NotPrincipal, which denies the sessions of the very roles that it names; deny to "*" with'
        " ArnNotEquals on aws:PrincipalArn"
    )


def _problems(statement: Statement, trusted: frozenset[str]) -> Iterator[str]:
    principals = statement.principals
    if principals is None:
        return
    for principal in principals.aws:
        if problem := _problem(principal, trusted):
            yield problem
    for service in principals.services:
        if is_pattern(service):
            yield f"{service}; name those who may, by full ARN"
        elif not _for_whom_is_told(statement, trusted):
            yield (
                f"{service} to act for anybody who asks it; add StringEquals on aws:SourceAccount, or ArnLike on"
                " aws:SourceArn, with an account that is the queue's own or trusted"
            )
    for provider in principals.federated:
        yield f"{provider}, an identity provider; name the role that its users take"
    for user in principals.canonical_users:
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
    check=_of_resource,
)
