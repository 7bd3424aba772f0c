"""What is measured of sending dead letters back."""

from app.telemetry.instruments import Description, Kind
from app.telemetry.names import OUTCOME
from app.telemetry.registry import Registry

REDRIVEN = Description(
    "retainwise.dead_letters.redriven",
    Kind.COUNTER,
    "{message}",
    "Dead letters that were sent back to be worked on, or could not be",
    (OUTCOME,),
)


def count_redriven(metrics: Registry | None, *, sent: int, failed: int = 0) -> None:
    """Count what was sent back.

    Args:
        metrics: What instruments belong to; None where nothing is measured.
        sent: How many letters were.
        failed: How many could not be.
    """
    if metrics is not None:
        redriven = metrics.counter(REDRIVEN)
        redriven.add("sent", amount=sent)
        redriven.add("failed", amount=failed)
