"""Nobody touches a message but those whom the queue's policy names."""

from dataclasses import replace

from pulumi_policy import Severity
from pydantic import Field

from access.documents import Statement
from policies.reading.callers import CallerArn
from policies.reading.documents import CARRIERS, Document, Kind, on_documents
from policies.reading.origins import TOUCHES
from policies.reading.reach import about_all, denies_anybody, named, spared, spares_aws
from policies.rule import ResourceRule, Violations
from policies.settings import RuleSettings


class OutsiderSettings(RuleSettings):
    """Who is spared without an Allow. Not configured, whomever the Deny names one by one."""

    operator_arns: tuple[CallerArn, ...] = Field(
        default=(), description="Who may be spared besides those whom the queue's policy allows, by full ARN."
    )


def messages_denied_to_others(document: Document, settings: OutsiderSettings) -> Violations:
    """Every action on messages is denied to everybody but principals that the Deny names one by one.

    Within one account an Allow in anybody's own policy suffices, an administrator's `sqs:*` for instance; only a Deny
    restrains them. AWS's services as themselves may be spared, since they need an Allow here. Where operators are
    configured, nobody may be spared but them and whom this policy allows the action: a redrive sends on an operator's
    behalf. Implements SEC03-BP02 (AWS Well-Architected, least privilege); no public scanner looks for it.
    """
    for action in TOUCHES:
        by_deny = [
            whom
            for statement in about_all(document.statements)
            if denies_anybody(statement, action) and (whom := _spared(statement)) is not None
        ]
        if not by_deny:
            yield (
                f"{document.name} does not deny {action} to others than it allows, and in the same account an identity"
                ' policy needs no Allow here; add a Deny with Principal "*" and ArnNotEquals on aws:PrincipalArn'
            )
        elif settings.operator_arns:
            allowed = {one for allow in document.allows if allow.covers_action(action) for one in named(allow)}
            if others := sorted(frozenset.intersection(*by_deny) - allowed - set(settings.operator_arns)):
                yield (
                    f"{document.name} spares {', '.join(others)} from the Deny of {action}, and allows it to others;"
                    " only they and the configured operators may be spared"
                )


def _spared(statement: Statement) -> frozenset[str] | None:
    conditions = tuple(one for one in statement.conditions if not spares_aws(one, "aws:principalisawsservice"))
    return spared(replace(statement, conditions=conditions))


MESSAGES_DENIED_TO_OTHERS = ResourceRule(
    name="queue-policy-denies-messages-to-others",
    description="Nobody touches a message but those whom the queue's policy names.",
    remediation="Deny message actions to all but the roles that need them, by ArnNotEquals on aws:PrincipalArn.",
    severity=Severity.HIGH,
    controls=("SEC03-BP02",),
    settings=OutsiderSettings,
    types=CARRIERS[Kind.QUEUE],
    check=on_documents(messages_denied_to_others, Kind.QUEUE),
)
