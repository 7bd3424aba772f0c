"""The stub by way of a real client, which checks what a real client checks."""

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from bench.fast_queue import FastQueue, stub
from bench.stub_queue import md5_of_attributes

if TYPE_CHECKING:
    from types_boto3_sqs.client import SQSClient


@pytest.fixture(scope="module")
def queue() -> Iterator[FastQueue]:
    with stub() as served:
        yield served


@pytest.fixture
def sqs(queue: FastQueue) -> "Iterator[SQSClient]":
    client = boto3.client(
        "sqs",
        region_name="us-east-1",
        endpoint_url=queue.endpoint_url,
        aws_access_key_id="none",
        aws_secret_access_key="none",  # noqa: S106 - the stub asks for none
        config=Config(retries={"total_max_attempts": 1}),
    )
    yield client
    for message in client.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10).get("Messages", []):
        client.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
    client.close()


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def test_a_message_goes_in_and_comes_out_with_what_is_asked_for(sqs: "SQSClient", queue: FastQueue) -> None:
    carried = {"traceparent": {"DataType": "String", "StringValue": "00-ä"}}
    sent = sqs.send_message(QueueUrl=queue.url, MessageBody="größer", MessageAttributes=carried)  # type: ignore[arg-type]  # as its stubs would have them written
    assert sent["MD5OfMessageBody"] == md5("größer")
    (message,) = sqs.receive_message(
        QueueUrl=queue.url,
        MessageSystemAttributeNames=["ApproximateReceiveCount"],
        MessageAttributeNames=["traceparent"],
    )["Messages"]
    assert (message["MessageId"], message["Body"]) == (sent["MessageId"], "größer")
    assert message["MD5OfBody"] == md5("größer")
    assert message["Attributes"] == {"ApproximateReceiveCount": "1"}
    assert message["MessageAttributes"] == carried
    assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])


def test_attributes_that_nobody_asks_for_are_not_told(sqs: "SQSClient", queue: FastQueue) -> None:
    sqs.send_message(
        QueueUrl=queue.url, MessageBody="a", MessageAttributes={"a": {"DataType": "String", "StringValue": "b"}}
    )
    (message,) = sqs.receive_message(QueueUrl=queue.url)["Messages"]
    assert {"Attributes", "MessageAttributes", "MD5OfMessageAttributes"}.isdisjoint(message)
    sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])


def test_tens_are_sent_received_and_deleted(sqs: "SQSClient", queue: FastQueue) -> None:
    sent = sqs.send_message_batch(
        QueueUrl=queue.url, Entries=[{"Id": str(place), "MessageBody": f"body {place}"} for place in range(10)]
    )
    assert [each["Id"] for each in sent["Successful"]] == [str(place) for place in range(10)]
    received = sqs.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10)["Messages"]
    assert [each["Body"] for each in received] == [f"body {place}" for place in range(10)]
    deleted = sqs.delete_message_batch(
        QueueUrl=queue.url,
        Entries=[{"Id": each["MessageId"], "ReceiptHandle": each["ReceiptHandle"]} for each in received],
    )
    assert len(deleted["Successful"]) == 10
    assert "Messages" not in sqs.receive_message(QueueUrl=queue.url)


def test_a_message_that_is_given_back_comes_again(sqs: "SQSClient", queue: FastQueue) -> None:
    sqs.send_message(QueueUrl=queue.url, MessageBody="a")
    (message,) = sqs.receive_message(QueueUrl=queue.url)["Messages"]
    sqs.change_message_visibility(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    (again,) = sqs.receive_message(QueueUrl=queue.url, WaitTimeSeconds=1, AttributeNames=["All"])["Messages"]
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"
    changed = sqs.change_message_visibility_batch(
        QueueUrl=queue.url,
        Entries=[
            {"Id": "old", "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 5},
            {"Id": "new", "ReceiptHandle": again["ReceiptHandle"], "VisibilityTimeout": 5},
        ],
    )
    assert [each["Id"] for each in changed["Successful"]] == ["new"]
    assert [(each["Id"], each["Code"]) for each in changed["Failed"]] == [("old", "MessageNotInflight")]
    sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=again["ReceiptHandle"])


def test_what_the_stub_does_not_know_is_refused_as_by_sqs(sqs: "SQSClient", queue: FastQueue) -> None:
    with pytest.raises(ClientError, match="InvalidAction"):
        sqs.purge_queue(QueueUrl=queue.url)
    with pytest.raises(ClientError, match="MessageNotInflight"):
        sqs.change_message_visibility(QueueUrl=queue.url, ReceiptHandle="none", VisibilityTimeout=0)


def test_the_checksum_of_attributes_is_that_of_their_lengths_and_values_by_name() -> None:
    lengths_and_values = (
        b"\0\0\0\1a\0\0\0\6Number\1\0\0\0\2" + b"42" + b"\0\0\0\1b\0\0\0\6String\1\0\0\0\2" + "ä".encode()
    )
    assert (
        md5_of_attributes(
            {"b": {"DataType": "String", "StringValue": "ä"}, "a": {"DataType": "Number", "StringValue": "42"}}
        )
        == hashlib.md5(lengths_and_values, usedforsecurity=False).hexdigest()
    )
