"""The publisher of these settings."""

from app.aws import make_ssm
from app.client import SQSClient
from app.clock import SystemClock
from app.kill_switch import KillSwitch
from app.publisher import SQSPublisher
from app.settings import Settings
from app.store import PredictionStore


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


def make_publisher(settings: Settings, store: PredictionStore, client: SQSClient) -> SQSPublisher:
    """A publisher on this store and this client."""
    return SQSPublisher(client, store, make_kill_switch(settings), SystemClock())
