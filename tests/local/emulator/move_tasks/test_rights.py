"""Who may have messages moved, and what SQS does on their behalf."""

import json

import pytest

from local.emulator import account
from local.emulator.clients import Clients
from local.emulator.sessions import Role
from local.paths import LocalPaths
from tests.local.emulator.cloud import Cloud, Queue, Statement, allow, code_of, deny, refused, words_of
from tests.local.emulator.move_tasks.moving import dead_letter, depth, ended

pytestmark = pytest.mark.emulator

ON_DLQ = [
    "sqs:StartMessageMoveTask",
    "sqs:ListMessageMoveTasks",
    "sqs:CancelMessageMoveTask",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
]
SEND = ["sqs:SendMessage"]


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
