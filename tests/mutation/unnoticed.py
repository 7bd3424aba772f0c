"""What neither the pack nor the access matrix notices when it is dropped or changed, and why that is right.

The list is exact: a mutant that is named here and noticed after all fails the test as well.
"""

import re

_QUEUE_POLICY = r"predictions-(queue|dlq)-policy: policy "
_ALARM = r"predictions-(dlq-not-empty|oldest-message-age): "
_LOOKUPS = "(GetQueueAttributes|GetQueueUrl)"

UNNOTICED: dict[str, str] = {
    # ---- nothing changes
    r".*: (region|path|maxMessageSize|maxSessionDuration) left out": "the provider's default is the same",
    r"predictions-queue: messageRetentionSeconds left out": "AWS's default is the same, four days",
    rf"{_ALARM}actionsEnabled left out": "CloudWatch's default is the same",
    rf"{_ALARM}datapointsToAlarm left out": "CloudWatch's default is evaluationPeriods, which is the same",
    r"predictions-oldest-message-age: comparisonOperator = GreaterThanThreshold": "a second later is as good",
    rf"{_ALARM}statistic = (Minimum|Sum)": "SQS tells one figure a minute, which is then all three",
    r".*StringLike instead of StringEquals on aws:SourceVpce": "without a wildcard in it, the same",
    rf"{_QUEUE_POLICY}.*: ArnNotEqualsIfExists instead of ArnNotEquals on aws:PrincipalArn": "a negated condition"
    " holds where its key is missing, with and without IfExists",
    rf"{_QUEUE_POLICY}.*: StringNotEqualsIfExists instead of StringNotEquals on aws:SourceVpc": "likewise",
    rf"{_QUEUE_POLICY}DenyPlainText: BoolIfExists instead of Bool on aws:SecureTransport": "every request has the key",
    rf"{_QUEUE_POLICY}\w+: Resource (with \* as well|\* instead|\S+ made a pattern)": "a queue's policy reaches no"
    " other queue, whatever its statements name besides",
    rf"{_QUEUE_POLICY}Deny\w+: Action \S+ made a pattern": "SQS has no other action of that beginning",
    rf"{_QUEUE_POLICY}DenyPlainText: Action (with \* as well|\* instead|with sqs:DeleteMessage as well)": "it denies"
    " all of SQS's actions already",
    r".*assumeRolePolicy TrustEcsTasks: ArnLike aws:SourceArn with arn:\S+ as well": "the other pattern covers it",
    # ---- both sides of one grant: within an account either suffices, and the other one is still there
    r"predictions-producer-policy: policy SendToQueue left out": "the queue's policy allows the same",
    r"predictions-consumer-policy: policy ConsumeFromQueue left out": "the queue's policy allows the same",
    r"predictions-(producer|consumer)-policy: policy (SendTo|ConsumeFrom)Queue: Action without \S+": "likewise",
    rf"predictions-queue-policy: policy Allow(Producer|Consumer): Action without sqs:{_LOOKUPS}": "the role's own"
    " policy allows the same",
    r"predictions-dlq-policy: policy AllowOperator: Action without \S+": "the operator's own policy is outside the"
    " stack, and the worst is assumed of it",
    # ---- stricter, and nobody who is meant to loses anything
    r"predictions-dlq-policy: policy DenySendToAll: all conditions left out": "services are denied too",
    rf"{_QUEUE_POLICY}\w+: BoolIfExists aws:PrincipalIsAWSService left out": "likewise",
    # ---- AWS refuses it
    r".*-role: assumeRolePolicy left out": "IAM makes no role without one",
    r".*-role: maxSessionDuration = (0|1|3\.6e\+06)": "IAM takes 3,600 to 43,200",
    r"predictions-dlq: messageRetentionSeconds = \S+e\S+": "SQS takes 14 days at most",
    rf"{_ALARM}(evaluationPeriods|datapointsToAlarm) = 0": "CloudWatch takes 1 at least",
    rf"{_ALARM}(period|evaluationPeriods) left out": "CloudWatch makes no such alarm without one",
    r"predictions-dlq-not-empty: (datapointsToAlarm = 2)": "CloudWatch takes evaluationPeriods at most",
    r"predictions-oldest-message-age: (datapointsToAlarm = 6|evaluationPeriods = 1)": "likewise",
    r"predictions-oldest-message-age: evaluationPeriods = 3000": "CloudWatch looks back a day at most",
    # ---- a matter of taste, within limits that the pack sets
    r".*: tags with another (ManagedBy|Project)": "what these say is a company's own affair",
    rf"{_ALARM}alarmDescription left out": "words for people; nothing depends on them",
    rf"{_ALARM}actionsEnabled turned round": "this stack's alarms have no actions; alarm-has-actions judges prod's",
    rf"{_ALARM}period = 120": "one minute later is within the delay that the pack allows",
    r"predictions-dlq-not-empty: evaluationPeriods = (2|1000)": "one datapoint among them still alarms",
    r"predictions-oldest-message-age: (datapointsToAlarm = 1|evaluationPeriods = 6)": "it alarms as soon, or sooner",
    r"predictions-oldest-message-age: threshold = (1|1800)": "sooner, or later within what the queue keeps",
    r"predictions-(queue|dlq): receiveWaitTimeSeconds = 1": "the shortest long poll; the pack asks for one",
    r"predictions-queue: visibilityTimeoutSeconds = 600": "longer is within limits",
    r"predictions-dlq: visibilityTimeoutSeconds .*": "who looks at failed messages says for how long",
    r".*-role: maxSessionDuration = 7200": "ECS renews sessions, however long they last",
}
"""Patterns of mutants' names, and the reason for each."""


def reason(mutant: str) -> str | None:
    """Why this mutant goes unnoticed; None where it must be noticed."""
    return next((why for pattern, why in UNNOTICED.items() if re.fullmatch(pattern, mutant)), None)
