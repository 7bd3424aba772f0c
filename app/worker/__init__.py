"""The worker: takes messages off the queue, makes the predictions and loses none."""

from app.worker.handler import PredictionHandler
from app.worker.heartbeat import Heartbeat
from app.worker.poll import Worker, WorkerOptions
from app.worker.process import Processor
from app.worker.report import StoppedBy, WorkReport
from app.worker.settle import Settler
from app.worker.slots import ThreadSlots

__all__ = [
    "Heartbeat",
    "PredictionHandler",
    "Processor",
    "Settler",
    "StoppedBy",
    "ThreadSlots",
    "WorkReport",
    "Worker",
    "WorkerOptions",
]
