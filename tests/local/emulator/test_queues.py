"""What the queues do: visibility, redrive, long polls, receipt handles, and what SQS refuses."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypedDict, Unpack

import pytest

from local.emulator import account
from local.emulator.process import log_path
from local.paths import LocalPaths
from tests.local.emulator.cloud import Cloud, Queue, allow, code_of, document, words_of

if TYPE_CHECKING:
    from types_boto3_sqs.literals import MessageSystemAttributeNameType
    from types_boto3_sqs.type_defs import MessageTypeDef

pytestmark = pytest.mark.emulator


class Wishes(TypedDict, total=False):
    """What of ReceiveMessage's parameters these tests use."""

    MessageSystemAttributeNames: "list[MessageSystemAttributeNameType]"
    MaxNumberOfMessages: int
    VisibilityTimeout: int
    WaitTimeSeconds: int


def receive(cloud: Cloud, url: str, **more: Unpack["Wishes"]) -> "list[MessageTypeDef]":
    return list(cloud.root.sqs.receive_message(QueueUrl=url, **more).get("Messages", []))


def send(cloud: Cloud, queue: Queue, body: str = "x") -> None:
    cloud.root.sqs.send_message(QueueUrl=queue.url, MessageBody=body)


def test_a_received_message_is_invisible_until_its_timeout(cloud: Cloud, unique_name: str) -> None:
    queue = cloud.queue(unique_name, max_receives=100)
    send(cloud, queue)
    (first,) = receive(cloud, queue.url, VisibilityTimeout=30)
    assert receive(cloud, queue.url) == []
    cloud.root.sqs.change_message_visibility(
        QueueUrl=queue.url, ReceiptHandle=first["ReceiptHandle"], VisibilityTimeout=0
    )
    (again,) = receive(cloud, queue.url, MessageSystemAttributeNames=["ApproximateReceiveCount"])
    assert again["MessageId"] == first["MessageId"]
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"


def test_a_message_moves_to_the_dead_letter_queue_after_its_last_receive(cloud: Cloud, cloud_queue: Queue) -> None:
    send(cloud, cloud_queue, "poison")
    (first,) = receive(cloud, cloud_queue.url, VisibilityTimeout=0)
    assert receive(cloud, cloud_queue.url) == []
    (dead,) = receive(cloud, cloud_queue.dead_letter_url, MessageSystemAttributeNames=["All"])
    assert (dead["MessageId"], dead["Body"]) == (first["MessageId"], "poison")
    assert dead["Attributes"]["DeadLetterQueueSourceArn"] == cloud_queue.arn


def test_long_polls_wait_side_by_side_and_end_with_the_first_message(cloud: Cloud, cloud_queue: Queue) -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        polls = [pool.submit(receive, cloud, cloud_queue.url, WaitTimeSeconds=2) for _ in range(8)]
        send(cloud, cloud_queue)
        received = [len(poll.result()) for poll in polls]
    assert sum(received) == 1
    assert time.monotonic() - began < 4  # one after the other they would take 14 s


def test_deleting_twice_succeeds(cloud: Cloud, cloud_queue: Queue) -> None:
    send(cloud, cloud_queue)
    (message,) = receive(cloud, cloud_queue.url)
    handle = message["ReceiptHandle"]
    for _ in range(2):
        cloud.root.sqs.delete_message(QueueUrl=cloud_queue.url, ReceiptHandle=handle)
    entries = [{"Id": "spent", "ReceiptHandle": handle}, {"Id": "unknown", "ReceiptHandle": "never given out"}]
    result = cloud.root.sqs.delete_message_batch(QueueUrl=cloud_queue.url, Entries=entries)  # type: ignore[arg-type]  # plain dictionaries
    assert [entry["Id"] for entry in result["Successful"]] == ["spent"]
    assert [(entry["Id"], entry["Code"]) for entry in result["Failed"]] == [("unknown", "ReceiptHandleIsInvalid")]


