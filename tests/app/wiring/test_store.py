import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, text, update

from app.clock import SystemClock
from app.store import Claim, ClaimRefusal, PredictionStore, open_database
from app.store.schema import PredictionRow
from app.wiring.store import make_transactions
from tests.app.doubles.scene import in_thread
from tests.app.servers.postgresql import PostgreSQL


@pytest.fixture
def engine(postgresql: PostgreSQL) -> Iterator[Engine]:
    with postgresql.database() as url:
        opened = open_database(url)
        yield opened
        opened.dispose()


def wait_until_somebody_waits(connection: Connection) -> None:
    ends = time.monotonic() + 10
    while not connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
        assert time.monotonic() < ends


def test_on_postgresql_a_row_that_is_locked_holds_up_nobody_but_who_wants_it(engine: Engine) -> None:
    """As for one that a relay records as sent: to wait for it with other rows locked would be half of a deadlock."""
    predictions = PredictionStore(engine, SystemClock(), make_transactions(engine))
    locked, free = uuid4(), uuid4()
    for prediction_id in (locked, free):
        predictions.add(prediction_id=prediction_id, user_id="user_a", upload_id=uuid4(), s3_file_path="s3://bucket/k")
    claimed: dict[UUID, Claim | ClaimRefusal] = {}
    done = {locked: threading.Event(), free: threading.Event()}

    def claim(prediction_id: UUID) -> None:
        until = datetime.now(UTC) + timedelta(seconds=300)
        claimed[prediction_id] = predictions.claim(prediction_id, message_id="m", lease_until=until)
        done[prediction_id].set()

    with engine.begin() as relay:
        relay.execute(update(PredictionRow).where(PredictionRow.prediction_id == locked).values(message_id="m"))
        in_thread(lambda: claim(locked))
        wait_until_somebody_waits(relay)
        in_thread(lambda: claim(free))
        assert done[free].wait(10)
        assert not done[locked].is_set()
    assert done[locked].wait(10)
    assert claimed == {locked: Claim(locked, 1), free: Claim(free, 1)}
