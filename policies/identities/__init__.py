"""Rules on what roles are given, and on who may take them."""

from policies.identities.escalation import NO_ESCALATION
from policies.identities.grants import ONLY_NAMED_GRANTS
from policies.identities.managed import NO_AWS_MANAGED_POLICY
from policies.identities.origin import GRANTS_ONLY_FROM_VPC
from policies.identities.separation import SENDS_OR_CONSUMES
from policies.identities.trust import TRUSTS_EXPECTED_SERVICES

IDENTITY_RULES = (
    ONLY_NAMED_GRANTS,
    NO_ESCALATION,
    GRANTS_ONLY_FROM_VPC,
    NO_AWS_MANAGED_POLICY,
    SENDS_OR_CONSUMES,
    TRUSTS_EXPECTED_SERVICES,
)
