"""What is measured of publishing. Where nothing is measured, there is none of this."""

from collections.abc import Callable, Iterable
from uuid import UUID

from app.clock import Clock
from app.kill_switch import KillSwitch
from app.message import PredictionSQSMessage
from app.publishing.dispatch import Dispatcher
from app.publishing.publisher import SQSPublisher
from app.publishing.relay import Relay
from app.publishing.result import PublishCode, PublishResult
from app.store import Outbox, PredictionStore
from app.telemetry.instruments import Description, Kind, Numbers
from app.telemetry.names import CODE
from app.telemetry.registry import Registry

REQUESTS = Description(
    "retainwise.publish.requests", Kind.COUNTER, "{request}", "What became of requests to publish, by code", (CODE,)
)
RETRIES = Description(
    "retainwise.publish.retries",
    Kind.COUNTER,
    "{request}",
    "Requests to SQS that were repeated, for each message in them",
)
WAITING = Description("retainwise.outbox.waiting", Kind.GAUGE, "{message}", "Messages that are still to be sent")
OLDEST = Description(
    "retainwise.outbox.oldest", Kind.GAUGE, "s", "For how long the oldest of them has been; 0 for none"
)
SWITCH = Description("retainwise.kill_switch.on", Kind.GAUGE, "1", "1 while messages may be published, else 0")
STORE_FAILURES = Description(
    "retainwise.relay.store_failures", Kind.COUNTER, "{failure}", "How often the store did not answer the relay"
)


class MeteredPublisher(SQSPublisher):
    """A publisher whose results are counted.

    Args:
        predictions: As for `SQSPublisher`.
        outbox: As for `SQSPublisher`.
        dispatcher: As for `SQSPublisher`.
        kill_switch: As for `SQSPublisher`.
        clock: As for `SQSPublisher`.
        metrics: Where the numbers are asked for.
    """

    def __init__(  # noqa: PLR0913 - the parts of a publisher, put together in one place
        self,
        *,
        predictions: PredictionStore,
        outbox: Outbox,
        dispatcher: Dispatcher,
        kill_switch: KillSwitch,
        clock: Clock,
        metrics: Registry,
    ) -> None:
        super().__init__(
            predictions=predictions, outbox=outbox, dispatcher=dispatcher, kill_switch=kill_switch, clock=clock
        )
        self._requests = metrics.counter(REQUESTS)
        self._retries = metrics.counter(RETRIES)
        self._requests.from_zero(*((code.value,) for code in PublishCode))
        self._retries.from_zero(())

    def publish(self, message: PredictionSQSMessage, correlation_id: str | None = None) -> PublishResult:
        """Publish the message of a recorded prediction; see `SQSPublisher`."""
        return self._counted([super().publish(message, correlation_id)])[0]

    def publish_prediction(self, prediction_id: UUID, correlation_id: str | None = None) -> PublishResult:
        """Publish the message that a recorded prediction calls for; see `SQSPublisher`."""
        return self._counted([super().publish_prediction(prediction_id, correlation_id)])[0]

    def publish_many(
        self, messages: Iterable[PredictionSQSMessage], correlation_id: str | None = None
    ) -> list[PublishResult]:
        """Publish the messages of many recorded predictions; see `SQSPublisher`."""
        return self._counted(super().publish_many(messages, correlation_id))

    def publish_due(self, limit: int = 100) -> list[PublishResult]:
        """Publish what waits and is due; see `SQSPublisher`."""
        return self._counted(super().publish_due(limit))

    def _counted(self, results: list[PublishResult]) -> list[PublishResult]:
        codes: dict[PublishCode, int] = {}
        retries = 0
        for result in results:
            codes[result.code] = codes.get(result.code, 0) + 1
            retries += result.retries
        for code, count in codes.items():
            self._requests.add(code.value, amount=count)
        if retries:
            self._retries.add(amount=retries)
        return results


def observe_outbox(registry: Registry, outbox: Outbox, clock: Clock) -> None:
    """Have what waits in the outbox told: one query for each time that the numbers are asked for."""

    def read() -> list[tuple[Description, Numbers]]:
        backlog = outbox.backlog()
        age = 0.0 if backlog.oldest_at is None else max(0.0, (clock.now() - backlog.oldest_at).total_seconds())
        return [(WAITING, {(): backlog.waiting}), (OLDEST, {(): age})]

    registry.observe_together("retainwise.outbox", read)


def observe_switch(registry: Registry, last_known: Callable[[], bool | None]) -> None:
    """Have the kill switch told, as far as it is known."""

    def read() -> float | None:
        known = last_known()
        return None if known is None else int(known)

    registry.observe_one(SWITCH, read)


def observe_relay(registry: Registry, relay: Relay) -> None:
    """Have told how often the store did not answer a relay."""
    registry.observe_one(STORE_FAILURES, lambda: relay.store_failures)
