import json
import warnings
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.message import CLOCK_SKEW, MAX_BODY_BYTES, PUBLISH_WINDOW, MessageRefusedError, PredictionSQSMessage
from app.reasons import Reason

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EARLIEST = datetime(1970, 1, 1)  # noqa: DTZ001 - hypothesis asks for a naive bound
MAX_AGE = timedelta(days=18)
FIELDS: dict[str, object] = {
    "prediction_id": "6f6f9a0e-6a53-4a39-9a0c-0e3f6c6f9b11",
    "user_id": "user_2abcdef1234567890",
    "upload_id": "0d7e8f1c-2b7b-4b0d-8f7e-3a3f0f5a9c22",
    "s3_file_path": "s3://retainwise-uploads/user_abc/test.csv",
    "timestamp": "2026-03-01T12:00:00Z",
    "priority": "normal",
}


def message(**changes: object) -> PredictionSQSMessage:
    return PredictionSQSMessage.model_validate(FIELDS | changes)


def refusal_of(body: str) -> MessageRefusedError:
    with pytest.raises(MessageRefusedError) as caught:
        PredictionSQSMessage.from_wire(body)
    return caught.value


def test_goes_over_the_wire_and_back() -> None:
    sent = message()
    assert PredictionSQSMessage.from_wire(sent.json()) == sent
    assert json.loads(sent.json()) == FIELDS


def test_json_gives_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert message().json().startswith("{")


def test_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        message().user_id = "user_other"  # type: ignore[misc]  # what the test is about


def test_priority_is_normal_unless_said() -> None:
    fields = {name: value for name, value in FIELDS.items() if name != "priority"}
    assert PredictionSQSMessage.model_validate(fields).priority == "normal"


@pytest.mark.parametrize(
    ("given_time", "expected"),
    [
        ("2026-03-01T12:00:00", NOW),
        ("2026-03-01T13:00:00+01:00", NOW),
        (datetime(2026, 3, 1, 12, 0), NOW),  # noqa: DTZ001 - naive on purpose
        (datetime(2026, 3, 1, 7, 0, tzinfo=timezone(timedelta(hours=-5))), NOW),
    ],
)
def test_timestamps_are_brought_to_utc_and_naive_means_utc(given_time: object, expected: datetime) -> None:
    timestamp = message(timestamp=given_time).timestamp
    assert timestamp == expected
    assert timestamp.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prediction_id", "not-a-uuid"),
        ("prediction_id", "6f6f9a0e6a534a399a0c0e3f6c6f9b11"),
        ("prediction_id", "urn:uuid:6f6f9a0e-6a53-4a39-9a0c-0e3f6c6f9b11"),
        ("prediction_id", "{6f6f9a0e-6a53-4a39-9a0c-0e3f6c6f9b11}"),
        ("prediction_id", 7),
        ("prediction_id", None),
        ("upload_id", ["0d7e8f1c-2b7b-4b0d-8f7e-3a3f0f5a9c22"]),
        ("user_id", "abc"),
        ("user_id", "user_"),
        ("user_id", "user_a b"),
        ("user_id", "user_abc\n"),
        ("user_id", "user_../x"),
        ("user_id", "user_\u0661"),
        ("user_id", "USER_abc"),
        ("user_id", "user_" + "a" * 65),
        ("user_id", 5),
        ("s3_file_path", "s3://retainwise-uploads/user_abc/%2e%2e/x.csv"),
        ("s3_file_path", "/etc/passwd"),
        ("timestamp", 1772366400),
        ("timestamp", "1772366400"),
        ("timestamp", "2026-03-01"),
        ("timestamp", "2026-02-30T12:00:00Z"),
        ("timestamp", "2026-03-01T12:00:00 UTC"),
        ("timestamp", "0001-01-01T00:00:00+14:00"),
        ("timestamp", True),
        ("priority", "urgent"),
        ("priority", None),
        ("another", "field"),
    ],
)
def test_refuses_a_wrong_field_and_names_it(field: str, value: object) -> None:
    refused = refusal_of(json.dumps(FIELDS | {field: value}))
    assert refused.reason is Reason.INVALID_FIELDS
    assert field in refused.detail


