"""Every operator of the IAM user guide's "Condition operators", with its own examples where it has some."""

import re

import pytest

from access.documents import Condition, MalformedDocumentError
from access.evaluator import holds
from access.meaning.conditions import condition_formula
from access.request import Facts

KEY = "aws:somekey"


def met(operator: str, values: str | list[str], *request: str, others: Facts | None = None) -> bool:
    """Whether the condition holds when the request's key has these values; absent where there are none."""
    listed = (values,) if isinstance(values, str) else tuple(values)
    facts = {**(others or {}), **({KEY: request} if request else {})}
    return holds(condition_formula(Condition(operator.lower(), KEY, listed), variables=True), facts)


@pytest.mark.parametrize(
    ("operator", "value", "request_value", "expected"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "a*", "a*", True),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEquals", "a", "a", False),
        ("StringEqualsIgnoreCase", "aB", "Ab", True),
        ("StringEqualsIgnoreCase", "aB", "c", False),
        ("StringEqualsIgnoreCase", "\u0130", "i\u0307", False),
        ("StringNotEqualsIgnoreCase", "aB", "Ab", False),
        ("StringNotEqualsIgnoreCase", "aB", "c", True),
        ("StringLike", "a*c", "a/b:c", True),
        ("StringLike", "a?c", "abc", True),
        ("StringLike", "a?c", "ac", False),
        ("StringLike", "A*", "abc", False),
        ("StringLike", "[a]*", "[a]b", True),
        ("StringLike", "a.c", "abc", False),
        ("StringNotLike", "a*", "abc", False),
        ("StringNotLike", "a*", "b", True),
        ("NumericEquals", "10", "10.0", True),
        ("NumericEquals", "10", "11", False),
        ("NumericNotEquals", "10", "10", False),
        ("NumericNotEquals", "10", "11", True),
        ("NumericLessThan", "10", "9.99", True),
        ("NumericLessThan", "10", "10", False),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericLessThanEquals", "10", "11", False),
        ("NumericGreaterThan", "-1", "0", True),
        ("NumericGreaterThan", "0", "0", False),
        ("NumericGreaterThanEquals", "0", "0", True),
        ("NumericGreaterThanEquals", "0", "-1", False),
        ("NumericEquals", "10", "ten", False),
        ("NumericNotEquals", "10", "ten", True),
        ("DateGreaterThan", "2020-01-01T00:00:01Z", "2020-01-01T00:00:02Z", True),
        ("DateGreaterThan", "2020-01-01T00:00:01Z", "1577836802", True),
        ("DateGreaterThan", "2020-01-01T00:00:01Z", "2020-01-01T00:00:01Z", False),
        ("DateGreaterThanEquals", "2020-01-01T00:00:01Z", "2020-01-01T01:00:01+01:00", True),
        ("DateLessThan", "2020", "2019-12-31T23:59:59.5Z", True),
        ("DateLessThan", "2020-02", "2020-02-01", False),
        ("DateLessThanEquals", "2020-02-01", "2020-02-01T00:00Z", True),
        ("DateEquals", "1577836800", "2020-01-01T00:00:00Z", True),
        ("DateNotEquals", "1577836800", "2020-01-01T00:00:00Z", False),
        ("DateNotEquals", "1577836800", "2020-01-02", True),
        ("Bool", "true", "true", True),
        ("Bool", "true", "false", False),
        ("Bool", "True", "true", True),
        ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", True),
        ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "qmluYXJ5VmFsdWVJbkJhc2U2NA==", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.255", True),
        ("IpAddress", "203.0.113.0/24", "203.0.114.0", False),
        ("IpAddress", "203.0.113.7", "203.0.113.7", True),
        ("IpAddress", "203.0.113.7", "203.0.113.8", False),
        ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", True),
        ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5679::1", False),
        ("IpAddress", "0.0.0.0/0", "2001:db8::1", False),
        ("NotIpAddress", "203.0.113.0/24", "203.0.113.255", False),
        ("NotIpAddress", "203.0.113.0/24", "203.0.114.0", True),
        ("NotIpAddress", "203.0.113.0/24", "2001:db8::1", True),
    ],
)
def test_an_operator_compares_one_value(operator: str, value: str, request_value: str, *, expected: bool) -> None:
    assert met(operator, value, request_value) is expected


