"""The rules on a stack's resources of whatever kind."""

from policies.stack.names import NAME_CARRIES_ENVIRONMENT
from policies.stack.protection import PROTECTED
from policies.stack.tags import REQUIRED_TAGS
from policies.stack.tasks import NO_PLAIN_SECRET

STACK_RULES = (PROTECTED, NAME_CARRIES_ENVIRONMENT, REQUIRED_TAGS, NO_PLAIN_SECRET)
