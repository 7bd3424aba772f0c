"""A deployed stack as the invariants see it: each queue with its dead-letter queue, and everybody around them."""

from collections.abc import Iterator

from access.deployed import Deployed, Queue
from access.matrix.callers import labels
from access.matrix.origins import own_endpoint
from access.policy import Policy
from access.proof.protected import Protected
from access.sources.settings import Settings


def protected_queues(deployed: Deployed, settings: Settings) -> tuple[Protected, ...]:
    """Every queue of the stack, together with its dead-letter queue where that is in the stack too.

    Args:
        deployed: The stack.
        settings: Who is who in the environment.

    Raises:
        SourceError: When neither says which VPC and endpoint are the stack's own.
    """
    return tuple(_protected(queue, dead_letters, deployed, settings) for queue, dead_letters in _pairs(deployed))


def _pairs(deployed: Deployed) -> Iterator[tuple[Queue, Queue | None]]:
    """Each queue and its dead-letter queue. One that is nothing else than that does not come by itself too."""
    by_arn = {queue.arn: queue for queue in deployed.queues}
    targets = {queue.arn: queue.dead_letter_arn for queue in deployed.queues if queue.dead_letter_arn in by_arn}
    for queue in deployed.queues:
        if queue.arn in targets:
            yield queue, by_arn[str(targets[queue.arn])]
        elif queue.arn not in targets.values():
            yield queue, None


def _protected(queue: Queue, dead_letters: Queue | None, deployed: Deployed, settings: Settings) -> Protected:
    endpoint = own_endpoint(deployed, settings)
    label_of = labels(deployed, settings)
    roles = {label_of[role.arn]: role for role in deployed.roles}
    return Protected(
        queue_arn=queue.arn,
        account_id=settings.account_id,
        queue_policy=_policy(queue, settings),
        vpc_id=str(endpoint.vpc_id),
        vpc_endpoint_id=str(endpoint.endpoint_id),
        deployer_arns=settings.deployer_arns,
        dlq_arn=dead_letters.arn if dead_letters else None,
        dlq_policy=_policy(dead_letters, settings) if dead_letters else None,
        producer=roles.get("producer"),
        consumer=roles.get("consumer"),
        break_glass_arns=settings.break_glass_arns,
        operator_arns=settings.operator_arns,
        endpoint_policy=endpoint.policy,
    )


def _policy(queue: Queue, settings: Settings) -> Policy:
    return queue.policy or Policy(settings.label(queue.name), ())
