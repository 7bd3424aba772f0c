"""How far a statement of a queue's policy reaches: to anybody, over all that the policy is about, under which names."""

from collections.abc import Iterable, Iterator

from access.documents import ANYBODY, Condition, Statement, matches
from policies.reading.callers import names_caller
from policies.reading.patterns import is_pattern

SPARING_OPERATORS = frozenset({"arnnotequals", "arnnotlike", "stringnotequals", "stringnotlike"})
"""Operators that keep what they name out of a Deny, whether or not the key is there: the rest is denied."""


def named(statement: Statement) -> tuple[str, ...]:
    """Whom the statement names, of whatever kind."""
    return statement.principals.everyone if statement.principals else ()


def is_about_anybody(statement: Statement) -> bool:
    """Whether the statement names anybody. `*` is everybody among AWS principals only (IAM user guide, "Principal")."""
    return statement.principals is not None and ANYBODY in statement.principals.aws


def denies_anybody(statement: Statement, action: str) -> bool:
    """Whether an action is denied to anybody, as far as the statement's conditions hold."""
    return (
        not statement.allows
        and is_about_anybody(statement)
        and bool(statement.resources)
        and statement.covers_action(action)
    )


def about_all(statements: Iterable[Statement]) -> Iterator[Statement]:
    """The statements that are about all that the policy names: a Deny on some other queue protects nothing."""
    statements = tuple(statements)
    resources = {one for statement in statements for one in statement.resources if not is_pattern(one)}
    for statement in statements:
        if all(any(matches(pattern, one) for pattern in statement.resources) for one in resources):
            yield statement


def spared(statement: Statement) -> frozenset[str] | None:
    """Whom a Deny to anybody spares by full ARN; None where something else narrows it too."""
    conditions = statement.conditions
    if all(
        one.operator.removesuffix("ifexists") in SPARING_OPERATORS
        and one.key == "aws:principalarn"
        and all(names_caller(value) for value in one.values)
        for one in conditions
    ):
        return frozenset(value for one in conditions for value in one.values)
    return None


def spares_aws(condition: Condition, *keys: str) -> bool:
    """Whether a condition of a Deny spares what AWS does itself, and nobody else, by one of these keys in lower case.

    With IfExists, since a missing key would lift the Deny otherwise.
    """
    return condition.key in keys and condition.operator == "boolifexists" and condition.values == ("false",)
