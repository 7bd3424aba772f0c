"""Policy documents as rules read them: every field a tuple, whatever form the document was written in.

IAM takes a single value or a list, compares actions and condition keys without regard to case, and knows `*` and `?`
in actions, resources and principals (IAM user guide, "IAM JSON policy elements reference").
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

ANYBODY = "*"


class MalformedDocumentError(ValueError):
    """What should be a policy document is none. The message says why."""


@dataclass(frozen=True)
class Condition:
    """One key of one operator: `StringEquals`, `aws:SourceVpc`, its values. Operator and key in lower case."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class ParsedStatement:
    """A statement whose every field is a tuple.

    Args:
        label: Its Sid, or its position, for messages.
        effect: `Allow` or `Deny`.
        actions: In lower case.
        not_actions: In lower case.
        resources: As written.
        not_resources: As written.
        principals: AWS principals; `*` for anybody.
        other_principals: Services and federated ones.
        not_principals: Of all kinds.
        conditions: One entry an operator and key.
    """

    label: str
    effect: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    other_principals: tuple[str, ...] = ()
    not_principals: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = field(default=())

    @property
    def allows(self) -> bool:
        """Whether this is an Allow."""
        return self.effect == "Allow"

    def covers_action(self, action: str) -> bool:
        """Whether the statement is about this action, wildcards counted."""
        wanted = action.lower()
        if self.not_actions:
            return not any(fnmatchcase(wanted, pattern) for pattern in self.not_actions)
        return any(fnmatchcase(wanted, pattern) for pattern in self.actions)

    def covers_any_action(self, actions: Iterable[str]) -> bool:
        """Whether the statement is about one of these actions at least."""
        return any(self.covers_action(action) for action in actions)

    def condition(self, operator: str, key: str) -> Condition | None:
        """The condition with this operator and key, if the statement has it."""
        wanted = (operator.lower(), key.lower())
        return next((one for one in self.conditions if (one.operator, one.key) == wanted), None)


def parse_document(text: object) -> tuple[ParsedStatement, ...]:
    """The statements of a policy document.

    Args:
        text: The document, JSON text or a map.

    Raises:
        MalformedDocumentError: When it is not JSON, or not a document with statements.
    """
    document = _decoded(text)
    statements = document.get("Statement")
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, Sequence) or isinstance(statements, str):
        raise MalformedDocumentError("it has no Statement")
    return tuple(_statement(one, position) for position, one in enumerate(statements, start=1))


def _decoded(text: object) -> Mapping[str, object]:
    if isinstance(text, str):
        try:
            text = json.loads(text)
        except json.JSONDecodeError as error:
            raise MalformedDocumentError(f"it is not JSON: {error}") from None
    if not isinstance(text, Mapping):
        raise MalformedDocumentError("it is not a JSON object")
    return text


def _statement(raw: object, position: int) -> ParsedStatement:
    if not isinstance(raw, Mapping):
        raise MalformedDocumentError(f"statement {position} is not a JSON object")
    label = str(raw.get("Sid") or f"statement {position}")
    effect = raw.get("Effect")
    if effect not in {"Allow", "Deny"}:
        raise MalformedDocumentError(f"{label} has the Effect {effect!r}; it is Allow or Deny")
    aws_principals, other_principals = _principals(raw.get("Principal"))
    return ParsedStatement(
        label=label,
        effect=str(effect),
        actions=tuple(action.lower() for action in _texts(raw.get("Action"))),
        not_actions=tuple(action.lower() for action in _texts(raw.get("NotAction"))),
        resources=_texts(raw.get("Resource")),
        not_resources=_texts(raw.get("NotResource")),
        principals=aws_principals,
        other_principals=other_principals,
        not_principals=tuple(one for group in _principals(raw.get("NotPrincipal")) for one in group),
        conditions=_conditions(raw.get("Condition"), label),
    )


def _principals(raw: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if isinstance(raw, Mapping):
        aws = _texts(raw.get("AWS"))
        return aws, tuple(one for kind in raw if kind != "AWS" for one in _texts(raw[kind]))
    return _texts(raw), ()


def _conditions(raw: object, label: str) -> tuple[Condition, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, Mapping):
        raise MalformedDocumentError(f"{label} has a Condition that is not a JSON object")
    conditions: list[Condition] = []
    for operator, keys in raw.items():
        if not isinstance(keys, Mapping):
            raise MalformedDocumentError(f"{label} has a Condition {operator} that is not a JSON object")
        conditions.extend(Condition(str(operator).lower(), str(key).lower(), _texts(keys[key])) for key in keys)
    return tuple(conditions)


def _texts(raw: object) -> tuple[str, ...]:
    if raw is None:
        return ()
    if isinstance(raw, Sequence) and not isinstance(raw, str):
        return tuple(str(one) for one in raw)
    return (str(raw).lower() if isinstance(raw, bool) else str(raw),)
