"""The shapes of the answers of `dlq …`, as `--json` prints them. Times are ISO 8601 in UTC; keys are never renamed."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict


class DeadLetterAnswer(TypedDict):
    """One dead letter. Its body, its attributes and the user that it names are there only with `--body`."""

    message_id: str
    prediction_id: str | None
    """The prediction that it names, where that can be read."""
    prediction_state: str | None
    """Where that prediction stands; None where there is none."""
    code: str | None
    """Why it is here, as `app.reasons` has it; None where nothing is recorded."""
    reason: str | None
    receives: int
    """How often it has been handed out, by both queues together; each look at it counts."""
    sent_at: str | None
    expires_at: str | None
    """When the dead-letter queue drops it."""
    bytes: int
    trace_id: str | None
    """The trace that it carries on; None where what sent it was not traced."""
    body: NotRequired[str]
    user_id: NotRequired[str | None]
    attributes: NotRequired[Mapping[str, Mapping[str, str]]]
    """By name: `type`, and `string` or `base64`."""


class LookAnswer(TypedDict):
    """How a look through the queue went."""

    looked_at: int
    """How many letters were looked at."""
    complete: bool
    """Whether that was all that was visible."""
    interrupted: bool
    """Whether a signal ended it."""
    not_given_back: int
    """How many stay hidden for two minutes at most, because giving them back failed."""
    records: bool
    """Whether the store could be asked for reasons."""


class DeadLettersAnswer(LookAnswer):
    """`dlq list --json`."""

    visible: int
    """How many can be looked at, about."""
    in_flight: int
    """How many somebody else is looking at, about."""
    letters: list[DeadLetterAnswer]


class ShowAnswer(LookAnswer):
    """`dlq show --json`."""

    letters: list[DeadLetterAnswer]
    """All that match: several messages may name one prediction."""


class ExportAnswer(LookAnswer):
    """`dlq export --json`."""

    file: str
    exported: int


class RedriveChosenAnswer(LookAnswer):
    """`dlq redrive --json`, of chosen letters."""

    dry_run: bool
    matched: int
    sent: int
    """How many were sent back."""
    deleted: int
    """How many of those were then deleted here; the others are in both queues."""
    failed: int
    """How many could not be sent; they stay."""
    foreign: int
    """How many come from another queue; they stay."""
    returned: int
    """How many that were sent back have failed again and come here meanwhile; they stay."""
    stopped_by: str
    """done, limit, signal or failure."""
    failure: str | None
    """What ended it early, in words."""


class MoveTaskAnswer(TypedDict):
    """One move task of SQS's."""

    status: str
    """RUNNING, COMPLETED, CANCELLING, CANCELLED or FAILED."""
    moved: int
    to_move: int
    rate: int | None
    failure: str | None
    """AWS's word for what failed."""
    started_at: str
    handle: str | None
    """What it is cancelled by, while it runs."""


class RedriveAllAnswer(TypedDict):
    """`dlq redrive --json`, of all letters."""

    dry_run: bool
    visible: int
    """How many there were to move, about."""
    task: MoveTaskAnswer | None
    """None in a dry run."""


class MoveTasksAnswer(TypedDict):
    """`dlq tasks --json`, the newest first; `dlq cancel --json`, the one that was cancelled."""

    tasks: list[MoveTaskAnswer]
