"""What must never happen to a queue, and to its dead-letter queue if it has one."""

from access.deployed import Identity
from access.matrix.actions import ACCOUNT_ACTIONS
from access.meaning import templates
from access.meaning.formula import Formula, Not, Some, either, every, is_one_of, is_text
from access.meaning.semantics import TAKING_A_ROLE
from access.policy import Policy
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
    is_of,
    its_own,
    role_does,
    somebody_does,
    somebody_does_to,
)
from access.proof.protected import Protected
from access.request import PrincipalKind


def prohibitions(protected: Protected) -> tuple[Claim, ...]:
    """All of them."""
    return (
        _no_purge(protected),
        _no_deletion(protected),
        _no_plain_text(protected),
        _no_message_from_outside(protected),
        _no_message_touched_by_others(protected),
        _no_two_directions(protected),
        _no_other_account(protected),
        _no_anonymous_caller(protected),
        _no_service(protected),
        _no_surplus_for_roles(protected),
        _no_role_changes_permissions(protected),
        _no_role_taken_by_others(protected),
    )


def _no_purge(protected: Protected) -> Claim:
    return Claim(
        "only-break-glass-purges",
        "Nobody but break-glass can purge a queue.",
        somebody_does(protected, every(does("PurgeQueue"), Not(is_caller(*protected.break_glass_arns)))),
    )


def _no_deletion(protected: Protected) -> Claim:
    may = (*protected.break_glass_arns, *protected.deployer_arns)
    return Claim(
        "only-deployers-and-break-glass-delete",
        "Nobody but break-glass and the deployers can delete a queue.",
        somebody_does(protected, every(does("DeleteQueue"), Not(is_caller(*may)))),
    )


def _no_plain_text(protected: Protected) -> Claim:
    return Claim(
        "nothing-without-tls",
        "None of the actions that SQS has is allowed on any queue without TLS.",
        somebody_does(protected, Not(OVER_TLS)),
    )


def _no_message_from_outside(protected: Protected) -> Claim:
    """The two roles are held to it under the policies they have, everybody else under any."""
    outside = every(does(*SEND, *CONSUME), Not(is_text("aws:sourcevpc", protected.vpc_id)))
    redrive = every(FORWARDED, is_caller(*protected.operator_arns))
    wrong = every(outside, Not(redrive))
    return Claim(
        "messages-only-from-the-vpc",
        f"No message is touched from outside {protected.vpc_id}, but in calls that AWS makes on an operator's behalf,"
        " as a redrive does.",
        (
            *somebody_does(protected, every(wrong, Not(is_caller(*(role.arn for role in protected.roles))))),
            *(question for role in protected.roles for question in role_does(protected, role, wrong)),
        ),
    )


def _no_message_touched_by_others(protected: Protected) -> Claim:
    operators = is_caller(*protected.operator_arns)
    sends = every(does(*SEND), Not(either(_is(protected.producer), operators)))
    consumes = every(does(*CONSUME), Not(_is(protected.consumer)))
    consumes_dead_letters = every(does(*CONSUME), Not(operators))
    of_dead_letters = (protected.dlq_arn, either(does(*SEND), consumes_dead_letters))
    return Claim(
        "messages-only-by-those-who-must",
        "Nobody but the producer, and operators for a redrive, sends to the queue; nobody but the consumer consumes"
        " from it; nobody sends to the dead-letter queue; nobody but operators consumes from it.",
        tuple(
            (somebody_does_to(protected, queue_arn, wrong),)
            for queue_arn, wrong in ((protected.queue_arn, either(sends, consumes)), of_dead_letters)
            if queue_arn
        ),
    )


def _is(role: Identity | None) -> Formula:
    """The caller is this role, if there is such a role."""
    return is_caller(*([role.arn] if role else []))


def _no_two_directions(protected: Protected) -> Claim:
    return Claim(
        "nobody-both-sends-and-consumes",
        "Nobody can both send to a queue and consume from the same queue, in whatever sessions and from wherever.",
        tuple(
            (
                somebody_does_to(protected, queue_arn, does(*SEND)),
                somebody_does_to(protected, queue_arn, does(*CONSUME)),
            )
            for queue_arn, _ in protected.queues
        ),
    )


