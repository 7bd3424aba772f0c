"""A task's life, on a clock of the test's own."""

from dataclasses import dataclass, field

import pytest

from local.emulator.move_tasks.handle import Handle
from local.emulator.move_tasks.task import MoveFailedError, MoveTask, NotRunningError, Status

START = 1000.0


@dataclass
class Pile:
    """So many messages, of which one may be immovable."""

    left: int
    immovable: int | None = None
    moved: list[float] = field(default_factory=list)

    def is_empty(self) -> bool:
        return self.left == 0

    def move_one(self) -> bool:
        if self.left == self.immovable:
            raise MoveFailedError("CouldNotDetermineMessageSource")
        if not self.left:
            return False
        self.left -= 1
        return True


def task(rate: int | None = None, to_move: int = 0) -> MoveTask:
    return MoveTask("handle", "dlq", None, rate, started_at=START, to_move=to_move)


@pytest.mark.parametrize(("rate", "after"), [(1, 10.0), (2, 5.0), (500, 0.02), (None, 0.02)])
def test_so_many_are_moved_in_a_second_and_no_more(rate: int | None, after: float) -> None:
    moving, pile = task(rate), Pile(100)
    moving.advance(START + after * 0.999, pile)
    assert moving.moved == 9
    moving.advance(START + after * 1.001, pile)
    assert (moving.moved, pile.left, moving.status) == (10, 90, Status.RUNNING)


def test_a_task_that_is_looked_at_late_catches_up_and_is_completed_with_its_last_message() -> None:
    moving, pile = task(10), Pile(7)
    moving.advance(START + 60, pile)
    assert (moving.moved, moving.status, moving.is_active) == (7, Status.COMPLETED, False)
    pile.left = 3
    moving.advance(START + 120, pile)
    assert pile.left == 3


def test_an_empty_queue_is_done_at_once() -> None:
    moving = task(1)
    moving.advance(START, Pile(0))
    assert (moving.moved, moving.status) == (0, Status.COMPLETED)


def test_a_message_that_cannot_be_moved_ends_it() -> None:
    moving, pile = task(), Pile(5, immovable=3)
    moving.advance(START + 1, pile)
    assert (moving.moved, pile.left, moving.status) == (2, 3, Status.FAILED)
    assert moving.entry()["FailureReason"] == "CouldNotDetermineMessageSource"


def test_only_a_running_task_is_cancelled_and_what_is_moved_stays_moved() -> None:
    moving, pile = task(1), Pile(5)
    moving.advance(START + 2, pile)
    assert moving.cancel() == 2
    assert (moving.status, moving.is_active) == (Status.CANCELLING, True)
    with pytest.raises(NotRunningError):
        moving.cancel()
    moving.advance(START + 5, pile)
    assert (moving.status, moving.moved, pile.left, moving.is_active) == (Status.CANCELLED, 2, 3, False)
    with pytest.raises(NotRunningError):
        moving.cancel()


def test_what_does_not_apply_is_not_told() -> None:
    moving = task(to_move=1)
    assert moving.entry() == {
        "TaskHandle": "handle",
        "Status": "RUNNING",
        "SourceArn": "dlq",
        "ApproximateNumberOfMessagesMoved": 0,
        "ApproximateNumberOfMessagesToMove": 1,
        "StartedTimestamp": 1_000_000,
    }
    moving.advance(START, Pile(0))
    assert "TaskHandle" not in moving.entry()
    bound = MoveTask("handle", "dlq", "there", 7, started_at=START, to_move=1).entry()
    assert (bound["DestinationArn"], bound["MaxNumberOfMessagesPerSecond"]) == ("there", 7)


def test_a_handle_names_its_queue() -> None:
    handle = Handle("id", "arn:aws:sqs:us-east-1:123456789012:jobs-dlq")
    assert Handle.parse(str(handle)) == handle


@pytest.mark.parametrize("text", ["", "none", "bm9uZQ==", "W10=", "eyJ0YXNrSWQiOiAxLCAic291cmNlQXJuIjogMn0="])
def test_what_is_no_handle_is_told(text: str) -> None:
    assert Handle.parse(text) is None
