"""The main job: uploads, requests, bad requests, and a worker that drains the queue."""

import json
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from local.demo.application import Answer, Application
from local.demo.leftovers import depth
from local.demo.sample import WHOLE_FILE_USER, Upload, deal
from local.emulator.sessions import Role

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

POISON = '{"prediction_id": "not a prediction", '
STRANGER = "user_2somebodyElse"
DRAIN_SECONDS = 240


@dataclass(frozen=True)
class Requests:
    """What was put into the queue.

    Args:
        uploads: The uploads, as the application recorded them.
        published: How many requests the publisher sent.
        poison_message_id: The message whose body is malformed.
        forged_message_id: The message in which a stranger asks for somebody else's prediction.
        depth_before: How many messages the queue held before.
        depth_after: How many it held then.
    """

    uploads: list[Answer]
    published: int
    poison_message_id: str
    forged_message_id: str
    depth_before: int
    depth_after: int

    @property
    def prediction_ids(self) -> set[str]:
        """The predictions that were asked for."""
        return {str(upload["prediction_id"]) for upload in self.uploads}


def store_uploads(application: Application) -> list[Answer]:
    """Store the sample as uploads of several users."""

    def store(upload: Upload) -> Answer:
        return application.ask(Role.PRODUCER, "upload", str(upload.file), "--user", upload.user_id)

    with ThreadPoolExecutor() as users:
        return list(users.map(store, deal(application.folder)))


def publish(application: Application, producer: "SQSClient", queue_url: str, uploads: list[Answer]) -> Requests:
    """Publish a request for each upload, and send two bad ones past the publisher.

    Args:
        application: The application.
        producer: A client with the producer's session, for what the publisher would refuse.
        queue_url: The queue.
        uploads: What `store_uploads` gave.
    """
    before = depth(producer, queue_url)
    answer = application.ask(Role.PRODUCER, "publish")
    victim = next(upload for upload in uploads if upload["user_id"] == WHOLE_FILE_USER)
    poison = producer.send_message(QueueUrl=queue_url, MessageBody=POISON)
    forged = producer.send_message(QueueUrl=queue_url, MessageBody=request_body(victim, user_id=STRANGER))
    return Requests(
        uploads=uploads,
        published=cast("int", answer["published"]),
        poison_message_id=poison["MessageId"],
        forged_message_id=forged["MessageId"],
        depth_before=before,
        depth_after=depth(producer, queue_url),
    )


def request_body(upload: Mapping[str, object], *, user_id: object) -> str:
    """The body of a request for an upload's prediction, in anybody's name."""
    return json.dumps(
        {
            "prediction_id": upload["prediction_id"],
            "user_id": user_id,
            "upload_id": upload["upload_id"],
            "s3_file_path": upload["s3_file_path"],
            "timestamp": datetime.now(UTC).isoformat(),
            "priority": "normal",
        }
    )


def drain(application: Application) -> Answer:
    """Run the worker until the queue is drained."""
    return application.ask(Role.CONSUMER, "work", "--drain", "--max-seconds", str(DRAIN_SECONDS))


def new_run_name() -> str:
    """A name for a run's folder."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}"
