import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import boto3
import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2, status_pb2

from local.emulator.process import Emulator
from local.emulator.sessions import root_environment
from local.provider import lifecycle
from local.provider.properties import decode
from tests.local.provider.conftest import Account
from tests.local.provider.plugin import Plugin, urn, words

QUEUE = "aws:sqs/queue:Queue"
ONLY_CREATE = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:CreateQueue", "Resource": "*"}]}'
)


@pytest.mark.emulator
def test_what_was_made_and_could_not_be_read_is_kept_in_the_state(
    plugin_in: Callable[[Mapping[str, str]], Plugin], emulator: Emulator, account: Account, name: str
) -> None:
    root = root_environment(emulator)
    session = boto3.Session(root["AWS_ACCESS_KEY_ID"], root["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1")
    sts = session.client("sts", endpoint_url=emulator.public_url)
    given = sts.assume_role(
        RoleArn="arn:aws:iam::123456789012:role/deployer", RoleSessionName="narrow", Policy=ONLY_CREATE
    )["Credentials"]
    sts.close()
    plugin = plugin_in(root)
    plugin.configure(
        {
            "accessKey": given["AccessKeyId"],
            "secretKey": given["SecretAccessKey"],
            "token": given["SessionToken"],
        }
    )
    with pytest.raises(grpc.RpcError) as refusal:
        plugin.make(QUEUE, {"name": name}, name="jobs")
    assert f'reading the new {QUEUE} "jobs": GetQueueAttributes: AccessDenied' in words(refusal.value)
    metadata = {entry.key: entry.value for entry in refusal.value.trailing_metadata()}
    details = metadata["grpc-status-details-bin"]
    status = status_pb2.Status.FromString(details)
    kept = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(kept)
    assert kept.id == account.sqs.get_queue_url(QueueName=name)["QueueUrl"]
    assert decode(kept.properties).values["name"] == name
    assert "__defaults" not in decode(kept.properties).values
    assert decode(kept.inputs).values == plugin.check(QUEUE, {"name": name})
    assert list(kept.reasons) == [words(refusal.value)]


@pytest.mark.emulator
def test_many_resources_are_made_at_once(deployer: Plugin, account: Account, name: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda number: deployer.make(QUEUE, {"name": f"{name}-{number}"}), range(24)))
    assert len({one.id for one in made}) == 24
    assert len(account.sqs.list_queues(QueueNamePrefix=name)["QueueUrls"]) == 24


def test_a_fault_of_the_plugin_says_that_it_is_one_and_leaves_its_traceback(
    plugin: Plugin, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("nonsense")

    monkeypatch.setattr(lifecycle, "previewed", broken)
    request = provider_pb2.CreateRequest(urn=urn(QUEUE), type=QUEUE, name="it", properties=Struct(), preview=True)
    with caplog.at_level(logging.ERROR), pytest.raises(grpc.RpcError) as refusal:
        plugin.stub.Create(request)
    assert words(refusal.value) == "a fault in the local AWS provider: KeyError: 'nonsense'"
    assert refusal.value.code() is grpc.StatusCode.INTERNAL
    assert "Traceback" in caplog.text
