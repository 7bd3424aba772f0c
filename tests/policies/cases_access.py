"""Cases of the rules on queue policies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from components.grants import QueueAccess
from components.statements import CONSUMER_ACTIONS, PRODUCER_ACTIONS, Statement
from tests.policies.case import Case
from tests.policies.sound import ACCOUNT, ORIGIN, Sound, role_arn
from tests.policies.statements import edited, without
from tests.policy_harness.declared import Declared

Change = Callable[[Sequence[Statement]], list[Statement]]

PARTNER = "arn:aws:iam::999999999999:role/partner"
BREAK_GLASS, DEPLOYER = role_arn("break-glass"), role_arn("deployer")
TOPICS = "sns.amazonaws.com"


def _case(  # noqa: PLR0913 - what one case differs in from the others
    rule: str,
    prefix: str,
    says: str,
    broken: Change,
    *,
    kept: Change = list,
    of: Callable[[QueueAccess], QueueAccess] = replace,
    settings: Mapping[str, object] | None = None,
) -> Case:
    """A case in which the statements of one queue's policy keep or break the rule.

    Args:
        rule: The rule's name.
        prefix: What every name in the case begins with.
        says: Words of the message.
        broken: What it takes to break the rule.
        kept: What it takes to keep it.
        of: Who may do what with the queue, out of who soundly may.
        settings: The rule's configuration.
    """
    sound = Sound(prefix)
    statements = of(sound.access).queue_statements()

    def everything(change: Change) -> tuple[Declared, ...]:
        policy = sound.queue_policy(change(statements))
        return tuple(policy if one.name == policy.name else one for one in sound.everything())

    return sound.case(
        rule, kept=everything(kept), broken=everything(broken), at="queue-policy", says=says, settings=settings
    )


def _without(sid: str) -> Change:
    return lambda statements: without(statements, sid)


def _edited(sid: str, **elements: object) -> Change:
    return lambda statements: edited(statements, sid, **elements)


def _without_operator(access: QueueAccess) -> QueueAccess:
    """SQS takes ten conditions, and the sound policy has them; this one leaves room for one more."""
    return replace(access, operator_arns=[])


def _destruction() -> tuple[Case, ...]:
    rule = "queue-policy-denies-destruction"
    named = {"breakGlassArns": [BREAK_GLASS], "deployerArns": [DEPLOYER]}
    narrowed = {"ArnNotEquals": {"aws:PrincipalArn": BREAK_GLASS}, "StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}
    return (
        _case(rule, "purge", "does not deny sqs:PurgeQueue", _without("DenyPurgeQueue")),
        _case(rule, "delete", "does not deny sqs:DeleteQueue", _without("DenyDeleteQueue")),
        _case(
            rule,
            "narrowed",
            "does not deny sqs:PurgeQueue",
            _edited("DenyPurgeQueue", Condition=narrowed),
            of=_without_operator,
        ),
        _case(
            rule,
            "spared",
            f"spares {DEPLOYER} from the Deny of sqs:PurgeQueue; {BREAK_GLASS} may be spared",
            _edited("DenyPurgeQueue", Condition={"ArnNotEquals": {"aws:PrincipalArn": [BREAK_GLASS, DEPLOYER]}}),
            settings=named,
        ),
    )


def _transport() -> tuple[Case, ...]:
    rule = "queue-policy-requires-tls"
    narrowed = {"Bool": {"aws:SecureTransport": "false"}, "StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}
    return (
        _case(rule, "plain", "does not deny anything without TLS", _without("DenyPlainText")),
        _case(rule, "plainly", "sqs:PurgeQueue", _edited("DenyPlainText", Action=["sqs:SendMessage", "sqs:Receive*"])),
        _case(
            rule,
            "insiders",
            "does not deny anything without TLS",
            _edited("DenyPlainText", Condition=narrowed),
            kept=_edited("DenyPlainText", Condition={"BoolIfExists": {"aws:SecureTransport": "false"}}),
            of=_without_operator,
        ),
    )


def _origin() -> tuple[Case, ...]:
    rule = "queue-policy-requires-vpc"
    return (
        _case(
            rule,
            "anywhere",
            "AllowProducer allows access to messages from anywhere",
            _edited("AllowProducer", Condition=None),
            kept=_edited("AllowProducer", Condition={"StringEquals": {"aws:SourceVpc": ORIGIN.vpc_id}}),
        ),
        _case(
            rule,
            "unfenced",
            "does not deny sqs:SendMessage from outside the VPC",
            _without("DenyMessagesFromOutsideVpc"),
        ),
    )


def _outsiders() -> tuple[Case, ...]:
    rule, operator = "queue-policy-denies-messages-to-others", role_arn("operator")
    other = role_arn("other")
    return (
        _case(rule, "administrators", "does not deny sqs:SendMessage to others", _without("DenySendToOthers")),
        _case(
            rule,
            "friends",
            f"spares {other} from the Deny of sqs:ReceiveMessage",
            lambda statements: edited(
                statements,
                "DenyConsumeToOthers",
                Condition={"ArnNotEquals": {"aws:PrincipalArn": [other, Sound("friends").access.consumer_arn]}},
            ),
            settings={"operatorArns": [operator]},
        ),
    )


def _principals() -> tuple[Case, ...]:
    rule = "queue-policy-names-principals"
    return (
        _case(rule, "anybody", "AllowProducer allows *; name those who may", _edited("AllowProducer", Principal="*")),
        _case(
            rule,
            "everybody",
            "AllowConsumer allows everybody but some",
            _edited("AllowConsumer", Principal=None, NotPrincipal={"AWS": DEPLOYER}),
        ),
        _case(
            rule,
            "whole",
            f"allows the whole account arn:aws:iam::{ACCOUNT}:root",
            _edited("AllowProducer", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
        ),
        _case(
            rule,
            "partner",
            "of another account; trust 888888888888 in trustedAccountIds",
            lambda statements: edited(
                edited(statements, "AllowProducer", Principal={"AWS": PARTNER.replace("9", "8")}),
                "DenySendToOthers",
                Condition={"ArnNotEquals": {"aws:PrincipalArn": [PARTNER.replace("9", "8")]}},
            ),
            of=lambda access: replace(access, producer_arn=PARTNER),
            settings={"trustedAccountIds": ["999999999999"]},
        ),
        _case(
            rule,
            "deputy",
            f"allows {TOPICS} to act for anybody who asks it",
            lambda statements: [*_spare_services(statements), _allow_topics()],
            kept=lambda statements: [
                *_spare_services(statements),
                {**_allow_topics(), "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}},
            ],
            of=lambda access: replace(access, operator_arns=[], break_glass_arns=[]),
        ),
    )


def _allow_topics() -> Statement:
    return {
        "Sid": "AllowTopics",
        "Effect": "Allow",
        "Principal": {"Service": TOPICS},
        "Action": "sqs:SendMessage",
        "Resource": Sound("deputy").queue_arn,
    }


def _allow_deployer(action: str) -> Statement:
    return {
        "Sid": "AllowDeployer",
        "Effect": "Allow",
        "Principal": {"AWS": DEPLOYER},
        "Action": action,
        "Resource": Sound("controls").queue_arn,
    }


def _spare_services(statements: Sequence[Statement]) -> list[Statement]:
    others = next(one for one in statements if one["Sid"] == "DenySendToOthers")
    condition = {**others["Condition"], "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
    return edited(statements, "DenySendToOthers", Condition=condition)


def _rest() -> tuple[Case, ...]:
    control = "sqs:SetQueueAttributes"
    keeps, about = "queue-policy-keeps-deployer", "queue-policy-is-about-its-queue"
    strays = Sound("copied")
    spared = {"ArnNotEquals": {"aws:PrincipalArn": BREAK_GLASS}}
    return (
        _case(
            "queue-policy-names-actions",
            "pattern",
            "AllowProducer allows sqs:get*; list the actions it needs",
            _edited("AllowProducer", Action=[*PRODUCER_ACTIONS, "sqs:Get*"]),
        ),
        _case(
            "queue-policy-cannot-escalate",
            "controls",
            f"AllowConsumer allows {Sound('controls').access.consumer_arn} {control}",
            _edited("AllowConsumer", Action=[*CONSUMER_ACTIONS, control]),
            kept=lambda statements: [*statements, _allow_deployer(control)],
            settings={"deployerArns": [DEPLOYER]},
        ),
        _case(
            keeps,
            "lockout",
            f"DenyMessagesFromOutsideVpc denies {control}",
            _edited("DenyMessagesFromOutsideVpc", Action="sqs:*"),
        ),
        _case(
            keeps,
            "deployer",
            f"DenyPurgeQueue denies {control} to {DEPLOYER}",
            _edited("DenyPurgeQueue", Action=["sqs:PurgeQueue", control], Condition=spared),
            settings={"deployerArns": [DEPLOYER]},
        ),
        strays.case(
            about,
            broken=tuple(
                strays.dlq_policy(strays.access.queue_statements()) if one.name == strays.dlq_policy().name else one
                for one in strays.everything()
            ),
            at="dlq-policy",
            says=f"AllowProducer is about {strays.queue_arn}, and the policy is of the queue {strays.dlq_name!r}",
        ),
    )


CASES = (*_destruction(), *_transport(), *_origin(), *_outsiders(), *_principals(), *_rest())
