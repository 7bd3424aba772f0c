"""The three calls against the emulator: what is moved, what is refused, and to whom."""

import json
import time
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from local.emulator import account
from local.emulator.clients import Clients
from local.emulator.sessions import Role
from local.paths import LocalPaths
from tests.local.emulator.cloud import Cloud, Queue, Statement, allow, code_of, deny, refused, words_of

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import ListMessageMoveTasksResultEntryTypeDef, MessageTypeDef

pytestmark = pytest.mark.emulator

PATIENCE_SECONDS = 10
ENDED = {"COMPLETED", "CANCELLED", "FAILED"}
ON_DLQ = [
    "sqs:StartMessageMoveTask",
    "sqs:ListMessageMoveTasks",
    "sqs:CancelMessageMoveTask",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
]
SEND = ["sqs:SendMessage"]


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


# ---- Permissions


def mover(cloud: Cloud, name: str, *statements: Statement, vpc: bool = False) -> Clients:
    return cloud.clients(Role.PRODUCER, task_role_arn=cloud.role(name, *statements), vpc=vpc)


def everything_needed(queue: Queue, *, without: str = "") -> list[Statement]:
    return [
        allow([action for action in ON_DLQ if action != without], queue.dead_letter_arn),
        *([] if without == SEND[0] else [allow(SEND, queue.arn)]),
    ]


def test_all_that_is_documented_suffices(cloud: Cloud, cloud_queue: Queue, unique_name: str) -> None:
    sqs = mover(cloud, unique_name, *everything_needed(cloud_queue)).sqs
    dead_letter(cloud, cloud_queue, "one")
    sqs.start_message_move_task(SourceArn=cloud_queue.dead_letter_arn)
    assert ended(sqs, cloud_queue).get("Status") == "COMPLETED"


@pytest.mark.parametrize(
    "missing",
    [
        "sqs:StartMessageMoveTask",
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:SendMessage",
    ],
)
def test_without_one_of_them_nothing_is_started(
    cloud: Cloud, cloud_queue: Queue, unique_name: str, missing: str
) -> None:
    sqs = mover(cloud, unique_name, *everything_needed(cloud_queue, without=missing)).sqs
    dead_letter(cloud, cloud_queue, "one")
    error = refused(lambda: sqs.start_message_move_task(SourceArn=cloud_queue.dead_letter_arn)).response["Error"]
    assert error["Code"] == "AccessDenied"
    assert (error["Message"] == "Queue Permissions to Redrive.") == (missing != "sqs:StartMessageMoveTask")
    assert cloud.root.sqs.list_message_move_tasks(SourceArn=cloud_queue.dead_letter_arn)["Results"] == []


def test_a_permission_that_is_withdrawn_fails_the_task(cloud: Cloud, cloud_queue: Queue, unique_name: str) -> None:
    sqs = mover(cloud, unique_name, *everything_needed(cloud_queue)).sqs
    dead_letter(cloud, cloud_queue, "one", "two")
    sqs.start_message_move_task(SourceArn=cloud_queue.dead_letter_arn, MaxNumberOfMessagesPerSecond=2)
    cloud.permit(unique_name, *everything_needed(cloud_queue, without="sqs:SendMessage"))
    task = ended(sqs, cloud_queue)
    assert (task.get("Status"), task.get("FailureReason")) == ("FAILED", "AccessDenied")
    assert depth(cloud, cloud_queue.dead_letter_url) == 2


def test_listing_and_cancelling_take_permissions_of_their_own(
    cloud: Cloud, cloud_queue: Queue, unique_name: str
) -> None:
    sqs = mover(cloud, unique_name, allow(ON_DLQ[:3], cloud_queue.dead_letter_arn)).sqs
    dead_letter(cloud, cloud_queue, "one", "two")
    handle = cloud.root.sqs.start_message_move_task(
        SourceArn=cloud_queue.dead_letter_arn, MaxNumberOfMessagesPerSecond=1
    )["TaskHandle"]
    assert words_of(lambda: sqs.list_message_move_tasks(SourceArn=cloud_queue.dead_letter_arn)) == (
        "Queue Permissions to Redrive."
    )
    assert code_of(lambda: sqs.cancel_message_move_task(TaskHandle=handle)) == "AccessDenied"
    stranger = mover(cloud, f"{unique_name}-stranger", allow(SEND, cloud_queue.arn)).sqs
    assert "cancelmessagemovetask on resource: " + cloud_queue.dead_letter_arn in words_of(
        lambda: stranger.cancel_message_move_task(TaskHandle=handle)
    )
    assert "listmessagemovetasks on resource: " + cloud_queue.dead_letter_arn in words_of(
        lambda: stranger.list_message_move_tasks(SourceArn=cloud_queue.dead_letter_arn)
    )


OUTSIDE = {"StringNotEquals": {"aws:SourceVpc": account.VPC_ID}}


