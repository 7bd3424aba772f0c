from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest

from access.deployed import Deployed, Endpoint, Identity
from access.evaluator import Reason
from access.matrix.actions import ALL_ACTIONS, MESSAGE_ACTIONS
from access.matrix.callers import callers
from access.matrix.cells import ANY_QUEUE, Cell, Matrix, ask, build, targets
from access.matrix.origins import origins
from access.policy import Policy
from access.sources import Settings, SourceError
from tests.access.sound import (
    ACCOUNT,
    DLQ_ARN,
    ENDPOINT,
    PRODUCER_ARN,
    QUEUE_ARN,
    SETTINGS,
    VPC,
    deployed,
    role_arn,
    with_statement,
    without_endpoint,
)

ORIGINS = ["endpoint", "other vpc", "outside", "plain text", "on behalf"]
PARTNER = "arn:aws:iam::555555555555:role/partner"


@cache
def sound() -> Matrix:
    return build(deployed(), SETTINGS)


def cell(matrix: Matrix, target: str, caller: str, action: str, origin: str) -> Cell:
    (found,) = [
        one
        for one in matrix.cells
        if (one.target.label, one.caller.label, one.action, one.origin.label) == (target, caller, action, origin)
    ]
    return found


def allowed(matrix: Matrix, caller: str, target: str = "predictions") -> set[tuple[str, str]]:
    return {
        (one.action, one.origin.label)
        for one in matrix.cells
        if one.allowed and one.caller.label == caller and one.target.label == target
    }


def test_every_question_is_asked_once() -> None:
    matrix = sound()
    assert [one.label for one in matrix.targets] == ["predictions", "predictions-dlq", ANY_QUEUE]
    assert [one.label for one in matrix.origins] == ORIGINS
    assert [one.label for one in matrix.callers] == [
        "producer",
        "consumer",
        "operator",
        "break-glass",
        "deployer",
        "administrator",
        "other role",
        "other account",
        "service",
        "anonymous",
    ]
    asked = [(one.target.label, one.caller.label, one.action, one.origin.label) for one in matrix.cells]
    assert len(set(asked)) == len(asked)
    assert {action for _, _, action, _ in asked} == set(ALL_ACTIONS)
    assert not [one for one in asked if one[1] in {"service", "anonymous"} and one[3] == "on behalf"]


def test_a_dead_letter_queue_is_called_so() -> None:
    titles = [one.title for one in sound().targets]
    assert titles == ["predictions", "predictions-dlq, the dead-letter queue of predictions", ANY_QUEUE]


def test_each_task_role_does_its_half_through_the_endpoint_and_nothing_else() -> None:
    matrix = sound()
    looks = {("GetQueueAttributes", "endpoint"), ("GetQueueUrl", "endpoint")}
    assert allowed(matrix, "producer") == {("SendMessage", "endpoint"), *looks}
    consumes = {(action, "endpoint") for action in MESSAGE_ACTIONS if action != "SendMessage"}
    assert allowed(matrix, "consumer") == consumes | looks
    for caller in ("producer", "consumer"):
        assert allowed(matrix, caller, "predictions-dlq") == allowed(matrix, caller, ANY_QUEUE) == set()


@pytest.mark.parametrize("caller", ["other role", "other account", "service", "anonymous"])
def test_strangers_may_nothing(caller: str) -> None:
    matrix = sound()
    assert all(not allowed(matrix, caller, one.label) for one in matrix.targets)


def test_cells_name_the_statements_that_decide_them() -> None:
    matrix = sound()
    sends = cell(matrix, "predictions", "producer", "SendMessage", "endpoint")
    assert sends.by == "AllowProducer (predictions), SendToQueue (predictions-producer)"
    outside = cell(matrix, "predictions", "producer", "SendMessage", "outside")
    assert (outside.decision.reason, outside.by) == (
        Reason.EXPLICIT_DENY,
        "DenyMessagesFromOutsideVpc (predictions)",
    )
    tags = cell(matrix, "predictions", "producer", "TagQueue", "endpoint")
    assert (tags.decision.reason, tags.by) == (Reason.IMPLICIT_DENY, "")


def test_the_worst_is_assumed_of_whoever_is_outside_the_stack_until_it_is_read() -> None:
    people = ("operator", "break-glass", "deployer")
    matrix = sound()
    assert [one.label for one in matrix.callers if one.assumed] == list(people)
    assert ("ListQueues", "outside") in allowed(matrix, "deployer", ANY_QUEUE)
    known = {role_arn(name): Identity(role_arn(name)) for name in people}
    read = build(deployed(), SETTINGS, known)
    assert not [one for one in read.callers if one.assumed]
    assert allowed(read, "deployer", ANY_QUEUE) == set()


def test_a_boundary_bounds() -> None:
    nothing = Policy.parse("boundary", {"Statement": []})
    roles = tuple(replace(role, boundary=nothing) for role in deployed().roles)
    assert allowed(build(replace(deployed(), roles=roles), SETTINGS), "producer") == set()


