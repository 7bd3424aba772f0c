from datetime import UTC, datetime

import pytest

from app.dlq.filters import Filter
from app.dlq.records import Explanation
from app.errors import UserMistakeError
from tests.app.doubles.dead_letters import letter, uuid

NOW = datetime.fromisoformat("2026-03-01T12:00:00+00:00")
LETTER = letter("one", prediction_id=uuid(1), user_id="user_abc")  # an hour old
FAILED = Explanation("unusable-file", "line 2 has 3 fields")


def parse(**given: str) -> Filter:
    everything = dict.fromkeys(("reason", "user", "prediction", "older", "newer"))
    return Filter.parse(**{**everything, **given})


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({}, True),
        ({"reason": "unusable-file"}, True),
        ({"reason": "gave-up"}, False),
        ({"reason": "unknown"}, False),
        ({"user": "user_abc"}, True),
        ({"user": "user_other"}, False),
        ({"prediction": str(uuid(1))}, True),
        ({"prediction": str(uuid(2))}, False),
        ({"older": "1h"}, True),
        ({"older": "61m"}, False),
        ({"newer": "3600s"}, True),
        ({"newer": "59m"}, False),
        ({"older": "30m", "newer": "1d", "user": "user_abc", "reason": "unusable-file"}, True),
        ({"older": "30m", "user": "user_other"}, False),
    ],
)
def test_all_that_is_given_must_hold(given: dict[str, str], taken: bool) -> None:  # noqa: FBT001 - a table's column
    assert parse(**given).takes(LETTER, FAILED, NOW) is taken


def test_letters_that_say_nothing_are_taken_by_no_filter_but_the_one_for_them() -> None:
    mute = letter("mute", sent_at=None)
    for given in ({"user": "user_abc"}, {"prediction": str(uuid(1))}, {"older": "1s"}, {"newer": "9999d"}):
        assert not parse(**given).takes(mute, Explanation(), NOW)
    assert parse(reason="unknown").takes(mute, Explanation(), NOW)


def test_only_an_empty_filter_is_open() -> None:
    assert parse().is_open
    assert not parse(older="0s").is_open


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"reason": "bad"}, "--reason 'bad' is no reason; there are body-too-large,"),
        ({"user": "abc"}, "--user 'abc': a user id is user_"),
        ({"prediction": "x"}, "--prediction 'x' is not a UUID"),
        ({"older": "2 days"}, "--older-than '2 days' is no duration; give a number and s, m, h or d"),
        ({"newer": "-1h"}, "--newer-than '-1h' is no duration"),
        ({"newer": "99999999d"}, "--newer-than '99999999d' is no duration"),
    ],
)
def test_what_cannot_be_meant_is_told(given: dict[str, str], words: str) -> None:
    with pytest.raises(UserMistakeError) as caught:
        parse(**given)
    assert str(caught.value).startswith(words)


def test_the_longest_durations_are_still_understood() -> None:
    assert parse(older="9999999d").takes(LETTER, FAILED, datetime.now(UTC)) is False
