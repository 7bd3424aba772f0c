"""Every small way to weaken a policy document: leave something out, let it mean more or less than it did, add to it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = Mapping[str, object]
Changed: TypeAlias = tuple[str, Json]
"""What was done, in words, and the document after it."""

_SOMEBODY = "arn:aws:iam::123456789012:role/somebody-else"
_ACCOUNT = "arn:aws:iam::123456789012:root"
_FOREIGN = "arn:aws:iam::999988887777:role/foreign"
_WIDER_OPERATORS = {
    "StringEquals": ("StringEqualsIfExists", "StringLike", "StringNotEquals"),
    "StringNotEquals": ("StringNotEqualsIfExists", "StringEquals"),
    "ArnNotEquals": ("ArnNotEqualsIfExists", "ArnEquals", "ForAllValues:ArnNotEquals", "ForAnyValue:ArnNotEquals"),
    "ArnLike": ("ArnLikeIfExists", "ArnNotLike"),
    "Bool": ("BoolIfExists", "Null"),
    "BoolIfExists": ("Bool",),
}


def weakened(document: Json) -> Iterator[Changed]:
    """Every document that differs from this one in one place.

    Args:
        document: A policy document whose Statement is a list.
    """
    statements = _objects(document["Statement"])
    for place, statement in enumerate(statements):
        label = str(statement.get("Sid") or f"statement {place + 1}")
        yield f"{label} left out", {**document, "Statement": [*statements[:place], *statements[place + 1 :]]}
        for words, other in _weakened_statement(statement):
            yield f"{label}: {words}", {**document, "Statement": [*statements[:place], other, *statements[place + 1 :]]}
    for words, more in _more_statements(statements):
        yield f"{words} added", {**document, "Statement": [*statements, more]}


def _more_statements(statements: Sequence[Json]) -> Iterator[Changed]:
    """Statements that allow more, of a policy on resources."""
    about = next((one["Resource"] for one in statements if "Resource" in one), None)
    if about is None:
        return
    base = {"Sid": "AllowMore", "Effect": "Allow", "Resource": about}
    allowed = [one["Principal"] for one in statements if one["Effect"] == "Allow" and "Principal" in one]
    if not any("Principal" in one for one in statements):
        yield "Allow of SetQueueAttributes", {**base, "Action": "sqs:SetQueueAttributes"}
        return
    for whom, principal in (("another role", _SOMEBODY), ("a foreign role", _FOREIGN), ("the account", _ACCOUNT)):
        yield f"Allow to {whom}", {**base, "Principal": {"AWS": principal}, "Action": "sqs:ReceiveMessage"}
    for named in allowed[:1]:
        yield "Allow of SetQueueAttributes", {**base, "Principal": named, "Action": "sqs:SetQueueAttributes"}


def _weakened_statement(statement: Json) -> Iterator[Changed]:
    yield "Effect turned round", {**statement, "Effect": "Deny" if statement["Effect"] == "Allow" else "Allow"}
    yield from _other_lists(statement, "Action", wider=("sqs:*", "*", "sqs:DeleteMessage"))
    yield from _other_lists(statement, "Resource", wider=("*", "arn:aws:sqs:us-east-1:123456789012:other"))
    if "Principal" in statement:
        yield from _other_principals(statement)
    conditions = _maps(statement.get("Condition", {}))
    if conditions:
        yield "all conditions left out", {key: value for key, value in statement.items() if key != "Condition"}
    for operator, keys in conditions.items():
        for words, other in _other_conditions(operator, keys):
            rest = {name: value for name, value in conditions.items() if name != operator}
            merged = {name: {**rest.get(name, {}), **added} for name, added in other.items()}
            yield words, {**statement, "Condition": {**rest, **merged}}


def _other_lists(statement: Json, element: str, *, wider: Sequence[str]) -> Iterator[Changed]:
    if element not in statement:
        return
    members = _texts(statement[element])
    for one in members:
        if len(members) > 1:
            yield f"{element} without {one}", {**statement, element: [other for other in members if other != one]}
        if "*" not in one:
            yield f"{element} {one} made a pattern", {**statement, element: [f"{one[:-4]}*", *members]}
    for one in wider:
        if one not in members:
            yield f"{element} with {one} as well", {**statement, element: [*members, one]}
            yield f"{element} {one} instead", {**statement, element: one}
    others = {key: value for key, value in statement.items() if key != element}
    yield f"Not{element} instead", {**others, f"Not{element}": statement[element]}


def _other_principals(statement: Json) -> Iterator[Changed]:
    principal = statement["Principal"]
    others = {key: value for key, value in statement.items() if key != "Principal"}
    yield "NotPrincipal instead", {**others, "NotPrincipal": principal}
    yield "Principal left out", others
    if principal == "*":
        yield "Principal of one role alone", {**statement, "Principal": {"AWS": _SOMEBODY}}
        yield "Principal of all services alone", {**statement, "Principal": {"Service": "*"}}
        return
    yield "Principal *", {**statement, "Principal": "*"}
    named = dict(principal) if isinstance(principal, Mapping) else {}
    members = _texts(named.get("AWS", []))
    account = {"AWS": [*members, _ACCOUNT]}
    for words, wider in (
        ("another role", {"AWS": [*members, _SOMEBODY]}),
        ("a foreign role", {"AWS": [*members, _FOREIGN]}),
        ("the account", account),
        ("a service", {"Service": "sns.amazonaws.com"}),
    ):
        yield f"Principal with {words} as well", {**statement, "Principal": {**named, **wider}}


def _other_conditions(operator: str, keys: Json) -> Iterator[tuple[str, dict[str, dict[str, object]]]]:
    for key, value in keys.items():
        rest = {name: other for name, other in keys.items() if name != key}
        kept = {operator: rest} if rest else {}
        yield f"{operator} {key} left out", dict(kept)
        for other in _WIDER_OPERATORS[operator]:
            yield f"{other} instead of {operator} on {key}", {**kept, other: {key: value}}
        members = _texts(value)
        for one in members:
            if len(members) > 1:
                fewer = [other for other in members if other != one]
                yield f"{operator} {key} without {one}", {operator: {**keys, key: fewer}}
        for more in _more_values(key, members):
            yield f"{operator} {key} with {more} as well", {operator: {**keys, key: [*members, more]}}
        yield f"{operator} {key} with no value", {operator: {**keys, key: []}}


def _more_values(key: str, members: Sequence[str]) -> Iterator[str]:
    if members in (["true"], ["false"]):
        yield "true" if members == ["false"] else "false"
    elif key == "aws:PrincipalArn":
        yield from (_SOMEBODY, "arn:aws:iam::123456789012:role/*")
    else:
        yield from ("*", f"{members[0]}0")


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, Sequence) and not isinstance(value, str) else [str(value)]


def _objects(value: object) -> list[Json]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, Sequence) else []


def _maps(value: object) -> dict[str, dict[str, object]]:
    return {str(name): dict(one) for name, one in value.items()} if isinstance(value, Mapping) else {}
