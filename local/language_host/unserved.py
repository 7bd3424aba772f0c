"""The calls that this host refuses, each in words: what only `pulumi package` and `pulumi convert` need."""

from typing import Never

import grpc
from pulumi.runtime.proto import language_pb2, language_pb2_grpc


class UnservedCalls(language_pb2_grpc.LanguageRuntimeServicer):
    """Answers UNIMPLEMENTED, and says where the call is served."""

    def GetRequiredPlugins(
        self, _request: language_pb2.GetRequiredPluginsRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPluginsResponse:
        """Refuse: an engine calls it only where GetRequiredPackages is not served."""
        _refuse(context, "GetRequiredPlugins")

    def GenerateProgram(
        self, _request: language_pb2.GenerateProgramRequest, context: grpc.ServicerContext
    ) -> language_pb2.GenerateProgramResponse:
        """Refuse to write Python from PCL; `pulumi convert` and `pulumi import --generate-code` ask for it."""
        _refuse(context, "GenerateProgram")

    def GenerateProject(
        self, _request: language_pb2.GenerateProjectRequest, context: grpc.ServicerContext
    ) -> language_pb2.GenerateProjectResponse:
        """Refuse to write a project from PCL; `pulumi convert` asks for it."""
        _refuse(context, "GenerateProject")

    def GeneratePackage(
        self, _request: language_pb2.GeneratePackageRequest, context: grpc.ServicerContext
    ) -> language_pb2.GeneratePackageResponse:
        """Refuse to write an SDK; `pulumi package gen-sdk` and `pulumi package add` ask for it."""
        _refuse(context, "GeneratePackage")

    def Pack(self, _request: language_pb2.PackRequest, context: grpc.ServicerContext) -> language_pb2.PackResponse:
        """Refuse to build a wheel of an SDK; `pulumi package pack-sdk` asks for it."""
        _refuse(context, "Pack")

    def Link(self, _request: language_pb2.LinkRequest, context: grpc.ServicerContext) -> language_pb2.LinkResponse:
        """Refuse to add a local SDK to a project; `pulumi package add` asks for it."""
        _refuse(context, "Link")


def _refuse(context: grpc.ServicerContext, call: str) -> Never:
    context.abort(
        grpc.StatusCode.UNIMPLEMENTED,
        f"the project's own language host does not serve {call}: it runs programs and policy packs. "
        "Use the official Pulumi CLI for this",
    )
    raise AssertionError  # abort has raised
