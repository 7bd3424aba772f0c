"""No message is lost, whatever SQS and the processes do; and the same trial finds the loss where there is one."""

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol
from uuid import uuid4

import pytest

from app.client import SQSClient
from app.message import PredictionSQSMessage
from app.publishing import Sender
from app.publishing.batches import Outgoing
from app.store import NewPrediction, Prediction
from tests.app.doubles.scene import OWNER, Scene, middle
from tests.app.doubles.weather import FAULTS, KilledError, Weather
from tests.app.doubles.wire import WiredSqs
from tests.app.servers.databases import on_each_database

STEPS = 80


class Publishing(Protocol):
    """What is on trial."""

    def publish(self, prediction: Prediction) -> object:
        """Publish one."""
        ...

    def publish_many(self, predictions: list[Prediction]) -> object:
        """Publish a backfill."""
        ...

    def publish_rest(self) -> object:
        """Publish what is left of before."""
        ...


class WithOutbox:
    """The application's own way."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def publish(self, prediction: Prediction) -> object:
        return self._scene.publisher.publish_prediction(prediction.prediction_id)

    def publish_many(self, predictions: list[Prediction]) -> object:
        return self._scene.publisher.publish_many(message_of(self._scene, each) for each in predictions)

    def publish_rest(self) -> object:
        return self._scene.publisher.publish_due(15)


class WithoutOutbox:
    """The usual way: record, send, and log what could not be sent."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def publish(self, prediction: Prediction) -> object:
        return self._scene.sender.send(Outgoing(message_of(self._scene, prediction).json()))

    def publish_many(self, predictions: list[Prediction]) -> object:
        return self._scene.sender.send_many([Outgoing(message_of(self._scene, each).json()) for each in predictions])

    def publish_rest(self) -> object:
        return None


def message_of(scene: Scene, prediction: Prediction) -> PredictionSQSMessage:
    return PredictionSQSMessage(
        prediction_id=prediction.prediction_id,
        user_id=prediction.user_id,
        upload_id=prediction.upload_id,
        s3_file_path=prediction.s3_file_path,
        timestamp=scene.clock.now(),
    )


class Trial:
    """Requests, backfills, relays and their deaths in a seeded order, in bad weather; then a day of calm."""

    def __init__(self, scene: Scene, publishing: Callable[[Scene], Publishing], seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - the same seed must give the same trial
        self.weather = Weather(self._chance, fault_rate=0.5)
        wired = WiredSqs(self.weather.answer)
        scene.client = SQSClient(scene.settings, make=lambda _region: wired.client)
        scene.sender = Sender(scene.client, scene.clock, middle)
        scene.publisher = scene.make_publisher()
        self._scene = scene
        self._publishing = publishing(scene)
        self._recorded: list[Prediction] = []

    def run(self) -> set[str]:
        """Go through it all.

        Returns:
            The predictions whose message has never arrived.
        """
        steps: list[Callable[[], object]] = [self._request, self._backfill, self._relay, self._relay, self._pass_time]
        for _ in range(STEPS):
            with suppress(KilledError):  # a process died; the next step is another's
                self._chance.choice(steps)()
        self.weather.fault_rate = 0.0
        for _ in range(30):
            self._publishing.publish_rest()
            self._scene.clock.advance(3600)
        return {str(each.prediction_id) for each in self._recorded} - set(self.weather.arrived)

    def _request(self) -> None:
        self._publishing.publish(self._record(1)[0])

    def _backfill(self) -> None:
        self._publishing.publish_many(self._record(self._chance.randint(2, 25)))

    def _relay(self) -> None:
        self._publishing.publish_rest()

    def _pass_time(self) -> None:
        self._scene.clock.advance(self._chance.choice([1, 10, 200]))

    def _record(self, count: int) -> list[Prediction]:
        new = [NewPrediction(uuid4(), OWNER, uuid4(), f"s3://abc/{number}.csv") for number in range(count)]
        recorded = self._scene.predictions.add_many(new)
        self._recorded += recorded
        return recorded


@on_each_database
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_prediction_is_published_at_least_once(scene: Scene, seed: int) -> None:
    trial = Trial(scene, WithOutbox, seed)
    assert trial.run() == set()
    assert set(trial.weather.injected) == FAULTS  # each of them has come about
    assert scene.outbox.backlog().waiting == 0
    assert all(each.published_at for each in scene.predictions.find(limit=10_000))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_trial_finds_what_is_lost_without_an_outbox(scene: Scene, seed: int) -> None:
    assert Trial(scene, WithoutOutbox, seed).run()
