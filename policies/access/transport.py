"""Nothing reaches a queue but over TLS."""

import json
from collections.abc import Mapping
from itertools import count

from pulumi_policy import Severity

from access.documents import MalformedDocumentError, Statement
from access.matrix.actions import QUEUE_ACTIONS
from policies.language.quotas import beyond_queue_quotas
from policies.reading.documents import CARRIERS, Document, Kind, documents, on_documents
from policies.reading.patterns import is_pattern
from policies.reading.reach import about_all, denies_anybody
from policies.reading.remedies import remedy
from policies.rule import Resource, ResourceRule, Violations
from policies.settings import RuleSettings

_SID = "DenyPlainText"


def tls_required(document: Document, _settings: RuleSettings) -> Violations:
    """Whatever does not come over TLS is denied, to everybody and for every action.

    Implements AwsSolutions-SQS4 and SEC09-BP02 (AWS Well-Architected, encryption in transit).

    The Deny has one condition, aws:SecureTransport false by Bool or BoolIfExists. The key is on every request, so both
    mean the same; any further condition would let plain text pass somewhere. An Allow on TLS alone does not do: within
    one account an identity policy needs no Allow here. Nor does Null, never true of a key that is always there.
    """
    plain_text_denied = [one for one in about_all(document.statements) if _is_only_about_plain_text(one)]
    open_actions = [
        f"sqs:{action}"
        for action in QUEUE_ACTIONS
        if not any(denies_anybody(statement, f"sqs:{action}") for statement in plain_text_denied)
    ]
    if open_actions:
        what = "anything" if len(open_actions) == len(QUEUE_ACTIONS) else ", ".join(open_actions)
        yield (
            f'{document.name} does not deny {what} without TLS; add a Deny of sqs:* with Principal "*", whose only'
            ' condition is Bool "aws:SecureTransport": "false"'
        )


def _is_only_about_plain_text(statement: Statement) -> bool:
    return [(one.key, one.values) for one in statement.conditions] == [("aws:securetransport", ("false",))] and (
        statement.conditions[0].operator in {"bool", "boolifexists"}
    )


def tls_added(resource: Resource, settings: RuleSettings) -> Mapping[str, object]:
    """The policy with the missing Deny at its end; nothing where none is missing, or where it would not fit.

    A policy that is given as a map may hold secrets, and is left to its author.

    Raises:
        UnknownValueError: The policy is not known yet.
    """
    for document in documents(resource, Kind.QUEUE):
        if not isinstance(resource.properties["policy"], str):
            continue
        try:
            is_missing = any(tls_required(document, settings))
        except MalformedDocumentError:
            continue  # another rule tells
        mended = _mended(document)
        if is_missing and not any(beyond_queue_quotas(mended)):
            return {"policy": mended.text}
    return {}


def _mended(document: Document) -> Document:
    tree = json.loads(document.text)
    written = tree["Statement"] if isinstance(tree["Statement"], list) else [tree["Statement"]]
    queues = sorted({one for statement in document.statements for one in statement.resources if not is_pattern(one)})
    taken = {statement.label for statement in document.statements}
    deny = {
        "Sid": next(sid for number in count(1) if (sid := f"{_SID}{number if number > 1 else ''}") not in taken),
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": (queues[0] if len(queues) == 1 else queues) or "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    text = json.dumps({**tree, "Statement": [*written, deny]}, separators=(",", ":"))
    return Document(document.kind, document.name, text)


TLS_REQUIRED = ResourceRule(
    name="queue-policy-requires-tls",
    description="Nothing reaches a queue but over TLS.",
    remediation="Deny sqs:* where aws:SecureTransport is false.",
    severity=Severity.HIGH,
    controls=("AwsSolutions-SQS4", "SEC09-BP02"),
    settings=RuleSettings,
    types=CARRIERS[Kind.QUEUE],
    check=on_documents(tls_required, Kind.QUEUE),
    remedy=remedy(tls_added),
)
