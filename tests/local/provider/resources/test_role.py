import json
import re

import grpc
import pytest

from local.provider import pending_identity
from tests.local.provider.conftest import Account
from tests.local.provider.plugin import Plugin, words

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def document(name: str) -> str:
    resource = f"arn:aws:sqs:us-east-1:123456789012:{name}"
    statement = {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


ECS = trust("ecs-tasks.amazonaws.com")


def test_a_role_is_made_with_the_official_providers_outputs(deployer: Plugin, account: Account, name: str) -> None:
    inputs = deployer.check(
        ROLE, {"name": name, "assumeRolePolicy": ECS, "description": "for a test", "tags": {"team": "x"}}
    )
    assert pending_identity(ROLE, inputs, "123456789012", "us-east-1", "http://127.0.0.1:1") == name
    made = deployer.create(ROLE, inputs)
    assert made.id == name
    outputs = dict(made.outputs)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(outputs.pop("createDate")))
    assert str(outputs.pop("uniqueId")).startswith("AROA")
    assert outputs == {
        "arn": f"arn:aws:iam::123456789012:role/{name}",
        "assumeRolePolicy": ECS,
        "description": "for a test",
        "forceDetachPolicies": False,
        "inlinePolicies": [],
        "managedPolicyArns": [],
        "maxSessionDuration": 3600,
        "name": name,
        "path": "/",
        "tags": {"team": "x"},
        "tagsAll": {"team": "x"},
    }
    assert account.iam.get_role(RoleName=name)["Role"]["Tags"] == [{"Key": "team", "Value": "x"}]


def test_a_role_is_changed_in_place(deployer: Plugin, account: Account, name: str) -> None:
    made = deployer.make(
        ROLE, {"name": name, "assumeRolePolicy": ECS, "description": "old", "tags": {"a": "1", "b": "2"}}
    )
    other = trust("lambda.amazonaws.com")
    changed = deployer.change(
        ROLE, made, {"name": name, "assumeRolePolicy": other, "maxSessionDuration": 7200, "tags": {"b": "3"}}
    )
    assert changed["assumeRolePolicy"] == other
    assert changed["maxSessionDuration"] == 7200
    assert "description" not in changed
    real = account.iam.get_role(RoleName=name)["Role"]
    assert real["MaxSessionDuration"] == 7200
    assert real.get("Description", "") == ""
    assert real["Tags"] == [{"Key": "b", "Value": "3"}]


def test_drift_in_trust_description_and_tags_is_seen(deployer: Plugin, account: Account, name: str) -> None:
    inputs = deployer.check(ROLE, {"name": name, "assumeRolePolicy": ECS})
    made = deployer.create(ROLE, inputs)
    assert deployer.read(ROLE, name, inputs, made.outputs)[1:] == (made.outputs, inputs)
    account.iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust("ec2.amazonaws.com"))
    account.iam.update_role_description(RoleName=name, Description="by hand")
    account.iam.tag_role(RoleName=name, Tags=[{"Key": "stray", "Value": "1"}])
    found = deployer.read(ROLE, name, inputs, made.outputs)
    differing = set(deployer.diff(ROLE, name, found.outputs, inputs).diffs)
    assert differing == {"assumeRolePolicy", "description", "tags", "tagsAll"}
    assert deployer.update(ROLE, name, found.outputs, inputs) == made.outputs


def test_an_import_gives_the_inputs_of_a_program(deployer: Plugin, name: str) -> None:
    deployer.make(ROLE, {"name": name, "assumeRolePolicy": ECS, "maxSessionDuration": 7200})
    found = deployer.read(ROLE, name)
    assert json.loads(str(found.inputs.pop("assumeRolePolicy"))) == json.loads(ECS)
    assert found.inputs == {"maxSessionDuration": 7200, "name": name, "__defaults": []}


def test_a_name_of_its_own_is_deleted_before_it_is_made_again(deployer: Plugin, name: str) -> None:
    made = deployer.make(ROLE, {"name": name, "assumeRolePolicy": ECS})
    moved = deployer.check(ROLE, {"name": name, "assumeRolePolicy": ECS, "path": "/team/"})
    found = deployer.diff(ROLE, name, made.outputs, moved)
    assert list(found.replaces) == ["path"]
    assert found.deleteBeforeReplace


