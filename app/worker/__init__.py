"""The worker: takes messages off the queue, makes the predictions and loses none."""

from app.worker.acknowledge import Acknowledger
from app.worker.admission import Admission
from app.worker.handler import PredictionHandler
from app.worker.health import Health, health_port
from app.worker.heartbeat import Heartbeat
from app.worker.options import WorkerOptions
from app.worker.orphans import Orphans
from app.worker.poll import Worker
from app.worker.process import Processor
from app.worker.protection import ScaleInProtection, ecs_agent
from app.worker.report import StoppedBy, WorkReport
from app.worker.rhythm import in_rhythm
from app.worker.settle import Settler
from app.worker.slots import ThreadSlots
from app.worker.sweep import Sweeper

__all__ = [
    "Acknowledger",
    "Admission",
    "Health",
    "Heartbeat",
    "Orphans",
    "PredictionHandler",
    "Processor",
    "ScaleInProtection",
    "Settler",
    "StoppedBy",
    "Sweeper",
    "ThreadSlots",
    "WorkReport",
    "Worker",
    "WorkerOptions",
    "ecs_agent",
    "health_port",
    "in_rhythm",
]
