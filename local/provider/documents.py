"""When two JSON documents say the same, so that a policy that AWS gives back in another form is not drift.

The rules are those by which the official provider compares policies (hashicorp/awspolicyequivalence): the order of
statements, of list members and of keys does not matter, nor whitespace, nor one string instead of a list of one, nor
the case of the element names and of Effect, nor an account id instead of its root ARN among principals. What a document
means is not looked into: `sqs:*` and a list of all actions differ.
"""

import json
import re
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_ELEMENTS = {
    name.lower(): name
    for name in (
        "Version",
        "Id",
        "Statement",
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Condition",
    )
}
_SETS = ("Action", "NotAction", "Resource", "NotResource")
_ROOT = re.compile(r"^arn:[^:]+:iam::(\d{12}):root$")


class MalformedDocument(ValueError):  # noqa: N818 - it names the document's fault, as ValueError does
    """Text that should be a JSON document is not one; the message says why."""


def parse(text: str) -> Json:
    """Read a JSON document.

    Args:
        text: The document.

    Returns:
        The parsed document.

    Raises:
        MalformedDocument: The text is not JSON, or an object in it repeats a key (AWS would keep one, silently).
    """
    try:
        parsed: Json = json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise MalformedDocument(
            f"it is not valid JSON: {error.msg} (line {error.lineno} column {error.colno})"
        ) from error
    return parsed


def same_json(one: str, other: str) -> bool:
    """Tell whether two texts are the same JSON value, whatever their whitespace and key order.

    Args:
        one: A JSON text; an empty one means no document.
        other: Another.

    Returns:
        True if they are. Texts that are not JSON are compared letter by letter.
    """
    if one == other:
        return True
    try:
        return bool(one) and bool(other) and parse(one) == parse(other)
    except MalformedDocument:
        return False


def same_policy(one: str, other: str) -> bool:
    """Tell whether two policy documents are equivalent.

    Args:
        one: A policy document as JSON; an empty one means no document.
        other: Another.

    Returns:
        True if they are. Texts that are not policy documents are compared letter by letter.
    """
    if one == other:
        return True
    try:
        return bool(one) and bool(other) and _policy(parse(one)) == _policy(parse(other))
    except MalformedDocument:
        return False


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise MalformedDocument(f"the key {repeated!r} appears twice in one object")
    return found


def _policy(document: Json) -> Json:
    if isinstance(document, list) and len(document) == 1:  # how some consoles export a trust policy
        document = document[0]
    if not isinstance(document, dict):
        raise MalformedDocument("it is not a JSON object")
    policy = _elements(document)
    statements = policy.get("Statement", [])
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        raise MalformedDocument("its Statement is neither a list nor an object")
    return {**policy, "Statement": _sorted([_statement(statement) for statement in statements])}


def _statement(statement: Json) -> Json:
    if not isinstance(statement, dict):
        raise MalformedDocument("a statement of it is not an object")
    canonical = _elements(statement)
    for name, value in list(canonical.items()):
        if name == "Effect":
            canonical[name] = value.lower() if isinstance(value, str) else value
        elif name in _SETS:
            canonical[name] = _members(value)
        elif name in {"Principal", "NotPrincipal"} and isinstance(value, dict):
            canonical[name] = {kind: _principals(who) for kind, who in value.items() if who != []}
        elif name == "Condition" and isinstance(value, dict):
            canonical[name] = {
                operator: {key: _members(values) for key, values in tests.items()} if isinstance(tests, dict) else tests
                for operator, tests in value.items()
            }
    return {name: value for name, value in canonical.items() if value not in ({}, [])}


def _elements(entry: dict[str, Json]) -> dict[str, Json]:
    return {_ELEMENTS.get(name.lower(), name): value for name, value in entry.items()}


def _members(value: Json) -> Json:
    return _sorted([_scalar(member) for member in (value if isinstance(value, list) else [value])])


def _principals(value: Json) -> Json:
    members = value if isinstance(value, list) else [value]
    return _sorted([_ROOT.sub(r"\1", member) if isinstance(member, str) else member for member in members])


def _scalar(value: Json) -> Json:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) and not value.is_integer() else str(int(value))
    return value


def _sorted(members: list[Json]) -> Json:
    return sorted(members, key=lambda member: json.dumps(member, sort_keys=True))
