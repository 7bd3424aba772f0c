"""Cases of the rules on the language of policies."""

from collections.abc import Sequence

from components.statements import Statement, allow
from tests.policies.case import Case
from tests.policies.sound import ACCOUNT, ORIGIN, REGION, Sound, role_arn
from tests.policies.sound_roles import QUEUE_ARN, SEND, TRUST, SoundRole, as_text
from tests.policies.statements import edited

PARAMETER = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/of/a/long/name"
LOOKING = ("ListQueueTags", "ListDeadLetterSourceQueues", "ListMessageMoveTasks", "GetQueueUrl", "GetQueueAttributes")


def _queue_case(rule: str, prefix: str, says: str, broken: Sequence[Statement]) -> Case:
    """A case in which the statements of a queue's policy break the rule."""
    sound = Sound(prefix)
    policy = sound.queue_policy(broken)
    everything = tuple(policy if one.name == policy.name else one for one in sound.everything())
    return sound.case(rule, broken=everything, at="queue-policy", says=says)


def _policy_case(rule: str, prefix: str, says: str, *statements: Statement) -> Case:
    """A case in which the statements of a role's policy break the rule."""
    sound = SoundRole(prefix)
    return sound.case(rule, broken=(sound.role(), sound.policy(statements), sound.attachment()), at="policy", says=says)


def _forms() -> tuple[Case, ...]:
    rule, old = "policy-is-well-formed", SoundRole("old")
    return (
        old.case(
            rule,
            broken=(old.role(assumeRolePolicy=as_text(**TRUST).replace("2012", "2008")),),
            at="role",
            says="the trust policy has the Version '2008-10-17'",
        ),
        _policy_case(
            rule, "misspelt", "Send names sqs:SendMesage, which SQS does not have", {**SEND, "Action": "sqs:SendMesage"}
        ),
        _policy_case(rule, "twice", "two statements with the Sid 'Send'", SEND, SEND),
    )


def _quotas() -> tuple[Case, ...]:
    rule, crowded = "policy-within-quotas", Sound("crowded")
    actions = ["sqs:SendMessage", *(f"sqs:{one}" for one in LOOKING), "sqs:TagQueue", "sqs:UntagQueue"]
    parameters = [f"{PARAMETER}/{number:04}" for number in range(100)]
    return (
        _queue_case(
            rule,
            "crowded",
            "AllowProducer: 8 actions; AWS takes 7",
            edited(crowded.access.queue_statements(), "AllowProducer", Action=actions),
        ),
        _policy_case(rule, "long", "characters; AWS takes 6,144", allow("Read", ["ssm:GetParameter"], parameters)),
    )


def _conditions() -> tuple[Case, ...]:
    can_hold, without_keys, cancelled = (
        "policy-conditions-can-hold",
        "policy-conditions-hold-without-keys",
        "policy-grants-are-not-cancelled",
    )
    swapped, forgets = Sound("swapped"), Sound("forgets")
    deny = {"Sid": "Not", "Effect": "Deny", "Action": "sqs:SendMessage", "Resource": QUEUE_ARN}
    return (
        _queue_case(
            can_hold,
            "swapped",
            f"aws:SourceVpce is never {ORIGIN.vpc_id}; it is a VPC endpoint's id",
            edited(
                swapped.access.queue_statements(),
                "AllowProducer",
                Condition={"StringEquals": {"aws:SourceVpce": ORIGIN.vpc_id}},
            ),
        ),
        _policy_case(
            can_hold,
            "torn",
            "Send allows nothing, as its conditions never hold together",
            {**SEND, "Condition": {**ORIGIN.required, "StringLike": {"aws:SourceVpce": "vpce-1*"}}},
        ),
        _policy_case(
            without_keys,
            "lucky",
            "Read: stringequalsifexists aws:sourcevpce is true where the key is missing, and so allows",
            allow("Read", ["ssm:GetParameter"], [PARAMETER], {"StringEqualsIfExists": ORIGIN.required["StringEquals"]}),
        ),
        _policy_case(
            without_keys,
            "unlucky",
            "Not: stringequals aws:sourcevpc is false where the key is missing, and so does not deny",
            SEND,
            {**deny, "Condition": {"StringEquals": {"aws:SourceVpc": ORIGIN.vpc_id}}},  # type: ignore[typeddict-item]
        ),
        _queue_case(
            cancelled,
            "forgets",
            "sqs:sendmessage, and DenySendToOthers denies it always",
            edited(
                forgets.access.queue_statements(),
                "DenySendToOthers",
                Condition={"ArnNotEquals": {"aws:PrincipalArn": role_arn("operator")}},
            ),
        ),
    )


CASES = (*_forms(), *_quotas(), *_conditions())
