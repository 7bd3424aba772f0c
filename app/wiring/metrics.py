"""The metrics of these settings."""

import os
import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from urllib.parse import unquote

import structlog
from structlog.typing import FilteringBoundLogger

from app.clock import SystemClock
from app.errors import OperationFailedError
from app.settings import Settings
from app.telemetry.emf import Heading
from app.telemetry.emf_writer import EmfWriter
from app.telemetry.names import DESTINATION, SQS, SYSTEM
from app.telemetry.registry import Registry
from app.user_agent import APPLICATION_ID

log: FilteringBoundLogger = structlog.get_logger(__name__)

_SERVICE = "service.name"
_NO_QUEUE = "none"


@contextmanager
def metrics_of(settings: Settings, *, is_short: bool = False) -> Iterator[Registry | None]:
    """What instruments belong to meanwhile; None where `METRICS` is none, or is not for this process.

    Args:
        settings: The settings.
        is_short: Whether the process ends soon: then Prometheus would never find it, and log lines are written at its
            end.

    Raises:
        OperationFailedError: Prometheus is to ask on a port that cannot be had.
    """
    goes_to = settings.metrics_go_to
    service = {_SERVICE: service_name(os.environ)}
    common = {SYSTEM: SQS, DESTINATION: settings.sqs_queue_name or _NO_QUEUE}
    with ExitStack() as running:
        if goes_to == "prometheus" and not is_short:
            registry = Registry(common)
            running.enter_context(_answering(registry, service, settings))
            yield registry
        elif goes_to == "emf" and sys.stderr.isatty():
            log.info("metrics.not_written", because="stderr is a terminal")
            yield None
        elif goes_to == "emf":
            registry = Registry(common, random.random)
            heading = Heading(
                namespace=settings.metrics_namespace,
                dimensions={**service, DESTINATION: common[DESTINATION]},
                properties={SYSTEM: SQS},
            )
            writer = EmfWriter(registry, sys.stderr, SystemClock(), heading)
            running.enter_context(writer.writing(settings.metrics_period_seconds))
            yield registry
        else:
            yield None


def service_name(environment: Mapping[str, str]) -> str:
    """What this process is called, by OpenTelemetry's variables, as its SDK reads them."""
    named = environment.get("OTEL_SERVICE_NAME", "").strip()
    if named:
        return named
    for pair in environment.get("OTEL_RESOURCE_ATTRIBUTES", "").split(","):
        name, _, value = pair.partition("=")
        if name.strip() == _SERVICE and value.strip():
            return unquote(value.strip())
    return APPLICATION_ID


@contextmanager
def _answering(registry: Registry, target: dict[str, str], settings: Settings) -> Iterator[None]:
    # Only here: it loads a server.
    from app.telemetry.prometheus import prometheus_port  # noqa: PLC0415

    address, port = str(settings.metrics_address), settings.metrics_port
    with ExitStack() as running:
        try:
            running.enter_context(prometheus_port(registry, target, address=address, port=port))
        except OSError as error:
            raise OperationFailedError(
                f"METRICS_ADDRESS is {address} and METRICS_PORT is {port}: that cannot be had ({error.strerror}). Give "
                "an address of this machine and a free port from 1 to 65535; each process needs a port of its own"
            ) from error
        log.info("metrics.answering", address=address, port=port)
        yield
