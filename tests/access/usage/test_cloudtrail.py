import gzip
import json
from datetime import UTC, datetime

import pytest

from access.policy import StatementName
from access.usage.cloudtrail import Event, MalformedEventsError, parse_events
from tests.access.trail import ACCOUNT, QUEUE, ROLE, decided, lines, log_file, record, refused


def parsed(content: bytes) -> tuple[Event, ...]:
    return parse_events(content, source="events.json")


def one(**more: object) -> Event:
    (event,) = parsed(lines(record(**more)))  # type: ignore[arg-type]  # passed on
    return event


def test_an_event_says_who_did_what_on_what_and_whence() -> None:
    event = one(vpcEndpointId="vpce-1")
    assert event.time == datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert event.actions == ("sqs:SendMessage",)
    assert event.resources == (QUEUE,)
    assert event.principal == ROLE
    assert event.caller == f"arn:aws:sts::{ACCOUNT}:assumed-role/backend/task"
    assert event.vpc_endpoint == "vpce-1"
    assert not event.is_refused
    assert event.decided_by == ()


@pytest.mark.parametrize("content", [log_file(record(), record()), gzip.compress(log_file(record(), record()))])
def test_log_files_of_cloudtrails_are_read_zipped_or_not(content: bytes) -> None:
    assert len(parsed(content)) == 2


@pytest.mark.parametrize(
    ("content", "count"),
    [
        (lines(record(), record()), 2),
        (lines(record(), record()).rstrip(), 2),
        (lines(record()) + b'{"eventVersion": "1.1', 1),
        (lines(record()) + b"{", 1),
        (b'{"eventVersion"', 0),
        (lines(record()) + b"\n\n", 1),
        (json.dumps(record(userAgent="a\u2028b"), ensure_ascii=False).encode(), 1),
        (b"", 0),
        (log_file(), 0),
    ],
)
def test_a_last_line_that_breaks_off_hides_nothing_else(content: bytes, count: int) -> None:
    assert len(parsed(content)) == count


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"hello", "events.json, line 1 is not JSON .* one event a line, or"),
        (b'{"torn\n' + lines(record()), "line 1 is not JSON"),
        (b"[]\n", "line 1 is no event"),
        (b'{"Records": "x"}', "Records are no list"),
        (b'{"Records": [1]}', "record 1 is no event"),
        (lines(record(), {"eventName": "x"}), "line 2 has no eventSource"),
        (lines(record(eventTime="yesterday")), "the eventTime 'yesterday'"),
        (lines(record(eventTime="2026-11-24T12:00:00")), "it has the form 2026-01-31T23:59:59Z"),
        (b"\x1f\x8bnot zipped", "events.json cannot be read"),
        (gzip.compress(log_file(record()))[:-20], "events.json cannot be read"),
        (b"\xff\xfe", "events.json cannot be read"),
    ],
)
def test_what_is_no_file_of_events_is_refused_with_the_reason(content: bytes, words: str) -> None:
    with pytest.raises(MalformedEventsError, match=words):
        parsed(content)


def test_records_of_other_kinds_are_left_out() -> None:
    insight = {"eventType": "AwsCloudTrailInsight", "eventSource": "x"}
    assert len(parsed(log_file(record(), record(eventType="AwsConsoleSignIn"), insight))) == 1


@pytest.mark.parametrize(
    ("source", "name", "actions"),
    [
        ("sqs.amazonaws.com", "SendMessageBatch", ("sqs:SendMessage",)),
        ("sqs.amazonaws.com", "DeleteMessageBatch", ("sqs:DeleteMessage",)),
        ("sqs.amazonaws.com", "ChangeMessageVisibilityBatch", ("sqs:ChangeMessageVisibility",)),
        ("monitoring.amazonaws.com", "PutMetricAlarm", ("cloudwatch:PutMetricAlarm",)),
        ("s3.amazonaws.com", "HeadObject", ("s3:GetObject",)),
        ("s3.amazonaws.com", "CopyObject", ("s3:GetObject", "s3:PutObject")),
        ("ssm.amazonaws.com", "GetParameter", ("ssm:GetParameter",)),
        ("kms.amazonaws.com", "GenerateDataKey", ("kms:GenerateDataKey",)),
    ],
)
def test_a_call_takes_the_action_of_its_name_but_for_those_that_take_others(
    source: str, name: str, actions: tuple[str, ...]
) -> None:
    assert one(name=name, source=source).actions == actions


def test_the_action_and_the_statements_that_an_event_names_are_taken_from_it() -> None:
    event = one(name="GetObject", source="s3.amazonaws.com", additionalEventData=decided("s3:GetObjectVersion", "Read"))
    assert event.actions == ("s3:GetObjectVersion",)
    assert event.decided_by == (StatementName("arn:aws:iam::123456789012:policy/backend", "Read"),)


@pytest.mark.parametrize(
    ("code", "is_refusal"),
    [
        ("AccessDenied", True),
        ("AccessDeniedException", True),
        ("KMS.AccessDeniedException", True),
        ("Client.UnauthorizedOperation", True),
        ("AWS.SimpleQueueService.NonExistentQueue", False),
        ("ThrottlingException", False),
    ],
)
def test_a_refusal_is_told_from_other_errors(code: str, *, is_refusal: bool) -> None:
    (event,) = parsed(lines(refused(code=code)))
    assert event.error_code == code
    assert event.is_refused is is_refusal


@pytest.mark.parametrize(
    ("agent", "is_its"),
    [
        ("Boto3/1.44.5 app/orders Botocore/1.44.5", True),
        ("[Boto3/1.44.5 app/orders]", True),  # S3 puts it in brackets
        ("Boto3/1.44.5 app/orders-of-others", False),
        ("Boto3/1.44.5 md/app/orders", False),
        ("aws-cli/2.0", False),
    ],
)
def test_an_application_is_known_by_the_name_that_it_gives_itself(agent: str, *, is_its: bool) -> None:
    assert one(userAgent=agent).is_of("orders") is is_its


def test_what_a_service_calls_on_the_roles_behalf_may_be_the_applications() -> None:
    identity = record()["userIdentity"] | {"invokedBy": "sqs.amazonaws.com"}
    event = one(name="Decrypt", source="kms.amazonaws.com", userIdentity=identity, userAgent="sqs.amazonaws.com")
    assert event.principal == ROLE
    assert event.is_of("orders")


def test_callers_that_are_no_sessions_stand_for_themselves() -> None:
    user = f"arn:aws:iam::{ACCOUNT}:user/alice"
    assert one(userIdentity={"type": "IAMUser", "arn": user, "accountId": ACCOUNT}).principal == user
    assert one(userIdentity={"type": "AWSAccount", "principalId": "", "accountId": "anonymous"}).principal == ""
