"""The files that calls are recorded in."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from access.policy import StatementName
from access.sources import SourceError
from access.usage.record import recorded
from local.emulator.decisions.log import DecisionLog
from tests.access.sound import PREFIX, SETTINGS
from tests.access.trail import decided, lines, record


def test_what_the_local_stack_has_set_aside_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    log = DecisionLog(path, max_bytes=10)
    for name in ("SendMessage", "GetQueueUrl"):
        log.append([lines(record(name))])
    assert [one.actions for one in recorded([path], SETTINGS)] == [("sqs:SendMessage",), ("sqs:GetQueueUrl",)]


def test_several_files_are_read_each_once(tmp_path: Path) -> None:
    one, two = tmp_path / "calls.1.jsonl", tmp_path / "calls.jsonl"
    one.write_bytes(lines(record("SendMessage")))
    two.write_bytes(lines(record("GetQueueUrl")))
    assert len(recorded([two, one, two], SETTINGS)) == 2


def test_calls_before_a_time_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_bytes(lines(*(record(eventTime=f"2026-11-24T1{hour}:00:00Z") for hour in range(3))))
    found = recorded([path], SETTINGS, datetime(2026, 11, 24, 11, tzinfo=UTC))
    assert [one.time.hour for one in found] == [11, 12]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (f"arn:aws:iam::123456789012:policy/team/{PREFIX}predictions-producer", "predictions-producer"),
        (f"arn:aws:sqs:us-east-1:123456789012:{PREFIX}predictions", "predictions"),
        (f"{PREFIX}inline", "inline"),
    ],
)
def test_policies_are_called_as_in_reports(tmp_path: Path, given: str, name: str) -> None:
    path = tmp_path / "calls.jsonl"
    data = {**decided("sqs:SendMessage"), "decidedBy": [{"policy": given, "sid": "Send"}]}
    path.write_bytes(lines(record(additionalEventData=data)))
    (found,) = recorded([path], SETTINGS)
    assert found.decided_by == (StatementName(name, "Send"),)


def test_what_is_no_record_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nothing was called yet"):
        recorded([tmp_path / "none.jsonl"], SETTINGS)
    (tmp_path / "odd.jsonl").write_text("[" * 200_000)
    with pytest.raises(SourceError, match=r"odd.jsonl, line 1 is not JSON"):
        recorded([tmp_path / "odd.jsonl"], SETTINGS)
