import json

import pytest

from access.documents import MalformedDocumentError, Principals, matches, parse_document


def test_a_single_value_and_a_list_read_alike() -> None:
    one = {"Statement": {"Effect": "Allow", "Principal": {"AWS": "a"}, "Action": "SQS:SendMessage", "Resource": "r"}}
    other = {
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": ["a"]}, "Action": ["sqs:sendmessage"], "Resource": "r"}]
    }
    assert parse_document(json.dumps(one)) == parse_document(other)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("1" * 5_000, "not JSON"),
        ("[]", "not a JSON object"),
        ('{"Version": ["2012-10-17"], "Statement": []}', "the Version"),
        ("{}", "no Statement"),
        ('{"Statement": "x"}', "no Statement"),
        ('{"Statement": ["x"]}', "statement 1 is not"),
        ('{"Statement": [{"Effect": "allow"}]}', "Allow or Deny"),
        ('{"Statement": [{"Effect": ["Allow"]}]}', "Allow or Deny"),
        ('{"Statement": [{"Effect": "Deny", "Condition": []}]}', "Condition"),
        ('{"Statement": [{"Effect": "Deny", "Principal": {"Aws": "a"}}]}', "the kind 'Aws'"),
        ('{"Statement": [{"Sid": "S", "Effect": "Deny", "Condition": {"Bool": "x"}}]}', "S has a Condition Bool"),
    ],
)
def test_what_is_no_document_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(MalformedDocumentError, match=words):
        parse_document(text)


@pytest.mark.parametrize(
    ("statement", "covered"),
    [
        ({"Action": "sqs:*"}, True),
        ({"Action": "*"}, True),
        ({"Action": ["SQS:PURGEQUEUE"]}, True),
        ({"Action": "sqs:Purge?ueue"}, True),
        ({"Action": "sqs:SendMessage"}, False),
        ({"NotAction": "sqs:SendMessage"}, True),
        ({"NotAction": "sqs:Purge*"}, False),
    ],
)
def test_actions_are_matched_as_iam_matches_them(statement: dict[str, object], *, covered: bool) -> None:
    (parsed,) = parse_document({"Statement": [{"Effect": "Deny", **statement}]})
    assert parsed.covers_action("sqs:PurgeQueue") is covered


def test_principals_of_all_kinds_are_told_apart() -> None:
    raw = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "a", "Service": ["s"]}, "NotPrincipal": "*"}]}
    (parsed,) = parse_document(raw)
    assert parsed.principals == Principals(aws=("a",), services=("s",))
    assert parsed.not_principals == Principals(aws=("*",))


def test_a_statement_without_principals_is_told_from_one_that_names_none() -> None:
    absent, empty = parse_document({"Statement": [{"Effect": "Deny"}, {"Effect": "Deny", "Principal": {"AWS": []}}]})
    assert absent.principals is None
    assert empty.principals == Principals()


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        ("a*c", "abbc", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("[ab]", "a", False),
        ("[ab]", "[ab]", True),
        ("a.c", "abc", False),
        ("A", "a", False),
        ("*", "line\nbreak", True),
    ],
)
def test_patterns_know_star_and_question_mark_alone(pattern: str, text: str, *, matched: bool) -> None:
    assert matches(pattern, text) is matched
