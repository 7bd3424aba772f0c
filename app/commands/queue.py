"""`queue`: what the queue says of itself."""

from app.aws_failures import AWS_ERRORS, AwsFailure
from app.client import QueueUnreachableError, SQSClient
from app.clock import SystemClock
from app.commands.shapes import QueueAnswer
from app.settings import load_settings
from app.work_queue import WorkQueue


def queue_attributes() -> QueueAnswer:
    """Ask the configured queue for its attributes.

    Raises:
        SettingsError: No queue or region is configured.
        QueueUnreachableError: AWS refuses, or does not answer.
    """
    settings = load_settings()
    client = SQSClient(settings)
    try:
        found = WorkQueue(client.get_client(), settings.queue_url, SystemClock()).attributes()
    except AWS_ERRORS as error:
        raise QueueUnreachableError(AwsFailure.of(error)) from error
    finally:
        client.shutdown()
    return {
        "queue_url": found.queue_url,
        "visibility_timeout_seconds": found.visibility_timeout_seconds,
        "message_retention_seconds": found.message_retention_seconds,
        "receive_wait_seconds": found.receive_wait_seconds,
        "max_receive_count": found.max_receive_count,
        "dead_letter_queue_arn": found.dead_letter_queue_arn,
        "visible": found.visible,
        "in_flight": found.in_flight,
        "delayed": found.delayed,
    }
