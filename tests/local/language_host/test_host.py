"""The calls about the host itself, and those that it refuses."""

import sys
from importlib.metadata import version
from pathlib import Path

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2
from pulumi.runtime.proto.language_pb2_grpc import LanguageRuntimeStub

from tests.local.language_host.engine_double import EngineDouble


def test_it_tells_its_version_and_its_python(host: LanguageRuntimeStub) -> None:
    assert host.GetPluginInfo(Empty()).version == version("pulumi")
    about = host.About(language_pb2.AboutRequest())
    assert about.executable == sys.executable
    assert about.version == ".".join(map(str, sys.version_info[:3]))


def test_the_aws_plugin_is_required_in_the_sdks_version_and_the_policy_sdk_needs_none(
    host: LanguageRuntimeStub,
) -> None:
    found = host.GetRequiredPackages(language_pb2.GetRequiredPackagesRequest()).packages
    assert [(one.name, one.kind, one.version) for one in found] == [("aws", "resource", f"v{version('pulumi-aws')}")]


def test_dependencies_are_what_nothing_else_requires_or_all(host: LanguageRuntimeStub) -> None:
    def listed(*, transitive: bool) -> dict[str, str]:
        request = language_pb2.GetProgramDependenciesRequest(transitiveDependencies=transitive)
        return {one.name: one.version for one in host.GetProgramDependencies(request).dependencies}

    direct, everything = listed(transitive=False), listed(transitive=True)
    assert everything["pulumi"] == version("pulumi")
    assert "pulumi" not in direct  # pulumi_aws requires it
    assert direct.items() < everything.items()
    assert direct["pulumi_aws"] == version("pulumi-aws")


def test_a_handshake_tells_the_address_for_error_messages(
    host: LanguageRuntimeStub, engine_double: EngineDouble, tmp_path: Path
) -> None:
    host.Handshake(language_pb2.LanguageHandshakeRequest(engine_address="127.0.0.1:1"))
    request = language_pb2.RunRequest(pwd=str(tmp_path), monitor_address=engine_double.address)
    assert host.Run(request).bail
    assert engine_double.errors == []
    host.Handshake(language_pb2.LanguageHandshakeRequest(engine_address=engine_double.address))
    assert host.Run(request).bail
    assert len(engine_double.errors) == 1


def test_installing_says_that_the_environment_is_given(host: LanguageRuntimeStub) -> None:
    (answer,) = host.InstallDependencies(language_pb2.InstallDependenciesRequest())
    assert sys.prefix in answer.stdout.decode()


def test_a_new_project_is_asked_nothing_and_left_alone(host: LanguageRuntimeStub) -> None:
    assert list(host.RuntimeOptionsPrompts(language_pb2.RuntimeOptionsRequest()).prompts) == []
    assert host.Template(language_pb2.TemplateRequest()) == language_pb2.TemplateResponse()


@pytest.mark.parametrize(
    "call", ["GetRequiredPlugins", "GenerateProgram", "GenerateProject", "GeneratePackage", "Pack", "Link"]
)
def test_what_it_does_not_serve_it_refuses_in_words(host: LanguageRuntimeStub, call: str) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        getattr(host, call)(getattr(language_pb2, f"{call}Request")())
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert f"does not serve {call}" in str(refused.value.details())
