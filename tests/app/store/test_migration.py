import threading
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine, create_engine, inspect, text

from app.store import Outbox, PredictionStore, open_database
from app.store.schema import Base
from tests.app.doubles.clock import FakeClock
from tests.app.doubles.scene import in_thread
from tests.app.store import earlier_schema


@pytest.fixture
def earlier(database_url: str) -> str:
    """A database that the first version made and has been using."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        for statement in (*earlier_schema.STATEMENTS, *earlier_schema.ROWS):
            sqlite = engine.dialect.name == "sqlite"
            connection.execute(text(earlier_schema.for_sqlite(statement) if sqlite else statement))
    engine.dispose()
    return database_url


def shape(engine: Engine) -> dict[str, tuple[set[str], set[str | None]]]:
    """Each table's columns and indexes."""
    inspector = inspect(engine)
    return {
        table: (
            {column["name"] for column in inspector.get_columns(table)},
            {index["name"] for index in inspector.get_indexes(table)},
        )
        for table in inspector.get_table_names()
    }


def test_an_earlier_database_keeps_its_rows_and_becomes_like_a_new_one(earlier: str) -> None:
    engine = open_database(earlier)
    expected = {
        table.name: ({column.name for column in table.columns}, {index.name for index in table.indexes})
        for table in Base.metadata.sorted_tables
    }
    assert shape(engine) == expected
    found = {str(each.prediction_id): each for each in PredictionStore(engine, FakeClock()).find()}
    assert set(found) == {earlier_schema.WAITING, earlier_schema.PUBLISHED, earlier_schema.WORKED_ON}
    assert found[earlier_schema.PUBLISHED].published_at == datetime(2026, 2, 1, 12, 0, 1, tzinfo=UTC)
    engine.dispose()


def test_what_an_earlier_version_has_recorded_and_not_published_is_adopted_once(earlier: str) -> None:
    engine = open_database(earlier)
    outbox = Outbox(engine, FakeClock())
    assert outbox.backlog().waiting == 0
    assert outbox.adopt() == 1
    assert outbox.adopt() == 0
    (entry,) = outbox.take_due(10).entries
    assert entry.prediction.prediction_id == UUID(earlier_schema.WAITING)
    assert outbox.backlog().oldest_at == datetime(2026, 2, 1, 12, tzinfo=UTC)
    engine.dispose()


def test_many_may_open_an_earlier_database_at_once(earlier: str) -> None:
    together = threading.Barrier(4)
    errors: list[Exception] = []

    def work() -> None:
        together.wait()
        try:
            open_database(earlier).dispose()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test tells it
            errors.append(error)

    for thread in [in_thread(work) for _ in range(4)]:
        thread.join(30)
    assert errors == []


@pytest.mark.parametrize(
    "lacking",
    [
        "ALTER TABLE outbox DROP COLUMN last_error_code",
        "DROP INDEX outbox_by_due",
        "DROP TABLE rejections",
    ],
)
def test_a_column_an_index_or_a_table_is_added(database_url: str, lacking: str) -> None:
    engine = open_database(database_url)
    whole = shape(engine)
    with engine.begin() as connection:
        connection.execute(text(lacking))
    assert shape(engine) != whole
    engine.dispose()
    engine = open_database(database_url)
    assert shape(engine) == whole
    engine.dispose()


def test_where_nothing_is_lacking_nobody_is_waited_for(database_url: str) -> None:
    """A process that starts must not wait for one that is writing."""
    engine = open_database(database_url)
    with engine.begin() as connection:
        connection.execute(
            text("BEGIN IMMEDIATE" if engine.dialect.name == "sqlite" else "SELECT pg_advisory_xact_lock(7284001)")
        )
        second = in_thread(lambda: open_database(database_url).dispose())
        second.join(10)
        assert not second.is_alive()
    engine.dispose()
