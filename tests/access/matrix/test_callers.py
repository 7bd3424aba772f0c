"""Whoever is asked about has a label of their own, and nobody is dropped for having that of another."""

import json
from dataclasses import replace

import pytest

from access.deployed import Deployed, Identity
from access.matrix.callers import PEOPLE, STRANGERS, callers, labels
from access.matrix.cells import build
from access.matrix.elsewhere import granted_elsewhere
from access.matrix.expected import as_expected, differences
from access.policy import Policy
from tests.access.sound import (
    ACCOUNT,
    CONSUMER_ARN,
    DLQ_ARN,
    DOCUMENTS,
    PREFIX,
    PRODUCER_ARN,
    QUEUE_ARN,
    SETTINGS,
    deployed,
    role_arn,
    with_statement,
)

BREAKS = {"Effect": "Allow", "Action": ["sqs:SetQueueAttributes", "sqs:TagQueue"], "Resource": [QUEUE_ARN, DLQ_ARN]}
READS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def with_roles(*names: str) -> Deployed:
    """The sound stack and further roles that may spoil its queues and read every file."""
    policy = Policy.parse("more", json.dumps({"Statement": [BREAKS, READS]}))
    return replace(deployed(), roles=(*deployed().roles, *(Identity(role_arn(one), (policy,)) for one in names)))


@pytest.mark.parametrize("name", ["consumer", "producer", *(one for one in (*PEOPLE, *STRANGERS) if " " not in one)])
def test_a_role_that_is_called_as_somebody_else_is_shown_beside_them(name: str) -> None:
    stack = with_roles(f"{PREFIX}{name}")
    found = differences(build(stack, SETTINGS), as_expected(build(deployed(), SETTINGS)))
    assert {one.caller for one in found} == {f"role {name}"}
    assert {(one.target, one.action) for one in found} == {
        *(
            (queue, action)
            for queue in ("predictions", "predictions-dlq")
            for action in ("SetQueueAttributes", "TagQueue")
        ),
        ("elsewhere", "s3:getobject"),
    }


def test_the_two_task_roles_keep_their_labels_whoever_else_would_have_them() -> None:
    stack = with_roles("backend-task", f"{PREFIX}consumer", "consumer", "team/consumer")
    assert labels(stack, SETTINGS) == {
        PRODUCER_ARN: "producer",
        CONSUMER_ARN: "consumer",
        role_arn("backend-task"): "backend-task",
        role_arn(f"{PREFIX}consumer"): "role consumer",
        role_arn("consumer"): "role consumer (2)",
        role_arn("team/consumer"): "role consumer (3)",
    }


def test_no_role_is_dropped() -> None:
    stack = with_roles(f"{PREFIX}one", "one", f"{PREFIX}consumer", "backend-task")
    asked = [one.detail for one in callers(stack, SETTINGS)]
    assert sorted(set(asked) & {one.arn for one in stack.roles}) == sorted(one.arn for one in stack.roles)
    told = [
        one.caller for one in granted_elsewhere(stack, SETTINGS) if one.action == "s3:getobject" and one.resource == "*"
    ]
    assert sorted(told) == ["backend-task", "one", "role consumer", "role one"]


def test_a_user_of_the_stack_is_asked_about_like_a_role() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:user/{PREFIX}ann"
    policy = Policy.parse("more", json.dumps({"Statement": [BREAKS, READS]}))
    stack = replace(deployed(), users=(Identity(arn, (policy,)),))
    found = differences(build(stack, SETTINGS), as_expected(build(deployed(), SETTINGS)))
    assert {(one.caller, one.target) for one in found} == {
        ("user ann", target) for target in ("predictions", "predictions-dlq", "elsewhere")
    }


def spared(*arns: str) -> Deployed:
    """The sound stack, whose queue lets these purge too."""
    document = json.loads(DOCUMENTS["queue"])
    (purge,) = [one for one in document["Statement"] if one["Sid"] == "DenyPurgeQueue"]
    ((operator, keys),) = purge["Condition"].items()
    purge["Condition"] = {
        operator: {key: [*([old] if isinstance(old, str) else old), *arns] for key, old in keys.items()}
    }
    return deployed(queue=json.dumps(document))


def test_a_root_user_who_is_spared_by_a_deny_is_asked_about() -> None:
    root = f"arn:aws:iam::{ACCOUNT}:root"
    found = differences(build(spared(root), SETTINGS), as_expected(build(deployed(), SETTINGS)))
    assert {(one.caller, one.action) for one in found} == {(f"named root user {root}", "PurgeQueue")}


def test_a_federated_user_who_is_let_in_is_asked_about() -> None:
    bob = f"arn:aws:sts::{ACCOUNT}:federated-user/bob"
    text = with_statement(
        "queue", Sid="More", Effect="Allow", Principal={"AWS": bob}, Action="sqs:GetQueueUrl", Resource=QUEUE_ARN
    )
    (found,) = [one for one in callers(deployed(queue=text), SETTINGS) if one.label == f"named {bob}"]
    assert (found.held_against, str(found.principal.kind)) == ("administrator", "federated user")


def test_what_was_not_understood_is_a_difference_until_it_is_expected() -> None:
    stack = replace(deployed(), unread=("aws-native:sqs:QueuePolicy odd",))
    (found,) = differences(build(stack, SETTINGS), as_expected(build(deployed(), SETTINGS)))
    assert (found.caller, found.action, found.origins) == ("not understood", "aws-native:sqs:QueuePolicy", ("odd",))
    assert differences(build(stack, SETTINGS), as_expected(build(stack, SETTINGS))) == ()
