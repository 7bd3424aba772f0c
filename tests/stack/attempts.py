"""One real request for each SQS action, which changes nothing that the next one needs.

Whether a request is allowed is decided before its parameters are looked at, so most of these carry parameters that SQS
refuses (a label that the policy has already, a visibility timeout below zero): the answer then tells the permission,
and nothing is done. What has no such parameters is harmless by itself (purging an empty queue), or is undone (a deleted
queue is made again).
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from local.emulator.account import ACCOUNT_ID

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

REFUSALS = frozenset({"AccessDenied", "AccessDeniedException", "MissingAuthenticationToken"})
"""What says that the caller may not. The last is for callers who do not sign."""


@dataclass(frozen=True)
class Subject:
    """The queue that is acted upon."""

    name: str
    url: str
    arn: str


ATTEMPTS: Mapping[str, Callable[["SQSClient", Subject], object]] = {
    "AddPermission": lambda sqs, queue: sqs.add_permission(
        QueueUrl=queue.url, Label="DenyPlainText", AWSAccountIds=[ACCOUNT_ID], Actions=["SendMessage"]
    ),
    "CancelMessageMoveTask": lambda sqs, queue: sqs.cancel_message_move_task(TaskHandle=handle_of_no_task(queue.arn)),
    "ChangeMessageVisibility": lambda sqs, queue: sqs.change_message_visibility(
        QueueUrl=queue.url, ReceiptHandle="none", VisibilityTimeout=0
    ),
    "CreateQueue": lambda sqs, queue: sqs.create_queue(QueueName=queue.name, Attributes={"DelaySeconds": "7"}),
    "DeleteMessage": lambda sqs, queue: sqs.delete_message(QueueUrl=queue.url, ReceiptHandle="none"),
    "DeleteQueue": lambda sqs, queue: sqs.delete_queue(QueueUrl=queue.url),
    "GetQueueAttributes": lambda sqs, queue: sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["QueueArn"]),
    "GetQueueUrl": lambda sqs, queue: sqs.get_queue_url(QueueName=queue.name, QueueOwnerAWSAccountId=ACCOUNT_ID),
    "ListDeadLetterSourceQueues": lambda sqs, queue: sqs.list_dead_letter_source_queues(QueueUrl=queue.url),
    "ListMessageMoveTasks": lambda sqs, queue: sqs.list_message_move_tasks(SourceArn=queue.arn, MaxResults=99),
    "ListQueueTags": lambda sqs, queue: sqs.list_queue_tags(QueueUrl=queue.url),
    "ListQueues": lambda sqs, _: sqs.list_queues(),
    "PurgeQueue": lambda sqs, queue: sqs.purge_queue(QueueUrl=queue.url),
    "ReceiveMessage": lambda sqs, queue: sqs.receive_message(
        QueueUrl=queue.url, MaxNumberOfMessages=11, WaitTimeSeconds=0
    ),
    "RemovePermission": lambda sqs, queue: sqs.remove_permission(QueueUrl=queue.url, Label="no-such-label"),
    "SendMessage": lambda sqs, queue: sqs.send_message(QueueUrl=queue.url, MessageBody="tried", DelaySeconds=9999),
    "SetQueueAttributes": lambda sqs, queue: sqs.set_queue_attributes(
        QueueUrl=queue.url, Attributes={"VisibilityTimeout": "-1"}
    ),
    "StartMessageMoveTask": lambda sqs, queue: sqs.start_message_move_task(
        SourceArn=queue.arn, MaxNumberOfMessagesPerSecond=9999
    ),
    "TagQueue": lambda sqs, queue: sqs.tag_queue(QueueUrl=queue.url, Tags={}),
    "UntagQueue": lambda sqs, queue: sqs.untag_queue(QueueUrl=queue.url, TagKeys=["no-such-tag"]),
}


def handle_of_no_task(queue_arn: str) -> str:
    """A move task's handle of the form that SQS gives, of a task that never was."""
    return base64.b64encode(json.dumps({"taskId": "none", "sourceArn": queue_arn}).encode()).decode()


def answer(attempt: Callable[[], object]) -> str:
    """What SQS says: `done`, or its error code."""
    try:
        attempt()
    except ClientError as error:
        return str(error.response.get("Error", {}).get("Code"))
    return "done"
