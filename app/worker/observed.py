"""What a worker keeps anyway, told with the metrics: whoever counts it pays nothing more."""

from app.telemetry.registry import Registry
from app.worker.metered import BUSY_SLOTS, MODELS_REPLACED, OUTCOMES, SLOTS, STORE_DOWN, SWEPT
from app.worker.process import Processor
from app.worker.processes import ProcessPredictor
from app.worker.slots import ThreadSlots
from app.worker.sweep import Sweeper


def observe_worker(
    registry: Registry, processor: Processor, slots: ThreadSlots, sweeper: Sweeper, concurrency: int
) -> None:
    """Have told what became of deliveries, how busy the worker is, and what it swept.

    Args:
        registry: Where the numbers are asked for.
        processor: What counts outcomes, and knows whether the store answers.
        slots: Where deliveries are worked on.
        sweeper: What looks for lost predictions.
        concurrency: How many deliveries may be worked on at once.
    """
    registry.observe_by(OUTCOMES, processor.tally.by_name)
    registry.observe_one(BUSY_SLOTS, lambda: slots.working)
    registry.observe_one(SLOTS, lambda: concurrency)
    registry.observe_one(STORE_DOWN, lambda: int(processor.store_is_down))
    registry.observe_by(SWEPT, lambda: {"renewed": sweeper.renewed, "gave_up": sweeper.given_up})


def observe_models(registry: Registry, predictor: ProcessPredictor) -> None:
    """Have told how many processes of the model were ended, and why."""
    registry.observe_by(MODELS_REPLACED, lambda: dict(predictor.replaced))
