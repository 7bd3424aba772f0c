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
    from app.telemetry.registry import Registry
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


def make_publisher(  # noqa: PLR0913 - what a publisher is put together from
    settings: Settings,
    stores: Stores,
    client: SQSClient,
    kill_switch: KillSwitch,
    tracing: "Tracing | None" = None,
    *,
    metrics: "Registry | None" = None,
) -> SQSPublisher:
    """A publisher on these stores and this client.

    Args:
        settings: The settings.
        stores: The stores.
        client: The process's SQS client.
        kill_switch: Whether to send at all.
        tracing: What makes spans, if anything does.
        metrics: What instruments belong to, if anything is measured.
    """
    clock = SystemClock()
    dispatcher = _dispatcher(settings, stores, client, tracing, metrics)
    if metrics is None:
        return SQSPublisher(
            predictions=stores.predictions,
            outbox=stores.outbox,
            dispatcher=dispatcher,
            kill_switch=kill_switch,
            clock=clock,
        )
    from app.publishing.metered import MeteredPublisher, observe_outbox, observe_switch  # noqa: PLC0415 - when measured

    observe_outbox(metrics, stores.outbox, clock)
    observe_switch(metrics, lambda: kill_switch.last_known)
    return MeteredPublisher(
        predictions=stores.predictions,
        outbox=stores.outbox,
        dispatcher=dispatcher,
        kill_switch=kill_switch,
        clock=clock,
        metrics=metrics,
    )


def make_relay(publisher: SQSPublisher, stores: Stores, shutdown: Shutdown, metrics: "Registry | None" = None) -> Relay:
    """A relay of what waits in these stores.

    Args:
        publisher: What publishes.
        stores: The stores.
        shutdown: Whether to stop.
        metrics: What instruments belong to, if anything is measured.
    """
    relay = Relay(
        publisher=publisher, outbox=stores.outbox, shutdown=shutdown, clock=SystemClock(), random=random.random
    )
    if metrics is not None:
        from app.publishing.metered import observe_relay  # noqa: PLC0415 - as above

        observe_relay(metrics, relay)
    return relay


def _dispatcher(
    settings: Settings,
    stores: Stores,
    client: SQSClient,
    tracing: "Tracing | None",
    metrics: "Registry | None",
) -> Dispatcher:
    clock, by_user = SystemClock(), settings.message_group_by_user
    measured = None
    if metrics is not None:
        from app.publishing.metered_sender import SenderMetrics  # noqa: PLC0415 - when measured

        measured = SenderMetrics(metrics)
    if tracing is None:
        sender = Sender(client, clock, random.random, measured)
        return Dispatcher(sender, stores.outbox, clock, random.random, group_by_user=by_user)
    from app.publishing.traced import TracedDispatcher, TracedSender  # noqa: PLC0415 - see app.wiring.tracing

    traced = TracedSender(client, clock, random.random, tracing, measured)
    return TracedDispatcher(traced, stores.outbox, clock, random.random, group_by_user=by_user, tracing=tracing)
