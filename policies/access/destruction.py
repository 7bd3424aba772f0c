"""Nobody empties or deletes a queue but those whom its policy, and the configuration, name."""

from collections.abc import Iterable

from pulumi_policy import Severity
from pydantic import Field

from policies.reading.callers import CallerArn
from policies.reading.documents import CARRIERS, Document, Kind, on_documents
from policies.reading.reach import about_all, denies_anybody, spared
from policies.rule import ResourceRule, Violations
from policies.settings import RuleSettings


class DestructionSettings(RuleSettings):
    """Who may destroy. With neither list configured, whomever the Deny names one by one."""

    break_glass_arns: tuple[CallerArn, ...] = Field(
        default=(), description="Who may purge and delete queues, by full ARN."
    )
    deployer_arns: tuple[CallerArn, ...] = Field(default=(), description="Who may delete queues besides, by full ARN.")

    def may(self, action: str) -> frozenset[str] | None:
        """Who may, or None where the configuration does not say."""
        if not (self.break_glass_arns or self.deployer_arns):
            return None
        return frozenset((*self.break_glass_arns, *(self.deployer_arns if action == "sqs:DeleteQueue" else ())))


def destruction_denied(document: Document, settings: DestructionSettings) -> Violations:
    """PurgeQueue and DeleteQueue are denied to everybody but principals that the Deny names one by one.

    One purge loses every message, and an Allow in an administrator's own policy suffices for it unless the queue's
    policy denies. Where break-glass or deployers are configured, nobody else may be spared. Implements SEC03-BP03 (AWS
    Well-Architected, emergency access); no public scanner looks for it.
    """
    for action in ("sqs:PurgeQueue", "sqs:DeleteQueue"):
        by_deny = [
            whom
            for statement in about_all(document.statements)
            if denies_anybody(statement, action) and (whom := spared(statement)) is not None
        ]
        if not by_deny:
            yield (
                f'{document.name} does not deny {action}; add a Deny with Principal "*", whose only condition is'
                " ArnNotEquals on aws:PrincipalArn with the full ARNs of those who may"
            )
            continue
        permitted = settings.may(action)
        if permitted is not None and (others := frozenset.intersection(*by_deny) - permitted):
            yield (
                f"{document.name} spares {_listed(others)} from the Deny of {action};"
                f" {_listed(permitted)} may be spared"
            )


def _listed(arns: Iterable[str]) -> str:
    return ", ".join(sorted(arns)) or "nobody"


DESTRUCTION_DENIED = ResourceRule(
    name="queue-policy-denies-destruction",
    description="Nobody purges or deletes a queue but those whom its policy names.",
    remediation="Deny sqs:PurgeQueue and sqs:DeleteQueue to all but the break-glass and deployer ARNs.",
    severity=Severity.CRITICAL,
    controls=("SEC03-BP03",),
    settings=DestructionSettings,
    types=CARRIERS[Kind.QUEUE],
    check=on_documents(destruction_denied, Kind.QUEUE),
)
