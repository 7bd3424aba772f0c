from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import cast

import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError

from app.aws_failures import FailureKind
from app.client import SQSClient
from app.publishing import Sender
from app.publishing.batches import Outgoing
from app.publishing.sending import NotSent, Sending, Sent
from app.settings import Settings
from app.telemetry.trace_context import TraceContext
from tests.app.doubles.clock import FakeClock
from tests.app.doubles.scene import middle
from tests.app.doubles.sqs import QUEUE_URL
from tests.app.doubles.wire import Answer, Fields, WiredSqs, error_response, response

Answering = Callable[[str, Fields], Answer]


def sender_of(answer: Answering, clock: FakeClock, *, attempts: int = 1) -> Sender:
    wired = WiredSqs(answer, attempts=attempts)
    settings = Settings(predictions_queue_url=QUEUE_URL, aws_region="us-east-1")
    return Sender(SQSClient(settings, make=lambda _region: wired.client), clock, middle)


def in_turn(answers: Sequence[Answer]) -> Answering:
    remaining = iter(answers)
    return lambda _operation, _fields: next(remaining)


def taken(*ids: int) -> list[dict[str, str]]:
    return [{"Id": str(each), "MessageId": f"m{each}", "MD5OfMessageBody": "x"} for each in ids]


def failed(place: int, code: str, *, sender_fault: bool) -> dict[str, object]:
    return {"Id": str(place), "Code": code, "SenderFault": sender_fault, "Message": "as AWS says"}


def codes(sendings: Sequence[Sending]) -> list[str]:
    return [each.message_id if isinstance(each, Sent) else each.failure.code for each in sendings]


