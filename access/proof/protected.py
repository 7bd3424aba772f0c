"""What the invariants protect: a queue, its dead-letter queue if it has one, and everybody who has to do with them."""

from dataclasses import dataclass

from access.deployed import Identity
from access.policy import Policy


@dataclass(frozen=True)
class Protected:
    """A queue, with its dead-letter queue if it has one in the stack.

    Args:
        queue_arn: The queue.
        account_id: Whose it is.
        queue_policy: The queue's policy.
        vpc_id: The VPC that all message traffic comes from.
        vpc_endpoint_id: The SQS interface endpoint in it.
        deployer_arns: Who deploys.
        dlq_arn: Its dead-letter queue; None for none in the stack.
        dlq_policy: The dead-letter queue's policy; None for none.
        producer: The role that sends, as deployed; None where the stack has none.
        consumer: The role that receives, extends and deletes, as deployed; None where the stack has none.
        break_glass_arns: Who may purge and delete in an emergency.
        operator_arns: Who may read the dead-letter queue and redrive it.
        endpoint_policy: The endpoint's policy, if it is known. It can only narrow what the other policies allow, so it
            is asked for where something must be allowed, and nowhere else.
    """

    queue_arn: str
    account_id: str
    queue_policy: Policy
    vpc_id: str
    vpc_endpoint_id: str
    deployer_arns: tuple[str, ...]
    dlq_arn: str | None = None
    dlq_policy: Policy | None = None
    producer: Identity | None = None
    consumer: Identity | None = None
    break_glass_arns: tuple[str, ...] = ()
    operator_arns: tuple[str, ...] = ()
    endpoint_policy: Policy | None = None

    @property
    def queues(self) -> tuple[tuple[str, Policy], ...]:
        """The queues that there are, each ARN with its policy; without one a queue allows nobody anything."""
        dead_letters = [] if self.dlq_arn is None else [(self.dlq_arn, self.dlq_policy or Policy("no policy", ()))]
        return ((self.queue_arn, self.queue_policy), *dead_letters)

    @property
    def roles(self) -> tuple[Identity, ...]:
        """The producer's and the consumer's role, as far as the stack has them."""
        return tuple(role for role in (self.producer, self.consumer) if role)

    @property
    def lacks_a_role(self) -> str:
        """Which of the two roles the stack does not have, in words; empty where it has both."""
        lacking = [name for name, role in (("producer", self.producer), ("consumer", self.consumer)) if role is None]
        return f"the stack has no role that is its {' or its '.join(lacking)}" if lacking else ""

    def policy_of(self, queue_arn: str) -> Policy:
        """The policy of one of the queues."""
        return dict(self.queues)[queue_arn]
