import random
import threading

import pytest
from structlog.testing import LogCapture

from app.work_queue import Delivery
from app.worker import ThreadSlots
from app.worker.lease import Lease
from tests.app.doubles.clock import FakeClock
from tests.app.doubles.scene import in_thread


def lease(number: int) -> Lease:
    return Lease(Delivery(f"m{number}", f"h{number}", "body", 1, 0.0), 300, FakeClock())


def test_works_on_as_many_at_once_as_there_are_slots_and_no_more() -> None:
    together, go = threading.Barrier(3), threading.Event()
    done: list[str] = []

    def work(each: Lease) -> None:
        if each.delivery.message_id != "m3":
            together.wait(10)
            assert go.wait(10)
        done.append(each.delivery.message_id)

    slots = ThreadSlots(2, work)
    assert slots.reserve(10, 0) == 2
    slots.start([lease(1)])
    slots.start([lease(2)])
    together.wait(10)  # both run at once
    assert slots.reserve(10, 0) == 0
    assert not slots.wait_until_idle(0)
    assert slots.is_busy
    go.set()
    assert slots.wait_until_idle(10)
    assert slots.reserve(1, 0) == 1
    slots.start([lease(3)])
    assert slots.wait_until_idle(10)
    assert sorted(done) == ["m1", "m2", "m3"]
    assert not slots.is_busy


def test_waits_for_a_slot_to_be_free() -> None:
    go = threading.Event()

    def work(_lease: Lease) -> None:
        assert go.wait(10)

    slots = ThreadSlots(1, work)
    assert slots.reserve(1, 0) == 1
    slots.start([lease(1)])
    assert slots.reserve(1, 0) == 0
    go.set()
    assert slots.reserve(1, 10) == 1


def test_one_that_is_free_waits_a_moment_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that one request fills them all."""
    monkeypatch.setattr("app.worker.slots._LINGER_SECONDS", 10)
    go = threading.Semaphore(0)

    def work(_lease: Lease) -> None:
        assert go.acquire(timeout=10)

    slots = ThreadSlots(2, work)
    assert slots.reserve(2, 0) == 2
    slots.start([lease(1), lease(2)])
    reserved: list[int] = []
    reserving = in_thread(lambda: reserved.append(slots.reserve(10, 10)))
    go.release()
    while reserving.is_alive() and slots._awaited != [2]:
        reserving.join(0.001)
    go.release()
    reserving.join(10)
    assert reserved == [2]


def test_what_is_reserved_is_nobody_elses_until_it_is_cancelled() -> None:
    slots = ThreadSlots(3, lambda _lease: None)
    assert slots.reserve(2, 0) == 2
    assert slots.reserve(2, 0) == 1
    assert not slots.is_busy
    assert not slots.wait_until_idle(0)
    slots.cancel(2)
    assert slots.reserve(10, 0) == 2


def test_each_that_waits_is_woken_when_as_many_are_free_as_it_wants() -> None:
    go = threading.Semaphore(0)

    def work(_lease: Lease) -> None:
        assert go.acquire(timeout=10)

    slots = ThreadSlots(3, work)
    assert slots.reserve(3, 0) == 3
    slots.start([lease(number) for number in range(3)])
    idle: list[bool] = []
    waiting = in_thread(lambda: idle.append(slots.wait_until_idle(10)))
    go.release()
    assert slots.reserve(1, 10) == 1  # one is enough for it, and not for the other
    slots.cancel(1)
    assert idle == []
    go.release(2)
    waiting.join(10)
    assert idle == [True]


def test_a_slot_outlives_work_that_raises(app_logs: LogCapture) -> None:
    done: list[str] = []

    def work(each: Lease) -> None:
        if each.delivery.message_id == "m1":
            raise SystemExit
        done.append(each.delivery.message_id)

    slots = ThreadSlots(1, work)
    for number in (1, 2):
        assert slots.reserve(1, 10) == 1
        slots.start([lease(number)])
    assert slots.wait_until_idle(10)
    assert done == ["m2"]
    assert [(each["event"], each["kind"]) for each in app_logs.entries] == [("worker.slot_failed", "SystemExit")]


def test_no_delivery_lies_while_a_slot_sleeps() -> None:
    """Rounds in which all slots must be at work at once, however the deliveries come, and whoever still works."""
    chance = random.Random(1)  # noqa: S311 - no secret
    count = 4
    all_at_work = threading.Barrier(count)
    late: list[str] = []

    def work(each: Lease) -> None:
        try:
            all_at_work.wait(10)
        except threading.BrokenBarrierError:
            late.append(each.delivery.message_id)

    slots = ThreadSlots(count, work)
    for _ in range(300):
        starting = []
        left = count
        while left:
            part = slots.reserve(chance.randint(1, left), 10)
            leases = [lease(number) for number in range(left - part, left)]
            starting.append(threading.Thread(target=slots.start, args=(leases,)))
            left -= part
        for thread in starting:
            thread.start()
        for thread in starting:
            thread.join()
    assert slots.wait_until_idle(20)
    assert late == []