@pytest.mark.parametrize("vpc", [True, False])
@pytest.mark.parametrize("spared", [True, False])
def test_a_move_comes_from_no_vpc_and_by_aws(
    cloud: Cloud, cloud_queue: Queue, unique_name: str, *, vpc: bool, spared: bool
) -> None:
    sqs = mover(cloud, unique_name, *everything_needed(cloud_queue), vpc=vpc).sqs
    dead_letter(cloud, cloud_queue, "one")
    conditions = {**OUTSIDE, "BoolIfExists": {"aws:ViaAWSService": "false"}} if spared else OUTSIDE
    cloud.set_policy(cloud_queue.url, deny(SEND, cloud_queue.arn, Condition=conditions))
    if spared:
        sqs.start_message_move_task(SourceArn=cloud_queue.dead_letter_arn)
        assert ended(sqs, cloud_queue).get("Status") == "COMPLETED"
    else:
        assert words_of(lambda: sqs.start_message_move_task(SourceArn=cloud_queue.dead_letter_arn)) == (
            "Queue Permissions to Redrive."
        )


def test_another_account_moves_nothing(cloud: Cloud, cloud_queue: Queue) -> None:
    outsider = cloud.clients(Role.OUTSIDER).sqs
    everybody = {"Effect": "Allow", "Principal": "*", "Action": ["sqs:*"], "Resource": cloud_queue.dead_letter_arn}
    cloud.set_policy(cloud_queue.dead_letter_url, everybody)
    assert code_of(lambda: outsider.start_message_move_task(SourceArn=cloud_queue.dead_letter_arn)) == "AccessDenied"
    assert code_of(lambda: outsider.list_message_move_tasks(SourceArn=cloud_queue.dead_letter_arn)) == "AccessDenied"


def test_what_sqs_does_for_a_caller_is_logged_as_by_sqs(
    cloud: Cloud, cloud_queue: Queue, unique_name: str, emulator_paths: LocalPaths
) -> None:
    sqs = mover(cloud, unique_name, *everything_needed(cloud_queue), vpc=True).sqs
    dead_letter(cloud, cloud_queue, "one")
    already = len(emulator_paths.decisions.read_bytes())
    sqs.start_message_move_task(SourceArn=cloud_queue.dead_letter_arn)
    lines = emulator_paths.decisions.read_bytes()[already:].splitlines()
    own, *forwarded = (json.loads(line) for line in lines)
    assert (own["eventName"], own["vpcEndpointId"]) == ("StartMessageMoveTask", account.VPC_ENDPOINT_ID)
    assert {one["eventName"] for one in forwarded} == {
        "ReceiveMessage",
        "DeleteMessage",
        "GetQueueAttributes",
        "SendMessage",
    }
    for one in forwarded:
        assert one["userIdentity"]["arn"] == own["userIdentity"]["arn"]
        assert one["userIdentity"]["invokedBy"] == one["sourceIPAddress"] == one["userAgent"] == "sqs.amazonaws.com"
        assert "vpcEndpointId" not in one


# ---- The older protocol


def by_query(clients: Clients, **parameters: str) -> ET.Element:
    """Ask as the SDKs did before SQS spoke JSON."""
    body = urlencode({"Version": "2012-11-05", **parameters})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    request = AWSRequest(method="POST", url=clients.endpoint_url + "/", data=body, headers=headers)
    credentials = clients.session.get_credentials()
    assert credentials is not None
    SigV4Auth(credentials, "sqs", account.REGION).add_auth(request)
    prepared = request.prepare()
    plain: Any = urllib.request.Request(  # noqa: S310 - the emulator's own URL
        prepared.url, data=body.encode(), headers=dict(prepared.headers.items()), method="POST"
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), KeepErrors())
    with opener.open(plain) as answer:
        return ET.fromstring(answer.read())  # noqa: S314 - the emulator's own answer


class KeepErrors(urllib.request.HTTPErrorProcessor):
    """Errors are answers too."""

    def http_response(self, _request: object, response: Any) -> Any:  # noqa: ANN401 - urllib's own types
        return response


XML = "{http://queue.amazonaws.com/doc/2012-11-05/}"


def test_the_older_protocol_does_the_same(cloud: Cloud, cloud_queue: Queue) -> None:
    dead_letter(cloud, cloud_queue, "one", "two")
    started = by_query(
        cloud.root,
        Action="StartMessageMoveTask",
        SourceArn=cloud_queue.dead_letter_arn,
        DestinationArn=cloud_queue.arn,
        MaxNumberOfMessagesPerSecond="1",
    )
    handle = started.findtext(f"{XML}StartMessageMoveTaskResult/{XML}TaskHandle")
    assert handle
    listed = by_query(cloud.root, Action="ListMessageMoveTasks", SourceArn=cloud_queue.dead_letter_arn, MaxResults="2")
    (entry,) = listed.findall(f"{XML}ListMessageMoveTasksResult/{XML}ListMessageMoveTasksResultEntry")
    told = {child.tag.removeprefix(XML): child.text for child in entry}
    assert told.pop("StartedTimestamp")
    assert told == {
        "TaskHandle": handle,
        "Status": "RUNNING",
        "SourceArn": cloud_queue.dead_letter_arn,
        "DestinationArn": cloud_queue.arn,
        "MaxNumberOfMessagesPerSecond": "1",
        "ApproximateNumberOfMessagesMoved": "0",
        "ApproximateNumberOfMessagesToMove": "2",
    }
    cancelled = by_query(cloud.root, Action="CancelMessageMoveTask", TaskHandle=handle)
    assert cancelled.findtext(f"{XML}CancelMessageMoveTaskResult/{XML}ApproximateNumberOfMessagesMoved") == "0"
    unknown = by_query(cloud.root, Action="CancelMessageMoveTask", TaskHandle="none")
    assert unknown.findtext(f"{XML}Error/{XML}Code") == "InvalidParameterValue"
