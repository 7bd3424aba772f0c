"""What the stack's roles and users are granted beside the stack's queues: files, parameters, other queues.

The matrix asks about the stack's queues. A role's policy may say more, and a pull request that adds to it has to show
it. These grants are told as they are written, with labels in the place of what differs by environment. So are the
role's own Denies and what bounds it, since a grant is as wide as they leave it: to take a Deny away is to widen.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from access.deployed import Deployed, Identity
from access.documents import Condition, Statement
from access.matrix.callers import labels
from access.policy import Policy
from access.sources.settings import Settings

ELSEWHERE = "elsewhere"
"""What reports and the expected matrix call everything that is no queue of the stack."""
_KEY_ACTIONS = frozenset({"kms:decrypt", "kms:generatedatakey"})


@dataclass(frozen=True)
class Elsewhere:
    """One action of one statement on something beside the queues.

    Args:
        caller: The role's or user's label; `not understood` for a resource that nobody could read.
        action: The action as IAM names it, in lower case; before it `denied` where the statement takes it away, and
            `bound to` where it stands in what bounds the role.
        resource: On what, labels in the place of what differs by environment; after it, the conditions.
        by: The policy and the statement.
    """

    caller: str
    action: str
    resource: str
    by: str


def granted_elsewhere(deployed: Deployed, settings: Settings) -> tuple[Elsewhere, ...]:
    """Everything that the policies of roles and users say beside the queues; then what was not understood.

    Args:
        deployed: The stack.
        settings: What is called by a label.
    """
    queues = frozenset(queue.arn for queue in deployed.queues)
    label_of = labels(deployed, settings)
    granted = (
        told for one in (*deployed.roles, *deployed.users) for told in _of(one, label_of[one.arn], queues, settings)
    )
    return (*granted, *_unread(deployed))


def _unread(deployed: Deployed) -> Iterator[Elsewhere]:
    """What was not understood may grant anything: it differs from what is expected until somebody expects it."""
    for one in deployed.unread:
        token, _, name = one.partition(" ")
        yield Elsewhere("not understood", token, name, "nobody read it")


def _of(role: Identity, label: str, queues: frozenset[str], settings: Settings) -> Iterator[Elsewhere]:
    bounds = ((role.boundary, "bound to "),) if role.boundary else ()
    for policy, kind in (*((one, "") for one in role.policies), *bounds):
        for statement in policy.statements:
            if not _is_use_of_queue_key(statement, settings):
                sign = kind if statement.allows else f"{kind}denied "
                yield from _told(label, sign, policy, statement, queues, settings)


def _told(  # noqa: PLR0913, PLR0917 - a line is made of that much
    caller: str, sign: str, policy: Policy, statement: Statement, queues: frozenset[str], settings: Settings
) -> Iterator[Elsewhere]:
    actions = statement.actions or tuple(f"all but {one}" for one in statement.not_actions)
    resources = statement.resources or tuple(f"all but {one}" for one in statement.not_resources)
    conditions = " and ".join(sorted(_in_words(one, settings) for one in statement.conditions))
    for resource in resources:
        if resource not in queues:
            for action in actions:
                told = settings.labelled(resource) + (f" if {conditions}" if conditions else "")
                yield Elsewhere(caller, f"{sign}{action}", told, f"{policy.name}/{statement.label}")


def _in_words(condition: Condition, settings: Settings) -> str:
    """A condition whole: its operator and values decide as much as its key."""
    values = ", ".join(sorted(map(settings.labelled, condition.values)))
    return f"{condition.operator} {condition.key} [{values}]"


def _is_use_of_queue_key(statement: Statement, settings: Settings) -> bool:
    """Whether it lets SQS use the key that the queues are encrypted with, and nothing else.

    Some environments have such a key and others none; it gives no access that the queue does not give.
    """
    through_sqs = statement.condition("StringEquals", "kms:ViaService")
    return (
        settings.kms_key_arn is not None
        and statement.allows
        and statement.resources == (settings.kms_key_arn,)
        and bool(statement.actions)
        and _KEY_ACTIONS.issuperset(statement.actions)
        and through_sqs is not None
        and through_sqs.values == (f"sqs.{settings.region}.amazonaws.com",)
    )
