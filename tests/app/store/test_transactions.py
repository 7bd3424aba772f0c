import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app.store import Claim, Grouped, PredictionStore, State
from app.store.transactions import OneByOne, Operation, Transactions
from tests.app.doubles.scene import Scene, in_thread


@pytest.fixture
def engine(scene: Scene) -> Engine:
    with scene.engine.begin() as connection:
        connection.execute(text("CREATE TABLE numbers (number INTEGER PRIMARY KEY)"))
    return scene.engine


def insert(connection: Connection, wanted: Sequence[int]) -> list[int]:
    for number in wanted:
        connection.execute(text("INSERT INTO numbers VALUES (:number)"), {"number": abs(number)})
    return list(wanted)


def numbers(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT number FROM numbers ORDER BY number")))


@pytest.mark.parametrize("kind", [OneByOne, Grouped])
def test_gives_what_the_operation_gives_once_it_is_committed(
    engine: Engine, kind: Callable[[Engine], Transactions]
) -> None:
    transactions = kind(engine)
    assert transactions.run(insert, 1) == 1
    assert numbers(engine) == [1]
    with pytest.raises(IntegrityError):
        transactions.run(insert, 1)
    assert transactions.run(insert, 2) == 2
    assert numbers(engine) == [1, 2]


def together(
    transactions: Transactions, first: int, rest: list[int], operation: Operation[int, int] = insert
) -> dict[int, object]:
    """Holds the first back until all others wait; gives what each got."""
    got: dict[int, object] = {}
    begun, go_on = threading.Event(), threading.Event()

    def held_back(connection: Connection, wanted: Sequence[int]) -> list[int]:
        begun.set()
        assert go_on.wait(30)
        return insert(connection, wanted)

    def run(number: int, operation: Operation[int, int]) -> None:
        try:
            got[number] = transactions.run(operation, number)
        except (SQLAlchemyError, SystemExit) as error:
            got[number] = error

    threads = [threading.Thread(target=run, args=(first, held_back))]
    threads[0].start()
    assert begun.wait(30)
    for place, number in enumerate(rest, 1):
        threads.append(threading.Thread(target=run, args=(number, operation)))
        threads[-1].start()
        while len(transactions._waiting) < place:  # type: ignore[attr-defined]  # a Grouped one's
            threads[-1].join(0.001)
    go_on.set()
    for thread in threads:
        thread.join(30)
    return got


def test_what_comes_while_another_is_committed_shares_a_commit(engine: Engine) -> None:
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)
    assert together(Grouped(engine), 1, [2, 3, 4, 5]) == {1: 1, 2: 2, 3: 3, 4: 4, 5: 5}
    assert numbers(engine) == [1, 2, 3, 4, 5]
    assert len(commits) == 2


def test_only_the_one_that_is_to_blame_is_told(engine: Engine) -> None:
    got = together(Grouped(engine), 1, [2, -2, 3])  # -2 inserts 2 once more
    assert isinstance(got.pop(-2), IntegrityError)
    assert got == {1: 1, 2: 2, 3: 3}
    assert numbers(engine) == [1, 2, 3]


def test_where_all_is_cut_short_nobody_takes_that_for_a_result(engine: Engine) -> None:
    def cut_short(_connection: Connection, _wanted: Sequence[int]) -> list[int]:
        raise SystemExit

    transactions = Grouped(engine)
    got = together(transactions, 1, [2, 3], cut_short)
    assert got.pop(1) == 1
    assert {type(each) for each in got.values()} == {SystemExit, SQLAlchemyError}  # who led, and who waited
    assert transactions.run(insert, 4) == 4


def test_what_is_alike_is_carried_out_at_once(engine: Engine) -> None:
    asked: list[list[int]] = []

    def noted(connection: Connection, wanted: Sequence[int]) -> list[int]:
        asked.append(list(wanted))
        return insert(connection, wanted)

    assert together(Grouped(engine), 1, [2, 3, 4], noted) == {1: 1, 2: 2, 3: 3, 4: 4}
    assert asked == [[2, 3, 4]]


def test_many_threads_lose_nothing(engine: Engine) -> None:
    transactions = Grouped(engine)
    got: list[int] = []

    def run(start: int) -> None:
        got.extend(transactions.run(insert, number) for number in range(start, start + 20))

    threads = [threading.Thread(target=run, args=(start,)) for start in range(0, 160, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(got) == numbers(engine) == list(range(160))
    assert not transactions._is_led


def test_a_group_that_is_undone_keeps_no_claim_that_nobody_is_told_of(scene: Scene, engine: Engine) -> None:
    transactions = Grouped(engine)
    store = PredictionStore(engine, scene.clock, transactions)
    free = scene.add().prediction_id
    until = scene.clock.now() + timedelta(seconds=300)
    claimed: dict[UUID, Claim] = {}
    completed: list[bool] = []

    def complete() -> None:
        completed.append(store.complete(Claim(uuid4(), 1), result_path="r", summary={}))

    begun, go_on = threading.Event(), threading.Event()

    def held_back(_connection: Connection, wanted: Sequence[int]) -> list[int]:
        begun.set()
        assert go_on.wait(30)
        return list(wanted)

    threads = [threading.Thread(target=transactions.run, args=(held_back, 1))]
    threads[0].start()
    assert begun.wait(30)
    for move in (lambda: claimed.update(store.claim_many([free], lease_until=until)), complete, complete):
        threads.append(in_thread(move))
        while len(transactions._waiting) < len(threads) - 1:
            threads[-1].join(0.001)
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert completed == [False, False]
    assert claimed == {free: Claim(free, 1)}
    assert (scene.now_of(free).state, scene.now_of(free).attempt) == (State.PROCESSING, 1)