def test_an_old_handle_deletes_nothing(cloud: Cloud, unique_name: str) -> None:
    queue = cloud.queue(unique_name, max_receives=100)
    send(cloud, queue)
    (old,) = receive(cloud, queue.url, VisibilityTimeout=0)
    (new,) = receive(cloud, queue.url)
    cloud.root.sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=old["ReceiptHandle"])
    cloud.root.sqs.change_message_visibility(
        QueueUrl=queue.url, ReceiptHandle=new["ReceiptHandle"], VisibilityTimeout=0
    )
    assert len(receive(cloud, queue.url)) == 1


def test_a_handle_that_was_never_given_out_is_invalid(cloud: Cloud, cloud_queue: Queue) -> None:
    target = {"QueueUrl": cloud_queue.url, "ReceiptHandle": "never given out"}
    assert code_of(lambda: cloud.root.sqs.delete_message(**target)) == "ReceiptHandleIsInvalid"
    assert code_of(lambda: cloud.root.sqs.change_message_visibility(**target, VisibilityTimeout=5)) == (
        "ReceiptHandleIsInvalid"
    )


def test_visibility_cannot_be_changed_where_the_lease_is_lost(cloud: Cloud, unique_name: str) -> None:
    queue = cloud.queue(unique_name, max_receives=100)
    send(cloud, queue)
    (message,) = receive(cloud, queue.url, VisibilityTimeout=0)

    def extend(seconds: int) -> None:
        cloud.root.sqs.change_message_visibility(
            QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=seconds
        )

    assert code_of(lambda: extend(30)) == "AWS.SimpleQueueService.MessageNotInflight"
    (newer,) = receive(cloud, queue.url)
    assert "Message does not exist or is not available" in words_of(lambda: extend(30))
    message = newer
    extend(43_200)
    assert "beyond the limit [43200 seconds]" in words_of(lambda: extend(43_202))


def test_visibility_changes_in_batches_fail_one_by_one(cloud: Cloud, unique_name: str) -> None:
    queue = cloud.queue(unique_name, max_receives=100)
    for body in ("one", "two"):
        send(cloud, queue, body)
    held, lost = receive(cloud, queue.url, MaxNumberOfMessages=2)
    cloud.root.sqs.change_message_visibility(
        QueueUrl=queue.url, ReceiptHandle=lost["ReceiptHandle"], VisibilityTimeout=0
    )
    result = cloud.root.sqs.change_message_visibility_batch(
        QueueUrl=queue.url,
        Entries=[
            {"Id": "held", "ReceiptHandle": held["ReceiptHandle"], "VisibilityTimeout": 60},
            {"Id": "lost", "ReceiptHandle": lost["ReceiptHandle"], "VisibilityTimeout": 60},
        ],
    )
    assert [entry["Id"] for entry in result["Successful"]] == ["held"]
    assert [(entry["Id"], entry["Code"]) for entry in result["Failed"]] == [("lost", "MessageNotInflight")]


def test_a_second_purge_within_a_minute_is_refused(cloud: Cloud, cloud_queue: Queue) -> None:
    send(cloud, cloud_queue)
    cloud.root.sqs.purge_queue(QueueUrl=cloud_queue.url)
    assert receive(cloud, cloud_queue.url) == []

    def purge() -> None:
        cloud.root.sqs.purge_queue(QueueUrl=cloud_queue.url)

    assert code_of(purge) == "AWS.SimpleQueueService.PurgeQueueInProgress"
    assert words_of(purge) == f"Only one PurgeQueue operation on {cloud_queue.name} is allowed every 60 seconds."
    cloud.root.sqs.purge_queue(QueueUrl=cloud_queue.dead_letter_url)  # each queue has its own minute


@pytest.mark.parametrize(
    "policy",
    [
        "{",
        '{"Statement": [{"Effect": "Allow"}]}',
        document(allow(["sqs:SendMessage"], "*", Principal={"AWS": account.role_arn("nobody")})),
        document(allow(["sqs:SendMessage"], "*", Principal={"AWS": "arn:aws:iam::123456789012:role/*"})),
    ],
)
def test_a_malformed_queue_policy_and_an_unknown_principal_are_refused(
    cloud: Cloud, cloud_queue: Queue, unique_name: str, policy: str
) -> None:
    def put() -> None:
        cloud.root.sqs.set_queue_attributes(QueueUrl=cloud_queue.url, Attributes={"Policy": policy})

    assert (code_of(put), words_of(put)) == ("InvalidAttributeValue", "Invalid value for the parameter Policy.")
    create = {"QueueName": f"{unique_name}-new", "Attributes": {"Policy": policy}}
    assert code_of(lambda: cloud.root.sqs.create_queue(**create)) == "InvalidAttributeValue"  # type: ignore[arg-type]  # plain dictionaries


