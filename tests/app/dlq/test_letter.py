import json

import pytest

from app.dlq.exporting import as_record
from app.dlq.letter import DeadLetter
from app.dlq.records import Explanation
from tests.app.doubles.dead_letters import uuid

GOOD = {"prediction_id": str(uuid(7)), "user_id": "user_abc"}


def read(body: str) -> DeadLetter:
    return DeadLetter.of({"MessageId": "m", "ReceiptHandle": "h", "Body": body})


def test_what_a_message_names_is_read_even_where_no_worker_would_take_it() -> None:
    found = read(json.dumps(GOOD | {"surplus": 1}))
    assert (found.prediction_id, found.user_id) == (uuid(7), "user_abc")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "this is no message",
        "null",
        "[1, 2]",
        '"text"',
        "NaN",
        "[" * 100_000,
        '{"prediction_id":' * 500 + "1" + "}" * 500,
        "9" * 5000,
        json.dumps(GOOD)[:-1],
        json.dumps(GOOD) + " " * 9000,
        json.dumps({"prediction_id": 7, "user_id": ["user_abc"]}),
        json.dumps({"prediction_id": "{6f6f9a0e-6a53-4a39-9a0c-0e3f6c6f9b11}", "user_id": "user_\u202eabc"}),
        "\ud800\x1b[2J\x00\u202e",
        "x" * 1024 * 1024,
    ],
)
def test_whatever_it_holds_it_is_read_and_can_be_exported(body: str) -> None:
    found = read(body)
    assert (found.prediction_id, found.user_id) == (None, None)
    line = json.dumps(as_record(found, Explanation()))
    assert "\n" not in line
    assert line.isascii()
    assert json.loads(line)["body"] == body


def test_what_it_was_sent_with_is_kept() -> None:
    found = DeadLetter.of(
        {
            "MessageId": "m",
            "ReceiptHandle": "h",
            "Body": "x",
            "Attributes": {
                "ApproximateReceiveCount": "4",
                "SentTimestamp": "1772362800123",
                "DeadLetterQueueSourceArn": "arn",
                "MessageGroupId": "user_abc",
                "AWSTraceHeader": "Root=1",
            },
            "MessageAttributes": {
                "traceparent": {"DataType": "String", "StringValue": "00-1"},
                "blob": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
            },
        }
    )
    assert (found.receive_count, found.source_arn, found.group_id, found.trace_header) == (
        4,
        "arn",
        "user_abc",
        "Root=1",
    )
    assert found.sent_at is not None
    assert found.sent_at.isoformat() == "2026-03-01T11:00:00.123000+00:00"
    assert as_record(found, Explanation())["attributes"] == {
        "traceparent": {"type": "String", "string": "00-1"},
        "blob": {"type": "Binary", "base64": "AP8="},
    }


@pytest.mark.parametrize(
    ("value", "trace_id"),
    [(f"00-{'a' * 32}-{'b' * 16}-01", "a" * 32), ("00-1", None), ("\x1b[2J" * 1000, None), (None, None)],
)
def test_a_trace_is_told_only_where_it_is_one(value: str | None, trace_id: str | None) -> None:
    carried = {"traceparent": {"DataType": "String", "StringValue": value}} if value is not None else {}
    found = DeadLetter.of({"MessageId": "m", "ReceiptHandle": "h", "Body": "x", "MessageAttributes": carried})  # type: ignore[typeddict-item]  # as SQS might answer
    assert found.trace_id == trace_id
    assert as_record(found, Explanation())["trace_id"] == trace_id
