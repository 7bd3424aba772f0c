"""What must always be possible with a queue and its dead-letter queue: a lock that shuts everybody out is none."""

from dataclasses import replace

from access.deployed import Identity
from access.meaning.formula import Formula, Not, either, every, is_text
from access.proof.claims import (
    CHANGE_POLICY,
    CONSUME,
    FORWARDED,
    LOOK_UP,
    OVER_TLS,
    SEND,
    Claim,
    Sought,
    anybody,
    does,
    is_caller,
    its_own,
    on,
)
from access.proof.protected import Protected


def capabilities(protected: Protected) -> tuple[Claim, ...]:
    """All of them. Nothing is claimed of operators or break-glass where there are none."""
    return (
        _roles_work(protected),
        _deployers_mend(protected),
        *([_operators_redrive(protected)] if protected.operator_arns else []),
        *([_break_glass_works(protected)] if protected.break_glass_arns else []),
    )


def _roles_work(protected: Protected) -> Claim:
    through_endpoint = every(
        is_text("aws:sourcevpc", protected.vpc_id),
        is_text("aws:sourcevpce", protected.vpc_endpoint_id),
        OVER_TLS,
        Not(FORWARDED),
    )
    return Claim(
        "roles-can-always-work",
        f"Through {protected.vpc_endpoint_id} and over TLS, the producer can always send to the queue, the consumer can"
        " always consume from it, and both can look it up.",
        tuple(
            (_kept_from(protected, role, every(does(*actions, *LOOK_UP), through_endpoint)),)
            for role, actions in ((protected.producer, SEND), (protected.consumer, CONSUME))
            if role
        ),
        protected.lacks_a_role,
    )


def _kept_from(protected: Protected, role: Identity, facts: Formula) -> Sought:
    """The role does not get to do such a thing to the queue, under the policies it has, the endpoint's included."""
    bounds = ((protected.endpoint_policy,),) if protected.endpoint_policy else ()
    return Sought(
        replace(its_own(role, protected.queue_policy), bounds=bounds),
        every(on(protected.queue_arn), is_caller(role.arn), facts),
        allowed=False,
    )


def _deployers_mend(protected: Protected) -> Claim:
    mending = every(is_caller(*protected.deployer_arns), does(*LOOK_UP, *CHANGE_POLICY), OVER_TLS)
    return Claim(
        "deployers-can-always-mend",
        "Over TLS and from anywhere, there are deployers who can always read and replace the policy of every queue, if"
        " their own policies let them.",
        tuple(_refused(protected, queue_arn, mending) for queue_arn, _ in protected.queues),
        "" if protected.deployer_arns else "nobody is set as deployer: set deployerArns in Pulumi.<stack>.yaml",
    )


def _operators_redrive(protected: Protected) -> Claim:
    """What StartMessageMoveTask does on an operator's behalf (SQS developer guide, dead-letter queue redrive)."""
    forwarded = every(is_caller(*protected.operator_arns), OVER_TLS, FORWARDED)
    start = every(is_caller(*protected.operator_arns), OVER_TLS, does("StartMessageMoveTask"))
    take = every(forwarded, does("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"))
    return Claim(
        "operators-can-always-redrive",
        "Over TLS and from anywhere, operators can always have AWS move dead letters back to the queue, if their own"
        " policies let them.",
        (
            *([_refused(protected, protected.dlq_arn, either(start, take))] if protected.dlq_arn else []),
            _refused(protected, protected.queue_arn, every(forwarded, does(*SEND))),
        ),
    )


def _break_glass_works(protected: Protected) -> Claim:
    breaking = every(is_caller(*protected.break_glass_arns), does("PurgeQueue", "DeleteQueue"), OVER_TLS)
    return Claim(
        "break-glass-always-works",
        "Over TLS and from anywhere, break-glass can always purge and delete every queue, if its own policies let it.",
        tuple(_refused(protected, queue_arn, breaking) for queue_arn, _ in protected.queues),
    )


def _refused(protected: Protected, queue_arn: str, facts: Formula) -> tuple[Sought, ...]:
    """The queue's policy keeps somebody from such a thing who would be allowed it by their own policies."""
    return (Sought(anybody(protected.policy_of(queue_arn)), every(on(queue_arn), facts), allowed=False),)
