"""A plugin in this process, and one that is configured for the emulator as the deployer."""

import contextlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
import grpc
import pytest
from pulumi.runtime.proto import provider_pb2_grpc

from local.emulator.process import Emulator
from local.emulator.sessions import Role, root_environment, session_environment
from local.provider.server import Provider
from tests.local.provider.plugin import Plugin

if TYPE_CHECKING:
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_iam import IAMClient
    from types_boto3_sqs import SQSClient

NOWHERE = "http://127.0.0.1:1"
"""A loopback endpoint at which nobody answers: whatever calls AWS fails."""


@contextlib.contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[Plugin]:
    server = grpc.server(futures.ThreadPoolExecutor(8))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(environment), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Plugin(provider_pb2_grpc.ResourceProviderStub(channel))
    server.stop(grace=None).wait()


@pytest.fixture
def plugin_in() -> Iterator[Callable[[Mapping[str, str]], Plugin]]:
    """Starts unconfigured plugins, each with an environment of its own."""
    with contextlib.ExitStack() as plugins:
        yield lambda environment: plugins.enter_context(serving(environment))


@pytest.fixture
def plugin(plugin_in: Callable[[Mapping[str, str]], Plugin]) -> Plugin:
    """A configured plugin whose AWS answers nowhere."""
    made = plugin_in({"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": NOWHERE})
    made.configure({"accessKey": "123456789012", "secretKey": "root", "maxRetries": 1})
    return made


@pytest.fixture(scope="module")
def deployer(emulator: Emulator) -> Iterator[Plugin]:
    """A plugin that deploys to the emulator with the deployer's permissions and no more."""
    session = session_environment(emulator, Role.DEPLOYER)
    with serving(session) as plugin:
        plugin.configure(
            {
                "accessKey": session["AWS_ACCESS_KEY_ID"],
                "secretKey": session["AWS_SECRET_ACCESS_KEY"],
                "token": session["AWS_SESSION_TOKEN"],
                "allowedAccountIds": ["123456789012"],
            }
        )
        yield plugin


@pytest.fixture(scope="module")
def root(emulator: Emulator) -> Iterator[Plugin]:
    """A plugin with the root user's permissions, for types that the local stack's deployer does not deploy."""
    root = root_environment(emulator)
    with serving(root) as plugin:
        plugin.configure({"accessKey": root["AWS_ACCESS_KEY_ID"], "secretKey": root["AWS_SECRET_ACCESS_KEY"]})
        yield plugin


@dataclass(frozen=True)
class Account:
    """The account's root user, for changes behind the plugin's back and for looking at what is really there."""

    sqs: "SQSClient"
    iam: "IAMClient"
    cloudwatch: "CloudWatchClient"

    def attributes(self, url: str) -> dict[str, str]:
        return {
            str(name): value
            for name, value in self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"].items()
        }


@pytest.fixture(scope="module")
def account(emulator: Emulator) -> Iterator[Account]:
    root = root_environment(emulator)
    session = boto3.Session(root["AWS_ACCESS_KEY_ID"], root["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1")
    url = emulator.public_url
    made = Account(
        session.client("sqs", endpoint_url=url),
        session.client("iam", endpoint_url=url),
        session.client("cloudwatch", endpoint_url=url),
    )
    yield made
    for client in (made.sqs, made.iam, made.cloudwatch):
        client.close()


@pytest.fixture
def name() -> str:
    """A name that no other test uses, with the prefix of all that the deployer may touch."""
    return f"retainwise-local-{uuid.uuid4().hex[:8]}"
