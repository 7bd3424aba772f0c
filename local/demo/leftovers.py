"""What earlier runs left in the queues, cleared before a new one, so that its counts are its own."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from local.demo.sessions import Sessions
from local.emulator.sessions import Role

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

PURGE_AGAIN_SECONDS = 60.0
"""SQS purges a queue once a minute."""
RECEIVE_WAIT_SECONDS = 1
HIDDEN_SECONDS = 35
"""A little more than the dead-letter queue's visibility timeout, SQS's default of 30."""


def clear_leftovers(sessions: Sessions, queue_url: str, dlq_url: str, report: Callable[[str], None]) -> None:
    """Delete dead letters as the operator would, and purge what a killed run left unfinished, as break-glass.

    Args:
        sessions: Sessions on the stack.
        queue_url: Its queue.
        dlq_url: Its dead-letter queue.
        report: Told what was cleared.
    """
    operator = sessions.clients(Role.OPERATOR).sqs
    if depth(operator, dlq_url):
        report(f"  the operator deletes {_delete_all(operator, dlq_url)} dead letters of earlier runs")
    if left := depth(sessions.clients(Role.DEPLOYER).sqs, queue_url):
        report(f"  an earlier run was killed and left {left} messages in the queue; break-glass purges them")
        _purge(sessions.clients(Role.BREAK_GLASS).sqs, queue_url, report)


def depth(client: "SQSClient", queue_url: str) -> int:
    """How many messages a queue holds, visible, in flight and delayed."""
    attributes = client.get_queue_attributes(
        QueueUrl=queue_url,
        AttributeNames=[
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ],
    )["Attributes"]
    return sum(int(value) for value in attributes.values())


def _delete_all(client: "SQSClient", queue_url: str) -> int:
    deleted = empty = 0
    # What a killed run had received and not deleted comes back within the dead-letter queue's visibility timeout.
    while depth(client, queue_url) and empty * RECEIVE_WAIT_SECONDS < HIDDEN_SECONDS:
        messages = client.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=RECEIVE_WAIT_SECONDS
        ).get("Messages", [])
        empty += not messages
        for message in messages:
            client.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
            deleted += 1
    return deleted


def _purge(client: "SQSClient", queue_url: str, report: Callable[[str], None]) -> None:
    try:
        client.purge_queue(QueueUrl=queue_url)
    except ClientError as error:
        if "PurgeQueueInProgress" not in str(error.response.get("Error", {}).get("Code")):
            raise
        report(f"  SQS purges a queue once a minute; waiting {PURGE_AGAIN_SECONDS:.0f} s")
        time.sleep(PURGE_AGAIN_SECONDS)
        client.purge_queue(QueueUrl=queue_url)
