"""What publishing costs beside boto3's own send: `python -m bench publish`.

Processor time of this process, beside a plain loop of `send_message` in the same run: one by one and in bulk, first
with a store that costs nothing, so that the publisher alone is seen, then with SQLite, predictions recorded and all.
Logs are written as in a container, and thrown away.
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import boto3
from sqlalchemy import Engine

from app.client import SQSClient
from app.clock import SystemClock
from app.kill_switch import KillSwitch
from app.logs import configure_logs
from app.publishing import Dispatcher, PublishCode, PublishResult, Sender, SQSPublisher
from app.settings import Settings
from app.store import (
    Outbox,
    OutboxEntry,
    OutboxLease,
    Postponed,
    Prediction,
    PredictionStore,
    open_database,
)
from bench.fast_queue import FastQueue, fast_queue
from bench.known_predictions import KnownPredictions
from bench.predictions import message_of, new_prediction
from bench.side_by_side import compare
from bench.telling import positive, say, tell
from local.paths import LocalPaths

# Many short runs in turns: whatever else the machine does then falls on both, and the median leaves it out.
PAIRS = 80
MESSAGES = 40
_REGION = "us-east-1"
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}


class _FreeOutbox(Outbox):
    """Gives any entry to whoever asks, at no cost."""

    def __init__(self, predictions: Mapping[UUID, Prediction]) -> None:
        self._entries = {prediction_id: OutboxEntry(each, 0) for prediction_id, each in predictions.items()}
        self._lease_id = uuid4()

    def take(self, prediction_ids: Collection[UUID]) -> OutboxLease:
        return OutboxLease(self._lease_id, [self._entries[prediction_id] for prediction_id in prediction_ids])

    def settle(
        self, lease: OutboxLease, *, sent: Mapping[UUID, str | None], postponed: Sequence[Postponed] = ()
    ) -> None:
        del lease, sent, postponed


def main(pairs: int, count: int) -> None:
    """Measure, and print the ratios.

    Args:
        pairs: How often each is measured.
        count: How many messages each time.
    """
    os.environ.update(_CREDENTIALS)
    with fast_queue(LocalPaths().tools / "elasticmq") as queue, Path(os.devnull).open("w") as nowhere:
        configure_logs(nowhere)
        os.environ["AWS_ENDPOINT_URL_SQS"] = queue.endpoint_url
        say(f"against {queue.server}, {pairs} pairs of {count} messages, processor time of the client")
        predictions = [new_prediction() for _ in range(count)]
        messages = [message_of(one) for one in predictions]
        send = _plain_loop(queue, [message.json() for message in messages])
        now = SystemClock().now()
        known = {one.prediction_id: one.as_recorded(now) for one in predictions}
        free = _publisher(queue, KnownPredictions(known), _FreeOutbox(known))
        _compare("one by one", send, lambda: [free.publish(message) for message in messages], pairs, count, 1.05)
        _compare("in bulk", send, lambda: free.publish_many(messages), pairs, count, 0.14)
        with _sqlite_engine() as engine:
            stored = _publisher(queue, PredictionStore(engine, SystemClock()), Outbox(engine, SystemClock()))
            _compare("one by one, with SQLite", send, lambda: _record_and_publish(engine, stored, count), pairs, count)
            _compare(
                "in bulk, with SQLite", send, lambda: _record_and_publish_many(engine, stored, count), pairs, count
            )


def _compare(  # noqa: PLR0913, PLR0917 - what the four of them differ in
    name: str,
    send: Callable[[], object],
    publish: Callable[[], Sequence[PublishResult]],
    pairs: int,
    count: int,
    target: float | None = None,
) -> None:
    def checked() -> None:
        failed = [result for result in publish() if result.code is not PublishCode.PUBLISHED]
        if failed:
            raise RuntimeError(f"{len(failed)} were not published: {failed[0].code}")

    compared = compare(send, checked, pairs=pairs, timer=time.process_time)
    tell(name, compared.told("boto3, send_message", "the publisher", messages=count, target=target))


def _plain_loop(queue: FastQueue, bodies: Sequence[str]) -> Callable[[], None]:
    sqs = boto3.client("sqs", region_name=_REGION)

    def send() -> None:
        for body in bodies:
            sqs.send_message(QueueUrl=queue.url, MessageBody=body)

    return send


def _publisher(queue: FastQueue, predictions: PredictionStore, outbox: Outbox) -> SQSPublisher:
    clock = SystemClock()
    settings = Settings(predictions_queue_url=queue.url, aws_region=_REGION)
    sender = Sender(SQSClient(settings), clock, random.random)
    return SQSPublisher(
        predictions=predictions,
        outbox=outbox,
        dispatcher=Dispatcher(sender, outbox, clock, random.random, group_by_user=False),
        kill_switch=KillSwitch(enabled=True, read_parameter=None, clock=clock),
        clock=clock,
    )


@contextmanager
def _sqlite_engine() -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/store.sqlite3")
        yield engine
        engine.dispose()


def _record_and_publish(engine: Engine, publisher: SQSPublisher, count: int) -> list[PublishResult]:
    store = PredictionStore(engine, SystemClock())
    results = []
    for asked in [new_prediction() for _ in range(count)]:
        store.add_many([asked])
        results.append(publisher.publish(message_of(asked)))
    return results


def _record_and_publish_many(engine: Engine, publisher: SQSPublisher, count: int) -> list[PublishResult]:
    predictions = [new_prediction() for _ in range(count)]
    PredictionStore(engine, SystemClock()).add_many(predictions)
    return publisher.publish_many([message_of(one) for one in predictions])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench publish", description=__doc__)
    parser.add_argument("--pairs", type=positive, default=PAIRS, help="how often each is measured (%(default)s)")
    parser.add_argument("--messages", type=positive, default=MESSAGES, help="how many each time (%(default)s)")
    arguments = parser.parse_args()
    main(arguments.pairs, arguments.messages)