def test_nobody_is_missed_where_several_are_named_and_nobody_made_up_where_none_is() -> None:
    two = replace(SETTINGS, operator_arns=(role_arn("one"), f"arn:aws:iam::{ACCOUNT}:user/two"), break_glass_arns=())
    found = [(one.label, one.detail) for one in callers(deployed(), two)]
    assert [detail for label, detail in found if label == "operator"] == list(two.operator_arns)
    assert "break-glass" not in {label for label, _ in found}


def test_whoever_is_given_as_a_person_must_be_one() -> None:
    with pytest.raises(SourceError, match="nobody is given as operator; that takes the ARN of a role or a user"):
        callers(deployed(), replace(SETTINGS, operator_arns=("nobody",)))


@pytest.mark.parametrize(
    ("principal", "like"),
    [
        ({"AWS": PARTNER}, "other account"),
        ({"AWS": "555555555555"}, "other account"),
        ({"AWS": role_arn("auditor")}, "administrator"),
        ({"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/auditor/alice"}, "administrator"),
        ({"Service": "events.amazonaws.com"}, "service"),
    ],
)
def test_whoever_a_queues_policy_lets_in_is_asked_about(principal: dict[str, str], like: str) -> None:
    text = with_statement(
        "queue", Sid="More", Effect="Allow", Principal=principal, Action="sqs:GetQueueUrl", Resource=QUEUE_ARN
    )
    (name,) = principal.values()
    (found,) = [one for one in callers(deployed(queue=text), SETTINGS) if one.label == f"named {name}"]
    assert found.held_against == like
    assert ("GetQueueUrl", "outside") in allowed(build(deployed(queue=text), SETTINGS), found.label)


@pytest.mark.parametrize("pattern", ["arn:aws:iam::*:role/partner", "arn:aws:iam::555555555555:role/part*"])
def test_whoever_a_condition_spares_is_asked_about_wildcards_filled_in(pattern: str) -> None:
    text = with_statement(
        "queue",
        Sid="More",
        Effect="Allow",
        Principal="*",
        Action="sqs:GetQueueUrl",
        Resource=QUEUE_ARN,
        Condition={"ArnLike": {"aws:PrincipalArn": pattern}},
    )
    assert allowed(build(deployed(queue=text), SETTINGS), f"named {pattern}") != set()


@pytest.mark.parametrize(("key", "value"), [("aws:SourceVpce", "vpce-9"), ("aws:SourceVpc", "vpc-9")])
def test_another_network_that_a_policy_lets_in_is_asked_about(key: str, value: str) -> None:
    text = with_statement(
        "queue",
        Sid="More",
        Effect="Allow",
        Principal={"AWS": PRODUCER_ARN},
        Action="sqs:ListQueueTags",
        Resource=QUEUE_ARN,
        Condition={"StringEquals": {key: value}},
    )
    matrix = build(deployed(queue=text), SETTINGS)
    assert cell(matrix, "predictions", "producer", "ListQueueTags", f"named {value}").allowed
    assert not cell(matrix, "predictions", "producer", "ListQueueTags", "other vpc").allowed


def test_an_endpoints_policy_bounds_what_passes_through_it_alone() -> None:
    nothing = Endpoint(ENDPOINT, VPC, Policy.parse("endpoint policy", {"Statement": []}))
    narrow = build(replace(deployed(), endpoints=(nothing,)), SETTINGS)
    assert allowed(narrow, "producer") == set()
    assert ("TagQueue", "outside") in allowed(narrow, "administrator")
    assert ("TagQueue", "endpoint") not in allowed(narrow, "administrator")


def test_the_stacks_own_endpoint_stands_in_for_settings_that_name_none() -> None:
    with_own = replace(deployed(), endpoints=(Endpoint(ENDPOINT, VPC),))
    assert build(with_own, without_endpoint()).cells == sound().cells


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (without_endpoint(), "no VPC endpoint is known; set vpcEndpointId in .* or give --vpc-endpoint"),
        (replace(SETTINGS, vpc_id=None), "no VPC is known; set vpcId in .* or give --vpc"),
    ],
)
def test_without_a_network_of_its_own_nothing_can_be_asked(settings: Settings, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        build(deployed(), settings)


def test_a_condition_on_time_is_asked_of_the_present_or_of_the_time_given() -> None:
    text = with_statement(
        "dlq",
        Sid="Until",
        Effect="Allow",
        Principal={"AWS": PRODUCER_ARN},
        Action="sqs:ListQueueTags",
        Resource=DLQ_ARN,
        Condition={"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}},
    )
    stack: Deployed = deployed(dlq=text)

    def at(year: int) -> bool:
        parts = targets(stack, SETTINGS), callers(stack, SETTINGS), origins(stack, SETTINGS), SETTINGS
        matrix = ask(*parts, now=datetime(year, 1, 1, tzinfo=UTC))
        return cell(matrix, "predictions-dlq", "producer", "ListQueueTags", "outside").allowed

    assert at(2029)
    assert not at(2031)
