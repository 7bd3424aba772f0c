"""A client that calls at random until the AWS that it calls is gone, and remembers what it was told."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from local.emulator import account
from tests.local.emulator.durable.ledger import NEVER, Ledger

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

HELD_SECONDS = 2
"""How long a received message stays in flight."""
TRUSTED_SECONDS = 0.7
"""How long a handle is used: well within the time in which nobody else can have received its message."""

Answer = TypeVar("Answer")


class GoneError(Exception):
    """There was no answer."""


def _is_torn(answer: object) -> bool:
    """Whether only an answer's head came: botocore takes that for an empty answer."""
    assert isinstance(answer, dict)
    announced = int(answer["ResponseMetadata"]["HTTPHeaders"].get("content-length", 0))
    return announced > len("{}") and answer.keys() == {"ResponseMetadata"}


@dataclass
class Client:
    """One client, used by one thread at a time.

    Args:
        name: Unique: its bodies and keys begin with it.
        draw: What it does next.
        sqs: Without retries: each call is answered, or not, once.
        s3: The same.
        url: The queue.
    """

    name: str
    draw: random.Random
    sqs: "SQSClient"
    s3: "S3Client"
    url: str
    ledger: Ledger = field(default_factory=Ledger)
    calls: int = 0
    _held: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Body to receipt handle and the time before its receive."""

    def burst(self) -> None:
        """Calls until there is no answer."""
        takes = [self._delete, self._delete_several, self._extend]
        steps = [self._send, self._send_ten, self._receive, self._receive, *takes, self._put]
        try:
            while True:
                self.draw.choice(steps)()
                self.calls += 1
        except GoneError:
            return

    def _body(self) -> str:
        return f"{self.name}-{self.calls}-{self.draw.random()}"

    def _answered(self, call: Callable[[], Answer], otherwise: Callable[[], None]) -> Answer:
        try:
            answer = call()
        except BotoCoreError as error:  # refused, reset, or cut off in the midst of the answer
            otherwise()
            raise GoneError from error
        if _is_torn(answer):
            otherwise()
            raise GoneError
        return answer

    def _send(self) -> None:
        body = self._body()
        sent = self._answered(
            lambda: self.sqs.send_message(QueueUrl=self.url, MessageBody=body),
            lambda: self.ledger.maybe_sent.add(body),
        )
        self.ledger.sent[body] = sent["MessageId"]

    def _send_ten(self) -> None:
        bodies = {str(number): f"{self._body()}-{number}" for number in range(10)}
        sent = self._answered(
            lambda: self.sqs.send_message_batch(
                QueueUrl=self.url, Entries=[{"Id": entry, "MessageBody": body} for entry, body in bodies.items()]
            ),
            lambda: self.ledger.maybe_sent.update(bodies.values()),
        )
        self.ledger.sent |= {bodies[entry["Id"]]: entry["MessageId"] for entry in sent["Successful"]}

    def _receive(self) -> None:
        began = time.monotonic()

        def lost() -> None:
            self.ledger.maybe_received += 1

        hold = self.draw.choice([0, HELD_SECONDS])
        found = self._answered(
            lambda: self.sqs.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=self.draw.randint(1, 10),
                VisibilityTimeout=hold,
                AttributeNames=["ApproximateReceiveCount"],
            ),
            lost,
        )
        for message in found.get("Messages", []):
            self.ledger.note_receive(message["Body"], int(message["Attributes"]["ApproximateReceiveCount"]))
            if hold:
                self._held[message["Body"]] = (message["ReceiptHandle"], began)

    def _take(self) -> tuple[str, str] | None:
        """One that is surely held still, and held no longer."""
        self._held = {body: held for body, held in self._held.items() if time.monotonic() < held[1] + TRUSTED_SECONDS}
        if not self._held:
            return None
        body = self.draw.choice(list(self._held))
        return body, self._held.pop(body)[0]

    def _delete(self) -> None:
        if (taken := self._take()) is None:
            return
        body, handle = taken
        self._answered(
            lambda: self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=handle),
            lambda: self.ledger.maybe_deleted.add(body),
        )
        self.ledger.deleted.add(body)

    def _delete_several(self) -> None:
        taken = [taken for _ in range(4) if (taken := self._take()) is not None]
        if not taken:
            return
        answer = self._answered(
            lambda: self.sqs.delete_message_batch(
                QueueUrl=self.url,
                Entries=[{"Id": str(entry), "ReceiptHandle": handle} for entry, (_, handle) in enumerate(taken)],
            ),
            lambda: self.ledger.maybe_deleted.update(body for body, _ in taken),
        )
        self.ledger.deleted |= {taken[int(entry["Id"])][0] for entry in answer["Successful"]}

    def _extend(self) -> None:
        """Gives a message back at once or a little later."""
        if (taken := self._take()) is None:
            return
        self._answered(
            lambda: self.sqs.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=taken[1], VisibilityTimeout=self.draw.choice([0, 1])
            ),
            lambda: None,
        )

    def _put(self) -> None:
        key = f"{self.name}/{self.draw.randint(0, 5)}"
        content = None if self.draw.random() < 0.3 else self.draw.randbytes(self.draw.choice([0, 10, 100_000]))

        def call() -> object:
            if content is None:
                return self.s3.delete_object(Bucket=account.UPLOADS_BUCKET, Key=key)
            return self.s3.put_object(Bucket=account.UPLOADS_BUCKET, Key=key, Body=content)

        self._answered(call, lambda: self.ledger.put(key, content, answered=False))
        self.ledger.put(key, content, answered=True)

    def look_at_files(self) -> None:
        """Looks at what the keys hold now, which must be something that they may hold."""
        for key, possible in self.ledger.files.items():
            found: bytes | None = NEVER
            try:
                found = self.s3.get_object(Bucket=account.UPLOADS_BUCKET, Key=key)["Body"].read()
            except ClientError as error:
                assert error.response["Error"]["Code"] == "NoSuchKey"  # noqa: PT017 - one of two answers
            assert found in possible, f"{key} holds what was never answered"
            self.ledger.files[key] = {found}
