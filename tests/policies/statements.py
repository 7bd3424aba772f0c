"""Statements of a sound policy, changed in one place."""

from collections.abc import Sequence
from typing import cast

from components.statements import Statement


def without(statements: Sequence[Statement], sid: str) -> list[Statement]:
    """The statements but one.

    Raises:
        ValueError: There is none of that Sid, so the test would change nothing.
    """
    _one(statements, sid)
    return [one for one in statements if one["Sid"] != sid]


def edited(statements: Sequence[Statement], sid: str, **elements: object) -> list[Statement]:
    """The statements, with elements of one put in the place of its own; None takes one away.

    Raises:
        ValueError: There is none of that Sid, so the test would change nothing.
    """
    written = {**_one(statements, sid), **elements}
    changed = cast("Statement", {name: value for name, value in written.items() if value is not None})
    return [changed if one["Sid"] == sid else one for one in statements]


def _one(statements: Sequence[Statement], sid: str) -> Statement:
    for one in statements:
        if one["Sid"] == sid:
            return one
    raise ValueError(f"there is no statement {sid!r}; there are {', '.join(one['Sid'] for one in statements)}")
