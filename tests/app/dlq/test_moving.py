import signal
from datetime import UTC, datetime

import pytest

from app.dlq.move_task import MoveTask
from app.dlq.moving import Move, TaskRunningError
from app.dlq.queue import DeadLettersUnavailableError
from app.errors import OperationFailedError
from app.shutdown import Shutdown
from tests.app.doubles.dead_letters import FakeDeadLetters, unavailable


def task(status: str, moved: int = 0, *, handle: str | None = "handle", started: int = 2) -> MoveTask:
    is_running = status == "RUNNING"
    began = datetime.fromtimestamp(started, UTC)
    return MoveTask(handle if is_running else None, status, moved, 10, None, None, began)


EARLIER = task("COMPLETED", 3, started=1)


@pytest.fixture
def told() -> list[int]:
    return []


@pytest.fixture
def move(dead_letters: FakeDeadLetters, shutdown: Shutdown, told: list[int]) -> Move:
    return Move(dead_letters.queue, dead_letters.clock, shutdown, lambda each: told.append(each.moved))


def test_a_task_is_followed_to_its_end_and_each_change_told(
    dead_letters: FakeDeadLetters, move: Move, told: list[int]
) -> None:
    running = [task("RUNNING", moved) for moved in (0, 4, 4, 9)]
    dead_letters.history = [EARLIER, *running, task("COMPLETED", 10)]
    move.start(None)
    assert move.follow().status == "COMPLETED"
    assert told == [0, 4, 9, 10]


def test_an_earlier_task_is_not_taken_for_ours(dead_letters: FakeDeadLetters, move: Move, told: list[int]) -> None:
    dead_letters.history = [EARLIER, EARLIER, EARLIER, task("COMPLETED", 10)]
    move.start(None)
    assert move.follow().moved == 10
    assert told == [10]


def test_nothing_is_started_beside_another_task(dead_letters: FakeDeadLetters, move: Move) -> None:
    dead_letters.history = [task("RUNNING", 4, handle="somebody's")]
    with pytest.raises(TaskRunningError, match="RUNNING already, 4 of about 10 moved"):
        move.start(None)


def test_ctrl_c_cancels_it_once_and_waits_for_its_end(
    dead_letters: FakeDeadLetters, move: Move, shutdown: Shutdown
) -> None:
    ending = [task("RUNNING", 4), task("CANCELLING", 4), task("CANCELLING", 5), task("CANCELLED", 5)]
    dead_letters.history = [EARLIER, *ending]
    move.start(None)
    shutdown.request(signal.SIGINT)
    assert move.follow().status == "CANCELLED"
    assert dead_letters.cancelled == ["handle"]


def test_a_task_that_ends_before_it_is_cancelled_has_ended(
    dead_letters: FakeDeadLetters, move: Move, shutdown: Shutdown
) -> None:
    dead_letters.history = [EARLIER, task("RUNNING", 4), task("COMPLETED", 10)]
    dead_letters.faults["cancel"] = [unavailable("AWS.SimpleQueueService.UnsupportedOperation")]
    move.start(None)
    shutdown.request(signal.SIGINT)
    assert move.follow().status == "COMPLETED"


def test_a_look_that_fails_is_repeated(dead_letters: FakeDeadLetters, move: Move) -> None:
    dead_letters.history = [EARLIER, task("RUNNING", 4), task("COMPLETED", 10)]
    move.start(None)
    dead_letters.faults["tasks"] = [unavailable()] * 9
    assert move.follow().status == "COMPLETED"


@pytest.mark.parametrize("faults", [[unavailable()] * 10, [unavailable("AccessDenied")]])
def test_a_task_that_cannot_be_asked_after_is_left_alone(
    dead_letters: FakeDeadLetters, move: Move, faults: list[Exception]
) -> None:
    dead_letters.history = [EARLIER, task("RUNNING", 4)]
    move.start(None)
    dead_letters.faults["tasks"] = list(faults)
    with pytest.raises(OperationFailedError, match="it may go on"):
        move.follow()
    assert dead_letters.cancelled == []


def test_a_start_that_is_refused_says_whose_role_it_takes(dead_letters: FakeDeadLetters, move: Move) -> None:
    dead_letters.history = [EARLIER]
    dead_letters.faults["start_moving"] = [unavailable("AccessDenied")]
    with pytest.raises(DeadLettersUnavailableError, match="operator's role"):
        move.start(5)
