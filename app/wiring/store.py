"""The store of these settings."""

from dataclasses import dataclass

from app.clock import Clock, SystemClock
from app.settings import Settings
from app.store import Outbox, PredictionStore, RejectionStore, open_database


@dataclass(frozen=True)
class Stores:
    """The tables of one database."""

    predictions: PredictionStore
    outbox: Outbox
    rejections: RejectionStore


def open_stores(settings: Settings, clock: Clock | None = None) -> Stores:
    """Open `DATABASE_URL`.

    Raises:
        SettingsError: The URL is wrong.
        StoreUnavailableError: The database does not answer.
    """
    engine = open_database(settings.database_url.get_secret_value())
    clock = clock or SystemClock()
    return Stores(PredictionStore(engine, clock), Outbox(engine, clock), RejectionStore(engine, clock))
