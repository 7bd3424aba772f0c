"""SQS in bad weather: seeded faults, in AWS's own envelopes, before and after a message has arrived."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from app.message import PredictionSQSMessage
from tests.app.doubles.wire import Answer, Fields, error_response, response


class KilledError(BaseException):
    """The process ends here: nothing in it catches this."""


@dataclass
class Weather:
    """What SQS does with each request.

    Args:
        chance: Where chance comes from: the same seed, the same weather.
        fault_rate: How many of the requests go wrong, from 0 to 1.
    """

    chance: random.Random
    fault_rate: float
    arrived: Counter[str] = field(default_factory=Counter)
    """How many messages have arrived, by prediction."""
    injected: Counter[str] = field(default_factory=Counter)
    """How often each fault has come about."""
    _ids: "count[int]" = field(default_factory=count)

    def answer(self, operation: str, fields: Fields) -> Answer:
        """Answer a request of a `WiredSqs`."""
        bodies = _bodies(operation, fields)
        if self.chance.random() >= self.fault_rate:
            return self._take(operation, bodies)
        fault = self.chance.choice(_FAULTS)
        self.injected[fault.__name__] += 1
        return fault(self, operation, bodies)

    def _take(self, operation: str, bodies: dict[str, str], *, refused: frozenset[str] = frozenset()) -> Answer:
        taken = {place: body for place, body in bodies.items() if place not in refused}
        for body in taken.values():
            self.arrived[str(PredictionSQSMessage.from_wire(body).prediction_id)] += 1
        if operation == "SendMessage":
            return response(200, {"MessageId": f"m{next(self._ids)}"})
        return response(
            200,
            {
                "Successful": [{"Id": place, "MessageId": f"m{next(self._ids)}"} for place in taken],
                "Failed": [{"Id": place, "Code": "InternalError", "SenderFault": False} for place in sorted(refused)],
            },
        )


def _bodies(operation: str, fields: Fields) -> dict[str, str]:
    if operation == "SendMessage":
        return {"0": str(fields["MessageBody"])}
    entries = fields["Entries"]
    assert isinstance(entries, list)
    return {entry["Id"]: entry["MessageBody"] for entry in entries}


def throttled(_weather: Weather, _operation: str, _bodies: dict[str, str]) -> Answer:
    return error_response("RequestThrottled", 403)


def server_error(_weather: Weather, _operation: str, _bodies: dict[str, str]) -> Answer:
    return error_response("InternalFailure", 500)


def reset_before(_weather: Weather, _operation: str, _bodies: dict[str, str]) -> Answer:
    return ConnectionClosedError(endpoint_url="https://sqs")


def reset_after(weather: Weather, operation: str, bodies: dict[str, str]) -> Answer:
    weather._take(operation, bodies)
    return ReadTimeoutError(endpoint_url="https://sqs")


def cut_short(weather: Weather, operation: str, bodies: dict[str, str]) -> Answer:
    weather._take(operation, bodies)
    return response(200, b"")


def garbled(weather: Weather, operation: str, bodies: dict[str, str]) -> Answer:
    weather._take(operation, bodies)
    return response(200, b'{"MessageId": "\xff')


def partly(weather: Weather, operation: str, bodies: dict[str, str]) -> Answer:
    if operation == "SendMessage":
        return error_response("ServiceUnavailable", 503)
    refused = frozenset(place for place in bodies if weather.chance.random() < 0.5)
    return weather._take(operation, bodies, refused=refused)


def killed_before(_weather: Weather, _operation: str, _bodies: dict[str, str]) -> Answer:
    raise KilledError


def killed_after(weather: Weather, operation: str, bodies: dict[str, str]) -> Answer:
    weather._take(operation, bodies)
    raise KilledError


_FAULTS: tuple[Callable[[Weather, str, dict[str, str]], Answer], ...] = (
    throttled,
    server_error,
    reset_before,
    reset_after,
    cut_short,
    garbled,
    partly,
    killed_before,
    killed_after,
)
FAULTS = frozenset(fault.__name__ for fault in _FAULTS)