MESSAGES = [Outgoing(f"body {number}") for number in range(10)]


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore waits between its own attempts by the real clock."""
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _seconds: None))


def test_one_is_sent_as_it_is(fake_clock: FakeClock) -> None:
    asked: list[tuple[str, Fields]] = []

    def answer(operation: str, fields: Fields) -> Answer:
        asked.append((operation, fields))
        return response(200, {"MessageId": "m1", "MD5OfMessageBody": "x"})

    sender = sender_of(answer, fake_clock)
    assert sender.send(Outgoing("body")) == Sent("m1", 0)
    assert sender.send(Outgoing("body", "user_a")) == Sent("m1", 0)
    assert asked == [
        ("SendMessage", {"QueueUrl": QUEUE_URL, "MessageBody": "body"}),
        ("SendMessage", {"QueueUrl": QUEUE_URL, "MessageBody": "body", "MessageGroupId": "user_a"}),
    ]


@pytest.mark.usefixtures("no_pauses")
def test_botocores_own_retries_are_told(fake_clock: FakeClock) -> None:
    throttled = error_response("RequestThrottled", 403)
    good = response(200, {"MessageId": "m1"})
    assert sender_of(in_turn([throttled, good]), fake_clock, attempts=3).send(MESSAGES[0]) == Sent("m1", 1)
    refused = sender_of(in_turn([throttled] * 3), fake_clock, attempts=3).send(MESSAGES[0])
    assert (refused.retries, codes([refused])) == (2, ["RequestThrottled"])
    closed = ConnectionClosedError(endpoint_url="https://sqs")
    cut_off = sender_of(in_turn([closed] * 3), fake_clock, attempts=3).send(MESSAGES[0])
    assert (cut_off.retries, codes([cut_off])) == (2, ["ConnectionClosedError"])
    (first, second) = sender_of(
        in_turn([throttled, response(200, {"Successful": taken(0, 1)})]), fake_clock, attempts=3
    ).send_many(MESSAGES[:2])
    assert (first.retries, second.retries) == (1, 1)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"Successful": []}'])
def test_an_answer_that_was_cut_short_is_no_success(fake_clock: FakeClock, body: bytes) -> None:
    for sendings in (
        [sender_of(lambda _o, _f: response(200, body), fake_clock).send(MESSAGES[0])],
        sender_of(lambda _o, _f: response(200, body), fake_clock).send_many(MESSAGES),
    ):
        assert set(codes(sendings)) == {"NoMessageId"}
        assert all(isinstance(each, NotSent) and each.may_pass for each in sendings)


@pytest.mark.parametrize("body", [b'{"MessageId": "m', b"\xff\xfe"])
def test_an_answer_that_cannot_be_read_is_a_failure_that_may_pass(fake_clock: FakeClock, body: bytes) -> None:
    (sending,) = sender_of(lambda _o, _f: response(200, body), fake_clock).send_many(MESSAGES[:1])
    assert isinstance(sending, NotSent)
    assert sending.failure.kind is FailureKind.UNAVAILABLE


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"[]",
        b'{"Successful": [{}]}',
        b'{"Successful": [{"Id": "0"}]}',
        b'{"Successful": [{"Id": "zero", "MessageId": "m"}]}',
        b'{"Successful": [{"Id": "10", "MessageId": "m"}]}',
        b'{"Successful": [{"Id": "-1", "MessageId": "m"}]}',
        b'{"Successful": null, "Failed": [{"Id": "0"}]}',
    ],
)
def test_a_damaged_answer_is_a_failure_that_may_pass(fake_clock: FakeClock, body: bytes) -> None:
    for sendings in (
        [sender_of(lambda _o, _f: response(200, body), fake_clock).send(MESSAGES[0])],
        sender_of(lambda _o, _f: response(200, body), fake_clock).send_many(MESSAGES),
    ):
        assert all(isinstance(each, NotSent) and each.may_pass for each in sendings)


def test_what_a_batch_did_not_take_is_tried_again_if_that_may_help(fake_clock: FakeClock) -> None:
    asked: list[list[str]] = []
    bodies: list[Fields] = [
        {
            "Successful": taken(0, 2),
            "Failed": [
                failed(1, "InternalError", sender_fault=False),
                failed(3, "InvalidMessageContents", sender_fault=True),
                failed(4, "RequestThrottled", sender_fault=True),
            ],
        },
        {"Successful": taken(1), "Failed": [failed(0, "ServiceUnavailable", sender_fault=False)]},
        {"Successful": taken(0)},
    ]
    answers = iter(bodies)

    def answer(_operation: str, fields: Fields) -> Answer:
        entries = fields["Entries"]
        assert isinstance(entries, list)
        asked.append([entry["MessageBody"] for entry in entries])
        return response(200, next(answers))

    sendings = sender_of(answer, fake_clock).send_many(MESSAGES[:5])
    assert asked == [[f"body {number}" for number in range(5)], ["body 1", "body 4"], ["body 1"]]
    assert codes(sendings) == ["m0", "m0", "m2", "InvalidMessageContents", "m1"]
    assert [each.retries for each in sendings] == [0, 2, 0, 0, 1]
    refused = sendings[3]
    assert isinstance(refused, NotSent)
    assert not refused.may_pass
    assert fake_clock.waits == [pytest.approx(0.15), pytest.approx(0.3)]


def test_what_a_batch_never_takes_is_told_after_three_tries(fake_clock: FakeClock) -> None:
    asked: list[str] = []

    def answer(operation: str, _fields: Fields) -> Answer:
        asked.append(operation)
        return response(200, {"Failed": [failed(0, "InternalError", sender_fault=False)]})

    (sending,) = sender_of(answer, fake_clock).send_many(MESSAGES[:1])
    assert (len(asked), codes([sending]), sending.retries) == (3, ["InternalError"], 2)


@pytest.mark.parametrize(
    "fault",
    [
        error_response("AccessDeniedException", 403),
        error_response("ServiceUnavailable", 503),
        EndpointConnectionError(endpoint_url="https://sqs"),
    ],
    ids=["refused", "down", "unreachable"],
)
def test_when_a_batch_fails_whole_the_rest_is_not_tried(fake_clock: FakeClock, fault: Answer) -> None:
    answers = [response(200, {"Successful": taken(*range(10))}), fault]
    sendings = sender_of(in_turn(answers), fake_clock).send_many(MESSAGES * 4)
    assert [isinstance(each, Sent) for each in sendings] == [True] * 10 + [False] * 30
    assert [each.tried for each in sendings if isinstance(each, NotSent)] == [True] * 10 + [False] * 20


def test_a_batch_that_fails_whole_at_its_second_try_halts_too(fake_clock: FakeClock) -> None:
    partly = response(200, {"Successful": taken(0), "Failed": [failed(1, "InternalError", sender_fault=False)]})
    answers: list[Answer] = [partly, EndpointConnectionError(endpoint_url="https://sqs")]
    sendings = sender_of(in_turn(answers), fake_clock).send_many([*MESSAGES[:2], Outgoing("x" * 2**20)])
    assert codes(sendings) == ["m0", "EndpointConnectionError", "EndpointConnectionError"]
    assert [each.tried for each in sendings if isinstance(each, NotSent)] == [True, False]


def test_one_that_sqs_cannot_stomach_takes_no_other_with_it(fake_clock: FakeClock) -> None:
    """Where the whole batch is refused for one entry, each is sent by itself."""

    def answer(operation: str, fields: Fields) -> Answer:
        if operation == "SendMessageBatch" or fields["MessageBody"] == "body 3":
            return error_response("InvalidParameterValue", 400)
        return response(200, {"MessageId": str(fields["MessageBody"])})

    sendings = sender_of(answer, fake_clock).send_many(MESSAGES + MESSAGES[:2])
    expected = [f"body {number}" for number in range(10)]
    expected[3] = "InvalidParameterValue"
    assert codes(sendings) == [*expected, "body 0", "body 1"]


def test_a_trace_goes_along_in_attributes_and_nothing_does_where_there_is_none(fake_clock: FakeClock) -> None:
    asked: list[Fields] = []

    def answer(operation: str, fields: Fields) -> Answer:
        asked.append(fields)
        sent = {"Successful": taken(0, 1), "Failed": []} if operation == "SendMessageBatch" else {"MessageId": "m1"}
        return response(200, sent)

    traced = Outgoing("body", trace=TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
    bare = Outgoing("body")
    sender = sender_of(answer, fake_clock)
    sender.send(traced)
    sender.send(bare)
    sender.send_many([traced, bare])
    attributes = {"traceparent": {"DataType": "String", "StringValue": traced.trace and traced.trace.traceparent}}
    assert asked[0]["MessageAttributes"] == attributes
    assert "MessageAttributes" not in asked[1]
    first, second = cast("list[Fields]", asked[2]["Entries"])
    assert first["MessageAttributes"] == attributes
    assert "MessageAttributes" not in second
