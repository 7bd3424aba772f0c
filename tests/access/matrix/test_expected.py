from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from access.deployed import Deployed
from access.matrix.cells import Matrix, build
from access.matrix.expected import (
    COMMITTED,
    Difference,
    Expected,
    as_expected,
    differences,
    read_expected,
    write_expected,
)
from access.sources import SourceError
from components.statements import document
from tests.access.sound import (
    ACCESS,
    ACCOUNT,
    ENDPOINT,
    PREFIX,
    QUEUE_ARN,
    REGION,
    SETTINGS,
    VPC,
    deployed,
    role_arn,
    with_statement,
    without_statement,
)


@cache
def sound() -> Matrix:
    return build(deployed(), SETTINGS)


@cache
def expected() -> Expected:
    return as_expected(sound())


def seen(stack: Deployed) -> tuple[Difference, ...]:
    return differences(build(stack, SETTINGS), expected())


def test_what_is_committed_is_what_the_components_give() -> None:
    assert read_expected(COMMITTED) == expected()


def test_a_file_that_is_written_is_read_as_it_was_with_one_line_an_action(tmp_path: Path) -> None:
    path = tmp_path / "expected.json"
    write_expected(path, expected())
    assert read_expected(path) == expected()
    assert path.read_text() == COMMITTED.read_text()
    assert '      "SendMessage": ["endpoint"],' in path.read_text().splitlines()


def test_the_file_holds_for_every_environment() -> None:
    for telling in (PREFIX, ACCOUNT, REGION, VPC, ENDPOINT):
        assert telling not in COMMITTED.read_text()


def test_a_stack_as_it_is_meant_to_be_differs_in_nothing() -> None:
    assert seen(deployed()) == ()


def test_whoever_gains_something_is_named_with_the_statement_that_gives_it() -> None:
    more = with_statement(
        "queue",
        Sid="Oops",
        Effect="Allow",
        Principal={"AWS": "arn:aws:iam::555555555555:role/partner"},
        Action="sqs:GetQueueUrl",
        Resource=QUEUE_ARN,
    )
    origins = ("endpoint", "other vpc", "outside", "on behalf")
    (found,) = seen(deployed(queue=more))
    assert (found.caller, found.action, found.origins) == (
        "named arn:aws:iam::555555555555:role/partner",
        "GetQueueUrl",
        origins,
    )
    assert found.change == "was denied → is allowed by Oops (predictions), EverythingOnSqs (assumed)"


def test_to_be_named_without_gaining_anything_is_no_difference() -> None:
    harmless = with_statement(
        "queue",
        Sid="Again",
        Effect="Allow",
        Principal={"AWS": role_arn("auditor")},
        Action="sqs:GetQueueUrl",
        Resource=QUEUE_ARN,
    )
    assert seen(deployed(queue=harmless)) == ()


def test_a_deny_that_is_gone_shows_whom_it_held_back() -> None:
    found = seen(deployed(queue=without_statement("queue", "DenyPurgeQueue")))
    assert {(one.action, one.allowed) for one in found} == {("PurgeQueue", True)}
    assert {one.caller for one in found} == {"operator", "deployer", "administrator"}


def test_whoever_loses_something_is_named_too() -> None:
    found = seen(deployed(queue=without_statement("queue", "AllowProducer"), producer='{"Statement": []}'))
    at_queue = [one for one in found if one.target == "predictions"]
    assert {(one.caller, one.action, one.origins, one.change) for one in at_queue} == {
        ("producer", action, ("endpoint",), "was allowed → is denied as nothing allows it")
        for action in ("SendMessage", "GetQueueAttributes", "GetQueueUrl")
    }


@pytest.mark.parametrize(
    ("key", "value", "who"), [("aws:SourceVpc", "vpc-9", set()), ("aws:SourceVpce", "vpce-9", {"operator"})]
)
def test_a_further_network_may_open_no_more_than_another_vpc(key: str, value: str, who: set[str]) -> None:
    """Nothing says where an endpoint lies: it may be in the VPC, and then operators can send through it."""
    more = with_statement(
        "queue",
        Sid="More",
        Effect="Allow",
        Principal={"AWS": role_arn("deployer")},
        Action="sqs:TagQueue",
        Resource=QUEUE_ARN,
        Condition={"StringEquals": {key: value}},
    )
    found = seen(deployed(queue=more))
    assert {one.caller for one in found} == who
    assert {one.origins for one in found} <= {(f"named {value}",)}


def test_several_of_a_kind_are_each_held_against_the_same_line() -> None:
    two = (role_arn("operator"), role_arn("night-shift"))
    from_one = differences(build(deployed(), replace(SETTINGS, operator_arns=two)), expected())
    assert {one.caller for one in from_one} == {f"operator {role_arn('night-shift')}"}


def test_an_environment_may_do_without_break_glass() -> None:
    access = replace(ACCESS, break_glass_arns=())
    stack = deployed(queue=document(access.queue_statements()), dlq=document(access.dlq_statements()))
    assert differences(build(stack, replace(SETTINGS, break_glass_arns=())), expected()) == ()


def test_whoever_is_spared_by_the_policy_and_no_longer_in_the_settings_is_a_stranger() -> None:
    found = differences(build(deployed(), replace(SETTINGS, break_glass_arns=())), expected())
    assert {one.caller for one in found} == {f"named {role_arn('break-glass')}"}
    assert {one.action for one in found} == {"PurgeQueue", "DeleteQueue"}


def test_what_is_expected_of_a_queue_that_is_gone_is_told() -> None:
    kept = tuple(one for one in sound().cells if one.target.label != "predictions")
    lost = differences(replace(sound(), targets=sound().targets[1:], cells=kept), expected())
    assert {(one.target, one.allowed) for one in lost} == {("predictions", None)}
    assert "is gone" in str(lost[0])


def test_a_new_queue_shows_all_that_is_allowed_on_it() -> None:
    renamed = {("orders" if target == "predictions" else target): rows for target, rows in expected().items()}
    found = differences(sound(), renamed)
    assert {(one.target, one.allowed) for one in found} == {("predictions", True), ("orders", None)}


@pytest.mark.parametrize("text", ["[]", "no", '{"predictions": 7}', '{"predictions": {"producer": ["SendMessage"]}}'])
def test_a_file_that_is_no_matrix_is_refused_in_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "expected.json"
    path.write_text(text)
    with pytest.raises(SourceError, match=r"expected.json is no expected matrix .*--update writes it anew"):
        read_expected(path)


def test_a_missing_file_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist; --update writes it"):
        read_expected(tmp_path / "none.json")
    with pytest.raises(SourceError, match="cannot be written"):
        write_expected(tmp_path / "none" / "expected.json", {})
