"""Conditions that mean the same when their key is missing."""

from pulumi_policy import Severity

from access.documents import Condition, MalformedDocumentError, Statement
from policies.language.condition_keys import KEYS
from policies.language.satisfiable import holds_when_absent
from policies.reading.documents import ALL_CARRIERS, Document, on_documents
from policies.rule import ResourceRule, Violations
from policies.settings import RuleSettings


def sound_without_keys(document: Document, _settings: RuleSettings) -> Violations:
    """A missing key neither opens an Allow nor lifts a Deny.

    A key is missing from many requests: aws:SourceVpc from whatever comes through no endpoint, aws:SourceIp from what
    does, aws:MultiFactorAuthPresent from long-term keys. Then (IAM user guide, "Condition operators"):

    - In an Allow, negated operators, those with IfExists and ForAllValues are true, and let anybody in from where the
      key is missing. Each is told.
    - In a Deny all other operators are false, and do not deny. That is told for global keys that may be missing:
      `StringEquals aws:SourceVpc` shuts out one VPC and nobody else. Negated operators and IfExists deny there too; so
      IfExists takes nothing from a Deny. A key that is on every signed request, such as aws:SecureTransport or
      aws:PrincipalArn, needs neither; anonymous requests are kept out by the absence of an Allow.

    Where the missing key is meant to count so, `Null` with `false` beside it says that the key must be there. No public
    scanner looks for this, so there is no id to cite.
    """
    for statement in document.statements:
        for condition in statement.conditions:
            if condition.operator == "null" or _is_guarded(condition, statement):
                continue
            try:
                holds = holds_when_absent(condition, variables=statement.variables)
            except MalformedDocumentError:
                continue  # another rule tells
            where = f"{document.at(statement)}: {condition.operator} {condition.key}"
            if statement.allows and holds:
                yield (
                    f"{where} is true where the key is missing, and so allows; use an operator that is neither negated"
                    f" nor IfExists nor ForAllValues, or add Null {condition.key} false"
                )
            elif not statement.allows and not holds and _may_be_missing(condition):
                yield (
                    f"{where} is false where the key is missing, and so does not deny; use a negated operator or"
                    f" IfExists, or, if that is meant, add Null {condition.key} false"
                )


def _is_guarded(condition: Condition, statement: Statement) -> bool:
    """Whether the statement says that the key must be there."""
    return any(
        one.operator == "null" and one.key == condition.key and [value.lower() for value in one.values] == ["false"]
        for one in statement.conditions
    )


def _may_be_missing(condition: Condition) -> bool:
    known = KEYS.get(condition.key)
    return known is not None and not known.always


SOUND_WITHOUT_KEYS = ResourceRule(
    name="policy-conditions-hold-without-keys",
    description="A missing key neither opens an Allow nor lifts a Deny.",
    remediation="Use plain operators in Allow statements, negated ones or IfExists in Deny statements.",
    severity=Severity.HIGH,
    controls=(),
    settings=RuleSettings,
    types=ALL_CARRIERS,
    check=on_documents(sound_without_keys),
)
