"""The message of a prediction job, and what makes one acceptable."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, NoReturn, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from app.bounded import bounded
from app.reasons import Reason
from app.s3_path import S3Path

MAX_BODY_BYTES = 8 * 1024
"""The longest body that is looked at. A real one has under 2 KiB: its longest part is a key, 1,024 bytes at most."""

PUBLISH_WINDOW = timedelta(minutes=5)
"""How far off, either way, a timestamp may be when its message is published."""

CLOCK_SKEW = timedelta(minutes=1)
"""How far ahead of the consumer's clock a timestamp may be: machines' clocks differ a little."""

_USER_ID = re.compile(r"user_[A-Za-z0-9]{1,64}")
_CANONICAL_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ISO_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})?", re.ASCII)
_FAULTS_TOLD = 3

_Message = TypeVar("_Message", bound="PredictionSQSMessage")


class MessageRefusedError(ValueError):
    """A message that is not acceptable.

    Args:
        reason: The stable code.
        detail: What is wrong, in words; bounded and printable, whatever the message held.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def check_user_id(user_id: str) -> str:
    """The user id as given, if it has Clerk's form.

    Raises:
        ValueError: It has another form.
    """
    if not _USER_ID.fullmatch(user_id):
        raise ValueError("a user id is user_ followed by 1 to 64 letters and digits")
    return user_id


def _canonical_uuid(value: object) -> object:
    if isinstance(value, UUID) or (isinstance(value, str) and _CANONICAL_UUID.fullmatch(value)):
        return value
    raise ValueError("must be a UUID, written as 8-4-4-4-12 hexadecimal digits")


def _iso_timestamp(value: object) -> object:
    """Text must be ISO 8601 in full: pydantic would also take a number, in seconds or milliseconds by its size."""
    if isinstance(value, datetime) or (isinstance(value, str) and _ISO_TIMESTAMP.fullmatch(value)):
        return value
    raise ValueError("must be a date and time in ISO 8601, such as 2026-01-31T12:00:00Z")


def _in_utc(value: datetime) -> datetime:
    """Naive means UTC, as in `datetime.utcnow()`; everything else is brought to UTC."""
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must lie within the years 1 to 9999, in UTC") from error


def _safe_path(value: str) -> str:
    return str(S3Path.parse(value))


class PredictionSQSMessage(BaseModel):
    """One prediction job, as it travels through the queue.

    It says which prediction to make; it decides nothing. Whose file it is and which path it has stand in the store, and
    the worker compares.

    Args:
        prediction_id: The prediction; a second message with the same id changes nothing.
        user_id: Whose it is, in Clerk's form `user_…`.
        upload_id: The upload that it is made from.
        s3_file_path: Where the upload lies, `s3://bucket/key`, without traversal in any encoding.
        timestamp: When the message was made. Naive means UTC; kept aware, in UTC.
        priority: `low`, `normal` (the default) or `high`. Carried along: a standard queue has no order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    prediction_id: Annotated[UUID, BeforeValidator(_canonical_uuid)]
    user_id: Annotated[str, AfterValidator(check_user_id)]
    upload_id: Annotated[UUID, BeforeValidator(_canonical_uuid)]
    s3_file_path: Annotated[str, AfterValidator(_safe_path)]
    timestamp: Annotated[datetime, BeforeValidator(_iso_timestamp), AfterValidator(_in_utc)]
    priority: Literal["low", "normal", "high"] = "normal"

    def json(self) -> str:  # type: ignore[override]  # pydantic's own takes options and warns that it is deprecated
        """The message as it goes over the wire: JSON, the timestamp with `Z`."""
        return self.model_dump_json()

    @classmethod
    def from_wire(cls, body: str) -> Self:
        """Read a message's body.

        Raises:
            MessageRefusedError: The body is too large, not JSON, or not such a message.
        """
        return _validated(cls, _read_json(body))

    def check_publishable(self, now: datetime) -> None:
        """Refuse to publish a message whose timestamp is more than five minutes off, either way.

        Args:
            now: The publisher's clock, aware.

        Raises:
            MessageRefusedError: It is more than `PUBLISH_WINDOW` off.
        """
        if self.timestamp > now + PUBLISH_WINDOW:
            _refuse_timestamp(Reason.TIMESTAMP_AHEAD, self.timestamp, now, "more than 5 minutes ahead")
        if self.timestamp < now - PUBLISH_WINDOW:
            _refuse_timestamp(Reason.TIMESTAMP_TOO_OLD, self.timestamp, now, "more than 5 minutes old")

    def check_consumable(self, now: datetime, max_age: timedelta) -> None:
        """Refuse to consume a message from the future, or one that is older than any queue could have kept it.

        The window is wide on purpose: a narrower one would throw away a backlog or a redrive. Replay is stopped by the
        store, where a prediction is made once.

        Args:
            now: The consumer's clock, aware.
            max_age: The retention of the queue plus that of its dead-letter queue.

        Raises:
            MessageRefusedError: It is more than `CLOCK_SKEW` ahead, or older than `max_age`.
        """
        if self.timestamp > now + CLOCK_SKEW:
            _refuse_timestamp(Reason.TIMESTAMP_AHEAD, self.timestamp, now, "in the future")
        if self.timestamp < now - max_age:
            _refuse_timestamp(Reason.TIMESTAMP_TOO_OLD, self.timestamp, now, f"older than {max_age}")


def _refuse_timestamp(reason: Reason, timestamp: datetime, now: datetime, fault: str) -> NoReturn:
    raise MessageRefusedError(reason, f"timestamp {timestamp.isoformat()} is {fault}; the clock says {now.isoformat()}")


def _read_json(body: str) -> object:
    size = len(body.encode("utf-8", "surrogatepass"))
    if size > MAX_BODY_BYTES:
        raise MessageRefusedError(Reason.BODY_TOO_LARGE, f"the body has {size} bytes; {MAX_BODY_BYTES} are allowed")
    try:
        value: object = _decode(body)
    except MessageRefusedError:
        raise
    except (ValueError, RecursionError) as error:
        raise MessageRefusedError(Reason.NOT_JSON, f"the body is not JSON: {bounded(error, 100)}") from error
    return value


def _single_keys(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Two readers may choose differently between two values of one key, so there must not be two."""
    single = dict(pairs)
    if len(single) != len(pairs):
        raise MessageRefusedError(Reason.DUPLICATE_KEY, "the body has the same key twice")
    return single


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


# Made once: `json.loads` with any option makes one for each text, which takes as long as the reading.
_decode = json.JSONDecoder(object_pairs_hook=_single_keys, parse_constant=_no_constant).decode


def _validated(kind: type[_Message], value: object) -> _Message:
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        told = "; ".join(
            f"{bounded('.'.join(map(str, fault['loc'])) or 'body', 40)}: {bounded(fault['msg'], 120)}"
            for fault in faults[:_FAULTS_TOLD]
        )
        more = f" (and {len(faults) - _FAULTS_TOLD} more)" if len(faults) > _FAULTS_TOLD else ""
        raise MessageRefusedError(Reason.INVALID_FIELDS, told + more) from None
