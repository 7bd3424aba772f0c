"""Policies and requests at random, of few enough words that they have to do with one another."""

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from access.policy import Policy, PolicySet
from access.request import Principal, Request
from tests.access.scene import ACCOUNT, EVERYBODY, OTHER_ACCOUNT, QUEUE, ROLE, USER, WORKER

_ROLE_ID = "AROAEXAMPLEEXAMPLE01"
_ARNS = (ROLE, USER, WORKER.arn or "", QUEUE, f"{QUEUE}:x", "arn:aws:iam::1:role/a:b", "no arn")
_TEXTS = ("a", "A", "ab", "b", "*", "?", "", "true", "false", "one", ACCOUNT, *_ARNS)
_PATTERNS = ("a*", "?", "*b", "A?", "${aws:username}", "${aws:team}*", "${aws:team, 'a'}", "${*}", "*", *_TEXTS)
_ARN_PATTERNS = (
    ROLE,
    f"arn:aws:iam::{ACCOUNT}:*",
    "arn:aws:iam::*:role/*",
    "arn:aws:sqs:*:*:jobs",
    "arn:aws:iam::${aws:principalaccount}:*",
    "arn:*:*:*:*:*a*",
)
_NUMBERS = ("0", "1", "10", "9.5", "-1", "ten")
_INSTANTS = ("2020", "2020-01-01T00:00:00Z", "2020-01-01T01:00:00+01:00", "1577836800", "1577836801", "soon")
_ADDRESSES = ("203.0.113.1", "203.0.113.255", "198.51.100.1", "2001:db8::1", "nowhere")

VALUES: Mapping[str, Sequence[str]] = {
    "aws:text": _TEXTS,
    "aws:team": _TEXTS,
    "aws:arn": _ARNS,
    "aws:number": _NUMBERS,
    "aws:instant": _INSTANTS,
    "aws:address": _ADDRESSES,
    "aws:flag": ("true", "false", "TRUE", "yes"),
}
"""What the keys of a request are made of."""

_KEYS_ALWAYS_THERE = ("aws:principalarn", "aws:username", "aws:userid", "aws:principalaccount")
_OPERATORS: Mapping[str, tuple[Sequence[str], Sequence[str], Sequence[str]]] = {
    "String{}Equals": (("aws:text", "aws:team", *_KEYS_ALWAYS_THERE), _PATTERNS, ("", "Not")),
    "String{}EqualsIgnoreCase": (("aws:text", "aws:team"), _PATTERNS, ("", "Not")),
    "String{}Like": (("aws:text", "aws:team", *_KEYS_ALWAYS_THERE), _PATTERNS, ("", "Not")),
    "Arn{}Like": (("aws:arn", "aws:principalarn", "aws:text"), _ARN_PATTERNS, ("", "Not")),
    "Numeric{}": (
        ("aws:number", "aws:text"),
        _NUMBERS[:-1],
        ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"),
    ),
    "Date{}": (
        ("aws:instant",),
        _INSTANTS[:-1],
        ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"),
    ),
    "{}IpAddress": (("aws:address",), ("203.0.113.0/24", "203.0.113.1", "2001:db8::/32", "0.0.0.0/0"), ("", "Not")),
    "Bool{}": (("aws:flag", "aws:principalisawsservice"), ("true", "false"), ("",)),
    "BinaryEquals{}": (("aws:text",), ("YQ==", "YWI="), ("",)),
}


@st.composite
def conditions(draw: st.DrawFn) -> tuple[str, str, list[str]]:
    """An operator, a key and its values."""
    if draw(st.integers(0, 9)) == 0:
        return "Null", draw(st.sampled_from(sorted(VALUES))), [draw(st.sampled_from(("true", "false")))]
    name = draw(st.sampled_from(sorted(_OPERATORS)))
    keys, values, forms = _OPERATORS[name]
    prefix = draw(st.sampled_from(("", "", "ForAnyValue:", "ForAllValues:")))
    operator = prefix + name.format(draw(st.sampled_from(forms))) + draw(st.sampled_from(("", "", "IfExists")))
    listed = draw(st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True))
    return operator, draw(st.sampled_from(keys)), listed


