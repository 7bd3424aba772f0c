"""Rules on queue policies: who may touch a queue, from where, over what."""

from policies.access.control import NO_CONTROL
from policies.access.destruction import DESTRUCTION_DENIED
from policies.access.grants import ONLY_NAMED_ACTIONS
from policies.access.lockout import DEPLOYER_KEPT
from policies.access.origin import MESSAGES_ONLY_FROM_VPC
from policies.access.outsiders import MESSAGES_DENIED_TO_OTHERS
from policies.access.principals import ONLY_NAMED_PRINCIPALS
from policies.access.subject import ABOUT_ITS_QUEUE
from policies.access.transport import TLS_REQUIRED

ACCESS_RULES = (
    DESTRUCTION_DENIED,
    TLS_REQUIRED,
    MESSAGES_ONLY_FROM_VPC,
    MESSAGES_DENIED_TO_OTHERS,
    ONLY_NAMED_PRINCIPALS,
    ONLY_NAMED_ACTIONS,
    NO_CONTROL,
    DEPLOYER_KEPT,
    ABOUT_ITS_QUEUE,
)
