"""A work queue whose name is a setting, as the deployer may name it."""

import pulumi

from components import WorkQueue, dead_letter_queue_name

name = pulumi.Config("trial").require("name")
arn = "arn:aws:sqs:us-east-1:123456789012:"
WorkQueue("jobs", {"queue_name": name, "queue_arn": arn + name, "dlq_arn": arn + dead_letter_queue_name(name)})
