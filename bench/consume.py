"""What consuming costs beside boto3's own loop: `python -m bench consume`.

Processor time of this process, beside a plain loop of `receive_message` and `delete_message_batch`, both in tens, in
the same run: first with a store that costs nothing, so that the worker alone is seen, then with SQLite, claim, fence
and commit and all. The model does nothing. Logs are written as in a container, and thrown away.
"""

import argparse
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import boto3

from app.aws import make_heartbeat_sqs, make_sqs
from app.clock import SystemClock
from app.logs import configure_logs
from app.models import Scores
from app.s3_path import S3Path
from app.shutdown import Shutdown
from app.store import (
    Claim,
    ClaimRefusal,
    Grouped,
    NewPrediction,
    PredictionStore,
    RecoveryStore,
    RejectionStore,
    open_database,
)
from app.uploads import Uploads
from app.work_queue import WorkQueue
from app.worker import (
    Acknowledger,
    Admission,
    Heartbeat,
    PredictionHandler,
    Processor,
    Settler,
    ThreadSlots,
    Worker,
    WorkerOptions,
    in_rhythm,
)
from app.worker.lease import Lease
from bench.fast_queue import FastQueue, fast_queue
from bench.known_predictions import KnownPredictions
from bench.predictions import message_of, new_prediction
from bench.side_by_side import Comparison, compare_seconds
from bench.telling import positive, say, tell
from local.paths import LocalPaths

# Six is the least that tells how sure the median is.
PAIRS = 6
MESSAGES = 1000
CONCURRENCY = 10
_REGION = "us-east-1"
_VISIBILITY_SECONDS = 300
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}


class _FreeClaims(KnownPredictions):
    """Gives each claim, and takes each result, at no cost."""

    def claim_many(self, prediction_ids: Collection[UUID], *, lease_until: datetime) -> dict[UUID, Claim]:
        del lease_until
        return {prediction_id: Claim(prediction_id, 1) for prediction_id in prediction_ids}

    def claim(
        self, prediction_id: UUID, *, message_id: str, lease_until: datetime, is_last_delivery: bool = False
    ) -> Claim | ClaimRefusal:
        del message_id, lease_until, is_last_delivery
        return Claim(prediction_id, 1)

    def complete(self, claim: Claim, *, result_path: str, summary: Mapping[str, object]) -> bool:
        del claim, result_path, summary
        return True


class _FreeUploads(Uploads):
    """Files that cost nothing."""

    def read(self, path: S3Path) -> bytes:
        del path
        return b""

    def store_result(self, user_id: str, prediction_id: UUID, attempt: int, content: bytes) -> S3Path:
        del user_id, prediction_id, attempt, content
        return S3Path("results", "none.csv")


class _Idle:
    """A model that does nothing."""

    def predict(self, content: bytes, should_stop: Callable[[], bool]) -> Scores:
        del should_stop
        return Scores(content, {})


