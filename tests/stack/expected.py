"""What the account holds before and after the stack is deployed."""

ACCOUNT = "123456789012"
QUEUE = "retainwise-local-predictions"
DLQ = f"{QUEUE}-dlq"
QUEUE_ARN = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{QUEUE}"
DLQ_ARN = f"{QUEUE_ARN}-dlq"
PRODUCER, CONSUMER = "retainwise-local-backend-task", "retainwise-local-worker-task"
TAGS = {"Project": "retainwise", "Environment": "local", "ManagedBy": "pulumi"}

COMPANY_ROLES = {"deployer", "operator", "break-glass", "administrator"}
EMPTY_ACCOUNT: dict[str, set[str]] = {"queues": set(), "roles": COMPANY_ROLES, "policies": set(), "alarms": set()}
DEPLOYED_ACCOUNT = {
    "queues": {QUEUE, DLQ},
    "roles": COMPANY_ROLES | {PRODUCER, CONSUMER},
    "policies": {f"{QUEUE}-producer", f"{QUEUE}-consumer"},
    "alarms": {f"{QUEUE}-dlq-not-empty", f"{QUEUE}-oldest-message-age"},
}
CORE_TWELVE = {
    "aws:sqs/queue:Queue": 2,
    "aws:iam/role:Role": 2,
    "aws:iam/policy:Policy": 2,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": 2,
    "aws:sqs/queuePolicy:QueuePolicy": 2,
    "aws:cloudwatch/metricAlarm:MetricAlarm": 2,
}
DEPLOYED_TYPES = {**CORE_TWELVE, "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": 1}