@pytest.mark.parametrize("operator", ["ArnEquals", "ArnLike"])
@pytest.mark.parametrize(
    ("pattern", "arn", "expected"),
    [
        ("arn:aws:sns:REGION:123456789012:TOPIC-ID", "arn:aws:sns:REGION:123456789012:TOPIC-ID", True),
        ("arn:aws:sns:*:123456789012:*", "arn:aws:sns:eu-west-1:123456789012:a:b", True),
        ("arn:aws:sns:*:123456789012:t", "arn:aws:sns:eu-west-1:999999999999:t", False),
        ("arn:aws:iam::123456789012:role/?", "arn:aws:iam::123456789012:role/a", True),
        ("arn:aws:iam::123456789012:role/?", "arn:aws:iam::123456789012:role/ab", False),
        ("arn:aws:iam::123456789012:role/A", "arn:aws:iam::123456789012:role/a", False),
        # The user guide's own example of what StringLike matches and ArnLike does not.
        (
            "arn:aws:someservice:*:111122223333:finance/*",
            "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
            False,
        ),
        ("arn:aws:sns:*:*:*", "arn:aws:sns:eu-west-1", False),
        ("arn:*:*:*:*:*", "no arn at all", False),
    ],
)
def test_an_arn_is_compared_part_by_part(operator: str, pattern: str, arn: str, *, expected: bool) -> None:
    assert met(operator, pattern, arn) is expected
    assert met(operator.replace("Arn", "ArnNot"), pattern, arn) is not expected


def test_the_same_pattern_compared_as_text_spans_the_parts() -> None:
    arn = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"
    assert met("StringLike", "arn:aws:someservice:*:111122223333:finance/*", arn)


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("String{}Equals", "a"),
        ("String{}EqualsIgnoreCase", "a"),
        ("String{}Like", "a*"),
        ("Arn{}Equals", "arn:aws:iam::123456789012:role/a"),
        ("Arn{}Like", "arn:aws:iam::123456789012:role/*"),
        ("Numeric{}Equals", "1"),
        ("Date{}Equals", "2020-01-01"),
        ("{}IpAddress", "203.0.113.0/24"),
    ],
)
def test_an_absent_key_matches_nothing_so_the_negated_operators_hold(operator: str, value: str) -> None:
    assert not met(operator.format(""), value)
    assert met(operator.format("Not"), value)
    assert met(operator.format("") + "IfExists", value)
    assert met(operator.format("Not") + "IfExists", value)


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("Bool", "true"),
        ("BinaryEquals", "YQ=="),
        ("NumericLessThan", "1"),
        ("NumericGreaterThanEquals", "1"),
        ("DateGreaterThan", "2020"),
    ],
)
def test_an_absent_key_meets_no_operator_without_a_negated_form_but_with_if_exists(operator: str, value: str) -> None:
    assert not met(operator, value)
    assert met(f"{operator}IfExists", value)


def test_if_exists_changes_nothing_for_a_present_key() -> None:
    assert met("StringEqualsIfExists", "a", "a")
    assert not met("StringEqualsIfExists", "a", "b")
    assert not met("StringNotEqualsIfExists", "a", "a")


def test_several_values_are_alternatives_and_a_negated_operator_wants_none_of_them() -> None:
    assert met("StringEquals", ["a", "b"], "b")
    assert not met("StringEquals", ["a", "b"], "c")
    assert met("StringNotEquals", ["a", "b"], "c")
    assert not met("StringNotEquals", ["a", "b"], "b")
    assert not met("NotIpAddress", ["203.0.113.0/24", "198.51.100.0/24"], "198.51.100.1")


