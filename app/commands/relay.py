"""`relay`: publish what waits in the outbox, until told to stop."""

from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError
from structlog.typing import FilteringBoundLogger

from app.client import QueueUnreachableError, SQSClient
from app.commands.shapes import RelayAnswer
from app.publishing import PublishCode
from app.settings import load_settings
from app.shutdown import Shutdown
from app.store import Outbox
from app.wiring.metrics import metrics_of
from app.wiring.publisher import make_kill_switch, make_publisher, make_relay
from app.wiring.store import open_stores
from app.wiring.tracing import tracing_of

log: FilteringBoundLogger = structlog.get_logger(__name__)


def relay(*, once: bool, shutdown: Shutdown) -> RelayAnswer:
    """Publish what waits.

    Args:
        once: Stop when nothing is due any more, or something cannot be published.
        shutdown: Whether to stop; it may have been asked already.

    Raises:
        UserMistakeError: A setting is wrong.
        OperationFailedError: The store cannot be opened.
    """
    settings = load_settings()
    client = SQSClient(settings)
    kill_switch = make_kill_switch(settings)
    with shutdown.installed(), tracing_of(settings) as tracing, metrics_of(settings) as metrics:
        stores = open_stores(settings, tracing=tracing)
        if not shutdown.is_requested:
            with suppress(QueueUnreachableError):  # logged; the relay meets it again, and waits for it to pass
                client.startup()
        publisher = make_publisher(settings, stores, client, kill_switch, tracing, metrics=metrics)
        with kill_switch.refreshing():
            report = make_relay(publisher, stores, shutdown, metrics).run(once=once)
        client.shutdown()
    return {
        "stopped_by": report.stopped_by.value,
        "published": report.codes.get(PublishCode.PUBLISHED, 0),
        "codes": report.codes,
        "retries": report.retries,
        "store_failures": report.store_failures,
        "waiting": _waiting(stores.outbox),
        "seconds": round(report.seconds, 3),
    }


def _waiting(outbox: Outbox) -> int | None:
    """How many messages still wait; None where the store does not answer: what has been done is told nevertheless."""
    try:
        return outbox.backlog().waiting
    except SQLAlchemyError as error:
        log.warning("relay.store_failed", kind=type(error).__name__)
        return None
