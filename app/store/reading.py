"""Rows of the database as the records that are handed out."""

from typing import Any

from sqlalchemy import Row

from app.store.records import Prediction, State
from app.store.schema import PredictionRow
from app.telemetry.trace_context import TraceContext


def prediction_of(row: PredictionRow | Row[*tuple[Any, ...]]) -> Prediction:
    """The prediction that a row holds."""
    return Prediction(
        prediction_id=row.prediction_id,
        user_id=row.user_id,
        upload_id=row.upload_id,
        s3_file_path=row.s3_file_path,
        priority=row.priority,
        state=State(row.state),
        created_at=row.created_at,
        published_at=row.published_at,
        message_id=row.message_id,
        attempt=row.attempt,
        finished_at=row.finished_at,
        result_path=row.result_path,
        summary=row.summary,
        failure_code=row.failure_code,
        failure_reason=row.failure_reason,
    )


def trace_of(row: Row[*tuple[Any, ...]]) -> TraceContext | None:
    """The trace in which a row's prediction was asked for."""
    return None if row.traceparent is None else TraceContext.read(row.traceparent, row.tracestate)
