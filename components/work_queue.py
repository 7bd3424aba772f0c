"""`WorkQueue`: a queue and its dead-letter queue."""

import json
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.naming import dead_letter_queue_name
from components.queue_limits import QueueTiming, timing_problems

KMS_DATA_KEY_REUSE_SECONDS = 300


class WorkQueueArgs(TypedDict):
    """What a `WorkQueue` is made from. All of it is plain, since documents that name it must be known at preview."""

    queue_name: str
    """The queue's name; the dead-letter queue carries it with `-dlq`."""
    queue_arn: str
    """The queue's ARN, which its name, account and region decide before it exists."""
    dlq_arn: str
    """The dead-letter queue's ARN."""
    visibility_timeout_seconds: NotRequired[int]
    """How long a received message stays hidden. Default 300."""
    message_retention_seconds: NotRequired[int]
    """How long the queue keeps a message. Default 345600 (4 days)."""
    receive_wait_time_seconds: NotRequired[int]
    """The long poll. Default 20."""
    max_receive_count: NotRequired[int]
    """After how many receives a message is moved to the dead-letter queue. Default 3."""
    dlq_message_retention_seconds: NotRequired[int]
    """How long the dead-letter queue keeps a message; more than the queue does. Default 1209600 (14 days)."""
    kms_key_arn: NotRequired[str | None]
    """A KMS key to encrypt with. Without one, SQS's own keys encrypt (SSE-SQS); unencrypted is not on offer."""
    protect: NotRequired[bool]
    """Whether the engine refuses to delete the two queues. Default false."""
    tags: NotRequired[dict[str, str]]
    """Tags for both queues."""


class WorkQueue(pulumi.ComponentResource):
    """A standard queue whose failed messages end in a dead-letter queue that only it may fill.

    Args:
        name: The component's name, which prefixes its children's.
        args: See `WorkQueueArgs`.
        opts: The usual options.

    Raises:
        ValueError: When a figure is outside what AWS takes, or would lose messages; nothing has been created then.
    """

    queue_url: pulumi.Output[str]
    queue_arn: pulumi.Output[str]
    dlq_url: pulumi.Output[str]
    dlq_arn: pulumi.Output[str]

    def __init__(self, name: str, args: WorkQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        timing = _timing(name, args)
        super().__init__("retainwise:index:WorkQueue", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, protect=args.get("protect", False))
        encryption = _encryption(args.get("kms_key_arn"))

        dlq = aws.sqs.Queue(
            f"{name}-dlq",
            name=dead_letter_queue_name(args["queue_name"]),
            message_retention_seconds=timing.dlq_message_retention_seconds,
            receive_wait_time_seconds=timing.receive_wait_time_seconds,
            tags=args.get("tags"),
            opts=child,
            **encryption,
        )
        queue = aws.sqs.Queue(
            f"{name}-queue",
            name=args["queue_name"],
            visibility_timeout_seconds=timing.visibility_timeout_seconds,
            message_retention_seconds=timing.message_retention_seconds,
            receive_wait_time_seconds=timing.receive_wait_time_seconds,
            redrive_policy=json.dumps(
                {"deadLetterTargetArn": args["dlq_arn"], "maxReceiveCount": timing.max_receive_count}
            ),
            tags=args.get("tags"),
            # AWS refuses a redrive policy whose target does not exist, and the ARN is a plain string here.
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[dlq])),
            **encryption,
        )
        aws.sqs.RedriveAllowPolicy(
            f"{name}-dlq-redrive-allow",
            queue_url=dlq.url,
            redrive_allow_policy=json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [args["queue_arn"]]}),
            opts=pulumi.ResourceOptions(parent=self),
        )

        self.queue_url, self.queue_arn = queue.url, queue.arn
        self.dlq_url, self.dlq_arn = dlq.url, dlq.arn
        self.register_outputs(
            {
                "queue_url": self.queue_url,
                "queue_arn": self.queue_arn,
                "dlq_url": self.dlq_url,
                "dlq_arn": self.dlq_arn,
            }
        )


class _Encryption(TypedDict, total=False):
    sqs_managed_sse_enabled: bool
    kms_master_key_id: str
    kms_data_key_reuse_period_seconds: int


def _encryption(kms_key_arn: str | None) -> _Encryption:
    if kms_key_arn is None:
        return {"sqs_managed_sse_enabled": True}
    return {"kms_master_key_id": kms_key_arn, "kms_data_key_reuse_period_seconds": KMS_DATA_KEY_REUSE_SECONDS}


def _timing(name: str, args: WorkQueueArgs) -> QueueTiming:
    default = QueueTiming()
    timing = QueueTiming(
        visibility_timeout_seconds=args.get("visibility_timeout_seconds", default.visibility_timeout_seconds),
        message_retention_seconds=args.get("message_retention_seconds", default.message_retention_seconds),
        receive_wait_time_seconds=args.get("receive_wait_time_seconds", default.receive_wait_time_seconds),
        max_receive_count=args.get("max_receive_count", default.max_receive_count),
        dlq_message_retention_seconds=args.get("dlq_message_retention_seconds", default.dlq_message_retention_seconds),
    )
    if problems := timing_problems(timing):
        words = "; ".join(f"{one.field} is {one.given}, allowed is {one.allowed}" for one in problems)
        raise ValueError(f"WorkQueue {name!r}: {words}")
    return timing