class _Bench:
    """A queue that is filled before each run, outside the time that is measured.

    Args:
        queue: The queue.
        count: How many messages each time.
        folder: Where the database lies.
    """

    def __init__(self, queue: FastQueue, count: int, folder: Path) -> None:
        self._queue = queue
        self._count = count
        self._sqs = boto3.client("sqs", region_name=_REGION)
        self._workers_sqs = make_sqs(_REGION)
        self._workers_quick_sqs = make_heartbeat_sqs(_REGION)
        self._uploads = _FreeUploads(boto3.client("s3", region_name=_REGION), "uploads", 1)
        self._clock = SystemClock()
        self._engine = open_database(f"sqlite:///{folder}/store.sqlite3")

    def compare(self, *, stored: bool, pairs: int) -> Comparison:
        """Consume in turns, by the plain loop and by the worker, each once beforehand to warm up."""
        return compare_seconds(self._plain_seconds, lambda: self._worker_seconds(stored=stored), pairs=pairs)

    def _fill(self) -> list[NewPrediction]:
        asked = [new_prediction() for _ in range(self._count)]
        for start in range(0, len(asked), 10):
            entries = [
                {"Id": str(place), "MessageBody": message_of(each).json()}
                for place, each in enumerate(asked[start : start + 10])
            ]
            self._sqs.send_message_batch(QueueUrl=self._queue.url, Entries=entries)  # type: ignore[arg-type]  # as its stubs would have them written
        return asked

    def _plain_seconds(self) -> float:
        self._fill()
        left, started = self._count, time.process_time()
        while left:
            answer = self._sqs.receive_message(QueueUrl=self._queue.url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            messages = answer.get("Messages", [])
            if messages:
                self._sqs.delete_message_batch(
                    QueueUrl=self._queue.url,
                    Entries=[
                        {"Id": str(place), "ReceiptHandle": each["ReceiptHandle"]}
                        for place, each in enumerate(messages)
                    ],
                )
            left -= len(messages)
        return time.process_time() - started

    def _worker_seconds(self, *, stored: bool) -> float:
        asked = self._fill()
        now = self._clock.now()
        predictions: PredictionStore = _FreeClaims({each.prediction_id: each.as_recorded(now) for each in asked})
        if stored:
            predictions = PredictionStore(self._engine, self._clock, Grouped(self._engine))
            predictions.add_many(asked)
        started = time.process_time()
        with ExitStack() as running:
            report = self._worker(predictions, running).run()
        if report.outcomes["completed"] != self._count:
            raise RuntimeError(f"not all were completed: {report.outcomes}")
        return time.process_time() - started

    def _worker(self, predictions: PredictionStore, running: ExitStack) -> Worker:
        clock = self._clock
        queue = WorkQueue(self._workers_sqs, self._queue.url, clock)
        quick = WorkQueue(self._workers_quick_sqs, self._queue.url, clock)
        heartbeat = Heartbeat(quick, predictions, _VISIBILITY_SECONDS, clock, random.random)
        acknowledger = Acknowledger(quick, clock, random.random)
        handler = PredictionHandler(
            admission=Admission(predictions, clock, timedelta(days=18)),
            predictions=predictions,
            recovery=RecoveryStore(self._engine, clock),
            rejections=RejectionStore(self._engine, clock),
            uploads=self._uploads,
            predictor=_Idle(),
            clock=clock,
            max_receives=3,
            max_seconds=900,
        )
        processor = Processor(
            handler=handler,
            heartbeat=heartbeat,
            settler=Settler(queue, acknowledger, _VISIBILITY_SECONDS, random.random),
            acknowledger=acknowledger,
            store=predictions,
            visibility_seconds=_VISIBILITY_SECONDS,
            clock=clock,
        )
        shutdown = Shutdown(clock)
        left = iter(range(self._count - 1))

        def process(lease: Lease) -> None:
            processor.process(lease)
            if next(left, None) is None:
                shutdown.request(signal.SIGTERM)

        running.enter_context(in_rhythm("heartbeat", heartbeat.beat, clock))
        running.enter_context(in_rhythm("acknowledger", acknowledger.tick, clock))
        return Worker(
            queue=queue,
            processor=processor,
            slots=ThreadSlots(CONCURRENCY, process),
            shutdown=shutdown,
            clock=clock,
            random=random.random,
            options=WorkerOptions(concurrency=CONCURRENCY, poll_seconds=1),
        )


def main(pairs: int, count: int) -> None:
    """Measure, and print the ratios.

    Args:
        pairs: How often each is measured.
        count: How many messages each time.
    """
    os.environ.update(_CREDENTIALS)
    with (
        fast_queue(LocalPaths().tools / "elasticmq") as queue,
        tempfile.TemporaryDirectory() as folder,
        Path(os.devnull).open("w") as nowhere,
    ):
        configure_logs(nowhere)
        os.environ["AWS_ENDPOINT_URL_SQS"] = queue.endpoint_url
        bench = _Bench(queue, count, Path(folder))
        say(f"against {queue.server}, {pairs} pairs of {count} messages, processor time of the client")
        for name, stored, target in (("without a store", False, 1.2), ("with SQLite", True, 3.0)):
            compared = bench.compare(stored=stored, pairs=pairs)
            tell(
                name,
                compared.told("boto3, receive and delete in tens", "the worker", messages=count, target=target),
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench consume", description=__doc__)
    parser.add_argument("--pairs", type=positive, default=PAIRS, help="how often each is measured (%(default)s)")
    parser.add_argument("--messages", type=positive, default=MESSAGES, help="how many each time (%(default)s)")
    arguments = parser.parse_args()
    main(arguments.pairs, arguments.messages)
