"""The three calls against the emulator: what is moved, and what is refused."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from local.emulator import account
from tests.local.emulator.cloud import Cloud, Queue, code_of, refused, words_of
from tests.local.emulator.move_tasks.moving import dead_letter, depth, ended, newest, received

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

pytestmark = pytest.mark.emulator


def test_dead_letters_go_back_to_their_source_as_new_messages(cloud: Cloud, cloud_queue: Queue) -> None:
    dead_letter(cloud, cloud_queue, "one")
    (before,) = cloud.root.sqs.receive_message(QueueUrl=cloud_queue.dead_letter_url, VisibilityTimeout=0)["Messages"]
    cloud.root.sqs.start_message_move_task(SourceArn=cloud_queue.dead_letter_arn)
    (after,) = received(cloud, cloud_queue.url)
    assert after["Body"] == "one"
    assert after["MessageId"] != before["MessageId"]
    assert after["Attributes"]["ApproximateReceiveCount"] == "1"
    assert "DeadLetterQueueSourceArn" not in after["Attributes"]
    assert after["MessageAttributes"]["traceparent"].get("StringValue") == "00-1-2-01"
    task = ended(cloud.root.sqs, cloud_queue)
    assert (task.get("Status"), task.get("SourceArn")) == ("COMPLETED", cloud_queue.dead_letter_arn)
    assert task.get("ApproximateNumberOfMessagesMoved") == task.get("ApproximateNumberOfMessagesToMove") == 1
    assert {"TaskHandle", "DestinationArn", "FailureReason", "MaxNumberOfMessagesPerSecond"}.isdisjoint(task)
    assert time.time() * 1000 - 60_000 < task["StartedTimestamp"] <= time.time() * 1000
    assert depth(cloud, cloud_queue.dead_letter_url) == 0


def test_dead_letters_go_to_another_queue_if_it_is_named(cloud: Cloud, cloud_queue: Queue, unique_name: str) -> None:
    other = cloud.queue(f"{unique_name}-other")
    dead_letter(cloud, cloud_queue, "one", "two")
    cloud.root.sqs.send_message(QueueUrl=cloud_queue.dead_letter_url, MessageBody="sent here directly")
    cloud.root.sqs.start_message_move_task(SourceArn=cloud_queue.dead_letter_arn, DestinationArn=other.arn)
    task = ended(cloud.root.sqs, cloud_queue)
    assert (task.get("Status"), task.get("DestinationArn")) == ("COMPLETED", other.arn)
    assert {message["Body"] for message in received(cloud, other.url)} == {"one", "two", "sent here directly"}


def test_what_fails_again_during_a_task_is_not_moved_again(cloud: Cloud, cloud_queue: Queue) -> None:
    dead_letter(cloud, cloud_queue, "poison")
    cloud.root.sqs.start_message_move_task(SourceArn=cloud_queue.dead_letter_arn)
    (again,) = received(cloud, cloud_queue.url)
    cloud.root.sqs.change_message_visibility(
        QueueUrl=cloud_queue.url, ReceiptHandle=again["ReceiptHandle"], VisibilityTimeout=0
    )
    assert received(cloud, cloud_queue.url) == []
    assert ended(cloud.root.sqs, cloud_queue).get("ApproximateNumberOfMessagesMoved") == 1
    assert depth(cloud, cloud_queue.dead_letter_url) == 1


def test_a_rated_task_is_cancelled_half_way(cloud: Cloud, cloud_queue: Queue) -> None:
    sqs = cloud.root.sqs
    dead_letter(cloud, cloud_queue, "one", "two", "three")
    handle = sqs.start_message_move_task(SourceArn=cloud_queue.dead_letter_arn, MaxNumberOfMessagesPerSecond=1)
    running = newest(sqs, cloud_queue)
    assert (running.get("Status"), running.get("TaskHandle")) == ("RUNNING", handle["TaskHandle"])
    assert (running.get("ApproximateNumberOfMessagesToMove"), running.get("MaxNumberOfMessagesPerSecond")) == (3, 1)
    with pytest.raises(sqs.exceptions.ClientError, match="already a task running"):
        sqs.start_message_move_task(SourceArn=cloud_queue.dead_letter_arn)
    assert len(received(cloud, cloud_queue.url)) == 1
    cancelled = sqs.cancel_message_move_task(TaskHandle=handle["TaskHandle"])
    assert cancelled["ApproximateNumberOfMessagesMoved"] == 1
    assert ended(sqs, cloud_queue).get("Status") == "CANCELLED"
    assert depth(cloud, cloud_queue.dead_letter_url) == 2
    assert code_of(lambda: sqs.cancel_message_move_task(TaskHandle=handle["TaskHandle"])) == (
        "AWS.SimpleQueueService.UnsupportedOperation"
    )
    sqs.start_message_move_task(SourceArn=cloud_queue.dead_letter_arn)
    assert ended(sqs, cloud_queue).get("ApproximateNumberOfMessagesMoved") == 2
    listed = sqs.list_message_move_tasks(SourceArn=cloud_queue.dead_letter_arn, MaxResults=10)["Results"]
    assert [task.get("Status") for task in listed] == ["COMPLETED", "CANCELLED"]


def test_a_message_without_a_source_fails_the_task_and_stays(cloud: Cloud, cloud_queue: Queue) -> None:
    cloud.root.sqs.send_message(QueueUrl=cloud_queue.dead_letter_url, MessageBody="sent here directly")
    cloud.root.sqs.start_message_move_task(SourceArn=cloud_queue.dead_letter_arn)
    task = ended(cloud.root.sqs, cloud_queue)
    assert (task.get("Status"), task.get("FailureReason")) == ("FAILED", "CouldNotDetermineMessageSource")
    assert depth(cloud, cloud_queue.dead_letter_url) == 1


def test_a_destination_that_goes_fails_the_task(cloud: Cloud, cloud_queue: Queue, unique_name: str) -> None:
    other = cloud.queue(f"{unique_name}-other")
    dead_letter(cloud, cloud_queue, "one", "two")
    cloud.root.sqs.start_message_move_task(
        SourceArn=cloud_queue.dead_letter_arn, DestinationArn=other.arn, MaxNumberOfMessagesPerSecond=2
    )
    cloud.root.sqs.delete_queue(QueueUrl=other.url)
    task = ended(cloud.root.sqs, cloud_queue)
    assert (task.get("Status"), task.get("FailureReason")) == ("FAILED", "AWS.SimpleQueueService.NonExistentQueue")
    assert depth(cloud, cloud_queue.dead_letter_url) == 2


OUT_OF_RANGE = "for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and"
NOWHERE = account.queue_arn("retainwise-local-nowhere")


@pytest.mark.parametrize(
    ("call", "code", "words"),
    [
        (
            lambda sqs, queue: sqs.start_message_move_task(SourceArn=queue.arn),
            "InvalidParameterValue",
            "Source queue must be configured as a Dead Letter Queue.",
        ),
        (
            lambda sqs, queue: sqs.list_message_move_tasks(SourceArn=queue.arn),
            "InvalidParameterValue",
            "Source queue must be configured as a Dead Letter Queue.",
        ),
        (
            lambda sqs, _: sqs.start_message_move_task(SourceArn=NOWHERE),
            "ResourceNotFoundException",
            "The resource that you specified for the SourceArn parameter doesn't exist.",
        ),
        (
            lambda sqs, queue: sqs.start_message_move_task(SourceArn=queue.dead_letter_arn, DestinationArn=NOWHERE),
            "ResourceNotFoundException",
            "The resource that you specified for the DestinationArn parameter doesn't exist.",
        ),
        (
            lambda sqs, queue: sqs.start_message_move_task(
                SourceArn=queue.dead_letter_arn, DestinationArn=queue.dead_letter_arn
            ),
            "InvalidParameterValue",
            "Source queue arn and destination queue arn cannot be the same.",
        ),
        (
            lambda sqs, queue: sqs.start_message_move_task(
                SourceArn=queue.dead_letter_arn, MaxNumberOfMessagesPerSecond=501
            ),
            "InvalidParameterValue",
            f"Value 501 {OUT_OF_RANGE} 500, if provided.",
        ),
        (
            lambda sqs, queue: sqs.start_message_move_task(
                SourceArn=queue.dead_letter_arn, MaxNumberOfMessagesPerSecond=0
            ),
            "InvalidParameterValue",
            f"Value 0 {OUT_OF_RANGE} 500, if provided.",
        ),
        (
            lambda sqs, queue: sqs.list_message_move_tasks(SourceArn=queue.dead_letter_arn, MaxResults=11),
            "InvalidParameterValue",
            "Value 11 for parameter MaxResults is invalid. Reason: Must be between 1 and 10, if provided.",
        ),
        (
            lambda sqs, _: sqs.cancel_message_move_task(TaskHandle="none"),
            "InvalidParameterValue",
            "Value for parameter TaskHandle is invalid.",
        ),
    ],
)
def test_what_aws_refuses(
    cloud: Cloud, cloud_queue: Queue, call: Callable[["SQSClient", Queue], object], code: str, words: str
) -> None:
    error = refused(lambda: call(cloud.root.sqs, cloud_queue)).response["Error"]
    assert (error["Code"], error["Message"]) == (code, words)


def test_a_fifo_queues_dead_letters_do_not_go_to_a_standard_queue(
    cloud: Cloud, cloud_queue: Queue, unique_name: str
) -> None:
    fifo = cloud.root.sqs.create_queue(QueueName=f"{unique_name}.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    cloud.cleanup.callback(cloud.root.sqs.delete_queue, QueueUrl=fifo)
    fifo_arn = account.queue_arn(f"{unique_name}.fifo")
    assert "same type" in words_of(
        lambda: cloud.root.sqs.start_message_move_task(SourceArn=cloud_queue.dead_letter_arn, DestinationArn=fifo_arn)
    )
