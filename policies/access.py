"""Rules on queue policies: who may touch a queue, from where."""

from collections.abc import Callable, Iterator

from pulumi_policy import Severity

from access.documents import ANYBODY, MalformedDocumentError, Statement, matches, parse_document
from policies.queues import QUEUE, QUEUE_POLICY
from policies.rule import Resource, ResourceRule, Violations
from policies.settings import RuleSettings

QUEUE_POLICY_TYPES = frozenset({QUEUE_POLICY, QUEUE})
DESTRUCTIVE_ACTIONS = ("sqs:PurgeQueue", "sqs:DeleteQueue")
MESSAGE_ACTIONS = ("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility")
VPC_KEYS = ("aws:SourceVpc", "aws:SourceVpce")
_OUTSIDE_VPC = frozenset(("stringnotequals", key.lower()) for key in VPC_KEYS)
# AWS's services as themselves, and calls that AWS makes on a principal's behalf, may be spared; nothing else narrows.
_SPARING_AWS = frozenset({("boolifexists", "aws:principalisawsservice"), ("boolifexists", "aws:viaawsservice")})
_SPARING_OPERATORS = frozenset({"arnnotequals", "arnnotlike", "stringnotequals", "stringnotlike"})


def destruction_denied(statements: tuple[Statement, ...]) -> Violations:
    """PurgeQueue and DeleteQueue are denied to everybody but principals that the Deny names one by one.

    No public scanner looks for this; one purge loses every message, and an Allow in an administrator's identity policy
    suffices for it unless the queue's policy denies.
    """
    for action in DESTRUCTIVE_ACTIONS:
        if not any(_denies_all_but_named(statement, action) for statement in _about_all(statements)):
            yield (
                f'the queue policy does not deny {action}; add a Deny with Principal "*", whose only condition is'
                " ArnNotEquals on aws:PrincipalArn with the full ARNs of those who may"
            )


def messages_only_from_vpc(statements: tuple[Statement, ...]) -> Violations:
    """Messages are touched only from the VPC: every Allow says so, and a Deny says so to those who need no Allow here.

    Within one account an Allow in an identity policy suffices, so the Allows of the queue's policy bind nobody else.
    """
    for statement in statements:
        if statement.allows and statement.covers_any_action(MESSAGE_ACTIONS) and not _requires_vpc(statement):
            yield (
                f"{statement.label} allows access to messages from anywhere; add the condition StringEquals with"
                " aws:SourceVpc or aws:SourceVpce"
            )
    for action in MESSAGE_ACTIONS:
        if not any(_denies_outside_vpc(statement, action) for statement in _about_all(statements)):
            yield (
                f"the queue policy does not deny {action} from outside the VPC, and in the same account an identity"
                ' policy needs no Allow here; add a Deny with Principal "*" and StringNotEquals on aws:SourceVpc'
            )


def no_wildcard_principal(statements: tuple[Statement, ...]) -> Violations:
    """No Allow is for anybody: not `*`, not everybody but somebody, no pattern.

    Implements CKV_AWS_168, AWS-0097 and F21.
    """
    for statement in statements:
        if not statement.allows:
            continue
        if statement.not_principals is not None:
            yield f"{statement.label} allows everybody but some (NotPrincipal); name those who may, by ARN"
        if wild := sorted({one for one in _named(statement) if ANYBODY in one}):
            yield f"{statement.label} allows {', '.join(wild)}; name those who may, by full ARN"


def _named(statement: Statement) -> tuple[str, ...]:
    return statement.principals.everyone if statement.principals else ()


def _about_all(statements: tuple[Statement, ...]) -> Iterator[Statement]:
    """The statements that are about all that the policy names: a Deny on some other queue protects nothing."""
    named = {resource for statement in statements for resource in statement.resources if ANYBODY not in resource}
    for statement in statements:
        if all(any(matches(pattern, one) for pattern in statement.resources) for one in named):
            yield statement


def _denies_all_but_named(statement: Statement, action: str) -> bool:
    return _denies_anybody(statement, action) and all(
        condition.operator in _SPARING_OPERATORS
        and condition.key == "aws:principalarn"
        and not any(ANYBODY in value or "?" in value for value in condition.values)
        for condition in statement.conditions
    )


def _denies_outside_vpc(statement: Statement, action: str) -> bool:
    keys = {(one.operator, one.key) for one in statement.conditions}
    return _denies_anybody(statement, action) and bool(keys & _OUTSIDE_VPC) and keys <= _OUTSIDE_VPC | _SPARING_AWS


def _denies_anybody(statement: Statement, action: str) -> bool:
    return (
        not statement.allows
        and ANYBODY in _named(statement)
        and bool(statement.resources)
        and statement.covers_action(action)
    )


def _requires_vpc(statement: Statement) -> bool:
    return any(
        (condition := statement.condition("StringEquals", key)) is not None
        and not any(ANYBODY in value for value in condition.values)
        for key in VPC_KEYS
    )


def _on_queue_policy(
    check: Callable[[tuple[Statement, ...]], Violations],
) -> Callable[[Resource, RuleSettings], Violations]:
    """The check on a QueuePolicy's document, or on the document that a Queue itself carries."""

    def on_resource(resource: Resource, _settings: RuleSettings) -> Iterator[str]:
        if not (text := resource.properties.get("policy")):
            return
        try:
            statements = parse_document(text)
        except MalformedDocumentError as error:
            yield f"the queue policy cannot be read: {error}"
            return
        yield from check(statements)

    return on_resource


ACCESS_RULES = (
    ResourceRule(
        name="queue-policy-denies-destruction",
        description="Nobody purges or deletes a queue but those whom its policy names.",
        remediation="Deny sqs:PurgeQueue and sqs:DeleteQueue to all but the break-glass and deployer ARNs.",
        severity=Severity.CRITICAL,
        controls=(),
        settings=RuleSettings,
        types=QUEUE_POLICY_TYPES,
        check=_on_queue_policy(destruction_denied),
    ),
    ResourceRule(
        name="queue-policy-requires-vpc",
        description="Messages are touched only from the VPC.",
        remediation="Condition every Allow on aws:SourceVpc or aws:SourceVpce, and deny message actions without it.",
        severity=Severity.HIGH,
        controls=(),
        settings=RuleSettings,
        types=QUEUE_POLICY_TYPES,
        check=_on_queue_policy(messages_only_from_vpc),
    ),
    ResourceRule(
        name="queue-policy-names-principals",
        description="A queue policy allows only principals that it names.",
        remediation="Replace wildcards and NotPrincipal in Allow statements by full ARNs.",
        severity=Severity.CRITICAL,
        controls=("CKV_AWS_168", "AWS-0097", "F21"),
        settings=RuleSettings,
        types=QUEUE_POLICY_TYPES,
        check=_on_queue_policy(no_wildcard_principal),
    ),
)
