"""What is wrong with a policy document, by AWS's rules for queue policies, trust policies and identity policies.

Pure: it reads a document and is told which principals exist. Sources: the IAM policy grammar
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html) and the SQS quotas for policies
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html).
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Final

QUEUE_POLICY_BYTES: Final = 8192
QUEUE_POLICY_STATEMENTS: Final = 20
QUEUE_POLICY_PRINCIPALS: Final = 50
QUEUE_POLICY_ACTIONS: Final = 7
"""Of one statement."""
QUEUE_POLICY_CONDITIONS: Final = 10
"""Of one statement: the documentation does not say of what, but SQS takes twenty statements with a condition each."""

PrincipalExists = Callable[[str], bool]
"""Says of an AWS principal (an ARN or an account id) whether it exists."""

Statement = Mapping[str, object]

_VERSIONS: Final = ("2008-10-17", "2012-10-17")
_PAIRED_FIELDS: Final = ("Principal", "Action", "Resource")
"""Each has a negation, Not…, that may stand in its place."""
_FIELDS: Final = {"Sid", "Effect", "Condition", *_PAIRED_FIELDS, *(f"Not{field}" for field in _PAIRED_FIELDS)}
_OPERATOR: Final = re.compile(
    r"(ForAllValues:|ForAnyValue:)?"
    r"(String(Not)?(Equals|EqualsIgnoreCase|Like)|Numeric(Not)?Equals|Numeric(Less|Greater)Than(Equals)?"
    r"|Date(Not)?Equals|Date(Less|Greater)Than(Equals)?|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like)"
    r")(IfExists)?|Null",
    re.IGNORECASE,
)
_ACTION: Final = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_SERVICE: Final = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")


class Kind(Enum):
    """Where a document is used; each place has its own rules."""

    QUEUE = "queue policy"
    TRUST = "trust policy"
    IDENTITY = "identity policy"


class MalformedError(ValueError):
    """A document that AWS refuses, in the words in which IAM does."""


class OverQuotaError(ValueError):
    """A queue policy beyond one of SQS's quotas, in the words in which SQS refuses it."""


def listed(value: object) -> list[object]:
    """Reads what IAM lets be one value or a list of them.

    Args:
        value: The value, a list, or None for nothing.

    Returns:
        A list.
    """
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def check(kind: Kind, text: str, exists: PrincipalExists) -> None:
    """Checks a document.

    Args:
        kind: Where it is used.
        text: The document as JSON.
        exists: Says of an AWS principal whether it exists.

    Raises:
        MalformedError: AWS refuses it.
        OverQuotaError: A queue policy is beyond one of SQS's quotas.
    """
    statements = list(_statements(text))
    sids = [statement["Sid"] for statement in statements if "Sid" in statement]
    if len(set(map(str, sids))) < len(sids):
        raise MalformedError("Statement IDs (SID) in a single policy must be unique.")
    for statement in statements:
        _check_statement(kind, statement)
        if kind is not Kind.IDENTITY:
            for sort, principal in principals(statement):
                _check_principal(sort, principal, exists)
    if kind is Kind.QUEUE:
        _check_queue_quotas(text, statements)


def _statements(text: str) -> Iterator[Statement]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise MalformedError("This policy contains invalid Json") from error
    if not isinstance(document, dict) or document.keys() - {"Version", "Id", "Statement"}:
        raise MalformedError("Syntax errors in policy.")
    if document.get("Version", _VERSIONS[0]) not in _VERSIONS:
        raise MalformedError("The policy must contain a valid version string")
    found = listed(document.get("Statement"))
    if not found:
        raise MalformedError("Syntax errors in policy.")
    for statement in found:
        if not isinstance(statement, dict) or statement.keys() - _FIELDS:
            raise MalformedError("Syntax errors in policy.")
        yield statement


def _check_statement(kind: Kind, statement: Statement) -> None:
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise MalformedError("Missing required field Effect")
    for field in _PAIRED_FIELDS:
        if field in statement and f"Not{field}" in statement:
            raise MalformedError("Syntax errors in policy.")
    _check_parts(kind, statement)
    _check_actions(kind, statement)
    for resource in listed(statement.get("Resource")) + listed(statement.get("NotResource")):
        if resource != "*" and not str(resource).startswith("arn:"):
            raise MalformedError(f'Resource {resource} must be in ARN format or "*".')
    for operator, keys in conditions(statement):
        if not _OPERATOR.fullmatch(operator) or not isinstance(keys, Mapping):
            raise MalformedError("Syntax errors in policy.")


