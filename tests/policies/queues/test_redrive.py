"""What cases do not show of the rules on redrives: what is not known yet, and odd forms."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from policies.queues.has_policy import HAS_POLICY
from policies.queues.redrive import HAS_DEAD_LETTER_QUEUE, MAX_RECEIVE_COUNT, REACHES_DEAD_LETTER_QUEUE
from policies.queues.redrive_allow import NAMES_SOURCES
from tests.policies.judging import judged
from tests.policies.sound import Sound, changed, queue_arn, redrive, redrive_allow, without
from tests.policy_harness.declared import UNKNOWN, Declared
from tests.policy_harness.pack import Outcome, PackUnderTest

if TYPE_CHECKING:
    from policies.rule import Rule

SOUND = Sound("x")
QUEUE = "aws:sqs/queue:Queue"


def previewed(*resources: Declared) -> Outcome:
    """What the rules on redrives say."""
    rules: tuple[Rule[Any], ...] = (  # each has settings of its own type
        MAX_RECEIVE_COUNT,
        HAS_DEAD_LETTER_QUEUE,
        REACHES_DEAD_LETTER_QUEUE,
        NAMES_SOURCES,
        HAS_POLICY,
    )
    return PackUnderTest([one.as_policy() for one in rules]).preview(resources)


def told(outcome: Outcome) -> set[tuple[str, str]]:
    return {(one.policy, one.resource) for one in outcome.violations}


def undecided(outcome: Outcome) -> set[str]:
    return {one.policy for one in outcome.undecided}


def from_dlq(resources: tuple[Declared, ...]) -> tuple[Declared, ...]:
    """The queue's redrive policy made from the dead-letter queue's ARN, which the first preview does not know."""
    return tuple(
        Declared(
            one.type_token,
            one.name,
            {**one.properties, "redrivePolicy": UNKNOWN},
            one.outputs,
            {"redrivePolicy": ["x-dlq"]},
        )
        if one.name == "x-queue"
        else one
        for one in resources
    )


def test_a_redrive_policy_made_from_a_queue_of_the_stack_tells_its_target_and_not_its_count() -> None:
    outcome = previewed(*from_dlq(SOUND.everything()))
    assert told(outcome) == set()
    assert undecided(outcome) == {"queue-max-receive-count"}


def test_what_can_be_told_of_such_a_queue_is_told() -> None:
    outcome = previewed(*from_dlq(without(SOUND.everything(), "dlq-redrive-allow")))
    assert told(outcome) == {("dead-letter-queue-names-sources", "x-dlq")}


def test_a_redrive_policy_made_from_something_else_leaves_its_target_in_doubt_and_no_other_queue() -> None:
    unclear = changed(without(SOUND.everything(), "dlq-redrive-allow"), "queue", redrivePolicy=UNKNOWN)
    made = tuple(
        Declared(one.type_token, one.name, one.properties, one.outputs, {"redrivePolicy": ["elsewhere"]})
        if one.name == "x-queue"
        else one
        for one in unclear
    )
    another = Sound("y")
    alone = (*changed((another.queue(),), "queue", redrivePolicy=redrive("")), another.queue_policy())
    outcome = previewed(Declared("aws:ssm/parameter:Parameter", "elsewhere", {}), *made, *alone)
    assert ("queue-reaches-dead-letter-queue", "y-queue") in told(outcome)
    assert "queue-reaches-dead-letter-queue" in undecided(outcome)
    assert any("x-queue.redrivePolicy" in one.message for one in outcome.undecided)


@pytest.mark.parametrize("count", [2, 3, 10, "5", 7.0])
def test_a_receive_count_within_limits_passes(count: object) -> None:
    assert judged(MAX_RECEIVE_COUNT, Declared(QUEUE, "x", {"redrivePolicy": redrive("arn", count)})) == []


@pytest.mark.parametrize("count", [0, 1, 11, 1000, None, "many", True, 2.5, [3]])
def test_a_receive_count_outside_is_told_with_the_limits(count: object) -> None:
    (message,) = judged(MAX_RECEIVE_COUNT, Declared(QUEUE, "x", {"redrivePolicy": redrive("arn", count)}))
    assert message.startswith(f"maxReceiveCount is {count!r}; set it to 2 to 10")


def test_the_limits_of_a_receive_count_are_configured() -> None:
    resource = Declared(QUEUE, "x", {"redrivePolicy": redrive("arn", 1)})
    assert judged(MAX_RECEIVE_COUNT, resource, minimum=1) == []
    (message,) = judged(MAX_RECEIVE_COUNT, resource, minimum=5, maximum=6)
    assert "set it to 5 to 6" in message


@pytest.mark.parametrize("document", ["{", "[]", "{}", "3"])
def test_a_redrive_policy_that_names_nothing_reaches_nothing(document: str) -> None:
    (queue,) = changed((SOUND.queue(),), "queue", redrivePolicy=document)
    (message,) = judged(REACHES_DEAD_LETTER_QUEUE, queue)
    assert "names no deadLetterTargetArn" in message


def test_a_dead_letter_queue_of_another_stack_is_one_by_what_it_says_of_its_sources() -> None:
    served = changed(
        (SOUND.dlq(), SOUND.redrive_allow()),
        "dlq-redrive-allow",
        redriveAllowPolicy=redrive_allow("byQueue", queue_arn("retainwise-local-other")),
    )
    assert judged(HAS_DEAD_LETTER_QUEUE, *served) == []
    assert judged(NAMES_SOURCES, *served, outside=[queue_arn("retainwise-local-other")]) == []
    (message,) = judged(NAMES_SOURCES, *served)
    assert "which is no queue of this stack" in message


@pytest.mark.parametrize(("permission", "words"), [("denyAll", "says denyAll"), ("byQueue", "names no source")])
def test_a_dead_letter_queue_that_lets_nobody_redrive_is_told(permission: str, words: str) -> None:
    document = redrive_allow(permission)
    resources = changed(SOUND.everything(), "dlq-redrive-allow", redriveAllowPolicy=document)
    assert words in "\n".join(judged(NAMES_SOURCES, *resources))


@pytest.mark.parametrize(("others", "kept"), [(9, True), (10, False)])
def test_sqs_takes_ten_sources_at_most(
    others: int,
    kept: bool,  # noqa: FBT001 - an expectation
) -> None:
    arns = [queue_arn(f"other-{number}") for number in range(others)]
    document = redrive_allow("byQueue", SOUND.queue_arn, *arns)
    resources = changed(SOUND.everything(), "dlq-redrive-allow", redriveAllowPolicy=document)
    told = judged(NAMES_SOURCES, *resources, outside=["*other-*"])
    assert ("names 11 sources, and SQS takes 10; split them" in "".join(told)) is not kept


def test_any_queue_that_lets_all_redrive_is_told_dead_letter_queue_or_not() -> None:
    (message,) = judged(
        NAMES_SOURCES, *changed(SOUND.everything(), "queue", redriveAllowPolicy=redrive_allow("allowAll"))
    )
    assert "says allowAll" in message


def test_a_resource_that_names_its_queue_by_url_belongs_to_it() -> None:
    url = f"https://sqs.us-east-1.amazonaws.com/123456789012/{SOUND.queue_name}"
    policy = Declared("aws:sqs/queuePolicy:QueuePolicy", "x-queue-policy", {"queueUrl": url, "policy": "{}"})
    assert judged(HAS_POLICY, *without(SOUND.everything(), "queue-policy"), policy) == []


@pytest.mark.parametrize(
    ("url", "counts"),
    [
        ("https://sqs.us-east-1.amazonaws.com/123456789012/{}", True),
        ("https://sqs.eu-west-1.amazonaws.com/123456789012/{}", False),
        ("https://sqs.us-east-1.amazonaws.com/999988887777/{}", False),
        ("http://localhost:4566/123456789012/{}", True),
    ],
)
def test_a_resource_that_names_a_queue_elsewhere_does_not_belong_to_it(
    url: str,
    counts: bool,  # noqa: FBT001 - an expectation
) -> None:
    given = {"queueUrl": url.format(SOUND.queue_name), "policy": "{}"}
    policy = Declared("aws:sqs/queuePolicy:QueuePolicy", "x-queue-policy", given)
    there = replace(SOUND.queue(), outputs={"arn": SOUND.queue_arn})
    assert (judged(HAS_POLICY, there, SOUND.dlq(), SOUND.dlq_policy(), policy) == []) is counts


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_queues_of_one_name_each_has_its_own_policy(order: int) -> None:
    near = replace(SOUND.queue(), name="x-near", outputs={"arn": SOUND.queue_arn})
    (far,) = changed((replace(SOUND.queue(), name="x-far"),), "far", region="eu-west-1")
    url = f"http://localhost:4566/123456789012/{SOUND.queue_name}"
    policy = Declared(
        "aws:sqs/queuePolicy:QueuePolicy", "x-p", {"queueUrl": url, "policy": "{}", "region": "eu-west-1"}
    )
    outcome = PackUnderTest([HAS_POLICY.as_policy()]).preview((*(near, far)[::order], policy))
    assert [one.resource for one in outcome.violations] == ["x-near"]


def test_a_resource_whose_queue_is_not_known_leaves_only_queues_without_one_in_doubt() -> None:
    policy = Declared("aws:sqs/queuePolicy:QueuePolicy", "x-stray-policy", {"queueUrl": UNKNOWN, "policy": "{}"})
    outcome = PackUnderTest([HAS_POLICY.as_policy()]).preview(
        (*without(SOUND.everything(), "queue-policy"), policy),
    )
    assert outcome.violations == ()
    (doubt,) = outcome.undecided
    assert "x-queue: string value at .x-stray-policy.queueUrl" in doubt.message
    assert "x-dlq" not in doubt.message


def test_what_aws_fills_in_is_known_to_be_left_out_at_the_first_preview() -> None:
    forgotten = Declared(QUEUE, "x", {"name": "x"}, outputs={"redrivePolicy": UNKNOWN, "policy": UNKNOWN})
    assert told(previewed(forgotten)) == {("queue-has-dead-letter-queue", "x"), ("queue-has-policy", "x")}


def test_a_queue_that_exists_is_where_its_arn_says() -> None:
    arn = queue_arn(SOUND.queue_name, account="999999999999")
    there = Declared(QUEUE, "x-queue", SOUND.queue().properties, outputs={"arn": arn})
    (message,) = judged(REACHES_DEAD_LETTER_QUEUE, *without(SOUND.everything(), "queue", "queue-policy"), there)
    assert message.startswith("the dead-letter queue is in account 123456789012 and the queue in 999999999999")


def test_of_two_queues_of_one_name_the_one_in_the_region_is_meant() -> None:
    far = Declared(QUEUE, "x-far", {"name": SOUND.dlq_name, "region": "eu-west-1", "fifoQueue": True})
    assert judged(REACHES_DEAD_LETTER_QUEUE, far, *SOUND.everything()) == []


def test_a_number_in_a_document_may_come_as_a_float() -> None:
    document = json.dumps({"deadLetterTargetArn": SOUND.dlq_arn, "maxReceiveCount": 3.0})
    assert told(previewed(*changed(SOUND.everything(), "queue", redrivePolicy=document))) == set()


def test_what_a_resource_of_its_own_says_is_told_once_when_aws_gives_it_back_with_the_queue() -> None:
    wrong = redrive_allow("byQueue", queue_arn("retainwise-local-other"))
    apart = changed(SOUND.everything(), "dlq-redrive-allow", redriveAllowPolicy=wrong)
    deployed = changed(apart, "dlq", redriveAllowPolicy=json.dumps(json.loads(wrong), indent=1))
    assert judged(NAMES_SOURCES, *deployed) == judged(NAMES_SOURCES, *apart)


@pytest.mark.parametrize(("part", "other"), [("region", "eu-west-1"), ("account", "999999999999")])
def test_a_source_of_the_same_name_elsewhere_is_another(part: str, other: str) -> None:
    arn = queue_arn(SOUND.queue_name, **{part: other})
    resources = changed(
        SOUND.everything(), "dlq-redrive-allow", redriveAllowPolicy=redrive_allow("byQueue", SOUND.queue_arn, arn)
    )
    (message,) = judged(NAMES_SOURCES, *resources)
    assert message.startswith(f"the redrive-allow policy names {arn}, and this queue is in {part}")


def test_a_target_that_the_stack_has_in_another_region_only_is_out_of_reach() -> None:
    (far,) = changed((SOUND.dlq(),), "dlq", region="eu-west-1")
    (message,) = judged(REACHES_DEAD_LETTER_QUEUE, SOUND.queue(), SOUND.queue_policy(), far)
    assert (
        message == "the dead-letter queue is in region eu-west-1 and the queue in us-east-1; both must be in the same"
    )
