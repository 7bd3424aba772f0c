import json
from collections.abc import Callable, Mapping

import grpc
import pytest

from local.emulator.process import Emulator
from local.emulator.sessions import root_environment
from local.provider import pending_identity
from tests.local.provider.conftest import Account
from tests.local.provider.plugin import Plugin, words

QUEUE = "aws:sqs/queue:Queue"


def test_a_queue_is_made_with_the_official_providers_outputs(
    deployer: Plugin, account: Account, emulator: Emulator, name: str
) -> None:
    made = deployer.make(
        QUEUE,
        {
            "name": name,
            "visibilityTimeoutSeconds": 300,
            "receiveWaitTimeSeconds": 20,
            "sqsManagedSseEnabled": True,
            "tags": {"team": "x"},
        },
    )
    assert made.id == f"{emulator.public_url}/123456789012/{name}"
    assert made.outputs == {
        "arn": f"arn:aws:sqs:us-east-1:123456789012:{name}",
        "contentBasedDeduplication": False,
        "delaySeconds": 0,
        "fifoQueue": False,
        "kmsDataKeyReusePeriodSeconds": 300,
        "maxMessageSize": 262144,
        "messageRetentionSeconds": 345600,
        "name": name,
        "receiveWaitTimeSeconds": 20,
        "region": "us-east-1",
        "sqsManagedSseEnabled": True,
        "tags": {"team": "x"},
        "tagsAll": {"team": "x"},
        "url": made.id,
        "visibilityTimeoutSeconds": 300,
    }
    real = account.attributes(made.id)
    assert real["VisibilityTimeout"] == "300"
    assert real["ReceiveMessageWaitTimeSeconds"] == "20"
    assert real["MaximumMessageSize"] == "262144"
    assert account.sqs.list_queue_tags(QueueUrl=made.id)["Tags"] == {"team": "x"}


def test_its_id_is_the_one_foretold(deployer: Plugin, emulator: Emulator, name: str) -> None:
    inputs = deployer.check(QUEUE, {"name": name})
    foretold = pending_identity(QUEUE, inputs, "123456789012", "us-east-1", emulator.public_url)
    assert foretold is not None
    assert deployer.read(QUEUE, foretold, inputs).id == ""
    deployer.create(QUEUE, inputs)
    assert deployer.read(QUEUE, foretold, inputs).id == foretold


def test_only_what_differs_is_set(deployer: Plugin, account: Account, name: str) -> None:
    redrive = json.dumps(
        {"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:123456789012:{name}-dlq", "maxReceiveCount": 3}
    )
    deployer.make(QUEUE, {"name": f"{name}-dlq"})
    made = deployer.make(
        QUEUE, {"name": name, "delaySeconds": 5, "tags": {"a": "1", "b": "2", "c": "3"}, "redrivePolicy": redrive}
    )
    account.sqs.set_queue_attributes(QueueUrl=made.id, Attributes={"MessageRetentionPeriod": "600"})
    changed = deployer.change(
        QUEUE,
        made,
        {
            "name": name,
            "visibilityTimeoutSeconds": 60,
            "tags": {"a": "1", "b": "9", "d": "4"},
            "redrivePolicy": redrive.replace(": 3", ": 5"),
        },
    )
    assert changed["visibilityTimeoutSeconds"] == 60
    assert changed["delaySeconds"] == 0
    assert changed["redrivePolicy"] == redrive.replace(": 3", ": 5")
    real = account.attributes(made.id)
    assert real["DelaySeconds"] == "0"
    assert real["MessageRetentionPeriod"] == "600", "an attribute that did not differ is not touched"
    assert account.sqs.list_queue_tags(QueueUrl=made.id)["Tags"] == {"a": "1", "b": "9", "d": "4"}


def test_drift_is_seen_in_attributes_documents_and_tags(deployer: Plugin, account: Account, name: str) -> None:
    allow = json.dumps({"redrivePermission": "denyAll"})
    inputs = deployer.check(QUEUE, {"name": name, "redriveAllowPolicy": allow, "tags": {"a": "1"}})
    made = deployer.create(QUEUE, inputs)
    assert deployer.read(QUEUE, made.id, inputs, made.outputs)[1:] == (made.outputs, inputs)
    account.sqs.set_queue_attributes(
        QueueUrl=made.id,
        Attributes={"VisibilityTimeout": "77", "RedriveAllowPolicy": json.dumps({"redrivePermission": "allowAll"})},
    )
    account.sqs.tag_queue(QueueUrl=made.id, Tags={"stray": "1"})
    found = deployer.read(QUEUE, made.id, inputs, made.outputs)
    assert found.outputs["visibilityTimeoutSeconds"] == 77
    assert found.outputs["tags"] == {"a": "1", "stray": "1"}
    assert found.inputs["tags"] == {"a": "1", "stray": "1"}
    assert set(deployer.diff(QUEUE, made.id, found.outputs, inputs).diffs) == {
        "redriveAllowPolicy",
        "tags",
        "tagsAll",
        "visibilityTimeoutSeconds",
    }
    mended = deployer.update(QUEUE, made.id, found.outputs, inputs)
    assert mended == made.outputs


