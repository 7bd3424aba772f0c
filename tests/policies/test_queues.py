import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest
from pulumi_policy.proxy import UnknownValueError

from components.grants import QueueAccess
from components.statements import document
from policies.queues import (
    QUEUE,
    QUEUE_POLICY,
    REDRIVE_POLICY,
    dead_letter_queue_behind_every_queue,
    max_receive_count_within_limits,
    policy_on_every_queue,
)
from policies.rule import Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.policies.conftest import AsEngineGives

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # the engine's stand-in for a text that is not known yet
DLQ_ARN = "arn:aws:sqs:us-east-1:123456789012:jobs-dlq"


def _redrive(count: object = 3) -> str:
    return json.dumps({"deadLetterTargetArn": DLQ_ARN, "maxReceiveCount": count})


@pytest.mark.parametrize("count", [2, 3, 10, "5"])
def test_a_receive_count_within_limits_passes(as_engine_gives: "AsEngineGives", count: object) -> None:
    assert list(max_receive_count_within_limits(as_engine_gives({"redrivePolicy": _redrive(count)}))) == []


@pytest.mark.parametrize("count", [0, 1, 11, 1000, None, "many"])
def test_a_receive_count_outside_is_refused_with_the_limits(as_engine_gives: "AsEngineGives", count: object) -> None:
    (message,) = max_receive_count_within_limits(as_engine_gives({"redrivePolicy": _redrive(count)}))
    assert repr(count) in message
    assert "2 to 10" in message


def test_a_redrive_policy_without_target_is_refused(as_engine_gives: "AsEngineGives") -> None:
    (message,) = max_receive_count_within_limits(as_engine_gives({"redrivePolicy": '{"maxReceiveCount": 3}'}))
    assert "deadLetterTargetArn" in message


def test_an_unknown_redrive_policy_does_not_pass_silently(as_engine_gives: "AsEngineGives") -> None:
    with pytest.raises(UnknownValueError):
        list(max_receive_count_within_limits(as_engine_gives({"redrivePolicy": UNKNOWN})))


def _stack(as_engine_gives: "AsEngineGives", *resources: tuple[str, Mapping[str, Any]]) -> list[Resource]:
    return [
        Resource(type_token, f"urn:{position}", as_engine_gives(properties))
        for position, (type_token, properties) in enumerate(resources)
    ]


def test_a_queue_and_the_dead_letter_queue_behind_it_pass(as_engine_gives: "AsEngineGives") -> None:
    stack = _stack(
        as_engine_gives, (QUEUE, {"name": "jobs", "redrivePolicy": _redrive()}), (QUEUE, {"name": "jobs-dlq"})
    )
    assert list(dead_letter_queue_behind_every_queue(stack)) == []


def test_a_separate_redrive_policy_counts(as_engine_gives: "AsEngineGives") -> None:
    stack = _stack(
        as_engine_gives,
        (QUEUE, {"name": "jobs", "url": "https://queue/jobs"}),
        (QUEUE, {"name": "jobs-dlq", "url": "https://queue/jobs-dlq"}),
        (REDRIVE_POLICY, {"queueUrl": "https://queue/jobs", "redrivePolicy": _redrive()}),
    )
    assert list(dead_letter_queue_behind_every_queue(stack)) == []


def test_a_queue_with_nothing_behind_it_is_named(as_engine_gives: "AsEngineGives") -> None:
    stack = _stack(
        as_engine_gives,
        (QUEUE, {"name": "jobs", "redrivePolicy": _redrive()}),
        (QUEUE, {"name": "jobs-dlq"}),
        (QUEUE, {"name": "forgotten"}),
    )
    ((urn, message),) = dead_letter_queue_behind_every_queue(stack)
    assert urn == "urn:2"
    assert "'forgotten'" in message


def test_queues_with_policies_of_their_own_pass(as_engine_gives: "AsEngineGives", access: QueueAccess) -> None:
    stack = _stack(
        as_engine_gives,
        (QUEUE, {"name": "jobs"}),
        (QUEUE, {"name": "jobs-dlq", "policy": document(access.dlq_statements())}),
        (QUEUE_POLICY, {"queueUrl": "u", "policy": document(access.queue_statements())}),
    )
    assert list(policy_on_every_queue(stack)) == []


def test_a_queue_without_a_policy_is_named(as_engine_gives: "AsEngineGives", access: QueueAccess) -> None:
    stack = _stack(
        as_engine_gives,
        (QUEUE, {"name": "jobs"}),
        (QUEUE, {"name": "jobs-dlq"}),
        (QUEUE_POLICY, {"queueUrl": "u", "policy": document(access.queue_statements())}),
    )
    ((urn, message),) = policy_on_every_queue(stack)
    assert urn == "urn:1"
    assert "'jobs-dlq'" in message


@pytest.mark.parametrize("rule", [dead_letter_queue_behind_every_queue, policy_on_every_queue])
def test_what_a_program_leaves_out_is_known_to_be_left_out_at_the_first_preview(
    as_engine_gives: "AsEngineGives", rule: "Callable[[list[Resource]], Iterator[tuple[str, str]]]"
) -> None:
    stack = _stack(as_engine_gives, (QUEUE, {"name": "forgotten", "redrivePolicy": UNKNOWN, "policy": UNKNOWN}))
    ((urn, message),) = rule(stack)
    assert urn == "urn:0"
    assert "'forgotten'" in message


def test_a_sound_stack_passes_at_the_first_preview(as_engine_gives: "AsEngineGives", access: QueueAccess) -> None:
    stack = _stack(
        as_engine_gives,
        (QUEUE, {"name": "jobs", "url": UNKNOWN, "redrivePolicy": _redrive(), "policy": UNKNOWN}),
        (QUEUE, {"name": "jobs-dlq", "url": UNKNOWN, "redrivePolicy": UNKNOWN, "policy": UNKNOWN}),
        (QUEUE_POLICY, {"queueUrl": UNKNOWN, "policy": document(access.queue_statements())}),
        (QUEUE_POLICY, {"queueUrl": UNKNOWN, "policy": document(access.dlq_statements())}),
    )
    assert list(dead_letter_queue_behind_every_queue(stack)) == []
    assert list(policy_on_every_queue(stack)) == []


@pytest.mark.parametrize(
    ("rule", "name"),
    [(dead_letter_queue_behind_every_queue, "redrivePolicy"), (policy_on_every_queue, "policy")],
)
def test_what_is_made_from_another_resource_leaves_the_rule_in_doubt(
    as_engine_gives: "AsEngineGives", rule: "Callable[[list[Resource]], Iterator[tuple[str, str]]]", name: str
) -> None:
    properties = as_engine_gives({"name": "jobs", name: UNKNOWN})
    with pytest.raises(UnknownValueError):
        list(rule([Resource(QUEUE, "urn", properties, frozenset({name}))]))
