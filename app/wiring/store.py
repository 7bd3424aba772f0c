"""The store of these settings."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from app.clock import Clock, SystemClock
from app.settings import Settings
from app.store import Grouped, Outbox, PredictionStore, RecoveryStore, RejectionStore, open_database
from app.store.transactions import OneByOne, Transactions

if TYPE_CHECKING:
    from app.telemetry.tracing import Tracing


@dataclass(frozen=True)
class Stores:
    """The tables of one database."""

    predictions: PredictionStore
    outbox: Outbox
    rejections: RejectionStore
    recovery: RecoveryStore


def open_stores(settings: Settings, clock: Clock | None = None, tracing: "Tracing | None" = None) -> Stores:
    """Open `DATABASE_URL`.

    Args:
        settings: The settings.
        clock: The time; by default the machine's.
        tracing: What makes spans, if anything does.

    Raises:
        SettingsError: The URL is wrong.
        StoreUnavailableError: The database does not answer.
    """
    engine = open_database(settings.database_url.get_secret_value())
    clock = clock or SystemClock()
    transactions = make_transactions(engine)
    predictions, rejections = PredictionStore(engine, clock, transactions), RejectionStore(engine, clock)
    if tracing is not None:
        from app.store.traced import TracedPredictions, TracedRejections  # noqa: PLC0415 - see app.wiring.tracing

        predictions = TracedPredictions(engine, clock, transactions, tracing)
        rejections = TracedRejections(engine, clock)
    return Stores(
        predictions=predictions,
        outbox=Outbox(engine, clock),
        rejections=rejections,
        recovery=RecoveryStore(engine, clock),
    )


def make_transactions(engine: Engine) -> Transactions:
    """How a database's moves become transactions.

    On SQLite writers wait for each other anyway. PostgreSQL groups commits by itself, and there a group that waits for
    one of its rows would hold up the others', and be half of a deadlock with a relay that records what it has sent.
    """
    return Grouped(engine) if engine.dialect.name == "sqlite" else OneByOne(engine)
