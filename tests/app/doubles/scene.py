"""Publisher and worker put together on a queue, a bucket and a database of the test's own."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from app.client import SQSClient
from app.kill_switch import KillSwitch
from app.models import Scores
from app.publishing import Dispatcher, Relay, Sender, SQSPublisher
from app.settings import Settings
from app.shutdown import Shutdown
from app.store import Outbox, Prediction, PredictionStore, RecoveryStore, RejectionStore, open_database
from app.uploads import Uploads
from app.work_queue import WorkQueue
from app.worker import (
    Acknowledger,
    Admission,
    Heartbeat,
    PredictionHandler,
    Processor,
    Settler,
    Worker,
    WorkerOptions,
)
from app.worker.lease import Lease
from tests.app.doubles.clock import FakeClock
from tests.app.doubles.s3 import FakeS3
from tests.app.doubles.sqs import QUEUE_URL, FakeSqs

BUCKET = "retainwise-uploads"
OWNER = "user_2abcdef1234567890"
OTHER = "user_other"
MOST_SECONDS = 10_000.0
CONTENT = b"ID,frequency,recency,T\n1,2,3,4\n"


@dataclass
class FakePredictor:
    """Says how long the file is, unless told to do something else."""

    action: Callable[[bytes, Callable[[], bool]], None] = lambda _content, _should_stop: None
    contents: list[bytes] = field(default_factory=list)

    def predict(self, content: bytes, should_stop: Callable[[], bool]) -> Scores:
        self.contents.append(content)
        self.action(content, should_stop)
        return Scores(b"ID,probability_alive\n1,1\n", {"customers": len(content)})


@dataclass
class InlineSlots:
    """Slots that do the work at once, in the polling thread."""

    work: Callable[[Lease], None]
    count: int = 4

    def reserve(self, most: int, seconds: float) -> int:
        del seconds
        return min(most, self.count)

    def cancel(self, count: int) -> None:
        del count

    def start(self, leases: Sequence[Lease]) -> None:
        for lease in leases:
            self.work(lease)

    def wait_until_idle(self, seconds: float) -> bool:
        del seconds
        return True


def middle() -> float:
    """Chance, always the same."""
    return 0.5


class Scene:
    """Everything that a publisher and a worker need, and a short way to each."""

    def __init__(self, database_url: str) -> None:
        self.clock = FakeClock()
        self.sqs = FakeSqs(self.clock)
        self.s3 = FakeS3()
        self.engine = open_database(database_url)
        self.predictions = PredictionStore(self.engine, self.clock)
        self.outbox = Outbox(self.engine, self.clock)
        self.rejections = RejectionStore(self.engine, self.clock)
        self.recovery = RecoveryStore(self.engine, self.clock)
        self.predictor = FakePredictor()
        self.settings = Settings(predictions_queue_url=QUEUE_URL, aws_region="us-east-1", uploads_bucket=BUCKET)
        self.client = SQSClient(self.settings, make=lambda _region: self.sqs.client)
        self.uploads = Uploads(self.s3.client, BUCKET, max_bytes=1000)
        self.switch_value = "true"
        self.kill_switch = KillSwitch(
            enabled=True, read_parameter=lambda: self.switch_value, clock=self.clock, cache_seconds=10
        )
        self.sender = Sender(self.client, self.clock, middle)
        self.publisher = self.make_publisher()
        self.queue = WorkQueue(self.sqs.client, QUEUE_URL, self.clock)
        self.exits: list[int] = []
        self.shutdown = Shutdown(self.clock, exit_now=self.exits.append)
        self.heartbeat = Heartbeat(self.queue, self.predictions, self.sqs.visibility_seconds, self.clock, middle)

    def add(self, content: bytes = CONTENT, user_id: str = OWNER) -> Prediction:
        """A stored upload and its prediction."""
        upload_id = uuid4()
        path = self.uploads.store_upload(user_id, upload_id, content)
        return self.predictions.add(prediction_id=uuid4(), user_id=user_id, upload_id=upload_id, s3_file_path=str(path))

    def published(self, content: bytes = CONTENT) -> Prediction:
        """A prediction whose message is in the queue."""
        prediction = self.add(content)
        assert self.publisher.publish_prediction(prediction.prediction_id).message_id
        return prediction

    def make_publisher(self, *, group_by_user: bool = False) -> SQSPublisher:
        return SQSPublisher(
            predictions=self.predictions,
            outbox=self.outbox,
            dispatcher=Dispatcher(self.sender, self.outbox, self.clock, middle, group_by_user=group_by_user),
            kill_switch=self.kill_switch,
            clock=self.clock,
        )

    def relay(self, publisher: SQSPublisher | None = None) -> Relay:
        return Relay(
            publisher=publisher or self.publisher,
            outbox=self.outbox,
            shutdown=self.shutdown,
            clock=self.clock,
            random=middle,
        )

    def now_of(self, prediction_id: UUID) -> Prediction:
        """The prediction as it stands now."""
        found = self.predictions.get(prediction_id)
        assert found is not None
        return found

    def handler(self, *, max_receives: int | None = 3) -> PredictionHandler:
        return PredictionHandler(
            admission=Admission(self.predictions, self.clock, timedelta(days=18)),
            predictions=self.predictions,
            recovery=self.recovery,
            rejections=self.rejections,
            uploads=self.uploads,
            predictor=self.predictor,
            clock=self.clock,
            max_receives=max_receives,
            max_seconds=MOST_SECONDS,
        )

    def processor(self) -> Processor:
        acknowledger = Acknowledger(self.queue, self.clock, middle)
        return Processor(
            handler=self.handler(),
            heartbeat=self.heartbeat,
            settler=Settler(self.queue, acknowledger, self.sqs.visibility_seconds, middle),
            acknowledger=acknowledger,
            store=self.predictions,
            visibility_seconds=self.sqs.visibility_seconds,
            clock=self.clock,
        )

    def worker(self, options: WorkerOptions, processor: Processor | None = None) -> Worker:
        processor = processor or self.processor()
        return Worker(
            queue=self.queue,
            processor=processor,
            slots=InlineSlots(processor.process),
            shutdown=self.shutdown,
            clock=self.clock,
            random=middle,
            options=options,
        )

    def drained(self, max_seconds: float | None = 100_000) -> Worker:
        """A worker that stops when the queue is empty."""
        return self.worker(WorkerOptions(drain=True, max_seconds=max_seconds))


def in_thread(target: Callable[[], None]) -> threading.Thread:
    """Run beside the test, never beyond it."""
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    return thread
