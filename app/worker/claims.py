"""The claim under a lease: whoever takes it and whoever gives it back wait for each other."""

from collections.abc import Callable
from datetime import datetime

from app.reasons import Reason
from app.store import Claim, ClaimRefusal, PredictionStore
from app.worker.lease import Lease


def taken(lease: Lease, take: Callable[[], Claim | ClaimRefusal]) -> Claim | ClaimRefusal:
    """The lease's claim, or why there is none; it is taken unless it is there already.

    Raises:
        LeaseLostError: The lease is over: nothing is claimed under it any more.
        sqlalchemy.exc.SQLAlchemyError: As by `take`.
    """
    with lease.claiming:
        lease.check()
        if lease.claim is not None:
            return lease.claim
        answer = take()
        if isinstance(answer, Claim):
            lease.claim = answer
        return answer


def give_back_claim(  # noqa: PLR0913 - what the store is told
    lease: Lease,
    predictions: PredictionStore,
    *,
    code: Reason,
    reason: str,
    is_failure: bool = False,
    again_at: datetime | None = None,
) -> bool:
    """Give the lease's claim back, once, if it has one; one that is just being taken is waited for.

    Args:
        lease: The lease, which is over, so that no claim is taken under it later.
        predictions: The predictions.
        code: As for `PredictionStore.release`.
        reason: As there.
        is_failure: As there.
        again_at: As there.

    Returns:
        Whether the claim was given back, now or before.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The store does not answer; the claim runs out by itself.
    """
    with lease.claiming:
        if lease.claim is not None and not lease.is_claim_given_back:
            lease.is_claim_given_back = predictions.release(
                lease.claim, code=code.value, reason=reason, is_failure=is_failure, again_at=again_at
            )
        return lease.is_claim_given_back
