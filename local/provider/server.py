"""The plugin's gRPC service: the engine's calls, decoded, answered and encoded.

The protocol is Pulumi's `provider.proto` (https://pulumi-developer-docs.readthedocs.io/stable/docs/README.html). Each
method says what of it is served, and when the engine calls it. This file has the calls about resources; those about the
provider itself are in `configuring.py`, those that are refused in `unserved.py`.
"""

import threading
from collections.abc import Mapping

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from local.provider.answers import abort_incomplete, answered
from local.provider.check import Subject, check
from local.provider.configuring import ConfigurationCalls, failed
from local.provider.diff import compare
from local.provider.errors import Incomplete, Refused
from local.provider.lifecycle import Lifecycle
from local.provider.properties import decode, encode
from local.provider.resource import ResourceType
from local.provider.table import RESOURCES


class Provider(ConfigurationCalls):
    """One plugin process's service. The engine calls it from many threads at once.

    Args:
        environment: Environment variables, for the region and the endpoint.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(environment)
        self._cancelled = threading.Event()

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Check and complete a resource's inputs; called for each resource of the program, previews included.

        `tagsAll` is secret if `tags` is, since it holds the same values.
        """

        def answer() -> provider_pb2.CheckResponse:
            resource, name = _subject(request.type, request.name, request.urn)
            configuration, _ = self.settings()
            new, secrets = decode(request.news)
            naming = request.autonaming if request.HasField("autonaming") else None
            subject = Subject(name, request.randomSeed, naming)
            inputs, failures = check(resource, subject, decode(request.olds).values, new, configuration)
            if failures:
                return provider_pb2.CheckResponse(failures=[failed(*failure) for failure in failures])
            return provider_pb2.CheckResponse(inputs=encode(inputs, _spread(secrets)))

        return answered(context, answer)

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Compare a resource's outputs with new inputs; called for each resource that exists, and by a refresh."""

        def answer() -> provider_pb2.DiffResponse:
            resource, _ = _subject(request.type, request.name, request.urn)
            old, new = decode(request.olds).values, decode(request.news).values
            found = compare(resource, old, new, list(request.ignoreChanges))
            changes = provider_pb2.DiffResponse.DIFF_SOME if found.changed else provider_pb2.DiffResponse.DIFF_NONE
            return provider_pb2.DiffResponse(
                changes=changes,
                diffs=sorted(found.changed),
                replaces=sorted(found.replaces),
                stables=_stable(resource, found.replaces),
                deleteBeforeReplace=found.delete_before_replace,
                detailedDiff={path: provider_pb2.PropertyDiff(kind=kind) for path, kind in found.detailed.items()},
                hasDetailedDiff=True,
            )

        return answered(context, answer)

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Create a resource; with `preview`, foretell it without calling AWS.

        A resource that was created and could not be read back is answered with `ErrorResourceInitFailed`: see
        `errors.Incomplete` for why it is not deleted again.
        """

        def answer() -> provider_pb2.CreateResponse:
            inputs, secrets = decode(request.properties)
            life = self._life(request.type, request.name, request.urn, changing=not request.preview)
            try:
                identity, found = life.create(inputs, preview=request.preview)
            except Incomplete as error:
                abort_incomplete(context, error, _spread(secrets))
            return provider_pb2.CreateResponse(id=identity, properties=encode(found, _spread(secrets)))

        return answered(context, answer)

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """Read a resource; called by refreshes, imports and `Resource.get`. An empty answer says that there is none."""

        def answer() -> provider_pb2.ReadResponse:
            old, old_secrets = decode(request.properties)
            inputs, secrets = decode(request.inputs)
            life = self._life(request.type, request.name, request.urn)
            found = life.read(request.id, inputs, old)
            if found is None:
                return provider_pb2.ReadResponse()
            kept = _spread(secrets | old_secrets)
            return provider_pb2.ReadResponse(
                id=request.id, properties=encode(found.outputs, kept), inputs=encode(found.inputs, kept)
            )

        return answered(context, answer)

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Change a resource in place; with `preview`, foretell it without calling AWS."""

        def answer() -> provider_pb2.UpdateResponse:
            new, secrets = decode(request.news)
            life = self._life(request.type, request.name, request.urn, changing=not request.preview)
            found = life.update(
                request.id, decode(request.olds).values, new, list(request.ignoreChanges), preview=request.preview
            )
            return provider_pb2.UpdateResponse(properties=encode(found, _spread(secrets)))

        return answered(context, answer)

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Delete a resource; never called at a preview. One that is gone already counts as deleted."""

        def answer() -> empty_pb2.Empty:
            life = self._life(request.type, request.name, request.urn, changing=True)
            life.delete(request.id, decode(request.properties).values)
            return empty_pb2.Empty()

        return answered(context, answer)

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: ARG002
        """Begin nothing new; called when the user interrupts. Calls under way are short and end of themselves."""
        self._cancelled.set()
        return empty_pb2.Empty()

    def _life(self, token: str, name: str, urn: str, *, changing: bool = False) -> Lifecycle:
        resource, name = _subject(token, name, urn)
        if changing and self._cancelled.is_set():
            raise Refused(f'the deployment was cancelled before {token} "{name}"', grpc.StatusCode.CANCELLED)
        configuration, clients = self.settings()
        return Lifecycle(resource, name, clients, configuration)


def _subject(token: str, name: str, urn: str) -> tuple[ResourceType, str]:
    """Find the resource type; engines before 3.136 send the URN only."""
    if not token:
        *_, kinds, name = urn.split("::", 3)
        token = kinds.rsplit("$", 1)[-1]
    resource = RESOURCES.get(token)
    if resource is None:
        raise Refused(
            f'the local AWS provider does not serve {token} ("{name}"); it serves {", ".join(RESOURCES)}. '
            "A further type is one file in local/provider/resources and one line in local/provider/table.py",
            grpc.StatusCode.UNIMPLEMENTED,
        )
    return resource, name


def _spread(secrets: frozenset[str]) -> frozenset[str]:
    return secrets | {"tagsAll"} if "tags" in secrets else secrets


def _stable(resource: ResourceType, replaces: frozenset[str]) -> list[str]:
    return sorted(name for name, declared in resource.properties.items() if declared.replaces and name not in replaces)