def test_a_role_that_exists_gives_awss_words(deployer: Plugin, name: str) -> None:
    deployer.make(ROLE, {"name": name, "assumeRolePolicy": ECS})
    with pytest.raises(grpc.RpcError) as refusal:
        deployer.make(ROLE, {"name": name, "assumeRolePolicy": ECS}, name="worker")
    assert words(refusal.value).startswith(f'creating {ROLE} "worker": CreateRole: EntityAlreadyExists: ')


def test_a_role_is_not_deleted_with_policies_unless_that_is_asked_for(
    deployer: Plugin, account: Account, name: str
) -> None:
    policy = deployer.make(POLICY, {"name": name, "policy": document(name)})
    made = deployer.make(ROLE, {"name": name, "assumeRolePolicy": ECS})
    deployer.make(ATTACHMENT, {"role": name, "policyArn": policy.id})
    with pytest.raises(grpc.RpcError) as refusal:
        deployer.delete(ROLE, name, made.outputs)
    assert "DeleteRole: DeleteConflict" in words(refusal.value)
    forced = deployer.change(ROLE, made, {"name": name, "assumeRolePolicy": ECS, "forceDetachPolicies": True})
    assert forced["forceDetachPolicies"] is True
    assert forced["managedPolicyArns"] == [policy.id]
    deployer.delete(ROLE, name, forced)
    assert deployer.read(ROLE, name, {}, forced).id == ""
    assert account.iam.get_policy(PolicyArn=policy.id)["Policy"]["AttachmentCount"] == 0
    deployer.delete(ROLE, name, forced)


def test_an_attachment_lives_and_reads_as_gone_when_it_is(deployer: Plugin, account: Account, name: str) -> None:
    arn = deployer.make(POLICY, {"name": name, "policy": document(name)}).id
    deployer.make(ROLE, {"name": name, "assumeRolePolicy": ECS})
    inputs = deployer.check(ATTACHMENT, {"role": name, "policyArn": arn})
    identity = f"{name}/{arn}"
    assert deployer.read(ATTACHMENT, identity).id == ""
    made = deployer.create(ATTACHMENT, inputs)
    assert made.id == identity
    assert made.outputs == {"role": name, "policyArn": arn}
    assert pending_identity(ATTACHMENT, inputs, "123456789012", "us-east-1", "http://127.0.0.1:1") == identity
    assert deployer.read(ATTACHMENT, identity).inputs == {"role": name, "policyArn": arn, "__defaults": []}

    account.iam.detach_role_policy(RoleName=name, PolicyArn=arn)
    assert deployer.read(ATTACHMENT, identity, inputs, made.outputs).id == ""
    deployer.delete(ATTACHMENT, identity, made.outputs)

    deployer.create(ATTACHMENT, inputs)
    deployer.delete(ATTACHMENT, identity, made.outputs)
    assert account.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == []
    deployer.delete(ROLE, name)
    assert deployer.read(ATTACHMENT, identity, inputs, made.outputs).id == ""
    deployer.delete(ATTACHMENT, identity, made.outputs)


def test_an_attachments_id_of_an_older_provider_is_read_by_its_state(deployer: Plugin, name: str) -> None:
    arn = deployer.make(POLICY, {"name": name, "policy": document(name)}).id
    deployer.make(ROLE, {"name": name, "assumeRolePolicy": ECS})
    made = deployer.make(ATTACHMENT, {"role": name, "policyArn": arn})
    assert deployer.read(ATTACHMENT, f"{name}-20240101", made.outputs, made.outputs).outputs == made.outputs
    assert deployer.read(ATTACHMENT, "no-slash").id == ""


def test_a_change_of_either_side_replaces_the_attachment_and_deletes_first(deployer: Plugin) -> None:
    old = deployer.check(ATTACHMENT, {"role": "a", "policyArn": "arn:aws:iam::123456789012:policy/p"})
    found = deployer.diff(ATTACHMENT, "id", old, {**old, "role": "b"})
    assert (list(found.replaces), found.deleteBeforeReplace) == (["role"], True)
