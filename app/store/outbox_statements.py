"""The outbox's statements, for both databases alike.

They are made once: to make a statement takes longer than SQLite takes to carry it out.
"""

from typing import TYPE_CHECKING, cast

from sqlalchemy import ColumnElement, Update, bindparam, delete, exists, func, insert, literal, or_, select, update

from app.store.records import State
from app.store.schema import OutboxRow, PredictionRow

if TYPE_CHECKING:
    from sqlalchemy import Table

_ENTRIES = cast("Table", OutboxRow.__table__)
_RECORDS = cast("Table", PredictionRow.__table__)
_BY_DUE = (_ENTRIES.c.due_at, _ENTRIES.c.prediction_id)
_OURS = _ENTRIES.c.lease_id == bindparam("lease")


def _taking(condition: ColumnElement[bool]) -> Update:
    """The statement that takes entries: of those with this condition that are free, the longest due.

    A common table expression that locks rows is carried out once. A subquery in its place may be carried out several
    times, and then locks more rows than its limit. SQLite leaves the locking clause out. The expression stands within
    the UPDATE because Python's sqlite3 begins no transaction for a statement whose first word is WITH.
    """
    chosen = (
        select(_ENTRIES.c.prediction_id)
        .where(condition, or_(_ENTRIES.c.leased_until.is_(None), _ENTRIES.c.leased_until <= bindparam("now")))
        .order_by(*_BY_DUE)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
        .cte("chosen", nesting=True)
    )
    return (
        update(_ENTRIES)
        .where(_ENTRIES.c.prediction_id.in_(select(chosen.c.prediction_id)))
        .values(lease_id=bindparam("lease"), leased_until=bindparam("until"))
        .returning(_ENTRIES.c.prediction_id, _ENTRIES.c.due_at, _ENTRIES.c.attempts)
    )


ADD_ENTRY = insert(_ENTRIES)
"""For a new prediction, in the transaction that records it."""
TAKE_DUE = _taking(_ENTRIES.c.due_at <= bindparam("now"))
TAKE = _taking(_ENTRIES.c.prediction_id.in_(bindparam("wanted", expanding=True)))
PREDICTIONS = select(_RECORDS).where(_RECORDS.c.prediction_id.in_(bindparam("wanted", expanding=True)))
RECORD_SENT = (
    update(_RECORDS)
    .where(_RECORDS.c.prediction_id == bindparam("sent"), _RECORDS.c.published_at.is_(None))
    .values(published_at=bindparam("now"), message_id=bindparam("sent_as"))
)
REMOVE = delete(_ENTRIES).where(_ENTRIES.c.prediction_id.in_(bindparam("sent", expanding=True)), _OURS)
POSTPONE = (
    update(_ENTRIES)
    .where(_ENTRIES.c.prediction_id == bindparam("late"), _OURS)
    .values(
        attempts=_ENTRIES.c.attempts + 1,
        due_at=bindparam("later"),
        last_error_code=bindparam("code"),
        lease_id=None,
        leased_until=None,
    )
)
GIVE_BACK = (
    update(_ENTRIES)
    .where(_ENTRIES.c.prediction_id.in_(bindparam("left", expanding=True)), _OURS)
    .values(lease_id=None, leased_until=None)
)
"""By their ids, since leases have no index: a backlog of an outage must not be searched through each time."""
_LATE = select(_ENTRIES.c.prediction_id).where(_ENTRIES.c.due_at > bindparam("now")).with_for_update(skip_locked=True)
HURRY = (
    update(_ENTRIES)
    .where(_ENTRIES.c.prediction_id.in_(_LATE.cte("late", nesting=True).select()))
    .values(due_at=_ENTRIES.c.created_at)
)
"""What another has locked is left out: a relay that settles some of them holds one, waits for the next, and so on."""
_ORPHANS = select(_RECORDS.c.prediction_id, _RECORDS.c.created_at, _RECORDS.c.created_at, literal(0)).where(
    _RECORDS.c.published_at.is_(None),
    _RECORDS.c.state == State.QUEUED.value,
    ~exists().where(_ENTRIES.c.prediction_id == _RECORDS.c.prediction_id),
)
ADOPT = (
    insert(_ENTRIES)
    .from_select(("prediction_id", "created_at", "due_at", "attempts"), _ORPHANS, include_defaults=False)
    .returning(_ENTRIES.c.prediction_id)
)
BACKLOG = select(func.count(), func.min(_ENTRIES.c.created_at))
OLDEST = (
    select(_RECORDS).join(_ENTRIES, _ENTRIES.c.prediction_id == _RECORDS.c.prediction_id).order_by(*_BY_DUE).limit(1)
)
