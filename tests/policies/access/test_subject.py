import json
from dataclasses import replace

import pytest

from policies.access.subject import ABOUT_ITS_QUEUE
from tests.policies.judging import ARN, allow, document, judged, of_queue
from tests.policies.sound import queue_arn
from tests.policy_harness.declared import UNKNOWN, Declared
from tests.policy_harness.pack import PackUnderTest

POLICY = "aws:sqs/queuePolicy:QueuePolicy"
QUEUE = "aws:sqs/queue:Queue"


@pytest.mark.parametrize("resource", [ARN, "*", "arn:aws:sqs:*:123456789012:jobs", queue_arn("job?"), queue_arn("jo*")])
def test_a_resource_that_is_the_queue_passes(resource: str) -> None:
    assert of_queue(ABOUT_ITS_QUEUE, [allow(Resource=resource)]) == ""


@pytest.mark.parametrize(
    "resource",
    [
        queue_arn("other"),
        queue_arn("jobs", region="eu-west-1"),
        queue_arn("jobs", account="999999999999"),
        "arn:aws:sqs:us-east-1:123456789012:jobs-*",
        "arn:aws:sns:us-east-1:123456789012:jobs",
        "jobs",
        "",
    ],
)
def test_a_resource_that_is_not_the_queue_is_told(resource: str) -> None:
    told = of_queue(ABOUT_ITS_QUEUE, [allow(Resource=[ARN, resource])])
    assert (
        told
        == f"the queue policy: It is about {resource}, and the policy is of the queue 'jobs'; write that queue's ARN"
    )


def _program(resource: str, **queue: object) -> list[Declared]:
    return [
        Declared(QUEUE, "queue", {"name": "jobs"}, outputs={"url": UNKNOWN, "arn": UNKNOWN, **queue}),
        Declared(
            POLICY,
            "policy",
            {"queueUrl": UNKNOWN, "policy": document(allow(Resource=resource))},
            sources={"queueUrl": ["queue"]},
        ),
    ]


def test_before_the_first_update_the_queue_is_known_by_what_the_url_is_made_from() -> None:
    assert judged(ABOUT_ITS_QUEUE, *_program(ARN)) == []
    (told,) = judged(ABOUT_ITS_QUEUE, *_program(queue_arn("other")))
    assert "the policy is of the queue 'jobs'" in told


def test_before_the_first_update_its_region_is_what_the_program_says() -> None:
    elsewhere = queue_arn("jobs", region="eu-west-1")
    queue, policy = _program(elsewhere)
    placed = replace(queue, properties={"name": "jobs", "region": "us-east-1"})
    (told,) = judged(ABOUT_ITS_QUEUE, placed, policy)
    assert f"is about {elsewhere}" in told
    assert judged(ABOUT_ITS_QUEUE, placed, _program(ARN)[1]) == []


def test_before_the_first_update_its_account_is_what_redrives_call_it_by() -> None:
    strange = _program(queue_arn("jobs", account="999999999999"))
    target = Declared(QUEUE, "source", {"name": "source", "redrivePolicy": json.dumps({"deadLetterTargetArn": ARN})})
    source = Declared(
        QUEUE, "dlq", {"name": "dlq", "redriveAllowPolicy": json.dumps({"sourceQueueArns": [ARN, UNKNOWN]})}
    )
    for naming in (target, source):
        assert judged(ABOUT_ITS_QUEUE, naming, *_program(ARN)) == []
        assert judged(ABOUT_ITS_QUEUE, naming, *strange) != []
    other = Declared(
        QUEUE,
        "other",
        {"name": "x", "redrivePolicy": {"deadLetterTargetArn": queue_arn("jobs", account="999999999999")}},
    )
    assert judged(ABOUT_ITS_QUEUE, target, other, *strange) == []


def test_afterwards_region_and_account_count_too() -> None:
    assert judged(ABOUT_ITS_QUEUE, *_program(queue_arn("jobs", region="eu-west-1"), arn=ARN))


def test_a_queue_that_carries_its_policy_is_its_own() -> None:
    carrying = Declared(QUEUE, "queue", {"name": "jobs", "policy": document(allow(Resource=queue_arn("other")))})
    assert judged(ABOUT_ITS_QUEUE, carrying)


def test_a_local_url_tells_account_and_name() -> None:
    policy = Declared(
        POLICY, "it", {"queueUrl": "http://localhost:4566/123456789012/jobs", "policy": document(allow())}
    )
    assert judged(ABOUT_ITS_QUEUE, policy) == []


def test_a_queue_that_is_not_known_at_all_is_left_in_doubt() -> None:
    policy = Declared(POLICY, "it", {"queueUrl": UNKNOWN, "policy": document(allow())})
    outcome = PackUnderTest([ABOUT_ITS_QUEUE.as_policy()]).preview([policy])
    assert outcome.violations == ()
    assert "queueUrl" in outcome.undecided[0].message
