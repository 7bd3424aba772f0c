"""What is still there after kill -9: all that was answered, down to the credentials."""

import json
import os
import time
from typing import TYPE_CHECKING

import pytest

from local.emulator import account
from local.emulator.bootstrap import bootstrap
from local.emulator.clients import Clients
from local.emulator.process import start, stop
from local.emulator.sessions import Role, root_environment, session_environment
from tests.local.emulator.cloud import allow, code_of, document
from tests.local.emulator.durable.conftest import DurableAccount

if TYPE_CHECKING:
    from types_boto3_sqs.type_defs import MessageTypeDef

pytestmark = pytest.mark.emulator


def make_queue(root: Clients, name: str, **attributes: str) -> str:
    return root.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]  # type: ignore[arg-type]  # the names are the tests' own


def send_all(root: Clients, url: str, bodies: list[str]) -> None:
    entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
    root.sqs.send_message_batch(QueueUrl=url, Entries=entries)  # type: ignore[arg-type]  # plain dicts of the TypedDict's form


def receive_all(root: Clients, url: str, most: int = 10, wait_seconds: int = 0) -> "list[MessageTypeDef]":
    return root.sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=most, WaitTimeSeconds=wait_seconds, AttributeNames=["All"]
    ).get("Messages", [])


def test_a_message_keeps_all_that_it_is_and_its_handle(durable_account: DurableAccount, unique_name: str) -> None:
    root = durable_account.root
    url = make_queue(root, unique_name)
    sent = root.sqs.send_message(
        QueueUrl=url,
        MessageBody="body ✓",
        MessageGroupId="user_1",
        MessageAttributes={
            "text": {"DataType": "String", "StringValue": "x"},
            "binary": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        },
        MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-2-3"}},
    )
    first = root.sqs.receive_message(QueueUrl=url, AttributeNames=["All"], MessageAttributeNames=["All"])["Messages"][0]
    durable_account.die_and_go_on()
    assert "Messages" not in root.sqs.receive_message(QueueUrl=url)  # in flight still
    root.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"], VisibilityTimeout=0)
    durable_account.die_and_go_on()
    second = root.sqs.receive_message(QueueUrl=url, AttributeNames=["All"], MessageAttributeNames=["All"])["Messages"][
        0
    ]
    assert second["MessageId"] == sent["MessageId"]
    assert second["Attributes"].pop("ApproximateReceiveCount") == "2"
    assert first["Attributes"].pop("ApproximateReceiveCount") == "1"
    assert first["ReceiptHandle"] != second["ReceiptHandle"]
    kept = ("Attributes", "Body", "MD5OfBody", "MessageAttributes", "MD5OfMessageAttributes")
    assert [second[field] for field in kept] == [first[field] for field in kept]  # type: ignore[literal-required]  # fields of the TypedDict
    durable_account.die_and_go_on()
    root.sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])  # spent: succeeds, does nothing
    assert code_of(
        lambda: root.sqs.change_message_visibility(
            QueueUrl=url, ReceiptHandle=first["ReceiptHandle"], VisibilityTimeout=1
        )
    ) == ("InvalidParameterValue")
    root.sqs.delete_message(QueueUrl=url, ReceiptHandle=second["ReceiptHandle"])
    durable_account.die_and_go_on()
    found = root.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (found["ApproximateNumberOfMessages"], found["ApproximateNumberOfMessagesNotVisible"]) == ("0", "0")


def test_dead_letters_tell_where_they_came_from_and_are_in_one_queue_only(
    durable_account: DurableAccount, unique_name: str
) -> None:
    root = durable_account.root
    dead_letters = make_queue(root, f"{unique_name}-dlq")
    redrive = {"deadLetterTargetArn": account.queue_arn(f"{unique_name}-dlq"), "maxReceiveCount": 1}
    url = make_queue(root, unique_name, RedrivePolicy=json.dumps(redrive))
    bodies = ["poison 0", "good 1", "good 2", "poison 3", "poison 4", "good 5"]
    send_all(root, url, bodies)
    received = receive_all(root, url)
    for message in received:
        if message["Body"].startswith("poison"):
            root.sqs.change_message_visibility(
                QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )
    assert receive_all(root, url) == []
    durable_account.die_and_go_on()
    assert receive_all(root, url) == []
    letters = receive_all(root, dead_letters)
    assert [letter["Body"] for letter in letters] == [body for body in bodies if body.startswith("poison")]
    assert {letter["Attributes"]["DeadLetterQueueSourceArn"] for letter in letters} == {account.queue_arn(unique_name)}
    assert {letter["Attributes"]["ApproximateReceiveCount"] for letter in letters} == {"2"}
    for message in received:  # those that were in flight are so still
        if message["Body"].startswith("good"):
            root.sqs.change_message_visibility(
                QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=300
            )


