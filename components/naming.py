"""Every name and every ARN of a stack, known before anything exists.

Explicit names make every ARN a plain string, so that policy documents are fully known at the first preview: the engine
turns a mandatory policy rule that reads an unknown value into a mere note, and the pull request that creates a queue is
where the rules matter most.
"""

from dataclasses import dataclass

_PARTITION_OF_REGION_PREFIX = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


@dataclass(frozen=True)
class Place:
    """An account in a region, and the ARNs of what lives there.

    Args:
        account_id: The AWS account, twelve digits.
        region: The region's name, such as `us-east-1`.
    """

    account_id: str
    region: str

    @property
    def partition(self) -> str:
        """`aws`, or the partition that the region belongs to (China, GovCloud)."""
        for prefix, partition in _PARTITION_OF_REGION_PREFIX.items():
            if self.region.startswith(prefix):
                return partition
        return "aws"

    @property
    def ecs_arn_pattern(self) -> str:
        """What the ARNs of all ECS resources here match."""
        return f"arn:{self.partition}:ecs:{self.region}:{self.account_id}:*"

    def queue_arn(self, name: str) -> str:
        """The ARN of the queue with this name."""
        return f"arn:{self.partition}:sqs:{self.region}:{self.account_id}:{name}"

    def role_arn(self, name: str) -> str:
        """The ARN of the role with this name, at the root path."""
        return f"arn:{self.partition}:iam::{self.account_id}:role/{name}"

    def parameter_arn(self, name: str) -> str:
        """The ARN of the Systems Manager parameter with this name, which begins with a slash."""
        return f"arn:{self.partition}:ssm:{self.region}:{self.account_id}:parameter{name}"

    def objects_arn(self, bucket: str, key_pattern: str) -> str:
        """The ARN of the objects of a bucket whose keys match the pattern."""
        return f"arn:{self.partition}:s3:::{bucket}/{key_pattern}"


@dataclass(frozen=True)
class Names:
    """The names of one environment's resources, each `<project>-<environment>-…`.

    Args:
        project: The Pulumi project's name.
        environment: `local`, `dev`, `staging` or `prod`.
        workload: What the queue carries.
    """

    project: str
    environment: str
    workload: str = "predictions"

    @property
    def prefix(self) -> str:
        """What every name of the environment begins with."""
        return f"{self.project}-{self.environment}"

    @property
    def queue(self) -> str:
        """The queue; its dead-letter queue carries the same name with `-dlq`."""
        return f"{self.prefix}-{self.workload}"

    @property
    def backend_role(self) -> str:
        """The task role of the backend, which publishes."""
        return f"{self.prefix}-backend-task"

    @property
    def worker_role(self) -> str:
        """The task role of the worker, which consumes."""
        return f"{self.prefix}-worker-task"

    @property
    def kill_switch_parameter(self) -> str:
        """The Systems Manager parameter with which operations stop publishing, without a deployment."""
        return f"/{self.project}/{self.environment}/enable-sqs"


def dead_letter_queue_name(queue_name: str) -> str:
    """The name of a queue's dead-letter queue."""
    return f"{queue_name}-dlq"
