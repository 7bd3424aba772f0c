"""The tables, for SQLite and PostgreSQL alike.

A database of an earlier version is brought up to this one when it is opened (see `migration`), so every change here is
an addition: a table, an index, or a column that is nullable or has a server default.
"""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import JSON, Boolean, CheckConstraint, DateTime, ForeignKey, Index, Integer, String, Text, Uuid, false
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from app.store.records import State
from app.telemetry.trace_context import TRACEPARENT_LENGTH, TRACESTATE_LENGTH

PATH_LENGTH = 1100
CODE_LENGTH = 40
REASON_LENGTH = 500
MESSAGE_ID_LENGTH = 100


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, in UTC: SQLite keeps no zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Bring an aware time to UTC; a naive one is a mistake of the program."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give every time its zone back."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The application's tables."""


class PredictionRow(Base):
    """One prediction; see `records.Prediction`.

    `lease_until` says until when the holder of the newest attempt may be believed to be alive; `failed_message_id`
    which message the prediction failed under, so that a new one may try again. `failures` counts the attempts that
    failed or ended without a word; those that a shutdown cut short are in `attempt` alone. `is_last_delivery` says that
    SQS will not hand out the prediction's message again. `traceparent` and `tracestate` say in which trace it was asked
    for: here rather than in the outbox, so that whoever asks for a new message carries the trace on without knowing it.
    """

    __tablename__ = "predictions"

    prediction_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[str] = mapped_column(String(80))
    upload_id: Mapped[UUID] = mapped_column(Uuid)
    s3_file_path: Mapped[str] = mapped_column(String(PATH_LENGTH))
    priority: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default=State.QUEUED.value)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    message_id: Mapped[str | None] = mapped_column(String(MESSAGE_ID_LENGTH))
    attempt: Mapped[int] = mapped_column(Integer, default=0)
    failures: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    is_last_delivery: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    result_path: Mapped[str | None] = mapped_column(String(PATH_LENGTH))
    summary: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    failure_code: Mapped[str | None] = mapped_column(String(CODE_LENGTH))
    failure_reason: Mapped[str | None] = mapped_column(Text)
    failed_message_id: Mapped[str | None] = mapped_column(String(MESSAGE_ID_LENGTH))
    traceparent: Mapped[str | None] = mapped_column(String(TRACEPARENT_LENGTH))
    tracestate: Mapped[str | None] = mapped_column(String(TRACESTATE_LENGTH))

    __table_args__ = (
        CheckConstraint("state IN ('QUEUED', 'PROCESSING', 'COMPLETED', 'FAILED')", name="predictions_state"),
        Index("predictions_by_age", "created_at", "prediction_id"),
        Index("predictions_unpublished", "published_at", "state", "created_at"),
    )


class OutboxRow(Base):
    """A message that is still to be sent; see `outbox.Outbox`. It is written with its prediction, and goes when sent.

    `lease_id` and `leased_until` say who is sending it, and until when that may be believed.
    """

    __tablename__ = "outbox"

    prediction_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("predictions.prediction_id", ondelete="CASCADE"), primary_key=True
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    last_error_code: Mapped[str | None] = mapped_column(String(CODE_LENGTH))
    lease_id: Mapped[UUID | None] = mapped_column(Uuid)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("outbox_by_due", "due_at", "prediction_id"),)


class RejectionRow(Base):
    """One refused message; see `records.Rejection`. It refers to no prediction: what a message names need not exist."""

    __tablename__ = "rejections"

    message_id: Mapped[str] = mapped_column(String(MESSAGE_ID_LENGTH), primary_key=True)
    code: Mapped[str] = mapped_column(String(CODE_LENGTH))
    reason: Mapped[str] = mapped_column(Text)
    prediction_id: Mapped[str | None] = mapped_column(String(MESSAGE_ID_LENGTH))
    receives: Mapped[int] = mapped_column(Integer)
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("rejections_by_age", "last_at"),)
