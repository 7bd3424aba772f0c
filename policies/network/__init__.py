"""Rules on the network: a condition on the VPC needs a way through it, and that way is not open to all."""

from policies.network.endpoint_policy import ENDPOINT_HAS_POLICY
from policies.network.vpc_condition import VPC_CONDITION_HAS_ENDPOINT

NETWORK_RULES = (VPC_CONDITION_HAS_ENDPOINT, ENDPOINT_HAS_POLICY)
