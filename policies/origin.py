"""Messages are touched only from the VPC."""

from pulumi_policy import Severity

from access.actions import MESSAGE_ACTIONS
from access.documents import Condition, Statement
from policies.documents import CARRIERS, Document, Kind, on_documents
from policies.patterns import is_pattern
from policies.reach import about_all, denies_anybody
from policies.rule import ResourceRule, Violations
from policies.settings import RuleSettings

TOUCHES = tuple(f"sqs:{action}" for action in MESSAGE_ACTIONS)
VPC_KEYS = frozenset({"aws:sourcevpc", "aws:sourcevpce"})
_FROM = frozenset({"stringequals", "stringlike", "foranyvalue:stringequals", "foranyvalue:stringlike"})
_NOT_FROM = frozenset({"stringnotequals", "stringnotlike", "stringnotequalsifexists", "stringnotlikeifexists"})
# AWS's services as themselves, and calls that AWS makes on a principal's behalf, may be spared; nothing else narrows.
_AWS_KEYS = frozenset({"aws:principalisawsservice", "aws:viaawsservice"})


def messages_only_from_vpc(document: Document, _settings: RuleSettings) -> Violations:
    """Messages are touched only from the VPC: every Allow says so, and a Deny says so to those who need no Allow here.

    Within one account an Allow in an identity policy suffices, so the Allows of the queue's policy bind nobody else.
    A service of AWS as itself comes from no VPC; what binds it are the source conditions that another rule asks for.
    No public scanner looks for this, so there is no id to cite.
    """
    for statement in document.allows:
        if statement.covers_any_action(TOUCHES) and not (_requires_vpc(statement) or _only_services(statement)):
            yield (
                f"{document.at(statement)} allows access to messages from anywhere; add the condition StringEquals with"
                " aws:SourceVpc or aws:SourceVpce"
            )
    for action in TOUCHES:
        if not any(_denies_outside_vpc(statement, action) for statement in about_all(document.statements)):
            yield (
                f"{document.name} does not deny {action} from outside the VPC, and in the same account an identity"
                ' policy needs no Allow here; add a Deny with Principal "*" and StringNotEquals on aws:SourceVpc'
            )


def _requires_vpc(statement: Statement) -> bool:
    return any(_names_vpc(condition) and condition.operator in _FROM for condition in statement.conditions)


def _denies_outside_vpc(statement: Statement, action: str) -> bool:
    if not denies_anybody(statement, action):
        return False
    outside = [one for one in statement.conditions if one.operator in _NOT_FROM and _names_vpc(one)]
    return bool(outside) and all(one in outside or _spares_aws(one) for one in statement.conditions)


def _spares_aws(condition: Condition) -> bool:
    return condition.key in _AWS_KEYS and condition.operator == "boolifexists" and condition.values == ("false",)


def _names_vpc(condition: Condition) -> bool:
    return condition.key in VPC_KEYS and not any(is_pattern(value) for value in condition.values)


def _only_services(statement: Statement) -> bool:
    named = statement.principals
    return named is not None and bool(named.services) and named.everyone == named.services


MESSAGES_ONLY_FROM_VPC = ResourceRule(
    name="queue-policy-requires-vpc",
    description="Messages are touched only from the VPC.",
    remediation="Condition every Allow on aws:SourceVpc or aws:SourceVpce, and deny message actions without it.",
    severity=Severity.HIGH,
    controls=(),
    settings=RuleSettings,
    types=CARRIERS[Kind.QUEUE],
    check=on_documents(messages_only_from_vpc, Kind.QUEUE),
)
