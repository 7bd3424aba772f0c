"""The calls of the protocol that the plugin does not serve, each refused in words or answered with nothing."""

from collections.abc import Iterator

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc


class UnservedCalls(provider_pb2_grpc.ResourceProviderServicer):
    """What the engine may ask and the local stack never needs."""

    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Refuse a function, as `aws.get_caller_identity`; called when a program uses one. None is served."""
        context.abort(
            grpc.StatusCode.UNIMPLEMENTED,
            f"the local AWS provider serves no functions, and the program calls {request.tok}; "
            "state the value in the configuration instead, so that a preview knows it",
        )

    def Call(self, request: provider_pb2.CallRequest, context: grpc.ServicerContext) -> provider_pb2.CallResponse:
        """Refuse a method of a resource; called when a program uses one. None is served."""
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the local AWS provider serves no methods, so not {request.tok}")

    def Construct(
        self, request: provider_pb2.ConstructRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConstructResponse:
        """Refuse a component; called when a program uses a remote one of this package. None is served."""
        context.abort(
            grpc.StatusCode.UNIMPLEMENTED, f"the local AWS provider serves no components, so not {request.type}"
        )

    def List(
        self, request: provider_pb2.ListRequest, context: grpc.ServicerContext
    ) -> Iterator[provider_pb2.ListResponse]:
        """Refuse to list resources; called by tools that look for some to import."""
        context.abort(
            grpc.StatusCode.UNIMPLEMENTED, f"the local AWS provider does not list resources, so not {request.token}"
        )

    def Parameterize(
        self,
        request: provider_pb2.ParameterizeRequest,  # noqa: ARG002
        context: grpc.ServicerContext,
    ) -> provider_pb2.ParameterizeResponse:
        """Refuse parameters; called for packages that are made from parameters, as bridged Terraform providers are."""
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "the local AWS provider takes no parameters")

    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: ARG002
        """Accept an engine that joins a running plugin (PULUMI_DEBUG_PROVIDERS); the engine's address is not needed."""
        return empty_pb2.Empty()

    def GetMapping(
        self,
        request: provider_pb2.GetMappingRequest,  # noqa: ARG002
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> provider_pb2.GetMappingResponse:
        """Give no mapping from another ecosystem; asked for by converters."""
        return provider_pb2.GetMappingResponse()

    def GetMappings(
        self,
        request: provider_pb2.GetMappingsRequest,  # noqa: ARG002
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> provider_pb2.GetMappingsResponse:
        """Give no mappings from other ecosystems; asked for by converters."""
        return provider_pb2.GetMappingsResponse()
