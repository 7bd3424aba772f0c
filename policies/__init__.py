"""The policy pack: rules as pure functions, one file a subject. `__main__.py` builds the pack from `RULES`."""

from typing import Any

from policies.access import ACCESS_RULES
from policies.alarms import ALARM_RULES
from policies.identities import IDENTITY_RULES
from policies.language import LANGUAGE_RULES
from policies.network import NETWORK_RULES
from policies.queues import QUEUE_RULES
from policies.rule import ResourceRule, Rule, StackRule
from policies.stack import STACK_RULES

# Each rule has settings of its own type.
RULES: tuple[Rule[Any], ...] = (
    *QUEUE_RULES,
    *ACCESS_RULES,
    *ALARM_RULES,
    *IDENTITY_RULES,
    *LANGUAGE_RULES,
    *NETWORK_RULES,
    *STACK_RULES,
)

__all__ = ["RULES", "ResourceRule", "Rule", "StackRule"]
