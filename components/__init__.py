"""The stack's building blocks: a queue with its dead-letter queue, a pair of roles, alarms, and the settings of all."""

from components.naming import Names, Place, dead_letter_queue_name
from components.queue_alarms import QueueAlarms, QueueAlarmsArgs
from components.role_pair import RolePair, RolePairArgs
from components.settings import SettingsError, StackSettings, load_settings
from components.work_queue import WorkQueue, WorkQueueArgs

__all__ = [
    "Names",
    "Place",
    "QueueAlarms",
    "QueueAlarmsArgs",
    "RolePair",
    "RolePairArgs",
    "SettingsError",
    "StackSettings",
    "WorkQueue",
    "WorkQueueArgs",
    "dead_letter_queue_name",
    "load_settings",
]
