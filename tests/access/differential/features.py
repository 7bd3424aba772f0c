"""What is in a case, by name: to count whether all that is interesting is drawn often enough."""

import re
from collections.abc import Iterator

from tests.access.differential.case import Case, Part, Statement, listed
from tests.access.differential.naming import named
from tests.access.differential.rewriting import Condition, conditions


def features(case: Case) -> frozenset[str]:
    """The names of all that is in a case."""
    return frozenset(_features(case))


def _features(case: Case) -> Iterator[str]:
    yield f"caller: {case.caller.kind}"
    if case.caller.account and case.crosses_accounts:
        yield "another account"
    yield from (str(part) for part in case.policies)
    effects = set()
    for part, statement in case.statements():
        effects.add(statement["Effect"])
        yield from (name for name in ("NotAction", "NotResource", "NotPrincipal") if name in statement)
        yield from _principals(case, part, statement)
        yield from _patterns(statement)
        for condition in conditions(statement):
            yield from _condition(case, condition)
    if effects == {"Allow", "Deny"}:
        yield "Allow and Deny"


def _principals(case: Case, part: Part, statement: Statement) -> Iterator[str]:
    element = "NotPrincipal" if "NotPrincipal" in statement else "Principal"
    if part is Part.RESOURCE:
        yield from (f"{element} names the caller's {way}" for way in named(statement[element], case.caller))


def _patterns(statement: Statement) -> Iterator[str]:
    for element in ("Action", "Resource"):
        for value in listed(statement.get(element)) + listed(statement.get(f"Not{element}")):
            if value != "*" and re.search(r"[*?]", value):
                yield f"wildcard in {element}"
            if "${" in value:
                yield f"variable in {element}"


def _condition(case: Case, condition: Condition) -> Iterator[str]:
    held = case.holds(condition.key)
    yield condition.base
    yield f"{condition.base}, {'absent' if not held else 'present'}"
    if condition.prefix:
        yield f"{condition.prefix} {'negated' if condition.negated else 'plain'}"
        yield f"{condition.prefix} of {min(len(held), 2)}"
    if condition.if_exists:
        yield f"IfExists, {'absent' if not held else 'present'}"
    if len(condition.values) > 1:
        yield f"several values to compare with, {'negated' if condition.negated else 'plain'}"
    yield from (_variables(value) for value in condition.values if "${" in value)


def _variables(value: str) -> str:
    if re.search(r"\$\{[*?$]\}", value):
        return "escape in a condition"
    return "variable with a default in a condition" if "'" in value else "variable in a condition"
