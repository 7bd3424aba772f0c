"""`work`: consume the queue."""

from app.client import SQSClient
from app.commands.shapes import FailureAnswer, WorkAnswer
from app.settings import load_settings
from app.shutdown import Shutdown
from app.wiring.metrics import metrics_of
from app.wiring.store import open_stores
from app.wiring.tracing import tracing_of
from app.wiring.worker import ready_worker
from app.worker import StoppedBy, WorkerOptions, WorkReport


def work(*, drain: bool, max_seconds: float | None, concurrency: int | None, shutdown: Shutdown) -> WorkAnswer:
    """Work until told to stop, or until the queue is empty.

    Args:
        drain: Stop when the queue is empty.
        max_seconds: Stop after so long in any case.
        concurrency: How many messages at once; by default `WORKER_CONCURRENCY`.
        shutdown: Whether to stop; it may have been asked already, and then nothing is opened.

    Raises:
        UserMistakeError: A setting is wrong.
        OperationFailedError: The queue or the store cannot be reached at the start.
    """
    settings = load_settings()
    if shutdown.is_requested:
        return _answer(WorkReport(StoppedBy.SIGNAL, 0, {}, 0, 0, 0.0, None))
    options = WorkerOptions(
        concurrency=concurrency or settings.worker_concurrency,
        poll_seconds=settings.worker_poll_seconds,
        shutdown_seconds=settings.worker_shutdown_seconds,
        drain=drain,
        max_seconds=max_seconds,
    )
    client = SQSClient(settings)
    with shutdown.installed(), tracing_of(settings) as tracing, metrics_of(settings) as metrics:
        stores = open_stores(settings, tracing=tracing)
        with ready_worker(settings, stores, client, shutdown, options, tracing=tracing, metrics=metrics) as worker:
            report = worker.run()
        client.shutdown()
    return _answer(report)


def _answer(report: WorkReport) -> WorkAnswer:
    failure: FailureAnswer | None = None
    if report.failure:
        failure = {
            "kind": report.failure.kind.value,
            "aws_code": report.failure.code,
            "aws_message": report.failure.message,
        }
    return {
        "stopped_by": report.stopped_by.value,
        "drained": report.stopped_by is StoppedBy.DRAINED,
        "received": report.received,
        "outcomes": report.outcomes,
        "given_back": report.given_back,
        "unfinished": report.unfinished,
        "seconds": round(report.seconds, 3),
        "failure": failure,
    }
