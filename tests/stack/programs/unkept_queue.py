"""A queue that says nothing of tags, encryption and polling, and whose own tags hold a secret and what comes later."""

import pulumi
import pulumi_aws as aws

first = aws.sqs.Queue("first", name="retainwise-local-first", sqs_managed_sse_enabled=False)
aws.sqs.Queue(
    "second",
    name="retainwise-local-second",
    tags={"Owner": pulumi.Output.secret("a secret"), "After": first.arn},
    visibility_timeout_seconds=pulumi.Output.secret(77),
)
