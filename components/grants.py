"""Both sides of every permission on the queues, from one table.

One grant stands in two documents, the role's own policy and the queue's. Both are built from `QueueAccess`, so they
cannot disagree.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from components.statements import (
    CONSUMER_ACTIONS,
    LOOKUP_ACTIONS,
    PRODUCER_ACTIONS,
    Statement,
    VpcOrigin,
    allow,
    allow_from_vpc,
    deny_destruction,
    deny_others,
    deny_outside_vpc,
    deny_plain_text,
    deny_to_all,
    use_key_through_sqs,
)

OPERATOR_ACTIONS = CONSUMER_ACTIONS + LOOKUP_ACTIONS
"""What an operator does on the dead-letter queue; ChangeMessageVisibility gives back what was only looked at."""

UPLOAD_KEYS = "user_*"
RESULT_KEYS = "results/*"


@dataclass(frozen=True)
class QueueAccess:
    """Who may do what with a queue and its dead-letter queue, and from where.

    Args:
        queue_arn: The queue.
        dlq_arn: Its dead-letter queue.
        producer_arn: The role that sends.
        consumer_arn: The role that receives, extends and deletes.
        origin: The VPC that all message traffic comes from.
        deployer_arns: Who deploys, and so may delete the queues.
        break_glass_arns: Who may purge and delete in an emergency.
        operator_arns: Who may read the dead-letter queue and redrive it.
    """

    queue_arn: str
    dlq_arn: str
    producer_arn: str
    consumer_arn: str
    origin: VpcOrigin
    deployer_arns: Sequence[str]
    break_glass_arns: Sequence[str] = ()
    operator_arns: Sequence[str] = ()

    def queue_statements(self) -> list[Statement]:
        """The queue's policy. The operators are spared where a redrive sends a message back on their behalf."""
        return [
            allow_from_vpc(
                "AllowProducer", [self.producer_arn], PRODUCER_ACTIONS + LOOKUP_ACTIONS, self.queue_arn, self.origin
            ),
            allow_from_vpc(
                "AllowConsumer", [self.consumer_arn], CONSUMER_ACTIONS + LOOKUP_ACTIONS, self.queue_arn, self.origin
            ),
            deny_others("DenySendToOthers", PRODUCER_ACTIONS, self.queue_arn, [self.producer_arn, *self.operator_arns]),
            deny_others("DenyConsumeToOthers", CONSUMER_ACTIONS, self.queue_arn, [self.consumer_arn]),
            *self._bounds(self.queue_arn),
        ]

    def dlq_statements(self) -> list[Statement]:
        """The dead-letter queue's policy: nobody sends to it, only operators read it.

        What SQS moves there itself is governed by the redrive-allow policy, not by this one.
        """
        allowed = (
            [allow_from_vpc("AllowOperator", self.operator_arns, OPERATOR_ACTIONS, self.dlq_arn, self.origin)]
            if self.operator_arns
            else []
        )
        return [
            *allowed,
            deny_to_all("DenySendToAll", PRODUCER_ACTIONS, self.dlq_arn),
            deny_others("DenyConsumeToOthers", CONSUMER_ACTIONS, self.dlq_arn, self.operator_arns)
            if self.operator_arns
            else deny_to_all("DenyConsumeToAll", CONSUMER_ACTIONS, self.dlq_arn),
            *self._bounds(self.dlq_arn),
        ]

    def _bounds(self, queue_arn: str) -> list[Statement]:
        return [
            deny_outside_vpc(queue_arn, self.origin, except_forwarded=bool(self.operator_arns)),
            deny_plain_text(queue_arn),
            *deny_destruction(queue_arn, break_glass_arns=self.break_glass_arns, deployer_arns=self.deployer_arns),
        ]


@dataclass(frozen=True)
class JobStorage:
    """What the two roles touch besides the queue.

    Args:
        uploads_arn: The objects that users uploaded.
        results_arn: The objects that the worker writes.
        kill_switch_arn: The parameter that stops publishing.
    """

    uploads_arn: str
    results_arn: str
    kill_switch_arn: str


def producer_statements(
    access: QueueAccess, storage: JobStorage, *, region: str, kms_key_arn: str | None
) -> list[Statement]:
    """The producer's identity policy: send, store uploads, read the kill switch."""
    return [
        allow("SendToQueue", PRODUCER_ACTIONS + LOOKUP_ACTIONS, [access.queue_arn], access.origin.required),
        allow("StoreUploads", ["s3:PutObject"], [storage.uploads_arn]),
        allow("ReadKillSwitch", ["ssm:GetParameter"], [storage.kill_switch_arn]),
        *_key_use(["kms:Decrypt", "kms:GenerateDataKey"], kms_key_arn, region),
    ]


def consumer_statements(
    access: QueueAccess, storage: JobStorage, *, region: str, kms_key_arn: str | None
) -> list[Statement]:
    """The consumer's identity policy: receive, extend, delete, read uploads, write results."""
    return [
        allow("ConsumeFromQueue", CONSUMER_ACTIONS + LOOKUP_ACTIONS, [access.queue_arn], access.origin.required),
        allow("ReadUploads", ["s3:GetObject"], [storage.uploads_arn]),
        allow("WriteResults", ["s3:PutObject"], [storage.results_arn]),
        *_key_use(["kms:Decrypt"], kms_key_arn, region),
    ]


def _key_use(actions: Sequence[str], kms_key_arn: str | None, region: str) -> list[Statement]:
    return [use_key_through_sqs("UseQueueKey", actions, kms_key_arn, region)] if kms_key_arn else []
