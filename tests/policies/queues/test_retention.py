import pytest

from policies.queues.retention import KEEPS_LONGER, KEEPS_NO_LONGER, KEEPS_THROUGH_RETRIES
from tests.policies.judging import judged
from tests.policies.sound import LEFT_OUT, Sound, changed, redrive

SOUND = Sound("x")
FOUR_DAYS = 345_600


def test_how_long_a_queue_may_keep_is_configured_and_a_dead_letter_queue_keeps_as_long_as_it_likes() -> None:
    assert judged(KEEPS_NO_LONGER, *SOUND.everything(), maximumSeconds=FOUR_DAYS) == []
    (message,) = judged(KEEPS_NO_LONGER, *SOUND.everything(), maximumSeconds=FOUR_DAYS - 1)
    assert message.startswith("it keeps messages for 345600 s; set messageRetentionSeconds to 345599 or less")


@pytest.mark.parametrize(
    ("queue", "dlq", "kept"),
    [
        (FOUR_DAYS, FOUR_DAYS + 1, True),
        (FOUR_DAYS, FOUR_DAYS, False),
        (LEFT_OUT, FOUR_DAYS + 1, True),
        (LEFT_OUT, LEFT_OUT, False),
        (FOUR_DAYS - 1, LEFT_OUT, True),
        (1_209_600, 1_209_600, False),
    ],
)
def test_a_dead_letter_queue_keeps_longer_whatever_is_left_out(
    queue: int | None,
    dlq: int | None,
    kept: bool,  # noqa: FBT001 - an expectation
) -> None:
    resources = changed(SOUND.everything(), "queue", messageRetentionSeconds=queue)
    resources = changed(resources, "dlq", messageRetentionSeconds=dlq)
    assert (judged(KEEPS_LONGER, *resources) == []) is kept


@pytest.mark.parametrize(("retention", "kept"), [(901, True), (900, False), (LEFT_OUT, True)])
def test_three_tries_of_300_seconds_take_900(
    retention: int | None,
    kept: bool,  # noqa: FBT001 - an expectation
) -> None:
    resources = changed(SOUND.everything(), "queue", messageRetentionSeconds=retention)
    assert (judged(KEEPS_THROUGH_RETRIES, *resources) == []) is kept


def test_a_count_that_is_none_is_left_to_the_rule_on_counts() -> None:
    resources = changed(SOUND.everything(), "queue", redrivePolicy=redrive(SOUND.dlq_arn, "many"))
    assert judged(KEEPS_THROUGH_RETRIES, *resources) == []
