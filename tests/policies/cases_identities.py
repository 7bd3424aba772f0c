"""Cases of the rules on what roles are given, and on who may take them."""

from dataclasses import replace

from components.statements import Statement, allow
from tests.policies.case import Case
from tests.policies.sound import ACCOUNT, REGION, Sound, role_arn
from tests.policies.sound_roles import QUEUE_ARN, RECEIVE, SEND, TRUST, SoundRole
from tests.policies.statements import edited
from tests.policy_harness.declared import Declared

AWS_MANAGED = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
LENT = f"arn:aws:iam::{ACCOUNT}:policy/lent"
LAMBDA = "lambda.amazonaws.com"


def _policy_case(rule: str, prefix: str, says: str, *statements: Statement) -> Case:
    """A case in which the statements of a role's policy break the rule."""
    sound = SoundRole(prefix)
    broken = (sound.role(), sound.policy([SEND, *statements]), sound.attachment())
    return sound.case(rule, broken=broken, at="policy", says=says)


def _grants() -> tuple[Case, ...]:
    rule = "role-policy-names-grants"
    return (
        _policy_case(
            rule,
            "actions",
            "Wide allows ssm:get*; list the actions it needs, one by one",
            allow("Wide", ["ssm:Get*"], [f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/x"]),
        ),
        _policy_case(
            rule, "resources", "Wide allows it on *; name the ARNs", allow("Wide", ["ssm:GetParameter"], ["*"])
        ),
    )


def _escalation() -> tuple[Case, ...]:
    rule, somebody = "role-policy-cannot-escalate", role_arn("somebody")
    return (
        _policy_case(rule, "passes", "Pass allows iam:PassRole", allow("Pass", ["iam:PassRole"], [somebody])),
        _policy_case(
            rule,
            "rewrites",
            "Attach allows iam:AttachRolePolicy, which rewrites a policy of somebody",
            allow("Attach", ["iam:AttachRolePolicy"], [somebody]),
        ),
    )


def _origin() -> tuple[Case, ...]:
    from_anywhere = allow("Again", ["sqs:SendMessage"], [QUEUE_ARN])
    says = "Again allows access to messages from anywhere"
    return (_policy_case("role-policy-requires-vpc", "roaming", says, from_anywhere),)


def _managed() -> tuple[Case, ...]:
    attached = SoundRole("attached")
    by_name = Declared(
        attached.attachment().type_token,
        "attached-managed",
        {"role": attached.aws_name("task"), "policyArn": AWS_MANAGED},
    )
    lent = SoundRole("lent")
    of_others = Declared(
        lent.attachment().type_token, "lent-others", {"role": lent.aws_name("task"), "policyArn": f"{LENT}-too"}
    )
    return (
        attached.case(
            "role-has-no-aws-managed-policy",
            broken=(*attached.everything(), by_name),
            at="managed",
            says=f"{AWS_MANAGED} is attached",
        ),
        lent.case(
            "role-has-no-aws-managed-policy",
            kept=(replace(of_others, properties={**of_others.properties, "policyArn": LENT}),),
            broken=(of_others,),
            at="others",
            says=f"{LENT}-too is attached, which is no policy of this stack",
            settings={"outside": [LENT]},
        ),
    )


def _separation() -> tuple[Case, ...]:
    rule, says = "role-sends-or-consumes", "both sends to"
    two, inline, shelf = SoundRole("two"), SoundRole("inline"), SoundRole("shelf")
    return (
        two.case(
            rule,
            broken=(*two.everything(), two.policy([RECEIVE], name="other"), two.attachment(of="other")),
            at="role",
            says=f"{says} {QUEUE_ARN} (Send of two-policy) and consumes from it (Receive of two-other)",
        ),
        inline.case(rule, broken=(*inline.everything(), inline.inline([RECEIVE])), at="role", says=says),
        shelf.case(
            rule,
            kept=(shelf.policy([SEND]),),
            broken=(shelf.policy([SEND, RECEIVE]),),
            at="policy",
            says=f"whoever has this policy {says}",
        ),
        _both_by_the_queue(rule, says),
    )


def _both_by_the_queue(rule: str, says: str) -> Case:
    """The queue's policy lets the producer receive too, and its Deny spares it."""
    sound = Sound("forger")
    producer = sound.access.producer_arn
    statements = edited(
        sound.access.queue_statements(), "AllowProducer", Action=["sqs:SendMessage", "sqs:DeleteMessage"]
    )
    spared = {"ArnNotEquals": {"aws:PrincipalArn": sorted([producer, sound.access.consumer_arn])}}
    policy = sound.queue_policy(edited(statements, "DenyConsumeToOthers", Condition=spared))
    broken = tuple(policy if one.name == policy.name else one for one in sound.everything())
    return sound.case(rule, broken=broken, at="queue-policy", says=f"{producer} {says} {sound.queue_arn}")


def _trust() -> tuple[Case, ...]:
    rule = "role-trusts-tasks-only"
    source_account = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}

    def case(prefix: str, says: str, **elements: object) -> Case:
        sound = SoundRole(prefix)
        (trust,) = edited([TRUST], "TrustEcsTasks", **elements)
        return sound.case(rule, broken=(sound.role(trust),), at="role", says=says)

    functions = SoundRole("functions")
    (of_functions,) = edited([TRUST], "TrustEcsTasks", Principal={"Service": LAMBDA})
    return (
        functions.case(
            rule,
            kept=(functions.role(of_functions),),
            broken=(functions.role(),),
            at="role",
            says=f"lets ecs-tasks.amazonaws.com take the role; only {LAMBDA} may",
            settings={"allowedServices": [LAMBDA]},
        ),
        case("anyone", "lets * take the role", Principal={"AWS": "*"}, Condition=source_account | _FROM_TASKS),
        case("lambdas", f"lets {LAMBDA} take the role", Principal={"Service": LAMBDA}),
        case("confused", "does not say for which account", Condition=_FROM_TASKS),
        case("unsourced", "does not say for which resources", Condition=source_account),
        case("taken", "allows sts:*; a role is taken by sts:AssumeRole", Action="sts:*"),
    )


_FROM_TASKS = {"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:*"}}

CASES = (*_grants(), *_escalation(), *_origin(), *_managed(), *_separation(), *_trust())