def test_a_deleted_queue_reads_as_gone_and_deletes_again(deployer: Plugin, account: Account, name: str) -> None:
    made = deployer.make(QUEUE, {"name": name})
    deployer.delete(QUEUE, made.id, made.outputs)
    assert account.sqs.list_queues(QueueNamePrefix=name).get("QueueUrls", []) == []
    assert deployer.read(QUEUE, made.id, {}, made.outputs).id == ""
    deployer.delete(QUEUE, made.id, made.outputs)


def test_what_is_no_queue_url_is_no_queue(deployer: Plugin) -> None:
    assert deployer.read(QUEUE, "jobs").id == ""


def test_an_import_gives_the_inputs_of_a_program(deployer: Plugin, account: Account, name: str) -> None:
    url = account.sqs.create_queue(
        QueueName=name,
        Attributes={"MaximumMessageSize": "262144", "VisibilityTimeout": "120", "SqsManagedSseEnabled": "true"},
        tags={"team": "x"},
    )["QueueUrl"]
    found = deployer.read(QUEUE, url)
    assert found.inputs == {
        "kmsDataKeyReusePeriodSeconds": 300,
        "name": name,
        "region": "us-east-1",
        "sqsManagedSseEnabled": True,
        "tags": {"team": "x"},
        "tagsAll": {"team": "x"},
        "visibilityTimeoutSeconds": 120,
        "__defaults": [],
    }
    program = deployer.check(
        QUEUE, {"name": name, "visibilityTimeoutSeconds": 120, "sqsManagedSseEnabled": True, "tags": {"team": "x"}}
    )
    assert not deployer.diff(QUEUE, url, found.outputs, program).diffs


def test_a_fifo_queue_has_its_own_attributes(deployer: Plugin, name: str) -> None:
    made = deployer.make(
        QUEUE,
        {
            "name": f"{name}.fifo",
            "fifoQueue": True,
            "contentBasedDeduplication": True,
            "deduplicationScope": "messageGroup",
            "fifoThroughputLimit": "perMessageGroupId",
        },
    )
    assert made.outputs["fifoQueue"] is True
    assert made.outputs["contentBasedDeduplication"] is True
    assert made.outputs["deduplicationScope"] == "messageGroup"
    assert made.outputs["fifoThroughputLimit"] == "perMessageGroupId"
    standard = deployer.check(QUEUE, {"name": name})
    found = deployer.diff(QUEUE, made.id, made.outputs, standard)
    assert list(found.replaces) == ["fifoQueue", "name"]
    assert found.deleteBeforeReplace


def test_a_prefix_becomes_a_name_at_the_creation(deployer: Plugin, name: str) -> None:
    inputs = deployer.check(QUEUE, {"namePrefix": f"{name}-"})
    made = deployer.create(QUEUE, inputs)
    assert str(made.outputs["name"]).startswith(f"{name}-2")
    assert made.outputs["namePrefix"] == f"{name}-"
    assert not deployer.diff(QUEUE, made.id, made.outputs, inputs).diffs
    assert list(deployer.diff(QUEUE, made.id, made.outputs, {**inputs, "namePrefix": "other-"}).replaces) == [
        "namePrefix"
    ]


def test_a_name_that_is_taken_with_other_attributes_gives_awss_own_words(
    deployer: Plugin, account: Account, name: str
) -> None:
    account.sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "5"})
    with pytest.raises(grpc.RpcError) as refusal:
        deployer.make(QUEUE, {"name": name}, name="work")
    assert words(refusal.value).startswith(f'creating {QUEUE} "work": CreateQueue: Queue')
    assert "already exists" in words(refusal.value)


def test_a_name_that_the_deployer_may_not_touch_is_denied_in_awss_words(deployer: Plugin) -> None:
    with pytest.raises(grpc.RpcError) as refusal:
        deployer.make(QUEUE, {"name": "somebody-elses"})
    assert "CreateQueue: AccessDenied" in words(refusal.value)


def test_the_wrong_account_is_refused_before_anything_is_made(
    plugin_in: Callable[[Mapping[str, str]], Plugin], emulator: Emulator
) -> None:
    root = root_environment(emulator)
    plugin = plugin_in(root)
    with pytest.raises(grpc.RpcError) as refusal:
        plugin.configure(
            {
                "accessKey": root["AWS_ACCESS_KEY_ID"],
                "secretKey": root["AWS_SECRET_ACCESS_KEY"],
                "allowedAccountIds": '["999988887777"]',
            }
        )
    assert "belong to account 123456789012" in words(refusal.value)
    assert "allows only 999988887777" in words(refusal.value)


def test_a_region_of_its_own_is_where_the_queue_is(deployer: Plugin, name: str) -> None:
    with pytest.raises(grpc.RpcError) as refusal:
        deployer.make(QUEUE, {"name": name, "region": "eu-west-1"})
    assert "AccessDenied" in words(refusal.value), "the deployer is confined to us-east-1"
