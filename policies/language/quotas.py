"""Policies within AWS's quotas: what exceeds one is refused by AWS in the middle of an update."""

import json
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from pulumi_policy import Severity
from pydantic import Field

from access.documents import MalformedDocumentError
from policies.reading.documents import ALL_CARRIERS, Document, Kind, documents
from policies.reading.reach import named
from policies.reading.resource_types import GROUP_POLICY, POLICY, ROLE, ROLE_POLICY, USER_POLICY
from policies.rule import Resource, ResourceRule, Violations
from policies.settings import RuleSettings

QUEUE_BYTES: Final = 8_192
STATEMENTS: Final = 20
ACTIONS_A_STATEMENT: Final = 7
PRINCIPALS: Final = 50
CONDITIONS: Final = 10
TRUST_CHARACTERS: Final = 2_048
MOST_TRUST_CHARACTERS: Final = 4_096
IDENTITY_CHARACTERS: Final = MappingProxyType(
    {POLICY: 6_144, ROLE: 10_240, ROLE_POLICY: 10_240, USER_POLICY: 2_048, GROUP_POLICY: 5_120}
)


class QuotaSettings(RuleSettings):
    """The one quota that AWS raises on request."""

    trust_policy_characters: int = Field(
        default=TRUST_CHARACTERS,
        ge=TRUST_CHARACTERS,
        le=MOST_TRUST_CHARACTERS,
        description="The account's quota on a role's trust policy.",
    )


def within_quotas(resource: Resource, settings: QuotaSettings) -> Violations:
    """No policy exceeds what AWS takes. No public scanner looks for this, so there is no id to cite.

    - A queue's policy (SQS developer guide, "Amazon SQS policy quotas"): 8,192 bytes, 20 statements, 7 actions a
      statement, 50 principals and 10 conditions in all. AWS does not say how it counts bytes, so what is counted is
      the text as it is written, in UTF-8: the most it can be. A condition is one key of one operator.
    - IAM's (IAM user guide, "IAM and AWS STS quotas"), without white space: 6,144 characters for a managed policy;
      10,240 for all inline policies of a role together, 2,048 of a user, 5,120 of a group; 2,048 for a trust policy,
      up to 4,096 on request.
    """
    inline = 0
    for document in documents(resource):
        if document.kind is Kind.QUEUE:
            yield from beyond_queue_quotas(document)
        elif document.kind is Kind.TRUST:
            yield from _beyond(document.name, _characters(document), settings.trust_policy_characters, "characters")
        elif resource.type_token == ROLE:
            inline += _characters(document)
        else:
            limit = IDENTITY_CHARACTERS[resource.type_token]
            yield from _beyond(document.name, _characters(document), limit, "characters")
    yield from _beyond("the inline policies", inline, IDENTITY_CHARACTERS[ROLE], "characters together")


def beyond_queue_quotas(document: Document) -> Violations:
    """What a queue's policy has too much of."""
    yield from _beyond(document.name, len(document.text.encode(errors="surrogatepass")), QUEUE_BYTES, "bytes")
    try:
        statements = document.statements
    except MalformedDocumentError:
        return  # another rule tells
    yield from _beyond(document.name, len(statements), STATEMENTS, "statements")
    for one in statements:
        yield from _beyond(document.at(one), len(one.actions or one.not_actions), ACTIONS_A_STATEMENT, "actions")
    principals = sum(
        len(named(one)) + len(one.not_principals.everyone if one.not_principals else ()) for one in statements
    )
    yield from _beyond(document.name, principals, PRINCIPALS, "principals")
    yield from _beyond(document.name, sum(len(one.conditions) for one in statements), CONDITIONS, "conditions")


def _beyond(name: str, count: int, limit: int, what: str) -> Iterator[str]:
    if count > limit:
        yield f"{name}: {count:,} {what}; AWS takes {limit:,}"


def _characters(document: Document) -> int:
    """How long the document is, without the white space between its parts. That within texts is counted, to be safe."""
    try:
        return len(json.dumps(json.loads(document.text), separators=(",", ":"), ensure_ascii=False))
    except (ValueError, RecursionError):
        return len(document.text)


WITHIN_QUOTAS = ResourceRule(
    name="policy-within-quotas",
    description="No policy is larger than AWS takes.",
    remediation="Shorten the policy: join statements that differ in actions only, drop what repeats.",
    severity=Severity.HIGH,
    controls=(),
    settings=QuotaSettings,
    types=ALL_CARRIERS,
    check=within_quotas,
)
