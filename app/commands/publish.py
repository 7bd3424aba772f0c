"""`publish`: send the messages of the predictions that wait for it."""

from contextlib import suppress
from uuid import UUID

from app.client import QueueUnreachableError, SQSClient
from app.commands.shapes import PublishAnswer, PublishResultAnswer
from app.errors import UserMistakeError
from app.publishing import PublishCode, PublishResult
from app.settings import load_settings
from app.wiring.metrics import metrics_of
from app.wiring.publisher import make_kill_switch, make_publisher
from app.wiring.store import open_stores
from app.wiring.tracing import tracing_of

FAILURES = frozenset({PublishCode.UNAVAILABLE.value, PublishCode.REFUSED.value, PublishCode.INVALID.value})


def publish(prediction_id: str | None) -> PublishAnswer:
    """Publish one prediction, or all that wait.

    Args:
        prediction_id: Which one; None for all.

    Raises:
        UserMistakeError: There is no such prediction, or a setting is wrong.
    """
    settings = load_settings()
    wanted = _uuid(prediction_id) if prediction_id is not None else None
    client = SQSClient(settings)
    results: list[PublishResult]
    with tracing_of(settings) as tracing, metrics_of(settings, is_short=True) as metrics:
        stores = open_stores(settings, tracing=tracing)
        publisher = make_publisher(settings, stores, client, make_kill_switch(settings), tracing, metrics=metrics)
        with suppress(QueueUnreachableError):  # logged; the publisher finds out for itself, in its own words
            client.startup()
        if wanted is not None:
            results = [publisher.publish_prediction(wanted)]
            if results[0].code is PublishCode.UNKNOWN:
                raise UserMistakeError(f"--prediction {wanted}: there is no such prediction; `predictions` lists them")
        else:
            results = list(publisher.publish_pending())
        client.shutdown()
    return {
        "published": sum(result.code is PublishCode.PUBLISHED for result in results),
        "waiting": stores.outbox.backlog().waiting,
        "results": [_answer(result) for result in results],
    }


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise UserMistakeError(f"--prediction {text!r} is not a UUID; `predictions` lists them") from None


def _answer(result: PublishResult) -> PublishResultAnswer:
    return {
        "prediction_id": str(result.prediction_id),
        "code": result.code.value,
        "text": result.text,
        "correlation_id": result.correlation_id,
        "retries": result.retries,
        "message_id": result.message_id,
    }
