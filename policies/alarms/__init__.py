"""The rules on alarms."""

from policies.alarms.alarm_actions import ALARM_ACTIONS
from policies.alarms.watching import AGE_ALARM, DEAD_LETTER_ALARM

ALARM_RULES = (DEAD_LETTER_ALARM, AGE_ALARM, ALARM_ACTIONS)
