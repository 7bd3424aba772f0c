from collections.abc import Iterator

import pytest

import app.commands.dead_letters
from app.commands.redrive import redrive_chosen
from app.dlq.filters import Filter
from app.dlq.records import NoRecords
from app.settings import load_settings
from tests.app.doubles.dead_letters import FakeDeadLetters, letter, unavailable
from tests.app.doubles.emf import read

QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/predictions"


@pytest.fixture(autouse=True)
def measured(monkeypatch: pytest.MonkeyPatch, dead_letters: FakeDeadLetters) -> Iterator[None]:
    """The commands on a queue in memory, with the metrics in the log."""
    monkeypatch.setenv("PREDICTIONS_QUEUE_URL", QUEUE_URL)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("METRICS", "emf")
    monkeypatch.setattr(app.commands.dead_letters, "open_dead_letters", lambda *_: dead_letters.queue)
    monkeypatch.setattr(app.commands.dead_letters, "open_records", lambda _: NoRecords())
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, list[float]]:
    lines = [line for line in capsys.readouterr().err.splitlines() if '"_aws"' in line]
    return {
        each.dimensions["retainwise.outcome"]: each.values
        for line in lines
        for each in read(line)
        if each.name == "retainwise.dead_letters.redriven"
    }


def test_chosen_letters_are_counted_by_what_became_of_them(
    dead_letters: FakeDeadLetters, capsys: pytest.CaptureFixture[str]
) -> None:
    dead_letters.letters = {name: letter(name) for name in ("a", "b", "c")}
    dead_letters.faults["send_back"] = [unavailable()]
    redrive_chosen(Filter(), limit=10, rate=None, dry_run=False)
    assert told(capsys) == {"sent": [2], "failed": [1]}


def test_a_dry_run_counts_nothing(dead_letters: FakeDeadLetters, capsys: pytest.CaptureFixture[str]) -> None:
    dead_letters.letters = {"a": letter("a")}
    redrive_chosen(Filter(), limit=10, rate=None, dry_run=True)
    assert told(capsys) == {}
