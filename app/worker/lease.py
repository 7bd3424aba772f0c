"""The lease on one delivery: the right to work on it until SQS gives it to somebody else."""

import threading
from typing import TYPE_CHECKING

from app.clock import Clock
from app.reasons import Reason
from app.work_queue import MAX_VISIBILITY_SECONDS, Delivery

if TYPE_CHECKING:
    from app.store import Claim, Prediction

_EDGE_SECONDS = 5
"""How far from SQS's 12 hours the last extension stays: asking for more than remains is an error."""


TAKEN_OVER = "another attempt has taken the prediction over"
"""Why a lease is over whose claim is not good any more."""


_ending = threading.Lock()
"""Held for a moment by whoever ends a lease, whichever it is: they are few, and leases many."""


class LeaseLostError(Exception):
    """The lease is over: what was worked out must not be committed, nor the message touched."""


class Lease:
    """A delivery, and how long it is ours. Shared between the thread that works and the heartbeat.

    Args:
        delivery: The delivery.
        seconds: For how long SQS hides it at first.
        clock: The time.
    """

    def __init__(self, delivery: Delivery, seconds: float, clock: Clock) -> None:
        self.delivery = delivery
        self.claim: Claim | None = None
        """The claim on the prediction, once there is one; the heartbeat extends it along."""
        self.prediction: Prediction | None = None
        """What the message asks for, once that is admitted; the claim is on it."""
        self.refused_for: Reason | None = None
        """Why the message is not worked on, or its prediction cannot succeed; None as long as that is not so."""
        self._clock = clock
        self._until = delivery.received_at + seconds
        self._ends = delivery.received_at + MAX_VISIBILITY_SECONDS - _EDGE_SECONDS
        self._revoked: str | None = None
        self.lost_for = Reason.LEASE_LOST
        """Why it is over, as a stable code, once it is."""
        self._is_asked_for = False
        self.is_overrun = False
        """Whether it ran out though nobody had asked SQS to extend it: the heartbeat had no turn, or 12 hours are over.

        That may be the file's doing. What SQS, a shutdown or another attempt brings about is not.
        """
        self._settling = False
        self.claiming = threading.Lock()
        """Held while the claim is taken or given back."""
        self.is_claim_given_back = False
        """Whether the claim has been given back; nothing is good any more that rests on it."""
        self.extending = threading.Lock()
        """Held while the visibility is being extended, so that `stop_extending` waits for one that is under way."""

    @property
    def lost_because(self) -> str | None:
        """Why the lease is over, in words; None while it holds."""
        if self._revoked is None and self._clock.monotonic() >= self._until:
            self.is_overrun = not self._is_asked_for
            self._revoked = "its time ran out before it could be extended"
        return self._revoked

    @property
    def is_lost(self) -> bool:
        """Whether the lease is over. Once lost, it stays lost."""
        return self.lost_because is not None

    @property
    def seconds_left(self) -> float:
        """Until the lease runs out, as it stands now; never below 0."""
        return max(0.0, self._until - self._clock.monotonic())

    @property
    def may_be_extended(self) -> bool:
        """Whether the heartbeat should still care: it is held, not being settled, and not near SQS's 12 hours."""
        return not self._settling and not self.is_lost and self.most_seconds > 0

    @property
    def most_seconds(self) -> int:
        """The longest extension that SQS would still take."""
        return max(0, int(self._ends - self._clock.monotonic()))

    def check(self) -> None:
        """Go on only while the lease holds.

        Raises:
            LeaseLostError: It is over.
        """
        because = self.lost_because
        if because is not None:
            raise LeaseLostError(because)

    def asked_for(self) -> None:
        """The heartbeat is about to ask SQS to extend it; until SQS does, it is no fault of the work if it runs out."""
        self._is_asked_for = not self.is_lost

    def extended(self, asked_at: float, seconds: float) -> None:
        """SQS has extended it: it holds for so many seconds from when that was asked."""
        self._is_asked_for = False
        self._until = max(self._until, asked_at + seconds)

    def revoke(self, because: str, code: Reason = Reason.LEASE_LOST) -> bool:
        """End the lease, for good.

        Args:
            because: Why, in words.
            code: Why, as a stable code.

        Returns:
            Whether it held until now.
        """
        with _ending:
            held = not self.is_lost
            if held:
                self._revoked, self.lost_for = because, code
            return held

    def stop_extending(self) -> None:
        """No more heartbeats from here on: the message is about to be deleted or given back."""
        with self.extending:
            self._settling = True
