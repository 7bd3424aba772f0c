"""When changes are written, and as what."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.emulator.durable.changes import Changes, Message, Op, decode
from local.emulator.durable.journal import Journal, JournalError, read


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "account.journal")
    made.begin([])
    yield made
    made.close()


def written(journal: Journal) -> list[list[Op]]:
    return [list(decode(record)[1]) for record in read(journal.path)]


class Counter:
    """Changes, and is asked only when it is written."""

    def __init__(self) -> None:
        self.value = 0

    def take(self) -> Op:
        return "counter", self.value


def test_what_has_changed_is_on_record_before_the_first_word_of_an_answer(journal: Journal) -> None:
    changes = Changes(journal)
    seen = []

    async def send(message: Message) -> None:
        seen.append((message["type"], written(journal)))

    async def answer() -> None:
        answering = changes.before_answering(send)
        changes.note(("one",))
        await answering({"type": "http.response.start"})
        changes.note(("two",))
        await answering({"type": "http.response.body"})

    asyncio.run(answer())
    assert seen == [("http.response.start", [[("one",)]]), ("http.response.body", [[("one",)], [("two",)]])]


def test_all_that_a_request_changed_is_one_record_with_the_last_state(journal: Journal) -> None:
    changes, counter = Changes(journal), Counter()
    changes.note(counter)
    counter.value = 7
    changes.note(("after",))
    changes.write()
    changes.write()
    assert written(journal) == [[("counter", 7), ("after",)]]


def test_what_cannot_be_written_is_not_answered(journal: Journal) -> None:
    changes = Changes(journal)
    sent = []

    async def send(message: Message) -> None:
        sent.append(message)

    changes.note(("lost",))
    journal.close()
    with pytest.raises(JournalError):
        asyncio.run(changes.before_answering(send)({"type": "http.response.start"}))  # type: ignore[arg-type]  # Awaitable: it is a coroutine
    assert not sent