def _check_actions(kind: Kind, statement: Statement) -> None:
    actions = [str(action) for action in listed(statement.get("Action")) + listed(statement.get("NotAction"))]
    if not actions:
        raise MalformedError("Missing required field Action")
    if not all(_ACTION.fullmatch(action) for action in actions):
        raise MalformedError("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
    if kind is Kind.TRUST and not all(action.lower().startswith("sts:") for action in actions):
        raise MalformedError("AssumeRole policy may only specify STS AssumeRole actions.")
    if kind is Kind.QUEUE and not all(re.match(r"\*$|sqs:", action, re.IGNORECASE) for action in actions):
        raise MalformedError("Policy statement action out of service scope!")


def _check_parts(kind: Kind, statement: Statement) -> None:
    """Whether it names a principal and a resource where it must, and not where it must not."""
    has_principal = "Principal" in statement or "NotPrincipal" in statement
    has_resource = "Resource" in statement or "NotResource" in statement
    if kind is Kind.IDENTITY and has_principal:
        raise MalformedError("Policy document should not specify a principal.")
    if kind is not Kind.IDENTITY and not has_principal:
        raise MalformedError("Missing required field Principal")
    if kind is Kind.TRUST and has_resource:
        raise MalformedError("Has prohibited field Resource")
    if kind is not Kind.TRUST and not has_resource:
        raise MalformedError("Policy statement must contain resources.")


def conditions(statement: Statement) -> Iterator[tuple[str, object]]:
    """Lists a statement's conditions.

    Args:
        statement: The statement.

    Yields:
        The operator and what stands under it: a mapping of keys to values, if it is well-formed.

    Raises:
        MalformedError: The block is no mapping.
    """
    block = statement.get("Condition", {})
    if not isinstance(block, Mapping):
        raise MalformedError("Syntax errors in policy.")
    yield from block.items()


def principals(statement: Statement) -> Iterator[tuple[str, str]]:
    """Lists whom a statement names.

    Args:
        statement: The statement.

    Yields:
        The sort (AWS, Service, Federated, CanonicalUser) and the principal; ("AWS", "*") for everybody.

    Raises:
        MalformedError: The block is neither "*" nor a mapping.
    """
    block = statement.get("Principal", statement.get("NotPrincipal"))
    if block == "*":
        yield "AWS", "*"
        return
    if not isinstance(block, Mapping) or not block:
        raise MalformedError("Syntax errors in policy.")
    for sort, named in block.items():
        for principal in listed(named):
            yield sort, str(principal)


def _check_principal(sort: str, principal: str, exists: PrincipalExists) -> None:
    if principal == "*" and sort == "AWS":
        return
    if sort == "AWS":
        known = "*" not in principal and exists(principal)
    elif sort == "Service":
        known = _SERVICE.fullmatch(principal) is not None
    else:
        known = sort in ("Federated", "CanonicalUser")
    if not known:
        shown = "SERVICE" if sort == "Service" else sort  # IAM's spelling
        raise MalformedError(f'Invalid principal in policy: "{shown}":"{principal}"')


def _check_queue_quotas(text: str, statements: list[Statement]) -> None:
    if len(text.encode()) > QUEUE_POLICY_BYTES:
        raise OverQuotaError("Submitted policy is over max allowed size")
    _check_count("statements", len(statements), QUEUE_POLICY_STATEMENTS)
    _check_count("principals", sum(len(list(principals(each))) for each in statements), QUEUE_POLICY_PRINCIPALS)
    for statement in statements:
        actions = listed(statement.get("Action")) + listed(statement.get("NotAction"))
        keys = sum(len(block) for _, block in conditions(statement) if isinstance(block, Mapping))
        _check_count("actions", len(actions), QUEUE_POLICY_ACTIONS, " a statement from")
        _check_count("conditions", keys, QUEUE_POLICY_CONDITIONS, " a statement from")


def _check_count(what: str, found: int, allowed: int, place: str = "") -> None:
    if found > allowed:
        raise OverQuotaError(f"{found} {what} were found in{place} the submitted policy, max allowed is {allowed}")
