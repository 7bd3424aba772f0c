"""Policy documents as they are read: every field a tuple, whatever form the document was written in.

IAM takes a single value or a list, compares actions and condition keys without regard to case, and knows `*` and `?`
in actions, resources and condition values (IAM user guide, "IAM JSON policy elements reference").
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

ANYBODY = "*"
_VERSION = "2012-10-17"
_OLD_VERSION = "2008-10-17"
_PRINCIPAL_KINDS = {"AWS": "aws", "Service": "services", "Federated": "federated", "CanonicalUser": "canonical_users"}


class MalformedDocumentError(ValueError):
    """What should be a policy document is none. The message says why."""


@dataclass(frozen=True)
class Condition:
    """One key of one operator: `StringEquals`, `aws:SourceVpc`, its values.

    Args:
        operator: In lower case, with its set prefix and `IfExists` as written, such as `foranyvalue:stringlike`.
        key: In lower case.
        values: As written; truth values and numbers as text.
    """

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Principals:
    """What a Principal or NotPrincipal element names, kind by kind. `"*"` alone is the AWS principal `*`.

    Args:
        aws: ARNs, account ids, unique ids, or `*` for anybody.
        services: Service principals such as `ecs-tasks.amazonaws.com`.
        federated: Identity providers.
        canonical_users: Canonical user ids.
    """

    aws: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    federated: tuple[str, ...] = ()
    canonical_users: tuple[str, ...] = ()

    @property
    def everyone(self) -> tuple[str, ...]:
        """All that are named, of whatever kind."""
        return self.aws + self.services + self.federated + self.canonical_users


@dataclass(frozen=True)
class Statement:
    """A statement whose every field is a tuple.

    Args:
        label: Its Sid, or its position, for messages.
        effect: `Allow` or `Deny`.
        actions: In lower case; empty when the statement has a NotAction.
        not_actions: In lower case.
        resources: As written; empty when the statement has none, as a trust policy's.
        not_resources: As written.
        principals: Whom the statement is about; None where it has no Principal, as in an identity policy.
        not_principals: Whom it is not about; None where it has no NotPrincipal.
        conditions: One entry an operator and key; all must hold.
        variables: Whether `${…}` is a policy variable; in documents of the version 2008-10-17, the default, it is
            plain text (IAM user guide, "Version").
    """

    label: str
    effect: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: Principals | None = None
    not_principals: Principals | None = None
    conditions: tuple[Condition, ...] = field(default=())
    variables: bool = True

    @property
    def allows(self) -> bool:
        """Whether this is an Allow."""
        return self.effect == "Allow"

    def covers_action(self, action: str) -> bool:
        """Whether the statement is about this action, wildcards counted."""
        if self.not_actions:
            return not any(matches(pattern, action.lower()) for pattern in self.not_actions)
        return any(matches(pattern, action.lower()) for pattern in self.actions)

    def covers_any_action(self, actions: Iterable[str]) -> bool:
        """Whether the statement is about one of these actions at least."""
        return any(self.covers_action(action) for action in actions)

    def condition(self, operator: str, key: str) -> Condition | None:
        """The condition with this operator and key, if the statement has it."""
        wanted = (operator.lower(), key.lower())
        return next((one for one in self.conditions if (one.operator, one.key) == wanted), None)


def matches(pattern: str, text: str) -> bool:
    """Whether a text is what a pattern with `*` and `?` describes; nothing else in it is special, and case counts."""
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(one, re.escape(one)) for one in pattern), re.DOTALL)


def parse_document(text: object) -> tuple[Statement, ...]:
    """The statements of a policy document.

    Args:
        text: The document, JSON text or a map.

    Raises:
        MalformedDocumentError: When it is not JSON, or not a document with statements.
    """
    document = _decoded(text)
    version = document.get("Version", _OLD_VERSION)
    if not isinstance(version, str) or version not in {_OLD_VERSION, _VERSION}:
        raise MalformedDocumentError(f"it has the Version {version!r}; there are {_VERSION} and {_OLD_VERSION}")
    statements = document.get("Statement")
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, Sequence) or isinstance(statements, str):
        raise MalformedDocumentError("it has no Statement")
    return tuple(
        replace(_statement(one, position), variables=version == _VERSION)
        for position, one in enumerate(statements, start=1)
    )


def _decoded(text: object) -> Mapping[str, object]:
    if isinstance(text, str):
        try:
            text = json.loads(text)
        except (
            ValueError,
            RecursionError,
        ) as error:  # figures of thousands of digits, thousands of brackets, are no JSON
            raise MalformedDocumentError(f"it is not JSON: {error}") from None
    if not isinstance(text, Mapping):
        raise MalformedDocumentError("it is not a JSON object")
    return text


def _statement(raw: object, position: int) -> Statement:
    if not isinstance(raw, Mapping):
        raise MalformedDocumentError(f"statement {position} is not a JSON object")
    label = str(raw.get("Sid") or f"statement {position}")
    effect = raw.get("Effect")
    if not isinstance(effect, str) or effect not in {"Allow", "Deny"}:
        raise MalformedDocumentError(f"{label} has the Effect {effect!r}; it is Allow or Deny")
    return Statement(
        label=label,
        effect=effect,
        actions=tuple(action.lower() for action in _texts(raw.get("Action"))),
        not_actions=tuple(action.lower() for action in _texts(raw.get("NotAction"))),
        resources=_texts(raw.get("Resource")),
        not_resources=_texts(raw.get("NotResource")),
        principals=_principals(raw.get("Principal"), label),
        not_principals=_principals(raw.get("NotPrincipal"), label),
        conditions=_conditions(raw.get("Condition"), label),
    )


def _principals(raw: object, label: str) -> Principals | None:
    if raw is None:
        return None
    if not isinstance(raw, Mapping):
        return Principals(aws=_texts(raw))
    if unknown := [str(kind) for kind in raw if kind not in _PRINCIPAL_KINDS]:
        raise MalformedDocumentError(f"{label} names principals of the kind {unknown[0]!r}, which there is none of")
    return Principals(**{field_: _texts(raw.get(kind)) for kind, field_ in _PRINCIPAL_KINDS.items()})


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
        return tuple(_text(one) for one in raw)
    return (_text(raw),)


def _text(raw: object) -> str:
    return str(raw).lower() if isinstance(raw, bool) else str(raw)
