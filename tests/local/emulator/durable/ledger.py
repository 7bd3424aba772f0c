"""What a client of a killed AWS knows: what was answered, and what may have happened."""

from collections import Counter
from dataclasses import dataclass, field

NEVER = None
"""An object that is not there."""


@dataclass
class Ledger:
    """One client's calls. Bodies are unique; a call without an answer may have happened or not.

    Args:
        sent: Body to message id, of answered sends.
        maybe_sent: Bodies of sends without an answer.
        deleted: Bodies of answered deletes.
        maybe_deleted: Bodies of deletes without an answer.
        received: Answered receives, by body, as many as the account must count at least.
        counts: Receive counts in the order of the answers, by body.
        maybe_received: Receives without an answer, each of which may have taken any message once.
        files: What each key may hold; one value if all was answered.
    """

    sent: dict[str, str] = field(default_factory=dict)
    maybe_sent: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    maybe_deleted: set[str] = field(default_factory=set)
    received: Counter[str] = field(default_factory=Counter)
    counts: dict[str, list[int]] = field(default_factory=dict)
    maybe_received: int = 0
    files: dict[str, set[bytes | None]] = field(default_factory=dict)

    def note_receive(self, body: str, count: int) -> None:
        self.received[body] += 1
        self.counts.setdefault(body, []).append(count)

    def put(self, key: str, content: bytes | None, *, answered: bool) -> None:
        self.files[key] = {content} if answered else self.files.get(key, {NEVER}) | {content}


def merged(ledgers: list[Ledger]) -> Ledger:
    """All clients' knowledge: their bodies and keys are distinct, but any may receive and delete any message."""
    whole = Ledger()
    for one in ledgers:
        whole.sent |= one.sent
        whole.maybe_sent |= one.maybe_sent
        whole.deleted |= one.deleted
        whole.maybe_deleted |= one.maybe_deleted
        whole.received += one.received
        whole.maybe_received += one.maybe_received
        whole.files |= one.files
        for body, counts in one.counts.items():
            whole.counts.setdefault(body, []).extend(counts)
    return whole
