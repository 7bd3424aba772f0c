"""A sound queue with all that belongs to it, for cases to break in one place.

Everything is known before the first update, but what only AWS tells: the queues' URLs and ARNs.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from components.grants import QueueAccess
from components.statements import Statement, VpcOrigin, document
from tests.policies.case import Case
from tests.policy_harness.declared import UNKNOWN, Declared

PROJECT = "retainwise"
ACCOUNT = "123456789012"
REGION = "us-east-1"
ORIGIN = VpcOrigin("vpc-0a1b2c3d4e5f60718", "vpce-0a1b2c3d4e5f60718")
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:on-call"
_FIFO = ".fifo"
LEFT_OUT: Final = None
"""As a changed property's value: the program does not give it."""


@dataclass(frozen=True)
class Sound:
    """A queue, its dead-letter queue, their policies and alarms.

    Args:
        prefix: What every name in the program begins with; one word, so that a suffix can tell its members apart.
        stack: The stack's name, which is the environment's.
        fifo: Whether the queue is a FIFO queue.
        dlq_fifo: Whether the dead-letter queue is one; it ought to be what the queue is.
    """

    prefix: str
    stack: str = "local"
    fifo: bool = False
    dlq_fifo: bool = False

    def __post_init__(self) -> None:
        """Refuse a prefix of several words."""
        if "-" in self.prefix:
            raise ValueError(f"the prefix {self.prefix!r} has a hyphen; one word is wanted")

    @property
    def queue_name(self) -> str:
        """The queue's name in AWS."""
        return self.aws_name("jobs") + _FIFO * self.fifo

    @property
    def dlq_name(self) -> str:
        """The dead-letter queue's name in AWS."""
        return self.aws_name("jobs-dlq") + _FIFO * self.dlq_fifo

    @property
    def queue_arn(self) -> str:
        """The queue's ARN."""
        return queue_arn(self.queue_name)

    @property
    def dlq_arn(self) -> str:
        """The dead-letter queue's ARN."""
        return queue_arn(self.dlq_name)

    @property
    def tags(self) -> dict[str, str]:
        """The tags of all that takes tags."""
        return {"Project": PROJECT, "Environment": self.stack, "ManagedBy": "pulumi"}

    @property
    def access(self) -> QueueAccess:
        """Who may do what; the queue policies and the roles' policies come from it."""
        return QueueAccess(
            queue_arn=self.queue_arn,
            dlq_arn=self.dlq_arn,
            producer_arn=role_arn(self.aws_name("backend")),
            consumer_arn=role_arn(self.aws_name("worker")),
            origin=ORIGIN,
            deployer_arns=[role_arn("deployer")],
            break_glass_arns=[role_arn("break-glass")],
            operator_arns=[role_arn("operator")],
        )

    def aws_name(self, what: str) -> str:
        """The name in AWS of something of this case."""
        return f"{PROJECT}-{self.stack}-{self.prefix}-{what}"

    def queue(self) -> Declared:
        """The queue."""
        return self._queue(
            "queue",
            self.queue_name,
            self.fifo,
            visibilityTimeoutSeconds=300,
            messageRetentionSeconds=345_600,
            redrivePolicy=redrive(self.dlq_arn),
        )

    def dlq(self) -> Declared:
        """Its dead-letter queue."""
        return self._queue("dlq", self.dlq_name, self.dlq_fifo, messageRetentionSeconds=1_209_600)

    def redrive(self, document: str) -> Declared:
        """The queue's redrive policy as a resource of its own, for a queue that has none.

        Args:
            document: What it says.
        """
        return self._about("aws:sqs/redrivePolicy:RedrivePolicy", "queue", "redrive", redrivePolicy=document)

    def redrive_allow(self) -> Declared:
        """What lets the queue, and no other, use the dead-letter queue."""
        allowed = redrive_allow("byQueue", self.queue_arn)
        return self._about(
            "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "dlq", "redrive-allow", redriveAllowPolicy=allowed
        )

    def queue_policy(self, statements: Sequence[Statement] | None = None) -> Declared:
        """The queue's policy.

        Args:
            statements: What it says, instead of what is sound.
        """
        return self._policy("queue", self.access.queue_statements() if statements is None else statements)

    def dlq_policy(self, statements: Sequence[Statement] | None = None) -> Declared:
        """The dead-letter queue's policy.

        Args:
            statements: What it says, instead of what is sound.
        """
        return self._policy("dlq", self.access.dlq_statements() if statements is None else statements)

    def dlq_alarm(self) -> Declared:
        """The alarm on a dead-letter queue that is not empty."""
        return self._alarm("dlq-not-empty", "ApproximateNumberOfMessagesVisible", self.dlq_name, threshold=1)

    def age_alarm(self) -> Declared:
        """The alarm on work that comes too late."""
        return self._alarm("oldest-message-age", "ApproximateAgeOfOldestMessage", self.queue_name, threshold=900)

    def everything(self) -> tuple[Declared, ...]:
        """The queue with all that belongs to it, in the order of the program."""
        return (
            self.dlq(),
            self.queue(),
            self.redrive_allow(),
            self.queue_policy(),
            self.dlq_policy(),
            self.dlq_alarm(),
            self.age_alarm(),
        )

    def case(  # noqa: PLR0913 - what a case differs in from the others, all by keyword
        self,
        rule: str,
        *,
        broken: tuple[Declared, ...],
        at: str,
        says: str,
        kept: tuple[Declared, ...] | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> Case:
        """A case of a rule.

        Args:
            rule: The rule's name.
            broken: Resources that break it, and nothing else.
            at: What follows the prefix in the name of the one that the violation is reported on.
            says: Words of the message.
            kept: Resources that keep it; everything that is sound, if left out.
            settings: The rule's configuration.
        """
        return Case(
            rule=rule,
            prefix=self.prefix,
            kept=self.everything() if kept is None else kept,
            broken=broken,
            at=f"{self.prefix}-{at}",
            says=says,
            settings=settings or {},
            stack=self.stack,
        )

    def _queue(self, suffix: str, name: str, fifo: bool, **properties: object) -> Declared:  # noqa: FBT001 - as the queue has it
        return Declared(
            "aws:sqs/queue:Queue",
            f"{self.prefix}-{suffix}",
            {
                "name": name,
                "region": REGION,
                "receiveWaitTimeSeconds": 20,
                "sqsManagedSseEnabled": True,
                "tags": self.tags,
                **({"fifoQueue": True} if fifo else {}),
                **properties,
            },
            outputs={"arn": UNKNOWN, "url": UNKNOWN, "id": UNKNOWN},
            protect=self.stack == "prod",
        )

    def _about(self, type_token: str, of: str, suffix: str, **documents: str) -> Declared:
        return Declared(
            type_token,
            f"{self.prefix}-{of}-{suffix}",
            {"queueUrl": UNKNOWN, **documents},
            sources={"queueUrl": [f"{self.prefix}-{of}"]},
        )

    def _policy(self, of: str, statements: Sequence[Statement]) -> Declared:
        return self._about("aws:sqs/queuePolicy:QueuePolicy", of, "policy", policy=document(statements))

    def _alarm(self, suffix: str, metric: str, watched: str, *, threshold: int) -> Declared:
        return Declared(
            "aws:cloudwatch/metricAlarm:MetricAlarm",
            f"{self.prefix}-{suffix}",
            {
                "name": self.aws_name(suffix),
                "namespace": "AWS/SQS",
                "metricName": metric,
                "dimensions": {"QueueName": watched},
                "statistic": "Maximum",
                "period": 60,
                "evaluationPeriods": 1,
                "comparisonOperator": "GreaterThanOrEqualToThreshold",
                "threshold": threshold,
                "treatMissingData": "notBreaching",
                "alarmActions": [TOPIC],
                "tags": self.tags,
            },
        )


def queue_arn(name: str, *, region: str = REGION, account: str = ACCOUNT) -> str:
    """A queue's ARN."""
    return f"arn:aws:sqs:{region}:{account}:{name}"


def role_arn(name: str) -> str:
    """A role's ARN."""
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def redrive(dlq_arn: str, count: object = 3) -> str:
    """A redrive policy: where failed messages go, after how many receives."""
    return json.dumps({"deadLetterTargetArn": dlq_arn, "maxReceiveCount": count})


def redrive_allow(permission: str, *source_arns: str) -> str:
    """A redrive-allow policy: whose failed messages come here."""
    sources = {"sourceQueueArns": list(source_arns)} if source_arns else {}
    return json.dumps({"redrivePermission": permission, **sources})


def changed(resources: Iterable[Declared], suffix: str, **properties: object) -> tuple[Declared, ...]:
    """The same resources, but for some properties of one.

    Args:
        resources: All of them.
        suffix: What follows the prefix in the one's name in the program, such as `queue` or `dlq-policy`.
        properties: What it gives instead; `LEFT_OUT` for what it does not give.
    """
    return tuple(_changed(one, properties) if _is(one, suffix) else one for one in resources)


def without(resources: Iterable[Declared], *suffixes: str) -> tuple[Declared, ...]:
    """The same resources, but for those whose names end so."""
    return tuple(one for one in resources if not any(_is(one, suffix) for suffix in suffixes))


def _changed(one: Declared, properties: dict[str, object]) -> Declared:
    given = {name: value for name, value in {**one.properties, **properties}.items() if value is not LEFT_OUT}
    return replace(one, properties=given)


def _is(one: Declared, suffix: str) -> bool:
    return one.name.partition("-")[2] == suffix
