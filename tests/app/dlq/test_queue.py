"""What is asked of SQS, and what its answers come to."""

import json
from typing import TYPE_CHECKING, cast

import pytest

from app.dlq.queue import DeadLetterQueue, DeadLettersUnavailableError
from app.errors import OperationFailedError
from tests.app.doubles.dead_letters import SOURCE_ARN, letter
from tests.app.doubles.sqs import aws_error

if TYPE_CHECKING:
    from types_boto3_sqs.client import SQSClient as BotoSQSClient

SOURCE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/predictions"
DLQ_ARN = "arn:aws:sqs:us-east-1:999988887777:graveyard"


class Scripted:
    """A client that answers as it is told, and remembers what it was asked."""

    def __init__(self, **answers: object) -> None:
        self._answers = answers
        self.asked: list[dict[str, object]] = []

    def __getattr__(self, operation: str) -> object:
        def call(**arguments: object) -> object:
            self.asked.append(arguments)
            answer = self._answers[operation]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def queue_on(client: Scripted) -> DeadLetterQueue:
    boto = cast("BotoSQSClient", client)
    return DeadLetterQueue(boto, url="dlq-url", arn=DLQ_ARN, source_url=SOURCE_URL, source_arn=SOURCE_ARN)


def found(redrive: object) -> DeadLetterQueue:
    attributes = {"QueueArn": SOURCE_ARN, "RedrivePolicy": json.dumps(redrive)} if redrive else {"QueueArn": SOURCE_ARN}
    client = Scripted(get_queue_attributes={"Attributes": attributes}, get_queue_url={"QueueUrl": "dlq-url"})
    made = DeadLetterQueue.of(cast("BotoSQSClient", client), SOURCE_URL)
    assert client.asked[1] == {"QueueName": "graveyard", "QueueOwnerAWSAccountId": "999988887777"}
    return made


def test_it_is_the_one_that_the_redrive_policy_names_whoever_owns_it() -> None:
    assert found({"deadLetterTargetArn": DLQ_ARN, "maxReceiveCount": 3}).source_arn == SOURCE_ARN


@pytest.mark.parametrize("redrive", [None, {}, {"maxReceiveCount": 3}])
def test_a_queue_without_one_is_told(redrive: object) -> None:
    with pytest.raises(OperationFailedError, match="its redrive policy names none"):
        found(redrive)


def test_what_is_visible_by_itself_again_counts_as_given_back() -> None:
    codes = [
        "AWS.SimpleQueueService.MessageNotInflight",
        "InvalidParameterValue",
        "ReceiptHandleIsInvalid",
        "InternalError",
    ]
    failed = [{"Id": str(number), "Code": code, "SenderFault": True} for number, code in enumerate(codes)]
    handles = [f"handle-{number}" for number in range(5)]
    client = Scripted(change_message_visibility_batch={"Successful": [{"Id": "4"}], "Failed": failed})
    assert queue_on(client).give_back(handles) == [handles[3]]


def test_a_rate_is_given_only_if_there_is_one() -> None:
    client = Scripted(start_message_move_task={"TaskHandle": "handle"})
    queue = queue_on(client)
    assert (queue.start_moving(None), queue.start_moving(7)) == ("handle", "handle")
    assert client.asked == [{"SourceArn": DLQ_ARN}, {"SourceArn": DLQ_ARN, "MaxNumberOfMessagesPerSecond": 7}]


def test_a_letter_is_sent_back_with_nothing_that_it_did_not_have() -> None:
    client = Scripted(send_message={"MessageId": "copy"})
    assert queue_on(client).send_back(letter("bare")) == "copy"
    queue_on(client).send_back(letter("traced", group_id="user_abc", trace_header="Root=1"))
    bare, traced = client.asked
    assert bare == {"QueueUrl": SOURCE_URL, "MessageBody": "body of bare"}
    assert traced["MessageGroupId"] == "user_abc"
    assert traced["MessageSystemAttributes"] == {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1"}}


def test_what_sqs_does_not_say_that_it_took_is_not_sent() -> None:
    """It would be deleted after that."""
    with pytest.raises(DeadLettersUnavailableError, match="sending a dead letter back failed: TornAnswer"):
        queue_on(Scripted(send_message={})).send_back(letter("bare"))


@pytest.mark.parametrize("answer", [{}, {"Attributes": None}, {"Attributes": {}}], ids=str)
def test_a_damaged_answer_is_told_as_one(answer: object) -> None:
    client = Scripted(get_queue_attributes=answer, list_message_move_tasks=None, start_message_move_task={})
    queue = queue_on(client)
    for call in (queue.depth, queue.tasks, lambda: queue.start_moving(None)):
        with pytest.raises(DeadLettersUnavailableError, match="the answer is damaged"):
            call()


@pytest.mark.parametrize(("code", "hinted"), [("AccessDenied", True), ("ExpiredToken", True), ("InternalError", False)])
def test_only_a_refusal_is_about_whose_role_it_takes(code: str, hinted: bool) -> None:  # noqa: FBT001 - a table's column
    with pytest.raises(DeadLettersUnavailableError) as caught:
        queue_on(Scripted(receive_message=aws_error(code))).receive(10, 120)
    assert ("operator's role" in str(caught.value)) is hinted
    assert str(caught.value).startswith(f"reading the dead-letter queue failed: {code}: as AWS says")
