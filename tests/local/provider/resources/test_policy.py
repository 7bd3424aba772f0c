import json

import grpc
import pytest

from local.provider import pending_identity
from tests.local.provider.conftest import Account
from tests.local.provider.plugin import Plugin, words

POLICY = "aws:iam/policy:Policy"


def document(name: str, *actions: str) -> str:
    resource = f"arn:aws:sqs:us-east-1:123456789012:{name}"
    statement = {"Effect": "Allow", "Action": list(actions) or ["sqs:SendMessage"], "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def versions(account: Account, arn: str) -> dict[str, bool]:
    return {
        version["VersionId"]: version["IsDefaultVersion"]
        for version in account.iam.list_policy_versions(PolicyArn=arn)["Versions"]
    }


def test_a_policy_is_made_with_the_official_providers_outputs(deployer: Plugin, account: Account, name: str) -> None:
    inputs = deployer.check(
        POLICY, {"name": name, "policy": document(name), "description": "for a test", "tags": {"team": "x"}}
    )
    arn = f"arn:aws:iam::123456789012:policy/{name}"
    assert pending_identity(POLICY, inputs, "123456789012", "us-east-1", "http://127.0.0.1:1") == arn
    assert deployer.read(POLICY, arn, inputs).id == ""
    made = deployer.create(POLICY, inputs)
    assert made.id == arn
    outputs = dict(made.outputs)
    assert str(outputs.pop("policyId")).startswith("ANPA")
    assert outputs == {
        "arn": arn,
        "attachmentCount": 0,
        "description": "for a test",
        "name": name,
        "path": "/",
        "policy": document(name),
        "tags": {"team": "x"},
        "tagsAll": {"team": "x"},
    }
    assert account.iam.get_policy(PolicyArn=arn)["Policy"]["Tags"] == [{"Key": "team", "Value": "x"}]


def test_a_new_document_is_a_new_default_version(deployer: Plugin, account: Account, name: str) -> None:
    made = deployer.make(POLICY, {"name": name, "policy": document(name), "tags": {"a": "1", "b": "2"}})
    new = document(name, "sqs:ReceiveMessage")
    changed = deployer.change(POLICY, made, {"name": name, "policy": new, "tags": {"b": "3"}})
    assert changed["policy"] == new
    assert changed["tagsAll"] == {"b": "3"}
    assert versions(account, made.id) == {"v1": False, "v2": True}
    assert account.iam.get_policy(PolicyArn=made.id)["Policy"]["Tags"] == [{"Key": "b", "Value": "3"}]


def test_tags_alone_make_no_version(deployer: Plugin, account: Account, name: str) -> None:
    made = deployer.make(POLICY, {"name": name, "policy": document(name)})
    deployer.change(POLICY, made, {"name": name, "policy": document(name), "tags": {"a": "1"}})
    assert versions(account, made.id) == {"v1": True}


def test_the_oldest_of_five_versions_makes_room_and_all_go_at_the_end(
    deployer: Plugin, account: Account, name: str
) -> None:
    made = deployer.make(POLICY, {"name": name, "policy": document(name)})
    outputs = made.outputs
    for count in range(6):
        inputs = deployer.check(POLICY, {"name": name, "policy": document(name, f"sqs:Action{count}")})
        outputs = deployer.update(POLICY, made.id, outputs, inputs)
    assert versions(account, made.id) == {"v3": False, "v4": False, "v5": False, "v6": False, "v7": True}
    deployer.delete(POLICY, made.id, outputs)
    assert deployer.read(POLICY, made.id, {}, outputs).id == ""
    deployer.delete(POLICY, made.id, outputs)


def test_drift_is_seen_in_the_default_version(deployer: Plugin, account: Account, name: str) -> None:
    inputs = deployer.check(POLICY, {"name": name, "policy": document(name)})
    made = deployer.create(POLICY, inputs)
    assert deployer.read(POLICY, made.id, inputs, made.outputs)[1:] == (made.outputs, inputs)
    wide = document(name, "sqs:*")
    account.iam.create_policy_version(PolicyArn=made.id, PolicyDocument=wide, SetAsDefault=True)
    found = deployer.read(POLICY, made.id, inputs, made.outputs)
    assert json.loads(str(found.outputs["policy"])) == json.loads(wide)
    assert list(deployer.diff(POLICY, made.id, found.outputs, inputs).diffs) == ["policy"]


def test_an_import_gives_the_inputs_of_a_program(deployer: Plugin, name: str) -> None:
    made = deployer.make(POLICY, {"name": name, "policy": document(name), "description": "x"})
    found = deployer.read(POLICY, made.id)
    assert json.loads(str(found.inputs.pop("policy"))) == json.loads(document(name))
    assert found.inputs == {"description": "x", "name": name, "__defaults": []}
    assert deployer.read(POLICY, "no-arn").id == ""


def test_a_description_replaces_since_iam_cannot_change_it(deployer: Plugin, name: str) -> None:
    made = deployer.make(POLICY, {"name": name, "policy": document(name)})
    inputs = deployer.check(POLICY, {"name": name, "policy": document(name), "description": "new"})
    found = deployer.diff(POLICY, made.id, made.outputs, inputs)
    assert (list(found.replaces), found.deleteBeforeReplace) == (["description"], True)


def test_a_malformed_document_gives_awss_words(deployer: Plugin, name: str) -> None:
    broken = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps", "Action": "a", "Resource": "*"}]})
    with pytest.raises(grpc.RpcError) as refusal:
        deployer.make(POLICY, {"name": name, "policy": broken})
    assert "CreatePolicy: MalformedPolicyDocument" in words(refusal.value)
