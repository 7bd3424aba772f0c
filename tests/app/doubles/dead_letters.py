"""A dead-letter queue in memory, honest about what is held, for how long, and what is gone."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, cast
from uuid import UUID

from app.aws_failures import AwsFailure
from app.dlq.letter import DeadLetter
from app.dlq.move_task import MoveTask
from app.dlq.queue import DeadLetterQueue, DeadLettersUnavailableError
from app.dlq.records import Explanation, Records
from tests.app.doubles.clock import FakeClock
from tests.app.doubles.sqs import aws_error

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE_ARN = "arn:aws:sqs:us-east-1:123456789012:predictions"


def unavailable(code: str = "ServiceUnavailable") -> DeadLettersUnavailableError:
    return DeadLettersUnavailableError("a call", AwsFailure.of(aws_error(code)))


def letter(name: str, **changes: object) -> DeadLetter:
    made = DeadLetter(
        message_id=name,
        receipt_handle="",
        body=f"body of {name}",
        receive_count=3,
        sent_at=datetime.fromisoformat("2026-03-01T11:00:00+00:00"),
        source_arn=SOURCE_ARN,
        group_id=None,
        trace_header=None,
        attributes={},
        prediction_id=None,
        user_id=None,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # the tests' own fields


@dataclass
class FakeDeadLetters:
    """What `DeadLetterQueue` offers, in memory."""

    clock: FakeClock
    letters: dict[str, DeadLetter] = field(default_factory=dict)
    hidden_until: dict[str, float] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    faults: dict[str, list[Exception]] = field(default_factory=dict)
    """By method, what its next calls raise."""
    seconds_a_page: float = 0.0
    fails_again: bool = False
    """Whether what is sent back is dead again at once."""
    on_receive: "Callable[[], None]" = lambda: None
    history: list[MoveTask] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    source_arn: str = SOURCE_ARN
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def queue(self) -> DeadLetterQueue:
        return cast("DeadLetterQueue", self)

    def put(self, *names: str, **changes: object) -> None:
        self.letters.update({name: letter(name, **changes) for name in names})

    def visible(self) -> list[str]:
        now = self.clock.monotonic()
        return [name for name in self.letters if self.hidden_until.get(name, 0.0) <= now]

    def _meet(self, method: str) -> None:
        waiting = self.faults.get(method)
        if waiting:
            raise waiting.pop(0)

    def receive(self, most: int, hold_seconds: int) -> list[DeadLetter]:
        self.clock.advance(self.seconds_a_page)
        self._meet("receive")
        taken = self.visible()[: min(most, 10)]
        for name in taken:
            self.hidden_until[name] = self.clock.monotonic() + hold_seconds
            self.letters[name] = replace(self.letters[name], receipt_handle=f"{name}/{next(self._numbers)}")
        self.on_receive()
        return [replace(self.letters[name]) for name in taken]

    def give_back(self, handles: Sequence[str]) -> list[str]:
        assert len(handles) <= 10
        self._meet("give_back")
        for name, known in self.letters.items():
            if known.receipt_handle in handles:
                self.hidden_until[name] = 0.0
        return []

    def send_back(self, each: DeadLetter) -> str:
        self._meet("send_back")
        self.sent.append(each.message_id)
        copy = f"{each.message_id} again"
        if self.fails_again:
            self.letters[copy] = replace(each, message_id=copy)
        return copy

    def delete(self, each: DeadLetter) -> None:
        self._meet("delete")
        assert each.message_id in self.sent, "deleted before it was sent"
        del self.letters[each.message_id]

    def start_moving(self, rate: int | None) -> str:
        self._meet("start_moving")
        del rate
        return "handle"

    def tasks(self, most: int = 1) -> list[MoveTask]:
        self._meet("tasks")
        newest = self.history.pop(0) if len(self.history) > 1 else self.history[0]
        return [newest][:most]

    def cancel(self, handle: str) -> None:
        self._meet("cancel")
        self.cancelled.append(handle)


@dataclass
class FakeRecords:
    """A store that says what it is told to."""

    codes: Mapping[str, str] = field(default_factory=dict)

    @property
    def records(self) -> Records:
        return cast("Records", self)

    def explain(self, letters: Sequence[DeadLetter]) -> Mapping[str, Explanation]:
        return {each.message_id: Explanation(self.codes.get(each.message_id)) for each in letters}


def uuid(number: int) -> UUID:
    return UUID(int=number)
