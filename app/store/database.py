"""Opening the database: SQLite unless something else is configured."""

import json
import sqlite3
import time
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from app.bounded import bounded
from app.errors import OperationFailedError
from app.settings import SettingsError
from app.store.migration import bring_up_to_date, is_up_to_date

_SQLITE_WAIT_SECONDS = 30
_SWITCH_PAUSE_SECONDS = 0.01
_pause = time.sleep  # of a name of its own, so that a test need not wait
_to_json = partial(json.dumps, allow_nan=False)
"""NaN and the infinities are not JSON: PostgreSQL refuses them, and whoever reads them elsewhere fails."""
_CONNECTIONS = 70
"""As many as a worker may have threads, and a few more: a connection is opened only when all others are busy."""
_LIBPQ_DRIVERS = frozenset({"psycopg", "psycopg2"})
_PATIENCE = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}
"""When libpq believes that a server is gone, in seconds but for `tcp_user_timeout`, in milliseconds. By itself it waits
for a connection without end, and a quarter of an hour on one whose other end has vanished, as in a failover."""


class StoreUnavailableError(OperationFailedError):
    """The database cannot be opened."""


def open_database(url: str) -> Engine:
    """Open the database, and bring its tables up to this version.

    Any number of processes may open the same one at once.

    Args:
        url: `sqlite:///<file>`, or `postgresql://…`, for which psycopg 3 is installed (another driver can be named:
            `postgresql+<driver>://…`). What stands behind a `?` goes to libpq, such as its own `connect_timeout`.

    Raises:
        SettingsError: The URL cannot be read, its driver is not installed, or SQLite's file has no folder to lie in.
        StoreUnavailableError: The database does not answer, or refuses.
    """
    engine = _engine(url)
    try:
        bring_up_to_date(engine)
    except SQLAlchemyError as error:
        engine.dispose()
        raise _unavailable(engine, error) from error
    return engine


def has_this_versions_tables(url: str) -> bool:
    """Whether the database has all that this version needs. Changes nothing.

    Args:
        url: As for `open_database`.

    Raises:
        SettingsError: As by `open_database`.
        StoreUnavailableError: The database does not answer, or refuses.
    """
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            return is_up_to_date(connection)
    except SQLAlchemyError as error:
        raise _unavailable(engine, error) from error
    finally:
        engine.dispose()


def missing_file(url: str) -> Path | None:
    """The SQLite file that does not exist yet; None for every other database.

    Whoever only looks asks first: to open it would make an empty one.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        return None
    if parsed.get_backend_name() != "sqlite" or not parsed.database or Path(parsed.database).exists():
        return None
    return Path(parsed.database)


def _unavailable(engine: Engine, error: SQLAlchemyError) -> StoreUnavailableError:
    place, cause = engine.url.render_as_string(hide_password=True), getattr(error, "orig", None) or error
    return StoreUnavailableError(f"the database at {place} cannot be opened: {bounded(cause)}")


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed.database, url)
        patience = _PATIENCE if parsed.get_dialect().driver in _LIBPQ_DRIVERS else {}
        arguments = {name: value for name, value in patience.items() if name not in parsed.query}
        return create_engine(
            parsed, pool_size=_CONNECTIONS, pool_pre_ping=True, connect_args=arguments, json_serializer=_to_json
        )
    except (ArgumentError, NoSuchModuleError) as error:
        raise SettingsError("DATABASE_URL cannot be read: give sqlite:///<file> or postgresql://…") from error
    except ImportError as error:
        raise SettingsError(f"DATABASE_URL needs a driver that is not installed: {error}") from error


def _sqlite(file: str | None, url: str) -> Engine:
    if not file or file == ":memory:":
        raise SettingsError("DATABASE_URL must name a file: sqlite:///<file>. In memory, each process has its own")
    folder = Path(file).resolve().parent
    if not folder.is_dir():
        raise SettingsError(f"DATABASE_URL names a file in {folder}, which is no folder; make it first")
    waits = {"timeout": _SQLITE_WAIT_SECONDS}
    engine = create_engine(url, pool_size=_CONNECTIONS, connect_args=waits, json_serializer=_to_json)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Readers and a writer side by side; and no commit is believed before the disk has it.

    With less than FULL, a power cut may undo a committed prediction after its message has been deleted.
    """
    cursor = connection.cursor()
    _write_ahead(cursor)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _write_ahead(cursor: DBAPICursor) -> None:
    """Switch to the write-ahead log, once and for all who open the file.

    SQLite waits for nobody when it switches: while another connection is at work it says at once that the database is
    locked, whatever the timeout.
    """
    ends = time.monotonic() + _SQLITE_WAIT_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() >= ends:
                raise
            _pause(_SWITCH_PAUSE_SECONDS)
        else:
            return
