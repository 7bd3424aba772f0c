import signal

import pytest

from app.dlq.browsing import Browse
from app.dlq.filters import Filter
from app.dlq.one_by_one import OneByOne, Tally
from app.dlq.queue import DeadLettersUnavailableError
from app.shutdown import Shutdown
from tests.app.doubles.dead_letters import FakeDeadLetters, FakeRecords, unavailable

NAMES = [f"letter-{number}" for number in range(12)]
CODES = {name: "unusable-file" if number % 2 else "gave-up" for number, name in enumerate(NAMES)}
ODD = [name for name, code in CODES.items() if code == "unusable-file"]
UNUSABLE = Filter(reason="unusable-file")


def send(
    dead_letters: FakeDeadLetters,
    shutdown: Shutdown,
    wanted: Filter = UNUSABLE,
    *,
    rate: int | None = None,
    dry_run: bool = False,
) -> Tally:
    sending = OneByOne(
        queue=dead_letters.queue,
        records=FakeRecords(CODES).records,
        wanted=wanted,
        clock=dead_letters.clock,
        shutdown=shutdown,
        rate=rate,
        dry_run=dry_run,
    )
    with Browse(dead_letters.queue, shutdown, 1000) as browse:
        sending.run(browse)
    return sending.tally


@pytest.fixture(autouse=True)
def twelve(dead_letters: FakeDeadLetters) -> None:
    dead_letters.put(*NAMES)


def test_those_that_are_meant_are_sent_back_and_the_others_given_back(
    dead_letters: FakeDeadLetters, shutdown: Shutdown
) -> None:
    assert send(dead_letters, shutdown) == Tally(matched=6, sent=6, deleted=6)
    assert dead_letters.sent == ODD
    assert dead_letters.visible() == [name for name in NAMES if name not in ODD]


def test_a_dry_run_counts_and_changes_nothing(dead_letters: FakeDeadLetters, shutdown: Shutdown) -> None:
    assert send(dead_letters, shutdown, dry_run=True) == Tally(matched=6)
    assert (dead_letters.sent, dead_letters.visible()) == ([], NAMES)


def test_what_fails_again_at_once_is_sent_back_once(dead_letters: FakeDeadLetters, shutdown: Shutdown) -> None:
    dead_letters.fails_again = True
    assert send(dead_letters, shutdown, Filter()) == Tally(matched=12, sent=12, deleted=12, returned=12)
    assert dead_letters.sent == NAMES
    assert dead_letters.visible() == [f"{name} again" for name in NAMES]


def test_what_cannot_be_sent_stays(dead_letters: FakeDeadLetters, shutdown: Shutdown) -> None:
    dead_letters.faults["send_back"] = [unavailable()]
    assert send(dead_letters, shutdown) == Tally(matched=6, sent=5, deleted=5, failed=1)
    assert ODD[0] in dead_letters.visible()


def test_what_cannot_be_deleted_is_in_both_queues_and_in_neither_never(
    dead_letters: FakeDeadLetters, shutdown: Shutdown
) -> None:
    dead_letters.faults["delete"] = [unavailable()]
    assert send(dead_letters, shutdown) == Tally(matched=6, sent=6, deleted=5)
    assert ODD[0] in dead_letters.visible()
    assert set(dead_letters.sent) | set(dead_letters.visible()) == set(NAMES)


@pytest.mark.parametrize("call", ["send_back", "delete"])
def test_a_refusal_ends_it(dead_letters: FakeDeadLetters, shutdown: Shutdown, call: str) -> None:
    dead_letters.faults[call] = [unavailable("AccessDenied")]
    tally = send(dead_letters, shutdown)
    assert tally.matched == 1
    assert "operator's role" in str(tally.failure)
    assert dead_letters.visible() == NAMES


def test_a_page_that_fails_ends_it_and_what_was_done_is_told(dead_letters: FakeDeadLetters, shutdown: Shutdown) -> None:
    def fail_next() -> None:
        dead_letters.faults["receive"] = [unavailable()]

    dead_letters.on_receive = fail_next
    tally = send(dead_letters, shutdown)
    assert (tally.matched, tally.sent, tally.deleted) == (5, 5, 5)
    assert "ServiceUnavailable" in str(tally.failure)
    assert len(dead_letters.visible()) == 7


def test_a_queue_that_cannot_be_read_at_all_is_told(dead_letters: FakeDeadLetters, shutdown: Shutdown) -> None:
    dead_letters.faults["receive"] = [unavailable("AccessDenied")]
    with pytest.raises(DeadLettersUnavailableError, match="operator's role"):
        send(dead_letters, shutdown)


def test_letters_of_another_queue_stay(dead_letters: FakeDeadLetters, shutdown: Shutdown) -> None:
    dead_letters.put("theirs", source_arn="arn:aws:sqs:us-east-1:123456789012:other")
    dead_letters.put("direct", source_arn=None)
    tally = send(dead_letters, shutdown, Filter())
    assert (tally.matched, tally.sent, tally.foreign) == (14, 13, 1)
    assert dead_letters.visible() == ["theirs"]


def test_it_keeps_to_a_rate(dead_letters: FakeDeadLetters, shutdown: Shutdown) -> None:
    began = dead_letters.clock.monotonic()
    send(dead_letters, shutdown, rate=2)
    assert dead_letters.clock.monotonic() - began == pytest.approx(3.0)


def test_ctrl_c_ends_it_after_the_letter_under_way(dead_letters: FakeDeadLetters, shutdown: Shutdown) -> None:
    dead_letters.on_receive = lambda: shutdown.request(signal.SIGINT)
    assert send(dead_letters, shutdown) == Tally()
    assert dead_letters.visible() == NAMES
