"""Bringing a database of an earlier version up to this one: by additions only.

While a new version is rolled out, the old one is still at work on the same database, so nothing that it knows may go or
change its meaning. That leaves tables, indexes and columns to be added, and these can be read off the schema itself:
there are no numbered steps to keep, and no order in which versions must be installed.
"""

from collections.abc import Iterator

from sqlalchemy import Column, Connection, Engine, inspect, text
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable, ExecutableDDLElement
from sqlalchemy.sql.elements import TextClause

from app.store.schema import Base

_POSTGRESQL_LOCK = 7_284_001
"""The advisory lock under which the schema is changed: any number, as long as it stays."""


def bring_up_to_date(engine: Engine) -> None:
    """Make the tables, columns and indexes that the database lacks.

    Any number of processes may do this at once: one makes the changes, the others wait for it and find them made. Where
    nothing is lacking, nothing is locked.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The database does not answer, or refuses.
    """
    with engine.begin() as connection:
        if not is_up_to_date(connection):
            _lock_schema(connection)
            for addition in list(_additions(connection)):
                connection.execute(addition)


def is_up_to_date(connection: Connection) -> bool:
    """Whether the database has all that this version needs."""
    return next(_additions(connection), None) is None


def _lock_schema(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text("BEGIN IMMEDIATE"))  # else Python's driver commits each change by itself
    else:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _POSTGRESQL_LOCK})


def _additions(connection: Connection) -> Iterator[ExecutableDDLElement | TextClause]:
    """The statements that add what is lacking, each table before what refers to it."""
    inspector = inspect(connection)
    tables = set(inspector.get_table_names())
    for table in Base.metadata.sorted_tables:
        columns: set[str] = set()
        indexes: set[str | None] = set()
        if table.name in tables:
            columns = {column["name"] for column in inspector.get_columns(table.name)}
            indexes = {index["name"] for index in inspector.get_indexes(table.name)}
            yield from (_add_column(connection, column) for column in table.columns if column.name not in columns)
        else:
            yield CreateTable(table)
        yield from (CreateIndex(index) for index in table.indexes if index.name not in indexes)


def _add_column(connection: Connection, column: Column[object]) -> TextClause:
    name = connection.dialect.identifier_preparer.format_table(column.table)
    return text(f"ALTER TABLE {name} ADD COLUMN {CreateColumn(column).compile(dialect=connection.dialect)}")
