"""Rules get in tests what they get from the engine: properties behind proxies, and unknown values that raise."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from components.grants import QueueAccess
from components.statements import VpcOrigin
from policies.rule import Properties

AsEngineGives = Callable[[Mapping[str, Any]], Properties]
UNKNOWN = UNKNOWN_STRING_VALUE
ACCOUNT = "arn:aws:iam::123456789012:role/"


@pytest.fixture
def as_engine_gives() -> AsEngineGives:
    def wrap(properties: Mapping[str, Any]) -> Properties:
        wrapped: Properties = unknown_checking_proxy(dict(properties))
        return wrapped

    return wrap


@pytest.fixture
def access() -> QueueAccess:
    """The access of a sound stack, whose documents every rule must let pass."""
    return QueueAccess(
        queue_arn="arn:aws:sqs:us-east-1:123456789012:jobs",
        dlq_arn="arn:aws:sqs:us-east-1:123456789012:jobs-dlq",
        producer_arn=f"{ACCOUNT}backend",
        consumer_arn=f"{ACCOUNT}worker",
        origin=VpcOrigin("vpc-0a1b2c3d4e5f60718", "vpce-0a1b2c3d4e5f60718"),
        deployer_arns=[f"{ACCOUNT}deployer"],
        break_glass_arns=[f"{ACCOUNT}break-glass"],
        operator_arns=[f"{ACCOUNT}operator"],
    )
