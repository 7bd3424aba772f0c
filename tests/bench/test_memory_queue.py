from bench.memory_queue import MemoryQueue


def bodies(queue: MemoryQueue, now: float, most: int = 10, visibility_seconds: float = 30) -> list[str]:
    return [kept.body for kept in queue.receive(most, visibility_seconds, now)]


def filled(*texts: str) -> MemoryQueue:
    queue = MemoryQueue()
    for text in texts:
        queue.send(text, {}, 0)
    return queue


def test_the_longest_waiting_come_first_and_are_hidden_from_the_next() -> None:
    queue = filled("a", "b", "c")
    assert bodies(queue, 0, most=2) == ["a", "b"]
    assert bodies(queue, 0) == ["c"]
    assert bodies(queue, 29.9) == []


def test_what_is_not_deleted_comes_again_when_its_time_is_up_and_is_counted() -> None:
    queue = filled("a")
    first = queue.receive(1, 30, 0)[0].receipt_handle
    (again,) = queue.receive(1, 30, 30)
    assert (again.body, again.receives) == ("a", 2)
    queue.delete(first)  # an old handle's: it deletes nothing
    assert bodies(queue, 60) == ["a"]


def test_what_is_deleted_never_comes_again() -> None:
    queue = filled("a")
    queue.delete(queue.receive(1, 30, 0)[0].receipt_handle)
    assert bodies(queue, 1000) == []


def test_hiding_for_longer_and_giving_back() -> None:
    queue = filled("a")
    handle = queue.receive(1, 30, 0)[0].receipt_handle
    assert queue.hide(handle, 100, 10)
    assert bodies(queue, 109) == []
    assert queue.hide(handle, 0, 109)
    assert bodies(queue, 109) == ["a"]
    assert not queue.hide(handle, 100, 110)


def test_ids_and_handles_are_each_messages_own() -> None:
    received = filled("a", "a", "a").receive(10, 30, 0)
    assert len({kept.message_id for kept in received}) == len({kept.receipt_handle for kept in received}) == 3
