"""The worker of these settings."""

import os
import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from app.aws import make_heartbeat_sqs
from app.aws_failures import AWS_ERRORS, AwsFailure
from app.client import QueueUnreachableError, SQSClient
from app.clock import Clock, SystemClock
from app.errors import OperationFailedError
from app.models import ChurnPredictor, Predictor
from app.settings import Settings
from app.shutdown import Shutdown
from app.wiring.store import Stores
from app.wiring.uploads import make_uploads
from app.work_queue import WorkQueue
from app.worker import (
    Acknowledger,
    Admission,
    Health,
    Heartbeat,
    Orphans,
    PredictionHandler,
    Processor,
    ScaleInProtection,
    Settler,
    Sweeper,
    ThreadSlots,
    Worker,
    WorkerOptions,
    ecs_agent,
    health_port,
    in_rhythm,
)
from app.worker.metered import WorkerMetrics
from app.worker.metered_queue import MeteredQueue
from app.worker.observed import observe_models, observe_worker
from app.worker.processes import ProcessLimits, ProcessPredictor

if TYPE_CHECKING:
    from types_boto3_sqs.client import SQSClient as BotoSQSClient

    from app.telemetry.registry import Registry
    from app.telemetry.tracing import Tracing

_FIRST_PROCESS = 1
"""The id of a container's first process."""


@contextmanager
def ready_worker(  # noqa: PLR0913 - what a worker is put together from
    settings: Settings,
    stores: Stores,
    client: SQSClient,
    shutdown: Shutdown,
    options: WorkerOptions,
    *,
    tracing: "Tracing | None" = None,
    metrics: "Registry | None" = None,
) -> Iterator[Worker]:
    """A worker whose queue has been checked and whose heart beats.

    Args:
        settings: The settings.
        stores: The stores.
        client: The process's SQS client.
        shutdown: Whether to stop.
        options: How to work.
        tracing: What makes spans, if anything does.
        metrics: What instruments belong to, if anything is measured.

    Raises:
        SettingsError: A setting is missing, or the queue is another one.
        QueueUnreachableError: AWS refuses, or does not answer.
        OperationFailedError: The queue hides no message while it is worked on.
    """
    clock = SystemClock()
    uploads = make_uploads(settings, tracing)
    client.check_queue()
    measured = None if metrics is None else WorkerMetrics(metrics)
    queue = _measured(_queue(client.get_client(), settings, clock, tracing), measured, clock)
    try:
        attributes = queue.attributes()
    except AWS_ERRORS as error:
        raise QueueUnreachableError(AwsFailure.of(error)) from error
    visibility = attributes.visibility_timeout_seconds
    if visibility < 1:
        raise OperationFailedError(
            f"the visibility timeout of {settings.queue_url} is 0 s: every message would be handed out to everybody at "
            "once. Set it to how long a prediction may take, such as 300 s"
        )
    quick = _measured(_queue(make_heartbeat_sqs(settings.region), settings, clock, tracing), measured, clock)
    heartbeat = Heartbeat(quick, stores.predictions, visibility, clock, random.random)
    acknowledger = Acknowledger(quick, clock, random.random)
    most_receives = attributes.max_receive_count
    retention = timedelta(seconds=attributes.message_retention_seconds)
    sweeper = Sweeper(stores.recovery, retention, most_receives)
    health = Health(clock)
    with ExitStack() as running:
        predictor = _predictor(settings, options, running)
        handler = PredictionHandler(
            admission=Admission(stores.predictions, clock, timedelta(seconds=settings.message_max_age_seconds)),
            predictions=stores.predictions,
            recovery=stores.recovery,
            rejections=stores.rejections,
            uploads=uploads,
            predictor=predictor,
            clock=clock,
            max_receives=most_receives,
            max_seconds=settings.worker_job_seconds,
        )
        processor = Processor(
            handler=_traced(handler, settings, tracing),
            heartbeat=heartbeat,
            settler=Settler(queue, acknowledger, visibility, random.random, quick),
            acknowledger=acknowledger,
            store=stores.predictions,
            visibility_seconds=visibility,
            clock=clock,
            metrics=measured,
        )
        slots = ThreadSlots(options.concurrency, processor.process)
        if metrics is not None:
            observe_worker(metrics, processor, slots, sweeper, options.concurrency)
            if isinstance(predictor, ProcessPredictor):
                observe_models(metrics, predictor)
        if settings.worker_health_port is not None:
            running.enter_context(_health_port(health, settings.worker_health_port))
        if settings.ecs_agent_uri is not None:
            protection = ScaleInProtection(ecs_agent(settings.ecs_agent_uri), lambda: slots.is_busy, clock)
            running.callback(protection.release)
            running.enter_context(in_rhythm("protection", protection.tick, clock))
        running.enter_context(in_rhythm("heartbeat", heartbeat.beat, clock))
        running.enter_context(in_rhythm("acknowledger", acknowledger.tick, clock))
        running.enter_context(in_rhythm("sweeper", sweeper.tick, clock))
        if os.getpid() == _FIRST_PROCESS:
            running.enter_context(in_rhythm("orphans", Orphans().tick, clock))
        yield Worker(
            queue=queue,
            processor=processor,
            slots=slots,
            shutdown=shutdown,
            clock=clock,
            random=random.random,
            options=options,
            health=health,
        )


def _queue(sqs: "BotoSQSClient", settings: Settings, clock: Clock, tracing: "Tracing | None") -> WorkQueue:
    if tracing is None:
        return WorkQueue(sqs, settings.queue_url, clock)
    from app.telemetry.messaging import MessagingQueue  # noqa: PLC0415 - see app.wiring.tracing
    from app.worker.traced_queue import TracedWorkQueue  # noqa: PLC0415

    return TracedWorkQueue(sqs, MessagingQueue(settings.queue_url, settings.region), clock, tracing)


def _measured(queue: WorkQueue, metrics: WorkerMetrics | None, clock: Clock) -> WorkQueue:
    return queue if metrics is None else MeteredQueue(queue, metrics, clock)


def _traced(handler: PredictionHandler, settings: Settings, tracing: "Tracing | None") -> PredictionHandler:
    if tracing is None:
        return handler
    from app.telemetry.messaging import MessagingQueue  # noqa: PLC0415 - see app.wiring.tracing
    from app.worker.traced import TracedHandler  # noqa: PLC0415

    return TracedHandler.of(handler, MessagingQueue(settings.queue_url, settings.region), tracing)


def _predictor(settings: Settings, options: WorkerOptions, running: ExitStack) -> Predictor:
    """The model; in processes of its own, unless threads are asked for."""
    model = ChurnPredictor(settings.at_risk_below)
    if settings.worker_model_in == "threads":
        return model
    limits = ProcessLimits(settings.worker_process_jobs, settings.worker_process_megabytes)
    return running.enter_context(ProcessPredictor(model, options.concurrency, limits))


def _health_port(health: Health, port: int) -> AbstractContextManager[int]:
    try:
        return health_port(health, port)
    except OSError as error:
        raise OperationFailedError(
            f"WORKER_HEALTH_PORT is {port}: it cannot be had ({error.strerror}). Give a free port from 1 to 65535"
        ) from error
