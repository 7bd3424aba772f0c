import socket
import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from app.settings import SettingsError
from app.store import PredictionStore, database, open_database
from app.store.database import StoreUnavailableError, has_this_versions_tables
from tests.app.doubles.clock import FakeClock
from tests.app.doubles.scene import in_thread
from tests.app.servers.postgresql import PostgreSQL


def test_opening_twice_keeps_what_was_there(database_url: str) -> None:
    url = database_url
    prediction_id = uuid4()
    for engine in (open_database(url), open_database(url)):
        store = PredictionStore(engine, FakeClock())
        if store.get(prediction_id) is None:
            store.add(prediction_id=prediction_id, user_id="user_a", upload_id=uuid4(), s3_file_path="s3://abc/k")
        engine.dispose()
    reopened = open_database(url)
    assert len(PredictionStore(reopened, FakeClock()).find()) == 1
    reopened.dispose()


def test_many_may_open_a_new_database_at_once(database_url: str) -> None:
    together = threading.Barrier(6)
    errors: list[Exception] = []

    def work() -> None:
        together.wait()
        try:
            open_database(database_url).dispose()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test tells it
            errors.append(error)

    for thread in [in_thread(work) for _ in range(6)]:
        thread.join(30)
    assert errors == []


def test_a_commit_is_on_the_disk_before_it_is_believed(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    engine.dispose()


def test_opening_waits_for_whoever_is_at_work_on_a_file_without_the_write_ahead_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "store.sqlite3"
    at_work = sqlite3.connect(file, isolation_level=None)
    at_work.execute("CREATE TABLE others (id)")
    at_work.execute("BEGIN IMMEDIATE")
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        at_work.execute("COMMIT")

    monkeypatch.setattr(database, "_pause", wait)
    open_database(f"sqlite:///{file}").dispose()
    assert len(waits) == 1
    at_work.close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
        ("sqlite:////nowhere/at/all/store.sqlite3", "which is no folder"),
        ("postgresql+nodriver://host/db", "cannot be read"),
        ("not a url", "cannot be read"),
        ("postgresql+asyncpg://u:hunter2@127.0.0.1:1/db", "driver that is not installed"),
    ],
)
def test_a_wrong_url_is_told_without_its_password(url: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told) as caught:
        open_database(url)
    assert "DATABASE_URL" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_server_that_does_not_answer_is_told_without_its_password() -> None:
    with pytest.raises(StoreUnavailableError, match="cannot be opened") as caught:
        open_database("postgresql://u:hunter2@127.0.0.1:1/db")
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite3"
    file.write_bytes(b"this is no database, whatever its name may be" * 100)
    with pytest.raises(StoreUnavailableError, match="not a database"):
        open_database(f"sqlite:///{file}")


def test_times_come_back_aware_and_in_utc(database_url: str) -> None:
    engine = open_database(database_url)
    east = datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=9)))
    store = PredictionStore(engine, FakeClock(east))
    added = store.add(prediction_id=uuid4(), user_id="user_a", upload_id=uuid4(), s3_file_path="s3://abc/k")
    found = store.get(added.prediction_id)
    assert found is not None
    assert found.created_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert found.created_at.utcoffset() == timedelta(0)
    with pytest.raises(StatementError, match="naive"):
        PredictionStore(engine, FakeClock(datetime(2026, 1, 1))).add(  # noqa: DTZ001 - naive on purpose
            prediction_id=uuid4(), user_id="user_a", upload_id=uuid4(), s3_file_path="s3://abc/k"
        )
    engine.dispose()


def test_looking_whether_the_tables_are_there_makes_none(database_url: str) -> None:
    assert not has_this_versions_tables(database_url)
    assert not has_this_versions_tables(database_url)
    open_database(database_url).dispose()
    assert has_this_versions_tables(database_url)


def test_a_server_that_does_not_answer_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(database._PATIENCE, "connect_timeout", 2)  # the least that libpq takes
    with socket.create_server(("127.0.0.1", 0)) as silent:
        told: list[Exception] = []

        def connect() -> None:
            try:
                open_database(f"postgresql://user:secret@127.0.0.1:{silent.getsockname()[1]}/db")
            except StoreUnavailableError as error:
                told.append(error)

        in_thread(connect).join(20)
    assert "timeout" in str(told[0])
    assert "secret" not in str(told[0])


def test_a_server_that_vanishes_is_noticed_and_the_url_may_say_when(postgresql: PostgreSQL) -> None:
    with postgresql.database() as url:
        engine = open_database(f"{url}&tcp_user_timeout=2000")
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            asked = driver.info.get_parameters()
        engine.dispose()
    assert asked["tcp_user_timeout"] == "2000"
    assert [asked[name] for name in ("connect_timeout", "keepalives_idle", "keepalives_count")] == ["5", "10", "2"]
