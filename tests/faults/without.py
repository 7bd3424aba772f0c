"""The application without one of its parts: `python -m tests.faults.without <part> <the program's own arguments>`.

A suite that has never found anything proves little. With a part switched off, it must find what that part is there for.
The part is replaced from outside, in this process alone: the program itself has no switch for it.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Any, Final
from unittest.mock import patch

from sqlalchemy import update

from app import __main__ as program
from app.store import Outbox, OutboxLease, prediction_statements, predictions
from app.store.schema import PredictionRow
from app.worker.heartbeat import Heartbeat


def _put(owner: object, **parts: object) -> None:
    """Put these in place of an owner's own, for as long as the process lives."""
    for name, part in parts.items():
        patch.object(owner, name, part).start()


def _without_fencing() -> None:
    """A claim goes to whoever asks, held or not; none is ever told that it is not theirs any more."""
    table, wanted = prediction_statements._RECORDS, prediction_statements._WANTED
    unfinished = table.c.state.in_(("QUEUED", "PROCESSING"))
    claimed = update(table).values({**prediction_statements._CLAIMED, "failures": table.c.failures})
    attempt = (table.c.attempt, table.c.failures)
    several = claimed.where(prediction_statements._ALL_WANTED, unfinished)
    completed: Mapping[Any, Any] = prediction_statements.COMPLETE._values or {}
    _put(
        prediction_statements,
        CLAIM=claimed.where(wanted, unfinished).returning(*attempt),
        CLAIM_MANY=several.returning(table.c.prediction_id, *attempt),
        COMPLETE=update(table).where(wanted).values(dict(completed)),
    )
    _put(predictions, _held=lambda claim: [PredictionRow.prediction_id == claim.prediction_id])


def _without_heartbeat() -> None:
    """Nothing is ever extended."""
    _put(Heartbeat, beat=lambda heartbeat: heartbeat._interval)


def _without_outbox() -> None:
    """What is to be sent is recorded as sent before it is, as by a publisher that has no outbox."""
    taking, settling = Outbox._take, Outbox.settle

    def take(outbox: Outbox, *arguments: Any, **which: Any) -> OutboxLease:  # noqa: ANN401 - passed on as they are
        lease = taking(outbox, *arguments, **which)
        settling(outbox, lease, sent={entry.prediction.prediction_id: None for entry in lease.entries})
        return lease

    _put(Outbox, _take=take, settle=lambda *_lease, **_what: None)


PARTS: Final[Mapping[str, Callable[[], None]]] = {
    "fencing": _without_fencing,
    "heartbeat": _without_heartbeat,
    "outbox": _without_outbox,
}

if __name__ == "__main__":
    PARTS[sys.argv.pop(1)]()
    program.main()
