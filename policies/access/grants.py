"""What an Allow of a queue policy allows: actions that it names, one by one."""

from pulumi_policy import Severity

from policies.reading.documents import CARRIERS, Document, Kind, on_documents
from policies.reading.naming import unnamed
from policies.rule import ResourceRule, Violations
from policies.settings import RuleSettings


def only_named_actions(document: Document, _settings: RuleSettings) -> Violations:
    """No Allow of a queue policy is for a pattern of actions, or for all but some actions or resources.

    Implements CKV_AWS_72, F20 and W18. What SQS adds one day would be allowed too.
    """
    for statement in document.allows:
        for problem in unnamed(statement):
            yield f"{document.at(statement)} {problem}"


ONLY_NAMED_ACTIONS = ResourceRule(
    name="queue-policy-names-actions",
    description="A queue policy allows only actions that it names.",
    remediation="Replace wildcards and NotAction in Allow statements by the actions that the code uses.",
    severity=Severity.HIGH,
    controls=("CKV_AWS_72", "F20", "W18"),
    settings=RuleSettings,
    types=CARRIERS[Kind.QUEUE],
    check=on_documents(only_named_actions, Kind.QUEUE),
)
