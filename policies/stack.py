"""The rules on a stack's resources of whatever kind."""

from policies.names import NAME_CARRIES_ENVIRONMENT
from policies.protection import PROTECTED
from policies.tasks import NO_PLAIN_SECRET

STACK_RULES = (PROTECTED, NAME_CARRIES_ENVIRONMENT, NO_PLAIN_SECRET)
