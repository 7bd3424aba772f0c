"""Which dead letters are meant."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.dlq.letter import DeadLetter
from app.dlq.records import Explanation
from app.errors import UserMistakeError
from app.message import check_user_id
from app.reasons import Reason

UNKNOWN = "unknown"
"""The reason to ask for where none is recorded."""

_DURATION = re.compile(r"(\d{1,7})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Filter:
    """What a letter must be; all that is given must hold.

    Args:
        reason: The code of its reason, or `unknown`.
        user_id: The user that it names.
        prediction_id: The prediction that it names.
        older_than: How long ago it must have been sent first, at least.
        newer_than: How long ago at most.
    """

    reason: str | None = None
    user_id: str | None = None
    prediction_id: UUID | None = None
    older_than: timedelta | None = None
    newer_than: timedelta | None = None

    @classmethod
    def parse(
        cls, *, reason: str | None, user: str | None, prediction: str | None, older: str | None, newer: str | None
    ) -> "Filter":
        """Read what was given on the command line.

        Raises:
            UserMistakeError: One of them cannot be meant.
        """
        codes = sorted({*map(str, Reason), UNKNOWN})
        if reason is not None and reason not in codes:
            raise UserMistakeError(f"--reason {reason!r} is no reason; there are {', '.join(codes)}")
        if user is not None:
            try:
                check_user_id(user)
            except ValueError as error:
                raise UserMistakeError(f"--user {user!r}: {error}") from None
        return cls(
            reason,
            user,
            _prediction(prediction),
            _duration("--older-than", older),
            _duration("--newer-than", newer),
        )

    @property
    def is_open(self) -> bool:
        """Whether every letter is meant."""
        return self == Filter()

    def takes(self, letter: DeadLetter, explanation: Explanation, now: datetime) -> bool:
        """Whether a letter is meant. One of unknown age is neither older nor newer than anything."""
        age = now - letter.sent_at if letter.sent_at else None
        return (
            (self.reason is None or self.reason == (explanation.code or UNKNOWN))
            and (self.user_id is None or self.user_id == letter.user_id)
            and (self.prediction_id is None or self.prediction_id == letter.prediction_id)
            and (self.older_than is None or (age is not None and age >= self.older_than))
            and (self.newer_than is None or (age is not None and age <= self.newer_than))
        )


def _prediction(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text is not None else None
    except ValueError:
        raise UserMistakeError(f"--prediction {text!r} is not a UUID; `predictions` lists them") from None


def _duration(option: str, text: str | None) -> timedelta | None:
    if text is None:
        return None
    found = _DURATION.fullmatch(text)
    if not found:
        raise UserMistakeError(f"{option} {text!r} is no duration; give a number and s, m, h or d, such as 90m or 2d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
