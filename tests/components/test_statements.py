import json

import pytest

from components.statements import (
    VpcOrigin,
    allow,
    allow_from_vpc,
    deny_destruction,
    deny_others,
    deny_outside_vpc,
    deny_plain_text,
    deny_to_all,
    document,
    trust_ecs_tasks,
)

QUEUE = "arn:aws:sqs:us-east-1:123456789012:jobs"
ROLE = "arn:aws:iam::123456789012:role/worker"
ORIGIN = VpcOrigin("vpc-0a1b2c3d4e5f60718", "vpce-0a1b2c3d4e5f60718")


def test_documents_are_the_same_text_whatever_order_their_parts_came_in() -> None:
    one = document([allow("A", ["sqs:SendMessage", "sqs:GetQueueUrl"], [QUEUE])])
    other = document([allow("A", ["sqs:GetQueueUrl", "sqs:SendMessage", "sqs:GetQueueUrl"], [QUEUE])])
    assert one == other
    assert json.loads(one)["Statement"][0]["Action"] == ["sqs:GetQueueUrl", "sqs:SendMessage"]


def test_a_single_value_stands_alone() -> None:
    assert allow("A", ["sqs:SendMessage"], [QUEUE])["Action"] == "sqs:SendMessage"


def test_an_allow_without_condition_has_none() -> None:
    assert "Condition" not in allow("A", ["s3:GetObject"], ["arn:aws:s3:::b/user_*"])


def test_a_queue_allow_demands_the_endpoint_in_the_vpc() -> None:
    statement = allow_from_vpc("A", [ROLE], ["sqs:ReceiveMessage"], QUEUE, ORIGIN)
    assert statement["Principal"] == {"AWS": ROLE}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceVpce": ORIGIN.vpc_endpoint_id}}


def test_a_deny_to_others_spares_those_it_names_alone() -> None:
    condition = deny_others("D", ["sqs:SendMessage"], QUEUE, [ROLE])["Condition"]
    assert condition == {"ArnNotEquals": {"aws:PrincipalArn": ROLE}}


def test_a_deny_to_all_leaves_awss_own_services_alone() -> None:
    condition = deny_to_all("D", ["sqs:SendMessage"], QUEUE)["Condition"]
    assert condition == {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}


@pytest.mark.parametrize("except_forwarded", [True, False])
def test_calls_forwarded_by_aws_are_spared_only_where_asked(*, except_forwarded: bool) -> None:
    condition = deny_outside_vpc(QUEUE, ORIGIN, except_forwarded=except_forwarded)["Condition"]
    assert condition["StringNotEquals"] == {"aws:SourceVpc": ORIGIN.vpc_id}
    assert ("aws:ViaAWSService" in condition["BoolIfExists"]) is except_forwarded


def test_plain_text_is_denied_for_every_action() -> None:
    statement = deny_plain_text(QUEUE)
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "sqs:*")


def test_a_deployer_may_delete_but_not_purge() -> None:
    purge, delete = deny_destruction(QUEUE, break_glass_arns=["arn:bg"], deployer_arns=["arn:deployer"])
    assert purge["Action"] == "sqs:PurgeQueue"
    assert purge["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": "arn:bg"}}
    assert delete["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": ["arn:bg", "arn:deployer"]}}


def test_without_break_glass_nobody_purges() -> None:
    purge, _ = deny_destruction(QUEUE, break_glass_arns=[], deployer_arns=["arn:deployer"])
    assert "Condition" not in purge


def test_only_ecs_tasks_of_the_account_may_take_a_task_role() -> None:
    trust = trust_ecs_tasks(account_id="123456789012", tasks_arn_pattern="arn:aws:ecs:us-east-1:123456789012:*")
    assert trust["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
    assert trust["Condition"]["ArnLike"] == {"aws:SourceArn": "arn:aws:ecs:us-east-1:123456789012:*"}
