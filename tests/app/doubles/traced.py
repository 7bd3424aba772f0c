"""A publisher and a worker that are traced, each into a memory of its own, as two processes would be."""

from collections.abc import Mapping, Sequence

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import Sampler
from opentelemetry.trace import Link

from app.publishing import SQSPublisher
from app.publishing.traced import TracedDispatcher, TracedSender
from app.store.traced import TracedPredictions, TracedRejections
from app.store.transactions import OneByOne
from app.telemetry.messaging import MessagingQueue
from app.telemetry.trace_context import TraceContext
from app.telemetry.tracing import Tracing
from app.traced_uploads import TracedUploads
from app.work_queue import WorkQueue
from app.worker import Acknowledger, Processor, Settler, Worker, WorkerOptions
from app.worker.traced import TracedHandler
from app.worker.traced_queue import TracedWorkQueue
from tests.app.doubles.scene import BUCKET, Scene, middle
from tests.app.doubles.sqs import QUEUE_URL

REGION = "us-east-1"
QUEUE = MessagingQueue(QUEUE_URL, REGION)


class Memory:
    """One process's spans.

    Args:
        sampler: Which traces are recorded; all, by default.
    """

    def __init__(self, sampler: Sampler | None = None) -> None:
        self._exporter = InMemorySpanExporter()
        self._provider = TracerProvider(sampler=sampler, resource=Resource({}), shutdown_on_exit=False)
        self._provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracing = Tracing(self._provider)

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        """All that have ended, in the order of their ends."""
        return self._exporter.get_finished_spans()

    def called(self, name: str) -> list[ReadableSpan]:
        """Those of a name."""
        return [span for span in self.spans if span.name == name]

    def one(self, name: str) -> ReadableSpan:
        """The only one of a name."""
        (span,) = self.called(name)
        return span


class TracedScene(Scene):
    """A scene whose backend, relay and worker are traced, each as a process of its own."""

    def __init__(self, database_url: str, sampler: Sampler | None = None) -> None:
        super().__init__(database_url)
        self.backend, self.relays, self.works = Memory(sampler), Memory(sampler), Memory(sampler)
        self.untraced_predictions = self.predictions
        self.as_backend()
        self.publisher = self.traced_publisher(self.backend)

    def as_backend(self) -> None:
        """What the scene adds, it adds as the backend does."""
        transactions, s3, tracing = OneByOne(self.engine), self.s3.client, self.backend.tracing
        self.predictions = TracedPredictions(self.engine, self.clock, transactions, tracing)
        self.uploads = TracedUploads(s3, BUCKET, 1000, REGION, tracing)

    def traced_publisher(self, memory: Memory, *, group_by_user: bool = False) -> SQSPublisher:
        sender = TracedSender(self.client, self.clock, middle, memory.tracing)
        return SQSPublisher(
            predictions=self.predictions,
            outbox=self.outbox,
            dispatcher=TracedDispatcher(
                sender, self.outbox, self.clock, middle, group_by_user=group_by_user, tracing=memory.tracing
            ),
            kill_switch=self.kill_switch,
            clock=self.clock,
        )

    def traced_queue(self) -> WorkQueue:
        return TracedWorkQueue(self.sqs.client, QUEUE, self.clock, self.works.tracing)

    def traced_worker(self) -> Worker:
        """A worker that stops when the queue is empty."""
        transactions, tracing = OneByOne(self.engine), self.works.tracing
        self.predictions = TracedPredictions(self.engine, self.clock, transactions, tracing)
        self.rejections = TracedRejections(self.engine, self.clock)
        self.uploads = TracedUploads(self.s3.client, BUCKET, 1000, REGION, tracing)
        self.queue = self.traced_queue()
        acknowledger = Acknowledger(self.queue, self.clock, middle)
        processor = Processor(
            handler=TracedHandler.of(self.handler(), QUEUE, tracing),
            heartbeat=self.heartbeat,
            settler=Settler(self.queue, acknowledger, self.sqs.visibility_seconds, middle),
            acknowledger=acknowledger,
            store=self.predictions,
            visibility_seconds=self.sqs.visibility_seconds,
            clock=self.clock,
        )
        worker = self.worker(WorkerOptions(drain=True, max_seconds=100_000), processor)
        self.as_backend()
        return worker


def context_of(span: ReadableSpan) -> TraceContext:
    """A span's context, as it would be carried on."""
    ids = span.get_span_context()
    assert ids is not None
    found = TraceContext.read(f"00-{ids.trace_id:032x}-{ids.span_id:016x}-{ids.trace_flags:02x}")
    assert found is not None
    return found


def parent_of(span: ReadableSpan) -> str | None:
    """The id of its parent."""
    return f"{span.parent.span_id:016x}" if span.parent else None


def linked(span: ReadableSpan) -> list[tuple[str, str]]:
    """The traces and spans that it has links to."""
    return [(f"{link.context.trace_id:032x}", f"{link.context.span_id:016x}") for link in span.links]


def attributes_of(told: ReadableSpan | Link) -> Mapping[str, object]:
    """What a span or a link tells."""
    return dict(told.attributes or {})
