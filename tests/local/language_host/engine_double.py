"""The engine's two services, as far as a program without resources needs them, with what it was told."""

import contextlib
from collections.abc import Iterator
from concurrent import futures

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc


class EngineDouble(engine_pb2_grpc.EngineServicer, resource_pb2_grpc.ResourceMonitorServicer):
    """Remembers error messages and the outputs that programs export, by stack."""

    def __init__(self) -> None:
        self.address = ""
        self.errors: list[str] = []
        self.outputs: dict[str, dict[str, object]] = {}

    def Log(self, request: engine_pb2.LogRequest, _context: grpc.ServicerContext) -> Empty:  # noqa: N802 - the protocol's
        if request.severity == engine_pb2.ERROR:
            self.errors.append(request.message)
        return Empty()

    def SupportsFeature(  # noqa: N802 - the protocol's name
        self, request: resource_pb2.SupportsFeatureRequest, _context: grpc.ServicerContext
    ) -> resource_pb2.SupportsFeatureResponse:
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id == "secrets")

    def RegisterResource(  # noqa: N802 - the protocol's name
        self, request: resource_pb2.RegisterResourceRequest, _context: grpc.ServicerContext
    ) -> resource_pb2.RegisterResourceResponse:
        return resource_pb2.RegisterResourceResponse(urn=f"urn:{request.name}", object=request.object)

    def RegisterResourceOutputs(  # noqa: N802 - the protocol's name
        self, request: resource_pb2.RegisterResourceOutputsRequest, _context: grpc.ServicerContext
    ) -> Empty:
        self.outputs[request.urn.removeprefix("urn:")] = MessageToDict(request.outputs)
        return Empty()


@contextlib.contextmanager
def served() -> Iterator[EngineDouble]:
    double = EngineDouble()
    server = grpc.server(futures.ThreadPoolExecutor(8))
    engine_pb2_grpc.add_EngineServicer_to_server(double, server)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(double, server)
    double.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield double
    server.stop(grace=None).wait()