def test_the_log_says_what_is_wrong_with_a_queue_policy(
    cloud: Cloud, cloud_queue: Queue, emulator_paths: LocalPaths
) -> None:
    nobody = account.role_arn("nobody-by-this-name")
    statement = allow(["sqs:SendMessage"], cloud_queue.arn, Principal={"AWS": nobody})
    assert code_of(lambda: cloud.set_policy(cloud_queue.url, statement)) == "InvalidAttributeValue"
    assert (
        f'refused a queue policy: Invalid principal in policy: "AWS":"{nobody}"' in log_path(emulator_paths).read_text()
    )


def test_known_principals_pass(cloud: Cloud, cloud_queue: Queue, unique_name: str) -> None:
    arn = cloud.role(unique_name)
    named = [
        arn,
        account.ACCOUNT_ID,
        f"arn:aws:iam::{account.OUTSIDER_ACCOUNT_ID}:root",
        account.role_arn(account.OUTSIDER, account.OUTSIDER_ACCOUNT_ID),
        f"arn:aws:sts::{account.ACCOUNT_ID}:assumed-role/{unique_name}/task",
        "arn:aws:iam::444455556666:role/of-an-account-that-is-not-here",
    ]
    cloud.set_policy(cloud_queue.url, allow(["sqs:SendMessage"], cloud_queue.arn, Principal={"AWS": named}))


def test_too_many_actions_in_a_queue_policy(cloud: Cloud, cloud_queue: Queue) -> None:
    statement = allow([f"sqs:Action{number}" for number in range(8)], cloud_queue.arn, Principal="*")
    assert code_of(lambda: cloud.set_policy(cloud_queue.url, statement)) == "OverLimit"


def test_a_dead_letter_queue_must_exist_and_let_its_source_in(cloud: Cloud, unique_name: str) -> None:
    queue = cloud.queue(unique_name)

    def redrive_to(arn: str) -> None:
        value = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
        cloud.root.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"RedrivePolicy": value})

    def let_in(**policy: object) -> None:
        cloud.root.sqs.set_queue_attributes(
            QueueUrl=queue.dead_letter_url, Attributes={"RedriveAllowPolicy": json.dumps(policy)}
        )

    assert words_of(lambda: redrive_to(f"{queue.arn}-gone")).endswith("Reason: Dead letter target does not exist.")
    let_in(redrivePermission="byQueue", sourceQueueArns=[f"{queue.arn}-other"])
    assert code_of(lambda: redrive_to(queue.dead_letter_arn)) == "InvalidParameterValue"
    let_in(redrivePermission="denyAll")
    assert code_of(lambda: redrive_to(queue.dead_letter_arn)) == "InvalidParameterValue"
    let_in(redrivePermission="byQueue", sourceQueueArns=[queue.arn])
    redrive_to(queue.dead_letter_arn)
    let_in(redrivePermission="allowAll")
    redrive_to(queue.dead_letter_arn)
    for bad in (
        {"redrivePermission": "some"},
        {"redrivePermission": "byQueue"},
        {"redrivePermission": "denyAll", "sourceQueueArns": ["x"]},
    ):
        assert code_of(lambda: let_in(**bad)) == "InvalidAttributeValue"  # noqa: B023 - called at once


def test_a_name_is_free_again_at_once(cloud: Cloud, unique_name: str) -> None:
    """AWS asks for 60 s; refusals.py says why it is not so here."""
    for _ in range(2):
        url = cloud.root.sqs.create_queue(QueueName=unique_name)["QueueUrl"]
        cloud.root.sqs.delete_queue(QueueUrl=url)
