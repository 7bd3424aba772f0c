"""The store of these settings."""

from dataclasses import dataclass

from sqlalchemy import Engine

from app.clock import Clock, SystemClock
from app.settings import Settings
from app.store import Grouped, Outbox, PredictionStore, RecoveryStore, RejectionStore, open_database
from app.store.transactions import OneByOne, Transactions


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
        predictions=PredictionStore(engine, clock, make_transactions(engine)),
        outbox=Outbox(engine, clock),
        rejections=RejectionStore(engine, clock),
        recovery=RecoveryStore(engine, clock),
    )


def make_transactions(engine: Engine) -> Transactions:
    """How a database's moves become transactions.

    On SQLite writers wait for each other anyway. PostgreSQL groups commits by itself, and there a group that waits for
    one of its rows would hold up the others', and be half of a deadlock with a relay that records what it has sent.
    """
    return Grouped(engine) if engine.dialect.name == "sqlite" else OneByOne(engine)