@pytest.mark.parametrize("field", [name for name in FIELDS if name != "priority"])
def test_needs_every_field(field: str) -> None:
    refused = refusal_of(json.dumps({name: value for name, value in FIELDS.items() if name != field}))
    assert (refused.reason, field in refused.detail) == (Reason.INVALID_FIELDS, True)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", Reason.NOT_JSON),
        ("{", Reason.NOT_JSON),
        ("hello", Reason.NOT_JSON),
        ('{"timestamp": NaN}', Reason.NOT_JSON),
        ('{"timestamp": -Infinity}', Reason.NOT_JSON),
        ("[" * 4000, Reason.NOT_JSON),
        ("9" * 5000, Reason.NOT_JSON),
        ('{"user_id": "user_a", "user_id": "user_b"}', Reason.DUPLICATE_KEY),
        ('{"a": {"b": 1, "b": 1}}', Reason.DUPLICATE_KEY),
        ("null", Reason.INVALID_FIELDS),
        ("7", Reason.INVALID_FIELDS),
        ('"text"', Reason.INVALID_FIELDS),
        ("[]", Reason.INVALID_FIELDS),
        ('{"test": "message"}', Reason.INVALID_FIELDS),
        ('{"user_id": "\\ud800"}', Reason.INVALID_FIELDS),
        ('{"\\ud800\\u001b[2J": 1}', Reason.INVALID_FIELDS),
        ("x" * (MAX_BODY_BYTES + 1), Reason.BODY_TOO_LARGE),
        ("é" * (MAX_BODY_BYTES // 2 + 1), Reason.BODY_TOO_LARGE),
    ],
)
def test_refuses_a_malformed_body_with_a_stable_code(body: str, reason: Reason) -> None:
    refused = refusal_of(body)
    assert refused.reason is reason
    assert refused.detail.isprintable()
    assert len(refused.detail) < 600


def test_does_not_repeat_what_a_body_held() -> None:
    refused = refusal_of(json.dumps(FIELDS | {"user_id": "secret-looking-value", "s3_file_path": "s3://x/secret"}))
    assert "secret" not in refused.detail


@given(st.text(alphabet=st.characters(), max_size=200))
def test_no_text_makes_reading_fail_in_another_way(body: str) -> None:
    with pytest.raises(MessageRefusedError):
        PredictionSQSMessage.from_wire(body)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(FIELDS)), JSON_VALUES)
def test_no_value_makes_reading_fail_in_another_way(field: str, value: object) -> None:
    try:
        read = PredictionSQSMessage.from_wire(json.dumps(FIELDS | {field: value}))
    except MessageRefusedError:
        return
    assert PredictionSQSMessage.from_wire(read.json()) == read


@given(
    prediction_id=st.uuids(),
    upload_id=st.uuids(),
    user=st.from_regex(r"user_[A-Za-z0-9]{1,64}", fullmatch=True),
    timestamp=st.datetimes(min_value=EARLIEST, timezones=st.sampled_from([UTC, timezone(timedelta(hours=9))])),
    key=st.lists(st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True), min_size=1, max_size=4).map("/".join),
)
def test_every_good_message_survives_the_wire(
    prediction_id: UUID, upload_id: UUID, user: str, timestamp: datetime, key: str
) -> None:
    sent = PredictionSQSMessage(
        prediction_id=prediction_id,
        user_id=user,
        upload_id=upload_id,
        s3_file_path=f"s3://bucket/{key}",
        timestamp=timestamp,
    )
    assert PredictionSQSMessage.from_wire(sent.json()) == sent


@pytest.mark.parametrize(
    ("offset", "reason"),
    [
        (PUBLISH_WINDOW, None),
        (-PUBLISH_WINDOW, None),
        (PUBLISH_WINDOW + timedelta(seconds=1), Reason.TIMESTAMP_AHEAD),
        (-PUBLISH_WINDOW - timedelta(seconds=1), Reason.TIMESTAMP_TOO_OLD),
    ],
)
def test_a_publisher_allows_five_minutes_either_way(offset: timedelta, reason: Reason | None) -> None:
    late = message(timestamp=NOW + offset)
    if reason is None:
        late.check_publishable(NOW)
        return
    with pytest.raises(MessageRefusedError) as caught:
        late.check_publishable(NOW)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("offset", "reason"),
    [
        (timedelta(0), None),
        (CLOCK_SKEW, None),
        (CLOCK_SKEW + timedelta(seconds=1), Reason.TIMESTAMP_AHEAD),
        (-MAX_AGE, None),
        (-MAX_AGE - timedelta(seconds=1), Reason.TIMESTAMP_TOO_OLD),
    ],
)
def test_a_consumer_allows_what_a_queue_can_have_kept(offset: timedelta, reason: Reason | None) -> None:
    kept = message(timestamp=NOW + offset)
    if reason is None:
        kept.check_consumable(NOW, MAX_AGE)
        return
    with pytest.raises(MessageRefusedError) as caught:
        kept.check_consumable(NOW, MAX_AGE)
    assert caught.value.reason is reason


def test_the_extreme_timestamps_are_refused_not_crashed_on() -> None:
    for extreme in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        with pytest.raises(MessageRefusedError):
            message(timestamp=extreme, prediction_id=uuid4()).check_consumable(NOW, MAX_AGE)
        with pytest.raises(MessageRefusedError):
            message(timestamp=extreme).check_publishable(NOW)