def test_what_a_move_task_has_moved_is_moved(durable_account: DurableAccount, unique_name: str) -> None:
    root = durable_account.root
    dead_letters, url = make_queue(root, f"{unique_name}-dlq"), make_queue(root, unique_name)
    arns = {url: account.queue_arn(unique_name), dead_letters: account.queue_arn(f"{unique_name}-dlq")}
    redrive = {"deadLetterTargetArn": arns[dead_letters], "maxReceiveCount": 1}
    root.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(redrive)})
    send_all(root, dead_letters, ["1", "2", "3"])
    root.sqs.start_message_move_task(SourceArn=arns[dead_letters], DestinationArn=arns[url])
    moved = receive_all(root, url, most=1, wait_seconds=10)
    durable_account.die_and_go_on()
    left = [message["Body"] for message in receive_all(root, dead_letters)]
    assert left == ["2", "3"][len(receive_all(root, url)) :]
    assert [message["Body"] for message in moved] == ["1"]


def test_a_delayed_message_comes_when_it_is_due(durable_account: DurableAccount, unique_name: str) -> None:
    root = durable_account.root
    url = make_queue(root, unique_name)
    sent = time.time()
    root.sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=1)
    durable_account.die_and_go_on()
    assert root.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    assert 0.9 < time.time() - sent < 4.9


def test_queues_keep_their_settings_and_what_is_gone_stays_gone(
    durable_account: DurableAccount, unique_name: str
) -> None:
    root = durable_account.root
    url, purged, deleted = (make_queue(root, f"{unique_name}-{which}") for which in ("kept", "purged", "deleted"))
    for each in (purged, deleted):
        root.sqs.send_message(QueueUrl=each, MessageBody="x")
    policy = document(
        {**allow(["sqs:SendMessage"], account.queue_arn(f"{unique_name}-kept")), "Principal": {"AWS": "*"}}
    )
    root.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "77", "Policy": policy})
    root.sqs.tag_queue(QueueUrl=url, Tags={"a": "1", "b": "2"})
    root.sqs.untag_queue(QueueUrl=url, TagKeys=["a"])
    root.sqs.purge_queue(QueueUrl=purged)
    root.sqs.delete_queue(QueueUrl=deleted)
    durable_account.die_and_go_on()
    found = root.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (found["VisibilityTimeout"], found["Policy"]) == ("77", policy)
    assert root.sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"b": "2"}
    assert "Messages" not in root.sqs.receive_message(QueueUrl=purged)
    assert code_of(lambda: root.sqs.purge_queue(QueueUrl=purged)) == "AWS.SimpleQueueService.PurgeQueueInProgress"
    assert root.sqs.list_queues(QueueNamePrefix=unique_name)["QueueUrls"] == [url, purged]
    assert "Messages" not in root.sqs.receive_message(QueueUrl=make_queue(root, f"{unique_name}-deleted"))


def test_a_fifo_queue_remembers_what_it_has_taken(durable_account: DurableAccount, unique_name: str) -> None:
    root = durable_account.root
    url = make_queue(root, f"{unique_name}.fifo", FifoQueue="true")

    def send(body: str) -> str:
        return root.sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g", MessageDeduplicationId=body)[
            "SequenceNumber"
        ]

    first = send("one")
    durable_account.die_and_go_on()
    assert send("one") == first
    assert send("two") > first
    bodies = [m["Body"] for m in root.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]]
    assert bodies == ["one", "two"]


