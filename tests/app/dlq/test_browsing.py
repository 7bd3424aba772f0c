import signal
import weakref

import pytest

from app.dlq.browsing import HOLD_SECONDS, Browse
from app.dlq.queue import DeadLettersUnavailableError
from app.shutdown import Shutdown
from tests.app.doubles.dead_letters import FakeDeadLetters, unavailable

NAMES = [f"letter-{number}" for number in range(25)]


def look(dead_letters: FakeDeadLetters, shutdown: Shutdown, limit: int = 1000) -> Browse:
    return Browse(dead_letters.queue, shutdown, limit)


def names(browse: Browse) -> list[str]:
    return [letter.message_id for page in browse.pages() for letter in page]


def test_all_are_looked_at_once_and_all_are_given_back(dead_letters: FakeDeadLetters, shutdown: Shutdown) -> None:
    dead_letters.put(*NAMES)
    with look(dead_letters, shutdown) as browse:
        assert names(browse) == NAMES
        assert dead_letters.visible() == []
    assert dead_letters.visible() == NAMES
    assert (browse.looked_at, browse.is_complete, browse.not_given_back) == (25, True, 0)


def test_what_has_been_looked_at_is_not_kept_in_memory(dead_letters: FakeDeadLetters, shutdown: Shutdown) -> None:
    dead_letters.put(*NAMES)
    with look(dead_letters, shutdown) as browse:
        kept = [weakref.ref(letter) for page in browse.pages() for letter in page]
        assert sum(letter() is not None for letter in kept) <= 10
    assert dead_letters.visible() == NAMES


def test_no_more_than_the_limit_are_looked_at(dead_letters: FakeDeadLetters, shutdown: Shutdown) -> None:
    dead_letters.put(*NAMES)
    with look(dead_letters, shutdown, limit=12) as browse:
        assert names(browse) == NAMES[:12]
        assert dead_letters.visible() == NAMES[12:]
    assert dead_letters.visible() == NAMES
    assert not browse.is_complete


def test_a_page_that_fails_gives_back_the_pages_before(dead_letters: FakeDeadLetters, shutdown: Shutdown) -> None:
    dead_letters.put(*NAMES)

    def second_page_fails() -> None:
        with look(dead_letters, shutdown) as browse:
            for page in browse.pages():
                assert len(page) == 10
                dead_letters.faults["receive"] = [unavailable()]

    with pytest.raises(DeadLettersUnavailableError):
        second_page_fails()
    assert dead_letters.visible() == NAMES


def test_whatever_goes_wrong_meanwhile_all_are_given_back(dead_letters: FakeDeadLetters, shutdown: Shutdown) -> None:
    dead_letters.put(*NAMES)

    def something_breaks() -> None:
        with look(dead_letters, shutdown) as browse:
            next(browse.pages())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        something_breaks()
    assert dead_letters.visible() == NAMES


def test_ctrl_c_ends_the_look_between_two_pages(dead_letters: FakeDeadLetters, shutdown: Shutdown) -> None:
    dead_letters.put(*NAMES)
    dead_letters.on_receive = lambda: shutdown.request(signal.SIGINT)
    with look(dead_letters, shutdown) as browse:
        assert names(browse) == NAMES[:10]
    assert dead_letters.visible() == NAMES
    assert not browse.is_complete


def test_giving_back_is_tried_again(dead_letters: FakeDeadLetters, shutdown: Shutdown) -> None:
    dead_letters.put(*NAMES)
    dead_letters.faults["give_back"] = [unavailable(), unavailable("RequestThrottled")]
    with look(dead_letters, shutdown) as browse:
        names(browse)
    assert (dead_letters.visible(), browse.not_given_back) == (NAMES, 0)


def test_what_cannot_be_given_back_is_told_and_comes_back_by_itself(
    dead_letters: FakeDeadLetters, shutdown: Shutdown
) -> None:
    dead_letters.put(*NAMES)
    dead_letters.faults["give_back"] = [unavailable()] * 3
    with look(dead_letters, shutdown) as browse:
        names(browse)
    assert (dead_letters.visible(), browse.not_given_back) == (NAMES[10:], 10)
    dead_letters.clock.advance(HOLD_SECONDS)
    assert dead_letters.visible() == NAMES


def test_a_look_that_outlasts_its_holds_ends_and_shows_nothing_twice(
    dead_letters: FakeDeadLetters, shutdown: Shutdown
) -> None:
    dead_letters.put(*NAMES)
    dead_letters.seconds_a_page = HOLD_SECONDS + 1
    with look(dead_letters, shutdown) as browse:
        assert names(browse) == NAMES[:10]
    assert dead_letters.visible() == NAMES
    assert not browse.is_complete


def test_an_empty_queue_is_complete(dead_letters: FakeDeadLetters, shutdown: Shutdown) -> None:
    with look(dead_letters, shutdown) as browse:
        assert names(browse) == []
    assert browse.is_complete