@pytest.mark.parametrize(
    ("operator", "values", "request_values", "expected"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "b"), True),
        ("ForAllValues:StringEquals", ["a", "b"], ("a",), True),
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "c"), False),
        ("ForAllValues:StringEquals", ["a", "b"], (), True),
        ("ForAllValues:StringEquals", ["a", "b"], ("",), True),
        ("ForAllValues:StringNotEquals", ["a", "b"], ("c", "d"), True),
        ("ForAllValues:StringNotEquals", ["a", "b"], ("c", "b"), False),
        ("ForAllValues:StringNotEquals", ["a", "b"], (), True),
        ("ForAnyValue:StringEquals", ["a", "b"], ("c", "b"), True),
        ("ForAnyValue:StringEquals", ["a", "b"], ("c", "d"), False),
        ("ForAnyValue:StringEquals", ["a", "b"], (), False),
        ("ForAnyValue:StringEquals", ["", "b"], ("",), False),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ("b", "c"), True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ("b", "a"), False),
        ("ForAnyValue:StringNotEquals", ["a", "b"], (), False),
        ("ForAnyValue:StringEqualsIfExists", ["a"], (), True),
        ("ForAllValues:StringLikeIfExists", ["Created*"], ("CreatedBy", "CreatedAt"), True),
        ("ForAllValues:StringLikeIfExists", ["Created*"], ("CreatedBy", "Owner"), False),
        ("ForAnyValue:ArnLike", ["arn:aws:iam::123456789012:role/*"], ("x", "arn:aws:iam::123456789012:role/a"), True),
        ("ForAnyValue:NumericLessThan", ["10"], ("11", "9"), True),
        ("ForAllValues:NumericLessThan", ["10"], ("11", "9"), False),
    ],
)
def test_set_operators_ask_every_value_or_any(
    operator: str, values: list[str], request_values: tuple[str, ...], *, expected: bool
) -> None:
    assert met(operator, values, *request_values) is expected


@pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals", "StringLike", "StringEqualsIfExists"])
def test_without_a_set_operator_a_key_with_several_values_meets_nothing(operator: str) -> None:
    assert not met(operator, "a", "a", "b")
    assert not met(operator, "c", "a", "b")


def test_an_empty_value_is_a_value_to_plain_operators() -> None:
    assert met("StringLike", ["", "home/"], "")
    assert met("StringNotEquals", "a", "")


@pytest.mark.parametrize(
    ("values", "request_values", "expected"),
    [
        ("true", (), True),
        ("true", ("a",), False),
        ("true", ("",), True),
        ("false", (), False),
        ("false", ("a",), True),
        ("false", ("a", "b"), True),
        (["true", "false"], (), True),
        (["true", "false"], ("a",), True),
    ],
)
def test_null_asks_whether_the_key_is_there(
    values: str | list[str], request_values: tuple[str, ...], *, expected: bool
) -> None:
    assert met("Null", values, *request_values) is expected


