"""What the demo sees when all is as it must be."""

from collections.abc import Mapping

from access.matrix.cells import build
from access.proof.invariants import Finding
from access.proof.search import Verdict
from access.report import Report
from local.demo.criteria import EXPECTED_ATTRIBUTES, PUBLISHED_ESTIMATES, Findings
from local.demo.main_job import Requests
from local.demo.probes import ACTIONS, PRINCIPALS, Attempt
from local.demo.sample import PART_USERS, WHOLE_FILE_USER
from tests.access.sound import SETTINGS, deployed

NAME = "retainwise-local-predictions"
URL = f"http://127.0.0.1:4590/123456789012/{NAME}"
ARN = f"arn:aws:sqs:us-east-1:123456789012:{NAME}"
ROLES = {
    "backend_task_role_arn": "arn:aws:iam::123456789012:role/retainwise-local-backend-task",
    "worker_task_role_arn": "arn:aws:iam::123456789012:role/retainwise-local-worker-task",
}
OUTPUTS = {
    "predictions_queue_url": URL,
    "predictions_queue_arn": ARN,
    "predictions_dlq_url": f"{URL}-dlq",
    "predictions_dlq_arn": f"{ARN}-dlq",
    **ROLES,
}
TYPE_COUNTS = {
    "pulumi:pulumi:Stack": 1,
    "pulumi:providers:aws": 1,
    "retainwise:index:WorkQueue": 1,
    "aws:sqs/queue:Queue": 2,
    "aws:iam/role:Role": 2,
    "aws:iam/policy:Policy": 2,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": 2,
    "aws:sqs/queuePolicy:QueuePolicy": 2,
    "aws:cloudwatch/metricAlarm:MetricAlarm": 2,
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": 1,
}
LATE, DEAD = f"{NAME}-oldest-message-age", f"{NAME}-dlq-not-empty"
USERS = (WHOLE_FILE_USER, *PART_USERS)
PREDICTIONS: tuple[Mapping[str, object], ...] = tuple(
    {
        "prediction_id": f"prediction-{user}",
        "user_id": user,
        "state": "COMPLETED",
        "summary": {"parameters": {name: value + 0.001 for name, value in PUBLISHED_ESTIMATES.items()}},
    }
    for user in USERS
)
REQUESTS = Requests(
    uploads=[{"prediction_id": f"prediction-{user}", "user_id": user} for user in USERS],
    published=5,
    poison_message_id="poison",
    forged_message_id="forged",
    depth_before=1,
    depth_after=8,
)
REJECTIONS = ({"message_id": "poison", "code": "not-json"}, {"message_id": "forged", "code": "not-the-owner"})
ATTEMPTS = tuple(
    Attempt(principal, action, "allowed" if action in principal.allowed else "AccessDeniedException", expected=True)
    for principal in PRINCIPALS
    for action in ACTIONS
)
ACCESS = Report(
    stack="local",
    source="its state",
    matrix=build(deployed(), SETTINGS),
    differences=(),
    proofs=(
        Finding("no-purge", "Nobody but break-glass can purge.", Verdict.PROVEN),
        Finding("no-plain-text", "Nothing is allowed without TLS.", Verdict.PROVEN),
    ),
)
GOOD = Findings(
    outputs=OUTPUTS,
    type_counts=TYPE_COUNTS,
    attributes={**EXPECTED_ATTRIBUTES, "DelaySeconds": "0"},
    attached_policies={
        ROLES["backend_task_role_arn"]: [f"{NAME}-producer"],
        ROLES["worker_task_role_arn"]: [f"{NAME}-consumer"],
    },
    queue_policies={NAME: True, f"{NAME}-dlq": True},
    alarm_states={LATE: "OK", DEAD: "ALARM"},
    activity={"NumberOfMessagesSent": 7.0, "NumberOfMessagesReceived": 11.0, "NumberOfMessagesDeleted": 5.0},
    requests=REQUESTS,
    work={"drained": True, "stopped_by": "drained"},
    predictions=PREDICTIONS,
    rejections=REJECTIONS,
    letters={"poison": 3, "forged": 3},
    attempts=ATTEMPTS,
    access=ACCESS,
    error_events=(),
    queue_seen_by_app={"queue_url": URL},
)
