"""The dead-letter queue of these settings, and what the store knows of its letters."""

import structlog
from structlog.typing import FilteringBoundLogger

from app.client import SQSClient
from app.dlq.queue import DeadLetterQueue
from app.dlq.records import NoRecords, Records
from app.settings import Settings
from app.store.database import StoreUnavailableError, missing_file
from app.wiring.store import open_stores

log: FilteringBoundLogger = structlog.get_logger(__name__)


def open_dead_letters(settings: Settings, client: SQSClient) -> DeadLetterQueue:
    """The dead-letter queue of `PREDICTIONS_QUEUE_URL`.

    Raises:
        SettingsError: No queue or region is configured.
        OperationFailedError: It has none, or AWS refuses or does not answer.
    """
    return DeadLetterQueue.of(client.get_client(), settings.queue_url)


def open_records(settings: Settings) -> Records | NoRecords:
    """What the store knows; nothing where it cannot be reached, since the queue can be looked at without it.

    Raises:
        SettingsError: `DATABASE_URL` is wrong.
    """
    missing = missing_file(settings.database_url.get_secret_value())
    if missing is not None:  # DATABASE_URL is not set, most likely: an empty store would say that nothing is recorded
        log.warning("dlq.no_records", cause=f"DATABASE_URL is a file that does not exist: {missing}")
        return NoRecords()
    try:
        stores = open_stores(settings)
    except StoreUnavailableError as error:
        log.warning("dlq.no_records", cause=str(error))
        return NoRecords()
    return Records(stores.predictions, stores.rejections)
