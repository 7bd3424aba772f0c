"""The predictions' statements, for both databases alike.

They are made once: to make a statement takes longer than SQLite takes to carry it out.
"""

from typing import TYPE_CHECKING, cast

from sqlalchemy import and_, bindparam, case, insert, or_, select, update

from app.store.records import State
from app.store.schema import PredictionRow

if TYPE_CHECKING:
    from sqlalchemy import Table

_RECORDS = cast("Table", PredictionRow.__table__)
_WANTED = _RECORDS.c.prediction_id == bindparam("wanted")
_ALL_WANTED = _RECORDS.c.prediction_id.in_(bindparam("wanted", expanding=True))
_IS_QUEUED = _RECORDS.c.state == State.QUEUED.value
_IS_LAPSED = and_(_RECORDS.c.state == State.PROCESSING.value, _RECORDS.c.lease_until <= bindparam("now"))
_IS_FAILED = _RECORDS.c.state == State.FAILED.value
_CLAIMED = {
    "state": State.PROCESSING.value,
    "attempt": _RECORDS.c.attempt + 1,
    "failures": case(
        (_IS_FAILED, 0),
        (_RECORDS.c.state == State.PROCESSING.value, _RECORDS.c.failures + 1),
        else_=_RECORDS.c.failures,
    ),
    "is_last_delivery": bindparam("is_last"),
    "lease_until": bindparam("until"),
    "finished_at": None,
}

ADD = insert(_RECORDS)

GET = select(_RECORDS).where(_ALL_WANTED)

CLAIM = (
    update(_RECORDS)
    .where(
        _WANTED,
        or_(
            _IS_QUEUED,
            _IS_LAPSED,
            and_(_IS_FAILED, _RECORDS.c.failed_message_id.is_distinct_from(bindparam("under"))),
        ),
    )
    .values(_CLAIMED)
    .returning(_RECORDS.c.attempt, _RECORDS.c.failures)
)

# Two that lock the same rows in different orders would wait for each other, so what another has locked is left out. The
# expression stands within the UPDATE (see `outbox_statements`): else SQLite keeps the claims of a group that is undone.
_FREE = (
    select(_RECORDS.c.prediction_id)
    .where(_ALL_WANTED, or_(_IS_QUEUED, _IS_LAPSED))
    .with_for_update(skip_locked=True)
    .cte("free", nesting=True)
)
CLAIM_MANY = (
    update(_RECORDS)
    .where(_RECORDS.c.prediction_id.in_(select(_FREE.c.prediction_id)))
    .values(_CLAIMED)
    .returning(_RECORDS.c.prediction_id, _RECORDS.c.attempt, _RECORDS.c.failures)
)

COMPLETE = (
    update(_RECORDS)
    .where(_WANTED, _RECORDS.c.state == State.PROCESSING.value, _RECORDS.c.attempt == bindparam("held"))
    .values(
        state=State.COMPLETED.value,
        finished_at=bindparam("now"),
        lease_until=None,
        result_path=bindparam("path"),
        summary=bindparam("told"),
        failure_code=None,
        failure_reason=None,
        failed_message_id=None,
    )
)
