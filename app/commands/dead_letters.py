"""`dlq list`, `show` and `export`: look at dead letters, and give them back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from app.client import SQSClient
from app.clock import Clock, SystemClock
from app.commands.dead_letter_shapes import (
    DeadLetterAnswer,
    DeadLettersAnswer,
    ExportAnswer,
    LookAnswer,
    ShowAnswer,
)
from app.dlq.browsing import Browse
from app.dlq.exporting import attribute, writing
from app.dlq.filters import Filter
from app.dlq.letter import DeadLetter
from app.dlq.queue import DeadLetterQueue
from app.dlq.records import Explanation, NoRecords, Records
from app.errors import OperationFailedError
from app.settings import load_settings
from app.shutdown import Shutdown
from app.wiring.dead_letters import open_dead_letters, open_records


@dataclass(frozen=True)
class Desk:
    """What all commands on dead letters work with."""

    queue: DeadLetterQueue
    records: Records | NoRecords
    shutdown: Shutdown
    clock: Clock

    @property
    def has_records(self) -> bool:
        """Whether the store can be asked."""
        return isinstance(self.records, Records)

    def check(self, wanted: Filter) -> None:
        """Refuse to choose by what cannot be known.

        Raises:
            OperationFailedError: A reason is wanted, and the store cannot be reached.
        """
        if wanted.reason is not None and not self.has_records:
            raise OperationFailedError("--reason cannot be judged: the store that knows the reasons is not reached")

    def matching(self, browse: Browse, wanted: Filter) -> Iterator[tuple[DeadLetter, Explanation]]:
        """The letters that a filter takes, as they are come upon."""
        for page in browse.pages():
            explained = self.records.explain(page)
            for letter in page:
                explanation = explained[letter.message_id]
                if wanted.takes(letter, explanation, self.clock.now()):
                    yield letter, explanation

    def look(self, browse: Browse) -> LookAnswer:
        """How a look went, once it is over."""
        return {
            "looked_at": browse.looked_at,
            "complete": browse.is_complete,
            "interrupted": self.shutdown.is_requested,
            "not_given_back": browse.not_given_back,
            "records": self.has_records,
        }


@contextmanager
def desk() -> Iterator[Desk]:
    """The dead-letter queue of the process's settings. The first SIGINT or SIGTERM ends what is under way in order.

    Raises:
        UserMistakeError: A setting is wrong.
        OperationFailedError: The queue has no dead-letter queue, or AWS refuses or does not answer.
    """
    settings = load_settings()
    client = SQSClient(settings)
    clock = SystemClock()
    shutdown = Shutdown(clock)
    with shutdown.installed():
        try:
            yield Desk(open_dead_letters(settings, client), open_records(settings), shutdown, clock)
        finally:
            client.shutdown()


def list_letters(wanted: Filter, *, limit: int, body: bool) -> DeadLettersAnswer:
    """The dead letters, as they come.

    Args:
        wanted: Which ones.
        limit: The most to look at.
        body: Whether to tell bodies, attributes and users.
    """
    with desk() as at:
        at.check(wanted)
        depth = at.queue.depth()
        keeps = timedelta(seconds=depth.retention_seconds)
        with Browse(at.queue, at.shutdown, limit) as browse:
            letters = [_answer(*found, keeps, body=body) for found in at.matching(browse, wanted)]
        return {**at.look(browse), "visible": depth.visible, "in_flight": depth.in_flight, "letters": letters}


def show_letters(identifier: str, *, limit: int, body: bool) -> ShowAnswer:
    """The letters with this message id, or that name this prediction.

    Raises:
        OperationFailedError: There is none among those that were looked at.
    """
    wanted = identifier.lower()
    with desk() as at:
        keeps = timedelta(seconds=at.queue.depth().retention_seconds)
        found = []
        with Browse(at.queue, at.shutdown, limit) as browse:
            for letter, explanation in at.matching(browse, Filter()):
                if wanted in {letter.message_id.lower(), str(letter.prediction_id)}:
                    found.append(_answer(letter, explanation, keeps, body=body))
                    if wanted == letter.message_id.lower():
                        break
        if not found:
            raise OperationFailedError(_none(identifier, browse))
        return {**at.look(browse), "letters": found}


def export_letters(file: Path, wanted: Filter, *, limit: int) -> ExportAnswer:
    """Write dead letters to a file, one a line, with their bodies. They stay in the queue.

    Raises:
        UserMistakeError: The file exists, or cannot be written.
    """
    with desk() as at:
        at.check(wanted)
        exported = 0
        with writing(file) as write, Browse(at.queue, at.shutdown, limit) as browse:
            for letter, explanation in at.matching(browse, wanted):
                write(letter, explanation)
                exported += 1
        return {**at.look(browse), "file": str(file), "exported": exported}


def _none(identifier: str, browse: Browse) -> str:
    all_of = "all" if browse.is_complete else "not all"
    try:
        UUID(identifier)
    except ValueError:
        return f"{identifier!r} is neither a message's id nor a prediction's; `dlq list` lists both"
    return (
        f"no dead letter has the id {identifier} or names that prediction; looked at {browse.looked_at}, {all_of} that "
        "is visible. `predictions` and `rejections` show what the store knows of it"
    )


def _answer(letter: DeadLetter, explanation: Explanation, keeps: timedelta, *, body: bool) -> DeadLetterAnswer:
    answer: DeadLetterAnswer = {
        "message_id": letter.message_id,
        "prediction_id": str(letter.prediction_id) if letter.prediction_id else None,
        "prediction_state": explanation.state.value if explanation.state else None,
        "code": explanation.code,
        "reason": explanation.reason,
        "receives": letter.receive_count,
        "sent_at": letter.sent_at.isoformat() if letter.sent_at else None,
        "expires_at": (letter.sent_at + keeps).isoformat() if letter.sent_at else None,
        "bytes": letter.size,
        "trace_id": letter.trace_id,
    }
    if body:
        answer["body"] = letter.body
        answer["user_id"] = letter.user_id
        answer["attributes"] = {name: attribute(value) for name, value in letter.attributes.items()}
    return answer
