"""A queue with neither a dead-letter queue nor a policy: what only the whole stack shows to be wrong."""

import pulumi_aws as aws

aws.sqs.Queue("alone", name="retainwise-local-alone")
