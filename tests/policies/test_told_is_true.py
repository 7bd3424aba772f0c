"""What the rules tell of conditions and grants is true of the evaluator: what they call void counts on no request."""

from collections.abc import Iterator, Mapping
from itertools import product

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from access.evaluator import Reason, evaluate
from access.policy import Policy, PolicySet
from access.request import Principal, Request
from policies.language.absence import SOUND_WITHOUT_KEYS
from policies.language.cancelled import NO_CANCELLED_GRANT
from policies.language.conditions import CONDITIONS_CAN_HOLD
from tests.policies.judging import ARN, Raw, allow, deny, document, of_queue

WORKER, OTHER = "arn:aws:iam::123456789012:role/worker", "arn:aws:iam::123456789012:role/other"
VPCS, ENDPOINTS, ADDRESSES = (
    ("vpc-0a1b2c3d", "vpc-11112222"),
    ("vpce-0a1b2c3d", "vpce-11112222"),
    ("1.1.1.1", "8.8.8.8"),
)

TEXT = ["StringEquals", "StringNotEquals", "StringEqualsIfExists", "StringLike", "ForAllValues:StringEquals"]
VALUES: Mapping[str, tuple[list[str], tuple[str, ...]]] = {
    "aws:SourceVpc": (TEXT, VPCS),
    "aws:SourceVpce": (TEXT, ENDPOINTS),
    "aws:SourceIp": (["IpAddress", "NotIpAddress", "IpAddressIfExists"], ADDRESSES),
    "aws:PrincipalArn": (["ArnEquals", "ArnNotEquals", "ArnLikeIfExists"], (WORKER, OTHER)),
    "aws:SecureTransport": (["Bool", "BoolIfExists"], ("true", "false")),
    "aws:ViaAWSService": (["Bool", "BoolIfExists"], ("true", "false")),
}


@st.composite
def _conditions(draw: st.DrawFn, *, at_least: int = 0) -> Raw:
    condition: dict[str, dict[str, object]] = {}
    for _ in range(draw(st.integers(at_least, 3))):
        key = draw(st.sampled_from(sorted(VALUES)))
        operators, values = VALUES[key]
        operator = draw(st.sampled_from([*operators, "Null"]))
        if operator == "Null":
            condition.setdefault(operator, {})[key] = draw(st.sampled_from(["true", "false"]))
        else:
            condition.setdefault(operator, {})[key] = draw(st.lists(st.sampled_from(values), min_size=1, max_size=2))
    return condition


def _contexts() -> Iterator[Mapping[str, tuple[str, ...]]]:
    """Every way that a request can come, as far as the keys above tell."""
    through_endpoint = [{"aws:SourceVpc": (vpc,), "aws:SourceVpce": (end,)} for vpc, end in product(VPCS, ENDPOINTS)]
    from_outside = [{"aws:SourceIp": (address,)} for address in ADDRESSES]
    transports = [{"aws:SecureTransport": (one,)} for one in ("true", "false")]
    forwarded: list[dict[str, tuple[str, ...]]] = [
        {},
        {"aws:ViaAWSService": ("true",)},
        {"aws:ViaAWSService": ("false",)},
    ]
    for origin, transport, via in product([*through_endpoint, *from_outside], transports, forwarded):
        yield {**origin, **transport, **via}


CONTEXTS = list(_contexts())


def _reasons(*statements: Raw) -> list[Reason]:
    """How a request of the worker's to send is decided, whichever way it comes."""
    policies = PolicySet(resource=(Policy.parse("it", document(*statements)),))
    caller = Principal.role_session(WORKER, "session")
    requests = (Request(caller, "sqs:SendMessage", ARN, "123456789012", context) for context in CONTEXTS)
    return [evaluate(policies, request).reason for request in requests]


NEVER = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.filter_too_much])
"""Most conditions can hold; where all of them do, there is no example and the test fails."""


def _never_holds(statement: Raw) -> bool:
    return "its conditions never hold together" in of_queue(CONDITIONS_CAN_HOLD, [statement])


@settings(deadline=None)
@given(asked=_conditions(), denied=_conditions())
def test_a_cancelled_grant_is_never_granted(asked: Raw, denied: Raw) -> None:
    statements = [allow(Principal={"AWS": WORKER}, Condition=asked), deny(Sid="No", Condition=denied)]
    assume(of_queue(NO_CANCELLED_GRANT, statements))
    assert Reason.ALLOWED not in _reasons(*statements)


@NEVER
@given(condition=_conditions(at_least=2))
def test_an_allow_whose_conditions_never_hold_is_never_granted(condition: Raw) -> None:
    statement = allow(Principal={"AWS": WORKER}, Condition=condition)
    assume(_never_holds(statement))
    assert Reason.ALLOWED not in _reasons(statement)


@NEVER
@given(condition=_conditions(at_least=2))
def test_a_deny_whose_conditions_never_hold_denies_nothing(condition: Raw) -> None:
    statement = deny(Condition=condition)
    assume(_never_holds(statement))
    assert Reason.EXPLICIT_DENY not in _reasons(statement)


@settings(deadline=None)
@given(key=st.sampled_from(["aws:SourceVpc", "aws:SourceVpce"]), operator=st.sampled_from(TEXT))
def test_an_allow_that_no_missing_key_opens_grants_nothing_from_outside(key: str, operator: str) -> None:
    statement = allow(Principal={"AWS": WORKER}, Condition={operator: {key: VALUES[key][1][0]}})
    opened = bool(of_queue(SOUND_WITHOUT_KEYS, [statement]))
    outside = [reason for reason, context in zip(_reasons(statement), CONTEXTS, strict=True) if key not in context]
    assert opened == (Reason.ALLOWED in outside)
