"""Messages are touched only from the VPC."""

from collections.abc import Iterator

from pulumi_policy import Severity
from pydantic import Field

from access.documents import Condition, Statement
from access.matrix.actions import MESSAGE_ACTIONS
from policies.reading.documents import CARRIERS, Document, Kind, on_documents
from policies.reading.patterns import is_pattern
from policies.reading.reach import about_all, denies_anybody, spares_aws
from policies.rule import ResourceRule, Violations
from policies.settings import RuleSettings

TOUCHES = tuple(f"sqs:{action}" for action in MESSAGE_ACTIONS)
VPC_KEYS = frozenset({"aws:sourcevpc", "aws:sourcevpce"})
_FROM = frozenset({"stringequals", "stringlike", "foranyvalue:stringequals", "foranyvalue:stringlike"})
_NOT_FROM = frozenset({"stringnotequals", "stringnotlike", "stringnotequalsifexists", "stringnotlikeifexists"})


class OriginSettings(RuleSettings):
    """Where messages may be touched from. With neither list configured, from wherever the policy says."""

    vpc_ids: tuple[str, ...] = Field(default=(), description="The VPCs that a policy may name.")
    vpc_endpoint_ids: tuple[str, ...] = Field(default=(), description="The VPC endpoints that a policy may name.")

    @property
    def known(self) -> frozenset[str]:
        """All of them."""
        return frozenset((*self.vpc_ids, *self.vpc_endpoint_ids))


def messages_only_from_vpc(document: Document, settings: OriginSettings) -> Violations:
    """Messages are touched only from the VPC: every Allow says so, and a Deny says so to those who need no Allow here.

    Within one account an Allow in an identity policy suffices, so the Allows of the queue's policy bind nobody else.
    A service of AWS as itself comes from no VPC; what binds it are the source conditions that another rule asks for.
    The Deny may spare such services, and calls that AWS makes on a principal's behalf; nothing else may narrow it.
    Where VPCs or endpoints are configured, no others may be named. Implements SEC03-BP05 (AWS Well-Architected,
    permission guardrails); no public scanner looks for it.
    """
    yield from allows_only_from_vpc(document, settings)
    for action in TOUCHES:
        if not any(_denies_outside_vpc(statement, action) for statement in about_all(document.statements)):
            yield (
                f"{document.name} does not deny {action} from outside the VPC, and in the same account an identity"
                ' policy needs no Allow here; add a Deny with Principal "*" and StringNotEquals on aws:SourceVpc'
            )
    for statement in document.statements:
        if settings.known and (strange := sorted(set(_named_vpcs(statement)) - settings.known)):
            known = ", ".join(sorted(settings.known))
            yield f"{document.at(statement)} names {', '.join(strange)}; {known} may be named"


def allows_only_from_vpc(document: Document, _settings: RuleSettings) -> Violations:
    """Every Allow to touch messages asks for the VPC.

    Implements SEC03-BP05 (AWS Well-Architected, permission guardrails); no public scanner looks for it.
    """
    for statement in document.allows:
        if statement.covers_any_action(TOUCHES) and not (_requires_vpc(statement) or _only_services(statement)):
            yield (
                f"{document.at(statement)} allows access to messages from anywhere; add the condition StringEquals with"
                " aws:SourceVpc or aws:SourceVpce"
            )


def _requires_vpc(statement: Statement) -> bool:
    return any(_names_vpc(condition) and condition.operator in _FROM for condition in statement.conditions)


def _denies_outside_vpc(statement: Statement, action: str) -> bool:
    if not denies_anybody(statement, action):
        return False
    outside = [one for one in statement.conditions if one.operator in _NOT_FROM and _names_vpc(one)]
    return bool(outside) and all(
        one in outside or spares_aws(one, "aws:principalisawsservice", "aws:viaawsservice")
        for one in statement.conditions
    )


def _names_vpc(condition: Condition) -> bool:
    return condition.key in VPC_KEYS and not any(is_pattern(value) for value in condition.values)


def _named_vpcs(statement: Statement) -> Iterator[str]:
    return (
        value for one in statement.conditions if one.key in VPC_KEYS and one.operator != "null" for value in one.values
    )


def _only_services(statement: Statement) -> bool:
    named = statement.principals
    return named is not None and bool(named.services) and named.everyone == named.services


MESSAGES_ONLY_FROM_VPC = ResourceRule(
    name="queue-policy-requires-vpc",
    description="Messages are touched only from the VPC.",
    remediation="Condition every Allow on aws:SourceVpc or aws:SourceVpce, and deny message actions without it.",
    severity=Severity.HIGH,
    controls=("SEC03-BP05",),
    settings=OriginSettings,
    types=CARRIERS[Kind.QUEUE],
    check=on_documents(messages_only_from_vpc, Kind.QUEUE),
)

GRANTS_ONLY_FROM_VPC = ResourceRule(
    name="role-policy-requires-vpc",
    description="Roles are given messages from the VPC only.",
    remediation="Condition every Allow of message actions on aws:SourceVpc or aws:SourceVpce.",
    severity=Severity.MEDIUM,
    controls=("SEC03-BP05",),
    settings=RuleSettings,
    types=CARRIERS[Kind.IDENTITY],
    check=on_documents(allows_only_from_vpc, Kind.IDENTITY),
)
