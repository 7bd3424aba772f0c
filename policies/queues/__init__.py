"""The rules on queues."""

from policies.queues.delivery import LONG_POLLING, MESSAGE_SIZE, VISIBILITY_TIMEOUT
from policies.queues.encryption import DATA_KEY_REUSE, ENCRYPTED, OWN_KEY
from policies.queues.has_policy import HAS_POLICY
from policies.queues.redrive import HAS_DEAD_LETTER_QUEUE, MAX_RECEIVE_COUNT, REACHES_DEAD_LETTER_QUEUE
from policies.queues.redrive_allow import NAMES_SOURCES
from policies.queues.retention import KEEPS_LONGER, KEEPS_NO_LONGER, KEEPS_THROUGH_RETRIES

QUEUE_RULES = (
    HAS_POLICY,
    HAS_DEAD_LETTER_QUEUE,
    REACHES_DEAD_LETTER_QUEUE,
    NAMES_SOURCES,
    MAX_RECEIVE_COUNT,
    KEEPS_LONGER,
    KEEPS_NO_LONGER,
    KEEPS_THROUGH_RETRIES,
    VISIBILITY_TIMEOUT,
    LONG_POLLING,
    MESSAGE_SIZE,
    ENCRYPTED,
    OWN_KEY,
    DATA_KEY_REUSE,
)
