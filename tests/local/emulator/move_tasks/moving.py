"""What the tests of move tasks have in common: dead letters, and a task followed to its end."""

import time
from typing import TYPE_CHECKING

from tests.local.emulator.cloud import Cloud, Queue

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import ListMessageMoveTasksResultEntryTypeDef, MessageTypeDef

PATIENCE_SECONDS = 10
ENDED = {"COMPLETED", "CANCELLED", "FAILED"}


def dead_letter(cloud: Cloud, queue: Queue, *bodies: str) -> None:
    """Send messages and let their only receive fail."""
    for body in bodies:
        cloud.root.sqs.send_message(
            QueueUrl=queue.url,
            MessageBody=body,
            MessageAttributes={"traceparent": {"DataType": "String", "StringValue": "00-1-2-01"}},
        )
    for _ in bodies:
        cloud.root.sqs.receive_message(QueueUrl=queue.url, VisibilityTimeout=0)
    cloud.root.sqs.receive_message(QueueUrl=queue.url)


def received(cloud: Cloud, url: str) -> "list[MessageTypeDef]":
    """What waits in a queue, or comes within two seconds."""
    answer = cloud.root.sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        WaitTimeSeconds=2,
        MessageSystemAttributeNames=["All"],
        MessageAttributeNames=["All"],
    )
    return list(answer.get("Messages", []))


def newest(sqs: "SQSClient", queue: Queue) -> "ListMessageMoveTasksResultEntryTypeDef":
    (task,) = sqs.list_message_move_tasks(SourceArn=queue.dead_letter_arn)["Results"]
    return task


def ended(sqs: "SQSClient", queue: Queue) -> "ListMessageMoveTasksResultEntryTypeDef":
    """The newest task once it has ended; the calls themselves are the waiting."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (task := newest(sqs, queue)).get("Status") not in ENDED:
        assert time.monotonic() < until, task
    return task


def depth(cloud: Cloud, url: str) -> int:
    attributes = cloud.root.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(attributes["Attributes"]["ApproximateNumberOfMessages"])
