import json

import pytest

from tests.local.provider.conftest import Account
from tests.local.provider.plugin import Plugin

POLICY = "aws:iam/rolePolicy:RolePolicy"
ROLE = "aws:iam/role:Role"


def document(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "arn:aws:sqs:us-east-1:123456789012:jobs"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def role(root: Plugin, name: str) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return root.make(ROLE, {"name": name, "assumeRolePolicy": json.dumps({"Statement": [trust]})}).id


def test_the_whole_life(root: Plugin, account: Account, role: str) -> None:
    inputs = root.check(POLICY, {"role": role, "name": "mine", "policy": document("sqs:SendMessage")})
    made = root.create(POLICY, inputs)
    assert made.id == f"{role}:mine"
    assert made.outputs == {"role": role, "name": "mine", "policy": document("sqs:SendMessage")}
    assert account.iam.list_role_policies(RoleName=role)["PolicyNames"] == ["mine"]

    assert root.read(POLICY, made.id, inputs, made.outputs)[1:] == (made.outputs, inputs)
    imported = root.read(POLICY, made.id)
    assert not root.diff(POLICY, made.id, imported.outputs, inputs).diffs

    wider = document("sqs:SendMessage", "sqs:GetQueueUrl")
    assert root.change(POLICY, made, {"role": role, "name": "mine", "policy": wider})["policy"] == wider

    root.delete(POLICY, made.id)
    assert root.read(POLICY, made.id, inputs, made.outputs).id == ""
    root.delete(POLICY, made.id)


@pytest.mark.parametrize("name", ["role", "name"])
def test_another_role_or_name_replaces(root: Plugin, name: str) -> None:
    given = {"role": "one", "name": "mine", "policy": document("sqs:SendMessage")}
    old, new = root.check(POLICY, given), root.check(POLICY, {**given, name: "another"})
    assert list(root.diff(POLICY, "one:mine", old, new).replaces) == [name]


def test_the_local_stacks_deployer_puts_no_policy_into_a_role(deployer: Plugin, role: str) -> None:
    with pytest.raises(Exception, match="PutRolePolicy"):
        deployer.make(POLICY, {"role": role, "name": "mine", "policy": document("sqs:SendMessage")})