@pytest.mark.parametrize(
    ("operator", "value", "others", "request_value", "expected"),
    [
        ("StringEquals", "${aws:username}", {"aws:username": ("ann",)}, "ann", True),
        ("StringEquals", "${AWS:UserName}", {"aws:username": ("ann",)}, "ann", True),
        ("StringEquals", "home/${aws:username}/", {"aws:username": ("ann",)}, "home/ann/", True),
        ("StringLike", "home/${aws:username}/*", {"aws:username": ("ann",)}, "home/ann/x", True),
        ("StringLike", "${aws:username}", {"aws:username": ("*",)}, "ann", False),
        ("StringLike", "${aws:username}", {"aws:username": ("*",)}, "*", True),
        ("StringEquals", "${aws:username}", {}, "ann", False),
        ("StringNotEquals", "${aws:username}", {}, "ann", True),
        ("StringEquals", "${aws:username}", {}, "${aws:username}", False),
        ("StringEquals", "${aws:username, 'nobody'}", {}, "nobody", True),
        ("StringEquals", "${aws:username, 'nobody'}", {"aws:username": ("ann",)}, "nobody", False),
        ("StringEquals", "${aws:tagkeys}", {"aws:tagkeys": ("a", "b")}, "a", False),
        ("StringEquals", "${aws:PrincipalTag/cost centre}", {"aws:principaltag/cost centre": ("1",)}, "1", True),
        ("StringEqualsIgnoreCase", "${aws:username}", {"aws:username": ("ANN",)}, "ann", True),
        ("StringLike", "${*}", {}, "*", True),
        ("StringLike", "${*}", {}, "a", False),
        ("StringLike", "${?}${$}", {}, "?$", True),
        ("Bool", "${aws:viaawsservice}", {"aws:viaawsservice": ("true",)}, "true", True),
        (
            "ArnEquals",
            "arn:aws:iam::${aws:principalaccount}:role/*",
            {"aws:principalaccount": ("123456789012",)},
            "arn:aws:iam::123456789012:role/a",
            True,
        ),
        (
            "ArnEquals",
            "arn:aws:iam::${aws:principalaccount}:role/*",
            {"aws:principalaccount": ("1:2",)},
            "arn:aws:iam::1:2:role/a",
            False,
        ),
        ("ArnEquals", "${aws:principalarn}", {"aws:principalarn": ("arn:a:b:c:d:e:f",)}, "arn:a:b:c:d:e:f", True),
    ],
)
def test_a_policy_variable_stands_for_the_keys_only_value(
    operator: str, value: str, others: Facts, request_value: str, *, expected: bool
) -> None:
    assert met(operator, value, request_value, others=others) is expected


def test_policies_of_the_old_version_know_no_variables() -> None:
    condition = Condition("stringequals", KEY, ("${aws:username}",))
    formula = condition_formula(condition, variables=False)
    assert holds(formula, {KEY: ("${aws:username}",), "aws:username": ("ann",)})
    assert not holds(formula, {KEY: ("ann",), "aws:username": ("ann",)})


@pytest.mark.parametrize(
    ("operator", "value", "words"),
    [
        ("StringIs", "a", "no condition operator 'stringis'"),
        ("ForSomeValues:StringEquals", "a", "no condition operator"),
        ("NullIfExists", "true", "no condition operator"),
        ("ForAnyValue:Null", "true", "no condition operator"),
        ("Null", "maybe", "true (absent) or false (present)"),
        ("Bool", "yes", "true or false"),
        ("BinaryEquals", "?", "not base64"),
        ("NumericEquals", "ten", "no number"),
        ("NumericLessThan", "${aws:multifactorauthage}", "no number"),
        ("DateLessThan", "yesterday", "no instant"),
        ("DateLessThan", "2020-13-01", "no instant"),
        ("IpAddress", "203.0.113.0/33", "no IP address"),
        ("IpAddress", "anywhere", "no IP address"),
        ("ArnLike", "arn:aws:iam", "six parts"),
        ("ArnLike", "?", "six parts"),
        ("ArnLike", "arn:aws:iam:*", "six parts"),
        ("StringEquals", "${aws:username", "no policy variable"),
        ("StringEquals", "${}", "no policy variable"),
        ("StringEquals", "${aws:username, nobody}", "no policy variable"),
    ],
)
def test_what_cannot_be_understood_is_refused(operator: str, value: str, words: str) -> None:
    with pytest.raises(MalformedDocumentError, match=re.escape(words)):
        met(operator, value, "a")


def test_a_condition_without_a_value_or_with_a_key_without_prefix_is_refused() -> None:
    with pytest.raises(MalformedDocumentError, match="names no value"):
        met("StringEquals", [], "a")
    with pytest.raises(MalformedDocumentError, match="no prefix"):
        condition_formula(Condition("stringequals", "sourcevpc", ("a",)), variables=True)