_PRINCIPALS: SearchStrategy[object] = st.sampled_from(
    (
        "*",
        {"AWS": ROLE},
        {"AWS": WORKER.arn},
        {"AWS": USER},
        {"AWS": [USER, ACCOUNT]},
        {"AWS": [WORKER.arn, ROLE, ACCOUNT]},
        {"AWS": OTHER_ACCOUNT},
        {"AWS": _ROLE_ID},
        {"Service": "sns.amazonaws.com"},
        {"AWS": f"arn:aws:iam::{ACCOUNT}:root", "Service": "s3.amazonaws.com"},
    )
)
_ACTIONS = st.sampled_from(
    ("sqs:*", "SQS:SendMessage", "sqs:?endMessage", "sqs:Set*", "*", ["sqs:Purge*", "sqs:Send*"])
)
_RESOURCES = st.sampled_from(
    (QUEUE, "*", "arn:aws:sqs:*:*:jobs", "arn:aws:sqs:*jobs", f"{QUEUE}-${{aws:team}}", QUEUE + "?")
)


@st.composite
def statements(draw: st.DrawFn, *, principals: bool) -> dict[str, object]:
    """A statement."""
    statement: dict[str, object] = {"Effect": draw(st.sampled_from(("Allow", "Allow", "Deny")))}
    statement[draw(st.sampled_from(("Action", "Action", "NotAction")))] = draw(_ACTIONS)
    statement[draw(st.sampled_from(("Resource", "Resource", "NotResource")))] = draw(_RESOURCES)
    if principals:
        statement[draw(st.sampled_from(("Principal", "Principal", "NotPrincipal")))] = draw(_PRINCIPALS)
    condition: dict[str, dict[str, list[str]]] = {}
    for operator, key, values in draw(st.lists(conditions(), max_size=2)):
        condition.setdefault(operator, {})[key] = values
    return {**statement, "Condition": condition} if condition else statement


def policies(name: str, *, principals: bool) -> SearchStrategy[tuple[Policy, ...]]:
    """A policy, alone in its place, of the current version or the old one."""
    documents = st.fixed_dictionaries(
        {
            "Version": st.sampled_from(("2012-10-17", "2012-10-17", "2008-10-17")),
            "Statement": st.lists(statements(principals=principals), min_size=1, max_size=3),
        }
    )
    return st.builds(lambda document: (Policy.parse(name, document),), documents)


def policy_sets() -> SearchStrategy[PolicySet]:
    """Policies in every place."""
    own = policies("own", principals=False)
    return st.builds(
        PolicySet,
        resource=st.one_of(st.just(()), policies("queue", principals=True)),
        identity=st.one_of(st.just(()), own),
        boundaries=st.one_of(st.none(), st.none(), own),
        sessions=st.one_of(st.none(), st.none(), own),
        bounds=st.one_of(st.just(()), st.tuples(policies("endpoint", principals=True))),
    )


def contexts() -> SearchStrategy[dict[str, tuple[str, ...]]]:
    """The keys of a request, some absent, some with several values."""
    return st.fixed_dictionaries(
        {},
        optional={
            key: st.lists(st.sampled_from(values), min_size=1, max_size=3).map(tuple) for key, values in VALUES.items()
        },
    )


def callers() -> SearchStrategy[Principal]:
    """A caller of whatever kind."""
    sessions = (Principal.role_session(ROLE, name, role_id=str(WORKER.unique_id)) for name in ("two", "a"))
    return st.sampled_from((*EVERYBODY, *sessions))


def requests() -> SearchStrategy[Request]:
    """A request."""
    return st.builds(
        Request,
        principal=callers(),
        action=st.sampled_from(("sqs:SendMessage", "sqs:SetQueueAttributes", "sqs:PurgeQueue", "s3:GetObject")),
        resource=st.sampled_from((QUEUE, f"{QUEUE}-a", f"{QUEUE}s")),
        resource_account_id=st.just(ACCOUNT),
        context=contexts(),
    )
