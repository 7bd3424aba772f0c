"""The store of these settings."""

from dataclasses import dataclass

from app.clock import Clock, SystemClock
from app.settings import Settings
from app.store import Grouped, Outbox, PredictionStore, RecoveryStore, RejectionStore, open_database


@dataclass(frozen=True)
class Stores:
    """The tables of one database."""

    predictions: PredictionStore
    outbox: Outbox
    rejections: RejectionStore
    recovery: RecoveryStore


def open_stores(settings: Settings, clock: Clock | None = None) -> Stores:
    """Open `DATABASE_URL`.

    Raises:
        SettingsError: The URL is wrong.
        StoreUnavailableError: The database does not answer.
    """
    engine = open_database(settings.database_url.get_secret_value())
    clock = clock or SystemClock()
    return Stores(
        predictions=PredictionStore(engine, clock, Grouped(engine)),
        outbox=Outbox(engine, clock),
        rejections=RejectionStore(engine, clock),
        recovery=RecoveryStore(engine, clock),
    )
