"""Identities are given messages from the VPC only."""

from pulumi_policy import Severity

from policies.reading.documents import CARRIERS, Document, Kind, on_documents
from policies.reading.origins import allowed_from_anywhere
from policies.rule import ResourceRule, Violations
from policies.settings import RuleSettings


def grants_only_from_vpc(document: Document, _settings: RuleSettings) -> Violations:
    """Every Allow to touch messages asks for the VPC.

    Implements SEC03-BP05 (AWS Well-Architected, permission guardrails); no public scanner looks for it.
    """
    yield from allowed_from_anywhere(document)


GRANTS_ONLY_FROM_VPC = ResourceRule(
    name="role-policy-requires-vpc",
    description="Roles are given messages from the VPC only.",
    remediation="Condition every Allow of message actions on aws:SourceVpc or aws:SourceVpce.",
    severity=Severity.MEDIUM,
    controls=("SEC03-BP05",),
    settings=RuleSettings,
    types=CARRIERS[Kind.IDENTITY],
    check=on_documents(grants_only_from_vpc, Kind.IDENTITY),
)
