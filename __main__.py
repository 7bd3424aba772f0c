"""The whole stack at a glance: settings → queue → roles → alarms → outputs."""

import pulumi

from components import QueueAlarms, RolePair, WorkQueue, dead_letter_queue_name, load_settings

settings = load_settings()
project = pulumi.get_project()
names, place, tags = settings.names(project), settings.place, settings.all_tags(project)
dlq_name = dead_letter_queue_name(names.queue)
queue_arn, dlq_arn = place.queue_arn(names.queue), place.queue_arn(dlq_name)

queue = WorkQueue(
    names.workload,
    {
        "queue_name": names.queue,
        "queue_arn": queue_arn,
        "dlq_arn": dlq_arn,
        "visibility_timeout_seconds": settings.visibility_timeout_seconds,
        "message_retention_seconds": settings.message_retention_seconds,
        "receive_wait_time_seconds": settings.receive_wait_time_seconds,
        "max_receive_count": settings.max_receive_count,
        "dlq_message_retention_seconds": settings.dlq_message_retention_seconds,
        "kms_key_arn": settings.kms_key_arn,
        "protect": settings.protects_queues,
        "tags": tags,
    },
)
roles = RolePair(
    names.workload,
    {
        "account_id": settings.account_id,
        "region": settings.region,
        "queue_arn": queue_arn,
        "queue_url": queue.queue_url,
        "dlq_arn": dlq_arn,
        "dlq_url": queue.dlq_url,
        "producer_role_name": names.backend_role,
        "consumer_role_name": names.worker_role,
        "policy_name_prefix": names.queue,
        "vpc_id": settings.vpc_id,
        "vpc_endpoint_id": settings.vpc_endpoint_id,
        "deployer_arns": settings.deployer_arns,
        "break_glass_arns": settings.break_glass_arns,
        "operator_arns": settings.operator_arns,
        "uploads_bucket": settings.uploads_bucket,
        "kill_switch_parameter": names.kill_switch_parameter,
        "kms_key_arn": settings.kms_key_arn,
        "tags": tags,
    },
)
QueueAlarms(
    names.workload,
    {
        "queue_name": names.queue,
        "dlq_name": dlq_name,
        "oldest_message_age_seconds": settings.oldest_message_age_alarm_seconds,
        "topic_arn": settings.alarm_topic_arn,
        "tags": tags,
    },
)

pulumi.export("predictions_queue_url", queue.queue_url)
pulumi.export("predictions_queue_arn", queue.queue_arn)
pulumi.export("predictions_dlq_url", queue.dlq_url)
pulumi.export("predictions_dlq_arn", queue.dlq_arn)
pulumi.export("backend_task_role_arn", roles.producer_role_arn)
pulumi.export("worker_task_role_arn", roles.consumer_role_arn)
environment = {
    "PREDICTIONS_QUEUE_URL": queue.queue_url,
    "AWS_REGION": settings.region,
    "ENABLE_SQS": str(settings.enable_sqs).lower(),
    "ENABLE_SQS_PARAMETER": names.kill_switch_parameter,
    "UPLOADS_BUCKET": settings.uploads_bucket,
    "MESSAGE_MAX_AGE_SECONDS": str(settings.message_retention_seconds + settings.dlq_message_retention_seconds),
}
pulumi.export("container_environment", [{"name": name, "value": value} for name, value in environment.items()])