def _no_other_account(protected: Protected) -> Claim:
    """The root user of another account included, and a federated user of it."""
    theirs = every(_belongs_to_an_account(), Not(is_text("aws:principalaccount", protected.account_id)))
    return Claim(
        "nothing-for-other-accounts",
        f"Nobody of another account than {protected.account_id} is allowed anything on any queue.",
        somebody_does(protected, theirs),
    )


def _no_anonymous_caller(protected: Protected) -> Claim:
    return Claim(
        "nothing-for-anonymous-callers",
        "Nobody who does not sign the request is allowed anything on any queue.",
        somebody_does(protected, is_text("principal.kind", PrincipalKind.ANONYMOUS)),
    )


def _no_service(protected: Protected) -> Claim:
    """Of what SQS moves to the dead-letter queue of its own accord, no policy is asked."""
    return Claim(
        "nothing-for-services",
        "No service of AWS is allowed anything on any queue by itself.",
        somebody_does(protected, is_text("principal.kind", PrincipalKind.SERVICE)),
    )


def _no_surplus_for_roles(protected: Protected) -> Claim:
    lists = every(is_text("resource", "*"), does(*ACCOUNT_ACTIONS))
    halves = ((protected.producer, SEND), (protected.consumer, CONSUME))

    def surplus(half: tuple[str, ...]) -> Formula:
        return Not(every(is_text("resource", protected.queue_arn), does(*half, *LOOK_UP)))

    return Claim(
        "roles-do-no-more-than-their-half",
        "Under the policies they have, the producer can do no more than send to the queue and look it up, the consumer"
        " no more than consume from it and look it up; neither can do anything with the dead-letter queue, or list"
        " queues.",
        (
            *(question for role, half in halves if role for question in role_does(protected, role, surplus(half))),
            *((Sought(its_own(role), every(is_caller(role.arn), lists)),) for role in protected.roles),
        ),
        protected.lacks_a_role,
    )


def _no_role_changes_permissions(protected: Protected) -> Claim:
    """On any resource: a role that can change its own policies has no bounds."""
    changes = [is_of(service) for service in ("iam", "organizations", "sts")]
    return Claim(
        "roles-change-no-permissions",
        "Under the policies they have, neither role can change a queue's policy or do anything of IAM, STS or"
        " Organizations, new actions included, on any resource of the account.",
        (
            *(question for role in protected.roles for question in role_does(protected, role, does(*CHANGE_POLICY))),
            *(
                (Sought(its_own(role, _delegating(protected)), every(is_caller(role.arn), change)),)
                for role in protected.roles
                for change in (*changes, every(does(*CHANGE_POLICY), Not(is_text("resource", ""))))
            ),
        ),
        protected.lacks_a_role,
    )


def _delegating(protected: Protected) -> Policy:
    """What another role may say at worst of who takes it: it leaves that to the policies of the account."""
    statement = {"Effect": "Allow", "Principal": {"AWS": protected.account_id}, "Action": "*"}
    return Policy.parse("trust of another role", {"Statement": statement})


def _no_role_taken_by_others(protected: Protected) -> Claim:
    """The source of a request of ECS is told by account, by ARN or by both (ECS developer guide, "task IAM role")."""
    of_account = templates.arn(f"arn:*:*:*:{protected.account_id}:*", variables=False)
    for_tasks = every(
        is_text("action", "sts:assumerole"),
        is_text("principal.kind", PrincipalKind.SERVICE),
        is_text("aws:principalservicenameslist", "ecs-tasks.amazonaws.com"),
        either(is_text("aws:sourceaccount", protected.account_id), Some("aws:sourcearn", of_account)),
    )
    takes = every(is_one_of("action", (action.lower() for action in TAKING_A_ROLE)), Not(for_tasks))
    unread = [role.name for role in protected.roles if role.trust is None]
    return Claim(
        "roles-are-taken-by-tasks-alone",
        f"Nobody but ECS tasks, on behalf of the account {protected.account_id}, can take one of the two roles.",
        tuple(
            (Sought(anybody(role.trust), every(is_text("resource", role.arn), takes)),)
            for role in protected.roles
            if role.trust
        ),
        protected.lacks_a_role or (f"nothing is known of who may take {' and '.join(unread)}" if unread else ""),
    )


def _belongs_to_an_account() -> Formula:
    kinds = (PrincipalKind.ROLE_SESSION, PrincipalKind.USER, PrincipalKind.ROOT, PrincipalKind.FEDERATED)
    return is_one_of("principal.kind", kinds)
