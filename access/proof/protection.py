"""A deployed stack as the invariants see it: each queue with its dead-letter queue, and everybody around them."""

from collections.abc import Iterator

from access.deployed import Deployed, Identity, Queue
from access.matrix.callers import ROLE_LABELS
from access.matrix.origins import own_endpoint
from access.policy import Policy
from access.proof.protected import Protected
from access.sources.settings import Settings


def protected_queues(deployed: Deployed, settings: Settings) -> tuple[Protected, ...]:
    """Every queue that has a dead-letter queue in the stack, if the stack has a producer and a consumer too.

    Args:
        deployed: The stack.
        settings: Who is who in the environment.

    Raises:
        SourceError: When neither says which VPC and endpoint are the stack's own.
    """
    roles = {ROLE_LABELS.get(settings.label(role.name)): role for role in deployed.roles}
    producer, consumer = roles.get("producer"), roles.get("consumer")
    if producer is None or consumer is None:
        return ()
    return tuple(
        _protected(queue, dead_letters, producer, consumer, deployed, settings)
        for queue, dead_letters in _pairs(deployed)
    )


def _pairs(deployed: Deployed) -> Iterator[tuple[Queue, Queue]]:
    by_arn = {queue.arn: queue for queue in deployed.queues}
    for queue in deployed.queues:
        if queue.dead_letter_arn in by_arn:
            yield queue, by_arn[queue.dead_letter_arn]


def _protected(  # noqa: PLR0913, PLR0917 - it has that many parts
    queue: Queue, dead_letters: Queue, producer: Identity, consumer: Identity, deployed: Deployed, settings: Settings
) -> Protected:
    endpoint = own_endpoint(deployed, settings)
    return Protected(
        queue_arn=queue.arn,
        dlq_arn=dead_letters.arn,
        account_id=settings.account_id,
        queue_policy=queue.policy or Policy(settings.label(queue.name), ()),
        dlq_policy=dead_letters.policy or Policy(settings.label(dead_letters.name), ()),
        producer_arn=producer.arn,
        consumer_arn=consumer.arn,
        producer_policies=producer.policies,
        consumer_policies=consumer.policies,
        vpc_id=str(endpoint.vpc_id),
        vpc_endpoint_id=str(endpoint.endpoint_id),
        deployer_arns=settings.deployer_arns,
        break_glass_arns=settings.break_glass_arns,
        operator_arns=settings.operator_arns,
        endpoint_policy=endpoint.policy,
    )
