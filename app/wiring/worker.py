"""The worker of these settings."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from app.aws import make_heartbeat_sqs
from app.aws_failures import AWS_ERRORS, AwsFailure
from app.client import QueueUnreachableError, SQSClient
from app.clock import SystemClock
from app.errors import OperationFailedError
from app.models import ChurnPredictor
from app.settings import Settings
from app.shutdown import Shutdown
from app.wiring.store import Stores
from app.wiring.uploads import make_uploads
from app.work_queue import WorkQueue
from app.worker import (
    Heartbeat,
    PredictionHandler,
    Processor,
    Settler,
    ThreadSlots,
    Worker,
    WorkerOptions,
)


@contextmanager
def ready_worker(
    settings: Settings,
    stores: Stores,
    client: SQSClient,
    shutdown: Shutdown,
    options: WorkerOptions,
) -> Iterator[Worker]:
    """A worker whose queue has been checked and whose heart beats.

    Raises:
        SettingsError: A setting is missing, or the queue is another one.
        QueueUnreachableError: AWS refuses, or does not answer.
        OperationFailedError: The queue hides no message while it is worked on.
    """
    clock = SystemClock()
    uploads = make_uploads(settings)
    client.check_queue()
    queue = WorkQueue(client.get_client(), settings.queue_url, clock)
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
    heartbeat = Heartbeat(
        WorkQueue(make_heartbeat_sqs(settings.region), settings.queue_url, clock),
        stores.predictions,
        visibility,
        clock,
        random.random,
    )
    handler = PredictionHandler(
        predictions=stores.predictions,
        rejections=stores.rejections,
        uploads=uploads,
        predictor=ChurnPredictor(settings.at_risk_below),
        clock=clock,
        max_age=timedelta(seconds=settings.message_max_age_seconds),
        max_receives=attributes.max_receive_count,
    )
    processor = Processor(
        handler=handler,
        heartbeat=heartbeat,
        settler=Settler(queue, visibility, clock, random.random),
        store=stores.predictions,
        visibility_seconds=visibility,
        clock=clock,
    )
    with heartbeat.beating():
        yield Worker(
            queue=queue,
            processor=processor,
            slots=ThreadSlots(options.concurrency, processor.process),
            shutdown=shutdown,
            clock=clock,
            random=random.random,
            options=options,
        )
