"""The engine's calls about the provider itself: its features, its schema, its settings."""

from collections.abc import Mapping

import grpc
from botocore.exceptions import BotoCoreError, ClientError
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from local.provider import VERSION
from local.provider.answers import answered
from local.provider.clients import Clients
from local.provider.configuration import Configuration, ConfigurationRefused, read_configuration, region_of
from local.provider.endpoint import EndpointRefused
from local.provider.errors import Refused, in_words
from local.provider.properties import decode, encode
from local.provider.schema import schema
from local.provider.unserved import UnservedCalls
from local.provider.values import has_unknown


class ConfigurationCalls(UnservedCalls):
    """The part of the service that comes before any resource.

    Args:
        environment: Environment variables, for the region and the endpoint.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._configured: tuple[Configuration, Clients] | None = None

    def settings(self) -> tuple[Configuration, Clients]:
        """Give what `Configure` made.

        Returns:
            The settings and the clients.

        Raises:
            Refused: The provider is not configured yet.
        """
        if self._configured is None:
            raise Refused("the provider is not configured yet", grpc.StatusCode.FAILED_PRECONDITION)
        return self._configured

    def Handshake(
        self,
        request: provider_pb2.ProviderHandshakeRequest,  # noqa: ARG002
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Agree on features; the engine's first call.

        Secrets come as such and go back as such. Resource references and output values are not asked for: the engine
        then sends ids and plain values.
        """
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

    def GetPluginInfo(
        self,
        request: empty_pb2.Empty,  # noqa: ARG002
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> plugin_pb2.PluginInfo:
        """Tell the version that the plugin stands in for; the engine asks after loading it."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(
        self,
        request: provider_pb2.GetSchemaRequest,  # noqa: ARG002
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> provider_pb2.GetSchemaResponse:
        """Give the schema of the served types; asked for by `pulumi import` and `pulumi package get-schema`."""
        return provider_pb2.GetSchemaResponse(schema=schema(VERSION))

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Check and complete a provider's own inputs; called for each provider resource before it is configured.

        The region is taken from the environment if the configuration states none, as the official provider does. The
        endpoint is not: it belongs to a run, not to the state.
        """

        def answer() -> provider_pb2.CheckResponse:
            inputs, secrets = decode(request.news)
            region = region_of(inputs, self._environment)
            if region:
                inputs.setdefault("region", region)
            try:
                if not any(map(has_unknown, inputs.values())):
                    read_configuration(inputs, self._environment)
            except ConfigurationRefused as error:
                return provider_pb2.CheckResponse(failures=[failed(error.key, error.reason)])
            except EndpointRefused as error:
                return provider_pb2.CheckResponse(failures=[failed("endpoints", str(error))])
            return provider_pb2.CheckResponse(inputs=encode(inputs, secrets))

        return answered(context, answer)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Compare a provider's inputs; called when a provider resource exists already. None replaces it.

        A new region need not replace the provider: each resource carries its region, and is replaced by that.
        """

        def answer() -> provider_pb2.DiffResponse:
            old, new = decode(request.old_inputs).values, decode(request.news).values
            changed = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
            changes = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
            return provider_pb2.DiffResponse(changes=changes, diffs=changed)

        return answered(context, answer)

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Take the settings and check the account; called once before any resource, in a preview too."""

        def answer() -> provider_pb2.ConfigureResponse:
            try:
                configuration = read_configuration(decode(request.args).values, self._environment)
                clients = Clients(configuration)
                if configuration.allowed_accounts or configuration.forbidden_accounts:
                    configuration.check_account(clients.account_id())
            except (ConfigurationRefused, EndpointRefused) as error:
                raise Refused(str(error), grpc.StatusCode.INVALID_ARGUMENT) from error
            except (BotoCoreError, ClientError) as error:
                raise Refused(f"asking AWS for the account of the credentials: {in_words(error)}") from error
            self._configured = configuration, clients
            return provider_pb2.ConfigureResponse(
                acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
            )

        return answered(context, answer)


def failed(name: str, reason: str) -> provider_pb2.CheckFailure:
    """Write a failed check.

    Args:
        name: The property at fault.
        reason: What is wrong with it.

    Returns:
        The message.
    """
    return provider_pb2.CheckFailure(property=name, reason=reason)
