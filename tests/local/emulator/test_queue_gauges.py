from local.emulator.queue_gauges import Message, gauges

NOW = 10_000.0


def message(*, age: float = 0.0, visible_in: float = 0.0, receives: int = 0) -> Message:
    return Message(entered_at=NOW - age, visible_at=NOW + visible_in, receives=receives)


def test_an_empty_queue_has_zeroes_for_every_gauge() -> None:
    assert gauges([], NOW) == {
        "ApproximateNumberOfMessagesVisible": 0,
        "ApproximateNumberOfMessagesNotVisible": 0,
        "ApproximateNumberOfMessagesDelayed": 0,
        "ApproximateAgeOfOldestMessage": 0,
    }


def test_visible_in_flight_and_delayed_messages_are_told_apart() -> None:
    found = gauges(
        [
            message(),
            message(receives=2),  # back again after its timeout
            message(visible_in=30, receives=1),
            message(visible_in=30),
        ],
        NOW,
    )
    assert found["ApproximateNumberOfMessagesVisible"] == 2
    assert found["ApproximateNumberOfMessagesNotVisible"] == 1
    assert found["ApproximateNumberOfMessagesDelayed"] == 1


def test_age_is_the_oldest_messages_in_whole_seconds_even_in_flight() -> None:
    found = gauges([message(age=3.2), message(age=90.9, visible_in=30, receives=1)], NOW)
    assert found["ApproximateAgeOfOldestMessage"] == 90


def test_a_message_received_too_often_no_longer_counts_for_the_age() -> None:
    found = gauges([message(age=5), message(age=90, receives=4), message(age=20, receives=3)], NOW)
    assert found["ApproximateAgeOfOldestMessage"] == 20
