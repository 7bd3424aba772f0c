"""Committing a result, patiently: the work is done already."""

import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError
from structlog.typing import FilteringBoundLogger

from app.backoff import backoff_seconds
from app.bounded import bounded
from app.clock import Clock
from app.models import Scores
from app.s3_path import S3Path
from app.store import Claim, PredictionStore
from app.store.refusal import is_refusal
from app.worker.lease import TAKEN_OVER, Lease, LeaseLostError

log: FilteringBoundLogger = structlog.get_logger(__name__)

_PATIENCE_SECONDS = 60.0
"""For how long a commit is tried again while the store does not answer: a PostgreSQL fails over in less."""
_FIRST_PAUSE_SECONDS = 0.5
_MOST_PAUSE_SECONDS = 10.0


def commit(  # noqa: PLR0913 - who, where, and what is committed
    lease: Lease, claim: Claim, path: S3Path, scores: Scores, *, predictions: PredictionStore, clock: Clock
) -> None:
    """Commit; while the store does not answer and the lease holds, again for a while.

    Args:
        lease: The lease under which the work was done.
        claim: Its claim.
        path: Where the scores lie.
        scores: The scores.
        predictions: The predictions.
        clock: The time.

    Raises:
        LeaseLostError: The lease is over, or the claim is not good any more: nothing is committed.
        sqlalchemy.exc.SQLAlchemyError: The store has not answered for a minute, or it refuses the result.
    """
    ends = clock.monotonic() + _PATIENCE_SECONDS
    failures = 0
    while True:
        lease.check()
        try:
            if predictions.complete(claim, result_path=str(path), summary=scores.summary):
                return
        except SQLAlchemyError as error:
            failures += 1
            if is_refusal(error) or clock.monotonic() >= ends:
                raise
            log.warning("prediction.commit_failed", tried=failures, cause=cause_of(error))
            pause = backoff_seconds(failures, first=_FIRST_PAUSE_SECONDS, most=_MOST_PAUSE_SECONDS, random=lambda: 1.0)
            clock.wait(threading.Event(), pause)
            continue
        raise LeaseLostError(TAKEN_OVER)


def cause_of(error: SQLAlchemyError) -> str:
    """The driver's own words, their first line: SQLAlchemy's hold the statement and its values, the rest may, too."""
    words = str(getattr(error, "orig", None) or "").splitlines()
    return bounded(words[0] if words else type(error).__name__)
