import pytest
from pulumi_policy import Policy

from policies.queues.delivery import LONG_POLLING, MESSAGE_SIZE, VISIBILITY_TIMEOUT
from tests.policies.judging import judged
from tests.policies.sound import LEFT_OUT, Sound, changed
from tests.policy_harness.declared import UNKNOWN, Declared
from tests.policy_harness.pack import PackUnderTest

SOUND = Sound("x")
QUEUE = "aws:sqs/queue:Queue"


@pytest.mark.parametrize(("seconds", "kept"), [(60, True), (59, False), (43_200, True), (0, False), (LEFT_OUT, False)])
def test_a_message_is_hidden_for_as_long_as_a_worker_needs(
    seconds: int | None,
    kept: bool,  # noqa: FBT001 - an expectation
) -> None:
    resources = changed(SOUND.everything(), "queue", visibilityTimeoutSeconds=seconds)
    assert (judged(VISIBILITY_TIMEOUT, *resources) == []) is kept


def test_the_range_is_configured_and_a_dead_letter_queue_has_no_worker() -> None:
    resources = changed(SOUND.everything(), "dlq", visibilityTimeoutSeconds=0)
    assert judged(VISIBILITY_TIMEOUT, *resources) == []
    (message,) = judged(VISIBILITY_TIMEOUT, *resources, minimumSeconds=10, maximumSeconds=200)
    assert "hidden for 300 s; set visibilityTimeoutSeconds to 10 to 200" in message


@pytest.mark.parametrize(("minimum", "seconds", "kept"), [(1, 1, True), (1, 0, False), (20, 19, False), (20, 20, True)])
def test_a_receive_waits_as_long_as_configured(
    minimum: int,
    seconds: int,
    kept: bool,  # noqa: FBT001 - an expectation
) -> None:
    queue = Declared(QUEUE, "x", {"receiveWaitTimeSeconds": seconds})
    assert (judged(LONG_POLLING, queue, minimumSeconds=minimum) == []) is kept


@pytest.mark.parametrize(
    ("size", "settings", "kept"),
    [
        (262_144, {}, True),
        (262_145, {}, False),
        (1023, {}, False),
        (LEFT_OUT, {}, True),
        (LEFT_OUT, {"maximumBytes": 65_536}, False),
        (1_048_576, {"maximumBytes": 1_048_576}, True),
    ],
)
def test_a_message_has_no_more_bytes_than_configured(
    size: int | None,
    settings: dict[str, int],
    kept: bool,  # noqa: FBT001 - an expectation
) -> None:
    queue = Declared(QUEUE, "x", {} if size is LEFT_OUT else {"maxMessageSize": size})
    assert (judged(MESSAGE_SIZE, queue, **settings) == []) is kept


@pytest.mark.parametrize(
    ("policy", "name"),
    [(LONG_POLLING.as_policy(), "receiveWaitTimeSeconds"), (MESSAGE_SIZE.as_policy(), "maxMessageSize")],
)
def test_what_is_not_known_yet_is_left_in_doubt(policy: Policy, name: str) -> None:
    outcome = PackUnderTest([policy]).preview([Declared(QUEUE, "x", {name: UNKNOWN})])
    assert outcome.violations == ()
    assert name in outcome.undecided[0].message
