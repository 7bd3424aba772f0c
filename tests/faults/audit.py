"""What the database itself saw: triggers that record every move of a prediction to an end, or away from one.

The application neither writes nor reads that table, so it cannot be wrong about it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Engine, text

_TABLE: Final = """
CREATE TABLE fault_audit (
    number {serial}, prediction_id {uuid} NOT NULL, user_id VARCHAR(80) NOT NULL, before VARCHAR(10) NOT NULL,
    after VARCHAR(10) NOT NULL, attempt INTEGER NOT NULL, result_path TEXT, failure_code TEXT
)
"""
_COLUMNS: Final = "prediction_id, user_id, before, after, attempt, result_path, failure_code"
_SEEN: Final = """
INSERT INTO fault_audit ({columns}) VALUES (
    NEW.prediction_id, NEW.user_id, OLD.state, NEW.state, NEW.attempt, NEW.result_path, NEW.failure_code
)
"""
# A statement that sets the state counts even where it sets what was set already: a second commit looks like that.
_WHEN: Final = "NEW.state IN ('COMPLETED', 'FAILED') OR OLD.state IN ('COMPLETED', 'FAILED')"
_INSERT: Final = _SEEN.format(columns=_COLUMNS)
_SQLITE: Final = (
    _TABLE.format(serial="INTEGER PRIMARY KEY AUTOINCREMENT", uuid="CHAR(32)"),
    f"CREATE TRIGGER fault_audit AFTER UPDATE OF state ON predictions WHEN {_WHEN} BEGIN {_INSERT}; END",
)
_POSTGRESQL: Final = (
    _TABLE.format(serial="BIGSERIAL PRIMARY KEY", uuid="UUID"),
    f"CREATE FUNCTION fault_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_INSERT}; RETURN NULL; END $$",
    (
        f"CREATE TRIGGER fault_audit AFTER UPDATE OF state ON predictions FOR EACH ROW WHEN ({_WHEN}) "
        "EXECUTE FUNCTION fault_audit()"
    ),
)


@dataclass(frozen=True)
class Move:
    """One move of a prediction.

    Args:
        user_id: Whose it was then.
        before: The state before.
        after: The state after.
        attempt: The attempt that made it.
        result_path: Where its result lies.
        failure_code: Why it failed.
    """

    user_id: str
    before: str
    after: str
    attempt: int
    result_path: str | None
    failure_code: str | None


def install(engine: Engine) -> None:
    """Install the triggers in a database that has the application's tables."""
    statements = _SQLITE if engine.dialect.name == "sqlite" else _POSTGRESQL
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def moves(engine: Engine) -> Mapping[UUID, Sequence[Move]]:
    """All moves, by prediction, in the order in which they were committed."""
    found: defaultdict[UUID, list[Move]] = defaultdict(list)
    with engine.connect() as connection:
        for prediction_id, *move in connection.execute(text(f"SELECT {_COLUMNS} FROM fault_audit ORDER BY number")):  # noqa: S608 - the columns stand above
            found[prediction_id if isinstance(prediction_id, UUID) else UUID(prediction_id)].append(Move(*move))
    return found
