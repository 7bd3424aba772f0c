"""Messages are touched only from the VPC."""

from pulumi_policy import Severity
from pydantic import Field

from access.documents import Statement
from policies.reading.documents import CARRIERS, Document, Kind, on_documents
from policies.reading.origins import TOUCHES, allowed_from_anywhere, names_vpc, vpcs_in
from policies.reading.reach import about_all, denies_anybody, spares_aws
from policies.rule import ResourceRule, Violations
from policies.settings import RuleSettings

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
    yield from allowed_from_anywhere(document)
    for action in TOUCHES:
        if not any(_denies_outside_vpc(statement, action) for statement in about_all(document.statements)):
            yield (
                f"{document.name} does not deny {action} from outside the VPC, and in the same account an identity"
                ' policy needs no Allow here; add a Deny with Principal "*" and StringNotEquals on aws:SourceVpc'
            )
    for statement in document.statements:
        if settings.known and (strange := sorted(set(vpcs_in(statement)) - settings.known)):
            known = ", ".join(sorted(settings.known))
            yield f"{document.at(statement)} names {', '.join(strange)}; {known} may be named"


def _denies_outside_vpc(statement: Statement, action: str) -> bool:
    if not denies_anybody(statement, action):
        return False
    outside = [one for one in statement.conditions if one.operator in _NOT_FROM and names_vpc(one)]
    return bool(outside) and all(
        one in outside or spares_aws(one, "aws:principalisawsservice", "aws:viaawsservice")
        for one in statement.conditions
    )


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
