"""What the stack's roles are granted beside the stack's queues: files, parameters, other queues.

The matrix asks about the stack's queues. A role's policy may say more, and a pull request that adds to it has to show
it. These grants are told as they are written, with labels in the place of what differs by environment.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from access.deployed import Deployed, Identity
from access.documents import Statement
from access.matrix.callers import labels
from access.policy import Policy
from access.sources.settings import Settings

ELSEWHERE = "elsewhere"
"""What reports and the expected matrix call everything that is no queue of the stack."""
_KEY_ACTIONS = frozenset({"kms:decrypt", "kms:generatedatakey"})


@dataclass(frozen=True)
class Elsewhere:
    """One action that a role is granted on something beside the queues.

    Args:
        caller: The role's label.
        action: The action as IAM names it, in lower case.
        resource: On what, labels in the place of what differs by environment; after it, the keys that it depends on.
        by: The policy and the statement.
    """

    caller: str
    action: str
    resource: str
    by: str


def granted_elsewhere(deployed: Deployed, settings: Settings) -> tuple[Elsewhere, ...]:
    """Every such grant, in the order of the roles and their policies.

    Args:
        deployed: The stack.
        settings: What is called by a label.
    """
    queues = frozenset(queue.arn for queue in deployed.queues)
    label_of = labels(deployed, settings)
    return tuple(one for role in deployed.roles for one in _of(role, label_of[role.arn], queues, settings))


def _of(role: Identity, label: str, queues: frozenset[str], settings: Settings) -> Iterator[Elsewhere]:
    for policy in role.policies:
        for statement in policy.statements:
            if statement.allows and not _is_use_of_queue_key(statement, settings):
                yield from _grants(label, policy, statement, queues, settings)


def _grants(
    caller: str, policy: Policy, statement: Statement, queues: frozenset[str], settings: Settings
) -> Iterator[Elsewhere]:
    actions = statement.actions or tuple(f"all but {one}" for one in statement.not_actions)
    resources = statement.resources or tuple(f"all but {one}" for one in statement.not_resources)
    keys = ", ".join(sorted({one.key for one in statement.conditions}))
    for resource in resources:
        if resource not in queues:
            for action in actions:
                told = settings.labelled(resource) + (f" by {keys}" if keys else "")
                yield Elsewhere(caller, action, told, f"{policy.name}/{statement.label}")


def _is_use_of_queue_key(statement: Statement, settings: Settings) -> bool:
    """Whether it lets SQS use the key that the queues are encrypted with, and nothing else.

    Some environments have such a key and others none; it gives no access that the queue does not give.
    """
    through_sqs = statement.condition("StringEquals", "kms:ViaService")
    return (
        settings.kms_key_arn is not None
        and statement.resources == (settings.kms_key_arn,)
        and bool(statement.actions)
        and _KEY_ACTIONS.issuperset(statement.actions)
        and through_sqs is not None
        and through_sqs.values == (f"sqs.{settings.region}.amazonaws.com",)
    )
