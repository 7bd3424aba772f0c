"""The publisher and the relay of these settings."""

import random
from typing import TYPE_CHECKING

from app.aws import make_ssm
from app.client import SQSClient
from app.clock import SystemClock
from app.kill_switch import KillSwitch
from app.publishing import Dispatcher, Relay, Sender, SQSPublisher
from app.settings import Settings
from app.shutdown import Shutdown
from app.wiring.store import Stores

if TYPE_CHECKING:
    from app.telemetry.tracing import Tracing


def make_kill_switch(settings: Settings) -> KillSwitch:
    """The kill switch that `ENABLE_SQS` and `ENABLE_SQS_PARAMETER` describe."""
    name = settings.enable_sqs_parameter
    ssm = make_ssm(settings.region) if settings.is_sqs_enabled and name else None

    def read() -> str:
        if ssm is None or name is None:
            raise ValueError("no parameter is configured")
        return ssm.get_parameter(Name=name)["Parameter"]["Value"]

    return KillSwitch(
        enabled=settings.is_sqs_enabled,
        read_parameter=read if ssm else None,
        clock=SystemClock(),
        cache_seconds=settings.kill_switch_cache_seconds,
    )


def make_publisher(
    settings: Settings,
    stores: Stores,
    client: SQSClient,
    kill_switch: KillSwitch,
    tracing: "Tracing | None" = None,
) -> SQSPublisher:
    """A publisher on these stores and this client.

    Args:
        settings: The settings.
        stores: The stores.
        client: The process's SQS client.
        kill_switch: Whether to send at all.
        tracing: What makes spans, if anything does.
    """
    clock = SystemClock()
    return SQSPublisher(
        predictions=stores.predictions,
        outbox=stores.outbox,
        dispatcher=_dispatcher(settings, stores, client, tracing),
        kill_switch=kill_switch,
        clock=clock,
    )


def make_relay(publisher: SQSPublisher, stores: Stores, shutdown: Shutdown) -> Relay:
    """A relay of what waits in these stores."""
    return Relay(
        publisher=publisher, outbox=stores.outbox, shutdown=shutdown, clock=SystemClock(), random=random.random
    )


def _dispatcher(settings: Settings, stores: Stores, client: SQSClient, tracing: "Tracing | None") -> Dispatcher:
    clock, by_user = SystemClock(), settings.message_group_by_user
    if tracing is None:
        sender = Sender(client, clock, random.random)
        return Dispatcher(sender, stores.outbox, clock, random.random, group_by_user=by_user)
    from app.publishing.traced import TracedDispatcher, TracedSender  # noqa: PLC0415 - see app.wiring.tracing

    sender = TracedSender(client, clock, random.random, tracing)
    return TracedDispatcher(sender, stores.outbox, clock, random.random, group_by_user=by_user, tracing=tracing)
