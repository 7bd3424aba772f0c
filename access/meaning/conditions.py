"""A condition of a statement, as a formula: every operator, absent keys, keys with several values.

Source of it all: IAM user guide, "Condition operators", "Single-valued vs. multivalued context keys", "Set operators
for multivalued context keys".
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from ipaddress import ip_network
from typing import Final

from access.documents import Condition, MalformedDocumentError
from access.meaning import templates
from access.meaning.formula import Formula, Like, NoneOf, Not, Or, Present, Several, Some, Test, Within, either, every
from access.meaning.measures import Measure


@dataclass(frozen=True)
class _Operator:
    """What a comparison operator makes of one value of the policy, and whether it is the negated form of another."""

    test: Callable[[str, bool], Test]
    negated: bool = False


def condition_formula(condition: Condition, *, variables: bool) -> Formula:
    """Whether the condition holds.

    - Several values of the policy are alternatives; a negated operator holds when none of them matches.
    - An absent key matches nothing: the plain operators are false, the negated ones true, as everything with
      `IfExists` is.
    - A key with several values needs a set operator; without one the condition is false, negated or not.
    - `ForAllValues` holds when every value of the request passes, so for an absent key too; `ForAnyValue` when one
      does, so never for an absent key, negated or not. A key whose only value is empty is as good as absent to both,
      and to `Null`.

    Args:
        condition: One operator and key.
        variables: Whether the policy's version knows policy variables.

    Raises:
        MalformedDocumentError: When there is no such operator, key or value.
    """
    if ":" not in condition.key:
        raise MalformedDocumentError(f"the condition key {condition.key!r} has no prefix such as aws: or sqs:")
    if not condition.values:
        raise MalformedDocumentError(f"the condition on {condition.key} names no value to compare with")
    if condition.operator == "null":
        return either(*(_null(condition.key, value) for value in condition.values))

    operator, set_prefix, if_exists = _understood(condition.operator)
    tests = tuple(operator.test(value, variables) for value in condition.values)
    holds = _holds(condition.key, tests, set_prefix, negated=operator.negated)
    return either(Not(Present(condition.key)), holds) if if_exists else holds


def _holds(key: str, tests: tuple[Test, ...], set_prefix: str, *, negated: bool) -> Formula:
    some_matches = Or(tuple(Some(key, test) for test in tests))
    some_differs = Some(key, NoneOf(tests))
    if set_prefix == _FOR_ANY_VALUE:
        return every(Not(_nothing(key)), some_differs if negated else some_matches)
    if set_prefix == _FOR_ALL_VALUES:
        return either(_nothing(key), Not(some_matches if negated else some_differs))
    return every(Not(some_matches) if negated else some_matches, Not(Several(key)))


def _nothing(key: str) -> Formula:
    """The key is absent, or its only value is the empty text: what the user guide calls a null data set."""
    return either(Not(Present(key)), every(Some(key, _EMPTY), Not(Several(key))))


def _null(key: str, value: str) -> Formula:
    if value.lower() not in _TRUTH:
        raise MalformedDocumentError(f"Null on {key} compares with {value!r}; it is true (absent) or false (present)")
    return _nothing(key) if value.lower() == "true" else Not(_nothing(key))


def _understood(written: str) -> tuple[_Operator, str, bool]:
    """The operator, its set prefix or none, and whether it ends in IfExists."""
    prefix = next((one for one in (_FOR_ANY_VALUE, _FOR_ALL_VALUES) if written.startswith(one)), "")
    bare = written.removeprefix(prefix)
    name = bare.removesuffix(_IF_EXISTS)
    if name not in _OPERATORS:
        raise MalformedDocumentError(
            f"there is no condition operator {written!r}; it is one of {', '.join(sorted(_OPERATORS))} or null, the"
            " former perhaps with foranyvalue: or forallvalues: before and ifexists behind"
        )
    return _OPERATORS[name], prefix, name != bare


# ---- One value of the policy, operator by operator


def _text(value: str, variables: bool) -> Test:  # noqa: FBT001 - all operators are called alike
    return templates.text(value, variables=variables)


def _text_ignoring_case(value: str, variables: bool) -> Test:  # noqa: FBT001 - all operators are called alike
    return replace(templates.text(value, variables=variables), ignore_case=True)


def _pattern(value: str, variables: bool) -> Test:  # noqa: FBT001 - all operators are called alike
    return templates.pattern(value, variables=variables)


def _arn(value: str, variables: bool) -> Test:  # noqa: FBT001 - all operators are called alike
    return templates.arn(value, variables=variables)


def _truth(value: str, variables: bool) -> Test:  # noqa: FBT001 - all operators are called alike
    if value.lower() not in _TRUTH and not (variables and "${" in value):
        raise MalformedDocumentError(f"Bool compares with {value!r}; it is true or false")
    return _text_ignoring_case(value, variables)


def _bytes(value: str, variables: bool) -> Test:  # noqa: ARG001, FBT001 - all operators are called alike
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error:
        raise MalformedDocumentError(f"BinaryEquals compares with {value!r}, which is not base64") from None
    return templates.text(value, variables=False)


def _network(value: str, variables: bool) -> Test:  # noqa: ARG001, FBT001 - all operators are called alike
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        raise MalformedDocumentError(f"{value!r} is no IP address or range such as 203.0.113.0/24") from None
    measure = Measure.IPV4 if network.version == _IP_4 else Measure.IPV6
    return Within(measure, Fraction(int(network[0])), Fraction(int(network[-1])))


_Bounds = Callable[[Fraction], tuple[Fraction | None, Fraction | None, bool]]


def _compared(measure: Measure, bounds: _Bounds) -> Callable[[str, bool], Test]:
    def test(value: str, variables: bool) -> Test:  # noqa: ARG001, FBT001 - all operators are called alike
        measured = measure.of(value)
        if measured is None:
            raise MalformedDocumentError(f"{value!r} is no {measure}, and policy variables do not count here")
        return Within(measure, *bounds(measured))

    return test


def _ordered(prefix: str, measure: Measure) -> dict[str, _Operator]:
    equals = _compared(measure, lambda value: (value, value, True))
    return {
        f"{prefix}equals": _Operator(equals),
        f"{prefix}notequals": _Operator(equals, negated=True),
        f"{prefix}lessthan": _Operator(_compared(measure, lambda value: (None, value, False))),
        f"{prefix}lessthanequals": _Operator(_compared(measure, lambda value: (None, value, True))),
        f"{prefix}greaterthan": _Operator(_compared(measure, lambda value: (value, None, False))),
        f"{prefix}greaterthanequals": _Operator(_compared(measure, lambda value: (value, None, True))),
    }


_EMPTY: Final = Like(())
_IP_4: Final = 4
_IF_EXISTS: Final = "ifexists"
_FOR_ANY_VALUE: Final = "foranyvalue:"
_FOR_ALL_VALUES: Final = "forallvalues:"
_TRUTH: Final = frozenset({"true", "false"})
_OPERATORS: Final[Mapping[str, _Operator]] = {
    "stringequals": _Operator(_text),
    "stringnotequals": _Operator(_text, negated=True),
    "stringequalsignorecase": _Operator(_text_ignoring_case),
    "stringnotequalsignorecase": _Operator(_text_ignoring_case, negated=True),
    "stringlike": _Operator(_pattern),
    "stringnotlike": _Operator(_pattern, negated=True),
    "arnequals": _Operator(_arn),
    "arnlike": _Operator(_arn),
    "arnnotequals": _Operator(_arn, negated=True),
    "arnnotlike": _Operator(_arn, negated=True),
    "bool": _Operator(_truth),
    "binaryequals": _Operator(_bytes),
    "ipaddress": _Operator(_network),
    "notipaddress": _Operator(_network, negated=True),
    **_ordered("numeric", Measure.NUMBER),
    **_ordered("date", Measure.INSTANT),
}
