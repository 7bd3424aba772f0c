"""Policies that are written as AWS reads them."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pulumi_policy import Severity

from access.documents import MalformedDocumentError, matches
from access.matrix.actions import ALL_ACTIONS, QUEUE_ACTIONS
from policies.reading.documents import ALL_CARRIERS, Document, Kind, documents
from policies.rule import Resource, ResourceRule, Violations
from policies.settings import RuleSettings

VERSION: Final = "2012-10-17"
_ELEMENTS = frozenset({"Version", "Id", "Statement"})
_PAIRS = (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource"))
_STATEMENT = frozenset({"Sid", "Effect", "Condition", *(name for pair in _PAIRS for name in pair)})
# Which pairs a statement must have one of, by what its document decides; it must have none of the others.
_NEEDED: Mapping[Kind, frozenset[str]] = {
    Kind.QUEUE: frozenset({"Principal", "Action", "Resource"}),
    Kind.IDENTITY: frozenset({"Action", "Resource"}),
    Kind.TRUST: frozenset({"Principal", "Action"}),
}
_SID = re.compile(r"[A-Za-z0-9]*")
_ACTION = re.compile(r"\*|[a-z0-9-]+:[A-Za-z0-9*?]+", re.IGNORECASE)
_RESOURCE = re.compile(r"\*|arn:[^:]+:[^:]+:[^:]*:[^:]*:.+")


class _RepeatedKeyError(ValueError):
    pass


def well_formed(resource: Resource, _settings: RuleSettings) -> Violations:
    """Every policy is written in AWS's grammar (IAM user guide, "Grammar of the IAM JSON policy language").

    Some of what is told here AWS refuses, in the middle of an update; the rest it takes and reads otherwise than it was
    meant. Without Version, or with 2008-10-17, a policy variable such as `${aws:username}` is plain text. Of a key that
    stands twice one is lost. A Deny of an action that does not exist, by a slip of the pen, denies nothing. No public
    scanner looks for this, so there is no id to cite; IAM Access Analyzer's policy checks tell part of it.
    """
    for document in documents(resource):
        for problem in _problems(document):
            yield f"{document.name} {problem}"


def _problems(document: Document) -> Iterator[str]:
    try:
        tree = json.loads(document.text, object_pairs_hook=_without_repetition)
    except _RepeatedKeyError as error:
        yield f"has {error} twice in one place, and all but one of them are lost; join them"
        return
    except (ValueError, RecursionError):
        tree = None
    told = list(_tree_problems(tree, document.kind)) if isinstance(tree, Mapping) else []
    yield from told
    try:
        document.statements  # noqa: B018 - asked whether it can be read
    except MalformedDocumentError as error:
        if not told:
            yield f"cannot be read: {error}"


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    counts = Counter(name for name, _ in pairs)
    if repeated := [name for name, count in counts.items() if count > 1]:
        raise _RepeatedKeyError(repr(repeated[0]))
    return dict(pairs)


def _tree_problems(tree: Mapping[str, object], kind: Kind) -> Iterator[str]:
    if tree.get("Version") != VERSION:
        given = f"has the Version {tree['Version']!r}" if "Version" in tree else "has no Version"
        yield f'{given}, so policy variables may be read as plain text; write "Version": "{VERSION}"'
    if unknown := sorted(set(tree) - _ELEMENTS):
        yield f"has {', '.join(map(repr, unknown))}, which no policy has; it has Version, Id and Statement"
    written = tree.get("Statement")
    statements = written if isinstance(written, list) else [written]
    if not statements:
        yield "has no statement; write one, or leave the policy out"
    sids: set[str] = set()
    for position, statement in enumerate(statements, start=1):
        if isinstance(statement, Mapping):
            sid = statement.get("Sid")
            label = str(sid or f"statement {position}")
            for problem in _statement_problems(statement, kind):
                yield f"is not as AWS reads it: {label} {problem}"
            if isinstance(sid, str) and sid:
                if sid in sids:
                    yield f"has two statements with the Sid {sid!r}; give each its own"
                sids.add(sid)


def _statement_problems(statement: Mapping[str, object], kind: Kind) -> Iterator[str]:
    if unknown := sorted(set(statement) - _STATEMENT):
        yield f"has {', '.join(map(repr, unknown))}, which no statement has; it has {', '.join(sorted(_STATEMENT))}"
    sid = statement.get("Sid", "")
    if not isinstance(sid, str) or (kind is not Kind.QUEUE and not _SID.fullmatch(sid)):
        yield f"has the Sid {sid!r}; it is letters and digits"
    for pair in _PAIRS:
        yield from _pair_problems(statement, pair, needed=pair[0] in _NEEDED[kind])
    yield from _action_problems(statement, kind)
    if kind is Kind.IDENTITY:
        for resource in (one for name in _PAIRS[2] for one in _texts(statement.get(name))):
            if not _RESOURCE.fullmatch(resource):
                yield f"is about {resource!r}, which is no ARN"


def _pair_problems(statement: Mapping[str, object], pair: tuple[str, str], *, needed: bool) -> Iterator[str]:
    written = [name for name in pair if name in statement]
    if not needed and written:
        yield f"has {written[0]}, which a policy of this kind cannot have; remove it"
    elif needed and len(written) != 1:
        has = "both" if written else "neither"
        yield f"has {has} of {' and '.join(pair)}; it takes one"
    elif written and not _is_listing(statement[written[0]], principals=pair[0] == "Principal"):
        yield f"has the element {written[0]}, which is neither a text nor a list of texts with one at least"


def _is_listing(value: object, *, principals: bool) -> bool:
    if principals and isinstance(value, Mapping):
        return bool(value) and all(_is_listing(one, principals=False) for one in value.values())
    return bool(_texts(value)) and all(_texts(value)) and (principals is False or value == "*")


def _texts(value: object) -> Sequence[str]:
    """A text, or a list of texts; nothing, where it is neither."""
    if isinstance(value, str):
        return [value]
    return value if isinstance(value, list) and all(isinstance(one, str) for one in value) else []


def _action_problems(statement: Mapping[str, object], kind: Kind) -> Iterator[str]:
    known = QUEUE_ACTIONS if kind is Kind.QUEUE else ALL_ACTIONS
    for action in (one for name in _PAIRS[1] for one in _texts(statement.get(name))):
        service, _, name = action.lower().partition(":")
        if not _ACTION.fullmatch(action):
            yield f"names the action {action!r}; an action is written as service:Action"
        elif kind is Kind.QUEUE and action != "*" and service != "sqs":
            yield f"names {action}, which is not done to a queue; its actions begin with sqs:"
        elif service == "sqs" and not any(matches(name, one.lower()) for one in known):
            yield f"names {action}, which SQS does not have; an action that is misspelt is neither allowed nor denied"


WELL_FORMED = ResourceRule(
    name="policy-is-well-formed",
    description="Every policy is written as AWS reads it.",
    remediation="Write the policy in the grammar of IAM's policy language, version 2012-10-17.",
    severity=Severity.HIGH,
    controls=(),
    settings=RuleSettings,
    types=ALL_CARRIERS,
    check=well_formed,
)
