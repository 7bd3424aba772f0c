"""The place of a run: a local AWS with permissions enforced, the stack's queues and roles in it, and a database."""

import os
import random
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
from botocore.exceptions import BotoCoreError, ClientError
from sqlalchemy import Select, func, select

from app.clock import SystemClock
from app.store import PredictionStore, RejectionStore, State
from app.store.schema import OutboxRow, PredictionRow
from local.emulator import account
from local.emulator.bootstrap import bootstrap
from local.emulator.clients import Clients
from local.emulator.process import Emulator, start, stop
from local.emulator.sessions import root_environment
from local.paths import LocalPaths
from tests.app.emulator.job_stack import JobStack
from tests.faults import audit
from tests.faults.judge import Seen
from tests.faults.plan import Plan
from tests.faults.population import Asked, Forged, Kind, Population

NAME = "retainwise-local-faults"
_ENDS = (State.COMPLETED.value, State.FAILED.value)
_CHUNK = 500
_TRIES = 8


class Scene:
    """A run's place.

    Args:
        paths: The local account's folders.
        emulator: The local AWS, durable.
        stack: The queues, the roles, the database.
    """

    def __init__(self, paths: LocalPaths, emulator: Emulator, stack: JobStack) -> None:
        self._paths = paths
        self.emulator = emulator
        self.stack = stack
        # As people's own programs do, these try again: the local AWS may be gone for a moment.
        self._root = Clients(root_environment(emulator), attempts=_TRIES)
        self._attacker = Clients(stack.backend, attempts=_TRIES)
        self._operator = Clients(stack.operator, attempts=_TRIES)
        self._aws = threading.Lock()

    # ---- What goes in

    def ask_for(self, population: Population) -> None:
        """Store the files and record the predictions, as the backend's requests would."""

        def put(asked: Asked) -> None:
            if asked.content is not None:
                key = asked.new.s3_file_path.removeprefix(f"s3://{account.UPLOADS_BUCKET}/")
                self._root.s3.put_object(Bucket=account.UPLOADS_BUCKET, Key=key, Body=asked.content)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(put, population.asked))
        store = PredictionStore(self.stack.engine, SystemClock())
        new = [asked.new for asked in population.asked]
        for first in range(0, len(new), _CHUNK):
            store.add_many(new[first : first + _CHUNK])

    def send_past_the_publisher(self, population: Population, chance: random.Random) -> None:
        """Send what nobody asked for: second messages of good predictions, and an attacker's."""
        sent: list[Asked | Forged] = [asked for asked in population.asked if asked.kind is Kind.DOUBLED]
        sent += population.forged
        chance.shuffle(sent)
        for each in sent:
            self._attacker.sqs.send_message(QueueUrl=self.stack.queue_url, MessageBody=each.body)

    # ---- How far it is

    def ended(self) -> int:
        """How many predictions have come to an end."""
        return self._count(select(func.count()).select_from(PredictionRow).where(PredictionRow.state.in_(_ENDS)))

    def waiting(self) -> int:
        """How many messages wait in the outbox."""
        return self._count(select(func.count()).select_from(OutboxRow))

    def untaken(self) -> int:
        """How many messages in the outbox nobody has begun to send."""
        return self._count(select(func.count()).select_from(OutboxRow).where(OutboxRow.leased_until.is_(None)))

    def in_queue(self) -> int:
        """How many messages the queue holds, hidden ones included."""
        with self._aws:
            asked = self._root.sqs.get_queue_attributes(QueueUrl=self.stack.queue_url, AttributeNames=["All"])
        held = asked["Attributes"]
        return int(held["ApproximateNumberOfMessages"]) + int(held["ApproximateNumberOfMessagesNotVisible"])

    def _count(self, query: Select[int]) -> int:
        with self.stack.engine.connect() as connection:
            return int(connection.scalar(query) or 0)

    # ---- Blows

    def kill_aws(self) -> None:
        """Kill the local AWS, and start it again where it was."""
        with self._aws:
            process = psutil.Process(self.emulator.pid)
            os.kill(self.emulator.pid, signal.SIGKILL)
            process.wait(10)
            before, self.emulator = self.emulator, start(self._paths, owner=os.getpid(), durable=True)
        assert self.emulator.vpc_url == before.vpc_url, "another process has taken the port"

    # ---- What comes out

    def look(self) -> Seen:
        """See what has become of all."""
        records = PredictionStore(self.stack.engine, SystemClock()).find(limit=10**9)
        return Seen(
            predictions={record.prediction_id: record for record in records},
            moves=audit.moves(self.stack.engine),
            rejections=RejectionStore(self.stack.engine, SystemClock()).newest(10**9),
            dead_letters=self._dead_letters(),
            left_in_queue=self.in_queue(),
            result=self._result,
        )

    def _dead_letters(self) -> Sequence[str]:
        bodies: list[str] = []
        while found := self._operator.sqs.receive_message(
            QueueUrl=self.stack.dlq_url, MaxNumberOfMessages=10, VisibilityTimeout=3600
        ).get("Messages", []):
            bodies += [message["Body"] for message in found]
        return bodies

    def _result(self, path: str) -> bytes | None:
        bucket, _, key = path.removeprefix("s3://").partition("/")
        try:
            return self._root.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except (ClientError, BotoCoreError):
            return None


@contextmanager
def scene(plan: Plan, folder: Path, database_url: str) -> Iterator[Scene]:
    """A place of a run's own, which goes away with it.

    Args:
        plan: The run.
        folder: Where all of it lies.
        database_url: The database.
    """
    paths = LocalPaths(run=folder / "account")
    emulator = start(paths, owner=os.getpid(), ports=(0, 0), durable=True)
    try:
        bootstrap(emulator)
        stack = JobStack(
            emulator,
            Clients(root_environment(emulator)),
            NAME,
            folder,
            visibility_seconds=plan.visibility_seconds,
            max_receives=plan.max_receives,
            database=database_url,
        )
        audit.install(stack.engine)
        try:
            yield Scene(paths, emulator, stack)
        finally:
            stack.engine.dispose()
    finally:
        stop(paths)
