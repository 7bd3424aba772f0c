"""The cases of all rules."""

from tests.policies import (
    cases_access,
    cases_alarms,
    cases_identities,
    cases_language,
    cases_network,
    cases_queues,
    cases_stack,
)

CASES = (
    *cases_access.CASES,
    *cases_alarms.CASES,
    *cases_identities.CASES,
    *cases_language.CASES,
    *cases_network.CASES,
    *cases_queues.CASES,
    *cases_stack.CASES,
)
