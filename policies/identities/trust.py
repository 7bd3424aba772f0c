"""Who may take a role: services that are expected to, for one's own account only."""

from collections.abc import Iterator

from pulumi_policy import Severity
from pydantic import Field

from access.documents import Condition, Statement
from policies.reading.callers import AccountId, account_of, is_account
from policies.reading.documents import CARRIERS, Document, Kind, on_documents
from policies.reading.reach import named
from policies.rule import ResourceRule, Violations
from policies.settings import RuleSettings

_TAKING = frozenset({"sts:assumerole", "sts:tagsession", "sts:setsourceidentity"})
_ARN_IS = frozenset({"arnequals", "arnlike", "stringequals", "stringlike"})


class TrustSettings(RuleSettings):
    """Which services may take a role, and for which accounts. No account configured: for whichever the policy says."""

    allowed_services: tuple[str, ...] = Field(
        default=("ecs-tasks.amazonaws.com",), description="Services that roles may trust, by their service principals."
    )
    account_ids: tuple[AccountId, ...] = Field(default=(), description="Accounts that services may take roles for.")


def trusts_expected_services(document: Document, settings: TrustSettings) -> Violations:
    """A role trusts expected services only, each for one account only.

    Implements CKV_AWS_60, CKV_AWS_61 and the confused-deputy prevention that AWS asks for: a service takes a role for
    whoever asks it to, unless StringEquals aws:SourceAccount and aws:SourceArn say for whom (ECS developer guide,
    "Amazon ECS task IAM role"). No principal of an account, its own included, no identity provider, and nobody by
    NotPrincipal may take it; and nothing may be done with it but to take it.
    """
    for statement in document.allows:
        for problem in _problems(statement, settings):
            yield f"{document.at(statement)} {problem}"


def _problems(statement: Statement, settings: TrustSettings) -> Iterator[str]:
    services = frozenset(settings.allowed_services)
    if statement.not_principals is not None:
        yield "lets everybody but some take the role (NotPrincipal); name the service that does"
    if unexpected := [one for one in named(statement) if one not in _services(statement) & services]:
        yield f"lets {', '.join(unexpected)} take the role; only {', '.join(sorted(services))} may"
    if beyond := [one for one in statement.actions if one not in _TAKING]:
        yield f"allows {', '.join(beyond)}; a role is taken by sts:AssumeRole"
    if statement.not_actions:
        yield "allows every action but some (NotAction); a role is taken by sts:AssumeRole"
    account = _account(statement)
    if not account:
        yield "does not say for which account; add StringEquals on aws:SourceAccount with its twelve digits"
    elif settings.account_ids and account not in settings.account_ids:
        yield f"is for account {account}; only {', '.join(settings.account_ids)} may be"
    if not any(_is_from(condition, account) for condition in statement.conditions):
        yield (
            "does not say for which resources; add ArnLike on aws:SourceArn with ARNs of the same account, such as"
            f" arn:aws:ecs:us-east-1:{account or '123456789012'}:*"
        )


def _services(statement: Statement) -> frozenset[str]:
    return frozenset(statement.principals.services if statement.principals else ())


def _account(statement: Statement) -> str | None:
    """The one account that the statement is for."""
    condition = statement.condition("StringEquals", "aws:SourceAccount")
    if condition and len(condition.values) == 1 and is_account(condition.values[0]):
        return condition.values[0]
    return None


def _is_from(condition: Condition, account: str | None) -> bool:
    """Whether the condition is about resources of the account; of some one account, where it is not known which."""
    if condition.key != "aws:sourcearn" or condition.operator not in _ARN_IS or not condition.values:
        return False
    accounts = {account_of(one) for one in condition.values}
    return accounts == {account} if account else None not in accounts


TRUSTS_EXPECTED_SERVICES = ResourceRule(
    name="role-trusts-tasks-only",
    description="A role can be taken by ECS tasks of one account, or by other services that are expected to.",
    remediation="Trust ecs-tasks.amazonaws.com alone, with aws:SourceAccount and aws:SourceArn.",
    severity=Severity.CRITICAL,
    controls=("CKV_AWS_60", "CKV_AWS_61"),
    settings=TrustSettings,
    types=CARRIERS[Kind.TRUST],
    check=on_documents(trusts_expected_services, Kind.TRUST),
)
