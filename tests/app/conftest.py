import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import structlog
from structlog.testing import LogCapture

from tests.app.doubles.clock import FakeClock
from tests.app.doubles.scene import Scene
from tests.app.servers.postgresql import PostgreSQL, PostgreSQLMissingError


@pytest.fixture
def fake_clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of the test's own: SQLite, unless the test is run on others too (servers/databases.py)."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.sqlite3'}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    with server.database() as url:
        yield url


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """One PostgreSQL server for each test process; it ends with the tests, however they end."""
    with TemporaryDirectory(prefix="pg-") as folder:
        try:
            server = PostgreSQL(Path(folder))
        except PostgreSQLMissingError as error:
            if os.environ.get("CI") == "true":
                pytest.fail(str(error))
            pytest.skip(str(error))
        with server.running():
            yield server


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    made = Scene(database_url)
    yield made
    made.engine.dispose()


@pytest.fixture(autouse=True)
def app_logs() -> Iterator[LogCapture]:
    """What the application logs, kept for the test instead of printed."""
    captured = LogCapture()
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, captured])
    yield captured
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting or credential of the surroundings reaches a test."""
    for name in (
        "PREDICTIONS_QUEUE_URL",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_PROFILE",
        "AWS_ENDPOINT_URL",
        "ENABLE_SQS",
        "ENABLE_SQS_PARAMETER",
        "UPLOADS_BUCKET",
        "DATABASE_URL",
        "WORKER_CONCURRENCY",
        "WORKER_POLL_SECONDS",
        "ECS_CONTAINER_METADATA_URI_V4",
        "METRICS",
        *(name for name in os.environ if name.startswith("OTEL_")),
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
