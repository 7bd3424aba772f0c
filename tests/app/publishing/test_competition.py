"""Relays that compete for one outbox: processes of their own, as far as the database can tell."""

import threading
from collections import Counter

from app.publishing import Dispatcher, PublishCode, RelayReport, SQSPublisher
from app.store import Outbox, PredictionStore, open_database
from tests.app.doubles.scene import Scene, in_thread, middle
from tests.app.servers.databases import on_each_database

RELAYS = 4
PREDICTIONS = 400


@on_each_database
def test_competing_relays_send_each_message_once(scene: Scene, database_url: str) -> None:
    recorded = {str(scene.add().prediction_id) for _ in range(PREDICTIONS)}
    reports: list[RelayReport] = []
    together = threading.Barrier(RELAYS, timeout=30)

    def relay() -> None:
        engine = open_database(database_url)
        outbox = Outbox(engine, scene.clock)
        publisher = SQSPublisher(
            predictions=PredictionStore(engine, scene.clock),
            outbox=outbox,
            dispatcher=Dispatcher(scene.sender, outbox, scene.clock, middle, group_by_user=False),
            kill_switch=scene.kill_switch,
            clock=scene.clock,
        )
        together.wait()
        reports.append(scene.relay(publisher).run(once=True))
        engine.dispose()

    for thread in [in_thread(relay) for _ in range(RELAYS)]:
        thread.join(60)
    assert len(reports) == RELAYS
    codes = Counter[PublishCode | str]()
    for report in reports:
        codes.update(report.codes)
    assert codes == {"published": PREDICTIONS}
    sent = [message.body for message in scene.sqs.messages]
    assert len(sent) == PREDICTIONS
    assert all(any(one in body for body in sent) for one in recorded)
    assert scene.outbox.backlog().waiting == 0
