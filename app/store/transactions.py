"""How operations on the store become transactions: each in one of its own, or those that come together in one.

A commit costs far more than what it commits, above all on SQLite, where writers wait for each other. And one statement
for ten rows costs less than ten. So operations are written for any number of arguments, and those that come together
are carried out together. Whoever asks waits until it is committed, either way: nothing is believed before it is so.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from app.store.locks import wait_briefly_for_locks

Argument = TypeVar("Argument")
Result = TypeVar("Result")
Operation = Callable[[Connection, Sequence[Argument]], Sequence[Result]]
"""What is done within a transaction: a result for each argument, in their order.

It may be done again, should the first transaction fail: with several arguments, then with each of them alone.
"""


class Transactions(Protocol):
    """Carries operations out."""

    def run(self, operation: Operation[Argument, Result], argument: Argument) -> Result:
        """Carry an operation out and commit it. Raises what it raises."""
        ...


class OneByOne:
    """A transaction for each operation and argument. Safe to use from several threads.

    Args:
        engine: The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def run(self, operation: Operation[Argument, Result], argument: Argument) -> Result:
        """Carry an operation out and commit it."""
        with self._engine.begin() as connection:
            wait_briefly_for_locks(connection)
            return operation(connection, (argument,))[0]


class _Job:
    """An operation on one argument, that somebody waits for."""

    def __init__(self, operation: Operation[object, object], argument: object) -> None:
        self.operation = operation
        self.argument = argument
        self.result: object = None
        self.error: Exception | None = SQLAlchemyError("the transaction was cut short")
        """What it raised; None once there is a result, so that none is taken for one that is not there."""
        self.leads = False
        self.told = threading.Lock()
        """Held until the operation is done, or its thread is to lead."""
        self.told.acquire()

    def done(self, result: object) -> None:
        self.result, self.error = result, None


class Grouped:
    """One transaction for all operations that come while another is being committed. Safe to use from several threads.

    There is no thread for it: the first that comes leads, and carries out what has come by then. Whoever comes
    meanwhile waits, and one of them leads next. If a group fails, each of its operations is tried alone, so that only
    the one that is to blame is told.

    Args:
        engine: The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._alone = OneByOne(engine)
        self._engine = engine
        self._lock = threading.Lock()
        self._waiting: list[_Job] = []
        self._is_led = False

    def run(self, operation: Operation[Argument, Result], argument: Argument) -> Result:
        """Carry an operation out, together with others, and return when it is committed."""
        job = _Job(cast("Operation[object, object]", operation), argument)
        with self._lock:
            self._waiting.append(job)
            job.leads, self._is_led = not self._is_led, True
        if not job.leads:
            job.told.acquire()
        if job.leads:
            self._lead()
        if job.error is not None:
            raise job.error
        return cast("Result", job.result)

    def _lead(self) -> None:
        with self._lock:
            group, self._waiting = self._waiting, []
        try:
            self._carry_out(group)
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._is_led = following is not None
                if following is not None:
                    following.leads = True
            for job in group:
                if not job.leads:
                    job.told.release()
            if following is not None:
                following.told.release()

    def _carry_out(self, group: list[_Job]) -> None:
        if len(group) == 1 or not self._carried_out_together(group):
            for job in group:
                try:
                    job.done(self._alone.run(job.operation, job.argument))
                except Exception as error:  # noqa: BLE001 - raised where it is waited for
                    job.error = error

    def _carried_out_together(self, group: list[_Job]) -> bool:
        alike: dict[Operation[object, object], list[_Job]] = {}
        for job in group:
            alike.setdefault(job.operation, []).append(job)
        try:
            with self._engine.begin() as connection:
                wait_briefly_for_locks(connection)
                results = [operation(connection, [job.argument for job in jobs]) for operation, jobs in alike.items()]
        except Exception:  # noqa: BLE001 - whoever is to blame is told when each is tried alone
            return False
        for jobs, their_results in zip(alike.values(), results, strict=True):
            for job, result in zip(jobs, their_results, strict=True):
                job.done(result)
        return True
