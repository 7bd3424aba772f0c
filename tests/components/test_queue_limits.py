import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.queue_limits import QueueTiming, timing_problems


def test_the_defaults_are_those_of_the_decision_record() -> None:
    timing = QueueTiming()
    assert timing_problems(timing) == []
    assert (
        timing.visibility_timeout_seconds,
        timing.message_retention_seconds,
        timing.receive_wait_time_seconds,
        timing.max_receive_count,
        timing.dlq_message_retention_seconds,
    ) == (300, 345_600, 20, 3, 1_209_600)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("visibility_timeout_seconds", -1),
        ("visibility_timeout_seconds", 43_201),
        ("message_retention_seconds", 59),
        ("message_retention_seconds", 1_209_601),
        ("receive_wait_time_seconds", 21),
        ("max_receive_count", 0),
        ("max_receive_count", 1001),
        ("dlq_message_retention_seconds", 59),
    ],
)
def test_a_figure_outside_awss_range_is_named_with_what_was_given(field: str, value: int) -> None:
    (problem,) = timing_problems(QueueTiming(**{field: value}))
    assert (problem.field, problem.given) == (field, value)


@given(st.integers(60, 1_209_600), st.integers(60, 1_209_600))
def test_a_dead_letter_queue_must_keep_messages_longer_than_its_source(source: int, dlq: int) -> None:
    problems = timing_problems(QueueTiming(message_retention_seconds=source, dlq_message_retention_seconds=dlq))
    assert bool(problems) == (dlq <= source)
    assert all(str(source) in problem.allowed for problem in problems)
