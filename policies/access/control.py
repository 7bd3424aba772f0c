"""Nobody but those who deploy is allowed to rewrite a queue's policy, and so to allow himself anything."""

from pulumi_policy import Severity
from pydantic import Field

from policies.identities.escalation import CONTROL_OF_QUEUES
from policies.reading.callers import CallerArn
from policies.reading.documents import CARRIERS, Document, Kind, on_documents
from policies.reading.reach import named
from policies.rule import ResourceRule, Violations
from policies.settings import RuleSettings


class ControlSettings(RuleSettings):
    """Who may be allowed control."""

    deployer_arns: tuple[CallerArn, ...] = Field(
        default=(), description="Whom a queue's policy may allow to rewrite it, by full ARN. Default nobody."
    )


def no_control(document: Document, settings: ControlSettings) -> Violations:
    """No Allow of a queue policy gives anybody but a configured deployer the power to rewrite that policy.

    Within one account an Allow in either policy suffices (IAM user guide, "Policy evaluation logic"), so what identity
    policies may not give counts here as much. Implements SEC03-BP02 (AWS Well-Architected, least privilege); no public
    scanner looks for it.
    """
    for statement in document.allows:
        given = [action for action in CONTROL_OF_QUEUES if statement.covers_action(action)]
        whom = [one for one in named(statement) if one not in settings.deployer_arns]
        if statement.not_principals is not None:
            whom = ["everybody but some"]
        if given and whom:
            yield (
                f"{document.at(statement)} allows {', '.join(whom)} {', '.join(given)}, which rewrites the policy;"
                " remove it, or name in deployerArns who deploys"
            )


NO_CONTROL = ResourceRule(
    name="queue-policy-cannot-escalate",
    description="Nobody but who deploys is allowed to rewrite a queue's policy.",
    remediation="Remove the action; leave it to the role that deploys.",
    severity=Severity.CRITICAL,
    controls=("SEC03-BP02",),
    settings=ControlSettings,
    types=CARRIERS[Kind.QUEUE],
    check=on_documents(no_control, Kind.QUEUE),
)