def test_sessions_given_out_before_go_on(durable_account: DurableAccount, unique_name: str) -> None:
    root = durable_account.root
    url = make_queue(root, unique_name)
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    arn = root.iam.create_role(RoleName=f"{unique_name}-task", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    root.iam.put_role_policy(
        RoleName=f"{unique_name}-task", PolicyName="p", PolicyDocument=document(allow(["sqs:SendMessage"], "*"))
    )
    task = Clients(session_environment(durable_account.emulator, Role.CONSUMER, task_role_arn=arn))
    operator = Clients(session_environment(durable_account.emulator, Role.OPERATOR))
    durable_account.die_and_go_on()
    durable_account.die_and_go_on()  # and the sum of a sum holds them too
    task.sqs.send_message(QueueUrl=url, MessageBody="x")
    assert code_of(lambda: task.sqs.receive_message(QueueUrl=url)) == "AccessDenied"
    assert operator.sts.get_caller_identity()["Arn"].endswith("assumed-role/operator/local-operator")
    root.iam.delete_role_policy(RoleName=f"{unique_name}-task", PolicyName="p")
    durable_account.die_and_go_on()
    assert code_of(lambda: task.sqs.send_message(QueueUrl=url, MessageBody="x")) == "AccessDenied"


def test_files_and_parameters_are_as_they_were_answered(durable_account: DurableAccount, unique_name: str) -> None:
    root = durable_account.root
    bucket = account.UPLOADS_BUCKET
    for key in ("kept", "overwritten", "deleted", "moved"):
        root.s3.put_object(
            Bucket=bucket, Key=f"{unique_name}/{key}", Body=b"old", ContentType="text/csv", Metadata={"m": "1"}
        )
    durable_account.die_and_go_on()
    root.s3.put_object(Bucket=bucket, Key=f"{unique_name}/overwritten", Body=b"newer", ContentType="text/plain")
    root.s3.copy_object(Bucket=bucket, Key=f"{unique_name}/copied", CopySource=f"{bucket}/{unique_name}/moved")
    root.s3.delete_object(Bucket=bucket, Key=f"{unique_name}/moved")
    root.s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": f"{unique_name}/deleted"}]})
    upload = root.s3.create_multipart_upload(Bucket=bucket, Key=f"{unique_name}/parts")["UploadId"]
    part = root.s3.upload_part(Bucket=bucket, Key=f"{unique_name}/parts", UploadId=upload, PartNumber=1, Body=b"part")
    root.ssm.put_parameter(Name=account.KILL_SWITCH_PARAMETER, Value="false", Overwrite=True)
    durable_account.die_and_go_on()
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    root.s3.complete_multipart_upload(Bucket=bucket, Key=f"{unique_name}/parts", UploadId=upload, MultipartUpload=parts)  # type: ignore[arg-type]  # a plain dict of the TypedDict's form
    bootstrap(durable_account.emulator)
    durable_account.die_and_go_on()
    listed = root.s3.list_objects_v2(Bucket=bucket, Prefix=unique_name)["Contents"]
    assert [each["Key"].split("/")[-1] for each in listed] == ["copied", "kept", "overwritten", "parts"]
    kept, newer, parts_put = (
        root.s3.get_object(Bucket=bucket, Key=f"{unique_name}/{key}") for key in ("kept", "overwritten", "parts")
    )
    assert (kept["Body"].read(), kept["ContentType"], kept["Metadata"]) == (b"old", "text/csv", {"m": "1"})
    assert (newer["Body"].read(), newer["ContentType"], newer["Metadata"]) == (b"newer", "text/plain", {})
    assert parts_put["Body"].read() == b"part"
    assert root.ssm.get_parameter(Name=account.KILL_SWITCH_PARAMETER)["Parameter"]["Value"] == "false"


def test_a_record_cut_short_by_the_kill_is_ignored(durable_account: DurableAccount, unique_name: str) -> None:
    url = make_queue(durable_account.root, unique_name)
    durable_account.root.sqs.send_message(QueueUrl=url, MessageBody="whole")
    durable_account.kill()
    journal = durable_account.paths.journal
    with journal.open("ab") as file:
        file.write(journal.read_bytes()[:50])
    durable_account.go_on()
    durable_account.root.sqs.send_message(QueueUrl=url, MessageBody="after")
    durable_account.die_and_go_on()
    found = durable_account.root.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in found] == ["whole", "after"]


def test_an_orderly_stop_keeps_as_much(durable_account: DurableAccount, unique_name: str) -> None:
    url = make_queue(durable_account.root, unique_name)
    durable_account.root.sqs.send_message(QueueUrl=url, MessageBody="x")
    stop(durable_account.paths)
    durable_account.go_on()
    assert durable_account.root.sqs.receive_message(QueueUrl=url)["Messages"]


def test_without_the_option_nothing_is_kept_and_nothing_lost(durable_account: DurableAccount, unique_name: str) -> None:
    url = make_queue(durable_account.root, unique_name)
    stop(durable_account.paths)
    passing = start(durable_account.paths, owner=os.getpid())
    root = Clients(root_environment(passing))
    assert not root.sqs.list_queues().get("QueueUrls")
    make_queue(root, f"{unique_name}-passing")
    stop(durable_account.paths)
    durable_account.go_on()
    assert durable_account.root.sqs.list_queues(QueueNamePrefix=unique_name)["QueueUrls"] == [url]
