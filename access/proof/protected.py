"""What the invariants protect: a queue with its dead-letter queue, and everybody who has to do with it."""

from dataclasses import dataclass

from access.policy import Policy


@dataclass(frozen=True)
class Protected:
    """A queue with its dead-letter queue.

    Args:
        queue_arn: The queue.
        dlq_arn: Its dead-letter queue.
        account_id: Whose they are.
        queue_policy: The queue's policy.
        dlq_policy: The dead-letter queue's.
        producer_arn: The role that sends.
        consumer_arn: The role that receives, extends and deletes.
        producer_policies: The producer role's policies, as deployed.
        consumer_policies: The consumer role's.
        vpc_id: The VPC that all message traffic comes from.
        vpc_endpoint_id: The SQS interface endpoint in it.
        deployer_arns: Who deploys.
        break_glass_arns: Who may purge and delete in an emergency.
        operator_arns: Who may read the dead-letter queue and redrive it.
        endpoint_policy: The endpoint's policy, if it is known. It can only narrow what the other policies allow, so it
            is asked for where something must be allowed, and nowhere else.
    """

    queue_arn: str
    dlq_arn: str
    account_id: str
    queue_policy: Policy
    dlq_policy: Policy
    producer_arn: str
    consumer_arn: str
    producer_policies: tuple[Policy, ...]
    consumer_policies: tuple[Policy, ...]
    vpc_id: str
    vpc_endpoint_id: str
    deployer_arns: tuple[str, ...]
    break_glass_arns: tuple[str, ...] = ()
    operator_arns: tuple[str, ...] = ()
    endpoint_policy: Policy | None = None

    @property
    def queues(self) -> tuple[tuple[str, Policy], ...]:
        """Both queues' ARNs, each with its policy."""
        return ((self.queue_arn, self.queue_policy), (self.dlq_arn, self.dlq_policy))

    @property
    def role_arns(self) -> tuple[str, str]:
        """The producer's and the consumer's role."""
        return (self.producer_arn, self.consumer_arn)

    def policy_of(self, queue_arn: str) -> Policy:
        """The policy of one of the two queues."""
        return dict(self.queues)[queue_arn]

    def policies_of(self, role_arn: str) -> tuple[Policy, ...]:
        """The policies of one of the two roles, as deployed."""
        return {self.producer_arn: self.producer_policies, self.consumer_arn: self.consumer_policies}[role_arn]
