"""`QueueAlarms`: what has to wake somebody up."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

PERIOD_SECONDS = 60
AGE_EVALUATION_PERIODS = 3
DEFAULT_OLDEST_MESSAGE_AGE_SECONDS = 900


class QueueAlarmsArgs(TypedDict):
    """What `QueueAlarms` are made from."""

    queue_name: str
    """The queue to watch."""
    dlq_name: str
    """Its dead-letter queue."""
    oldest_message_age_seconds: NotRequired[int]
    """From which age of the oldest message on work is late. Default 900: three tries of 300 s."""
    topic_arn: NotRequired[str | None]
    """The SNS topic that is told when an alarm goes off and when it ends. Default none."""
    tags: NotRequired[dict[str, str]]
    """Tags for the alarms."""


class QueueAlarms(pulumi.ComponentResource):
    """An alarm on a dead-letter queue that is not empty, and one on work that comes too late.

    The first watches `ApproximateNumberOfMessagesVisible`: `NumberOfMessagesSent` is not emitted for messages that
    SQS itself moves (SQS developer guide, "Available CloudWatch metrics"). SQS stops emitting metrics for queues that
    nobody uses, so missing data does not alarm.

    Args:
        name: The component's name, which prefixes its children's.
        args: See `QueueAlarmsArgs`.
        opts: The usual options.
    """

    dlq_not_empty_alarm_arn: pulumi.Output[str]
    oldest_message_age_alarm_arn: pulumi.Output[str]

    def __init__(self, name: str, args: QueueAlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("retainwise:index:QueueAlarms", name, {}, opts)
        age = args.get("oldest_message_age_seconds", DEFAULT_OLDEST_MESSAGE_AGE_SECONDS)
        topic = args.get("topic_arn")

        def alarm(  # noqa: PLR0913 - what one alarm differs in from the other, all by keyword
            suffix: str, *, description: str, metric: str, watched: str, threshold: float, periods: int
        ) -> aws.cloudwatch.MetricAlarm:
            return aws.cloudwatch.MetricAlarm(
                f"{name}-{suffix}",
                name=f"{args['queue_name']}-{suffix}",
                alarm_description=description,
                namespace="AWS/SQS",
                metric_name=metric,
                dimensions={"QueueName": watched},
                statistic="Maximum",
                period=PERIOD_SECONDS,
                evaluation_periods=periods,
                datapoints_to_alarm=periods,
                comparison_operator="GreaterThanOrEqualToThreshold",
                threshold=threshold,
                treat_missing_data="notBreaching",
                alarm_actions=[topic] if topic else None,
                ok_actions=[topic] if topic else None,
                tags=args.get("tags"),
                opts=pulumi.ResourceOptions(parent=self),
            )

        dlq_not_empty = alarm(
            "dlq-not-empty",
            description=f"Failed messages wait in {args['dlq_name']}: look at them, then redrive or delete them.",
            metric="ApproximateNumberOfMessagesVisible",
            watched=args["dlq_name"],
            threshold=1,
            periods=1,
        )
        oldest_message_age = alarm(
            "oldest-message-age",
            description=f"The oldest message in {args['queue_name']} is {age} s old or more: workers are too few.",
            metric="ApproximateAgeOfOldestMessage",
            watched=args["queue_name"],
            threshold=age,
            periods=AGE_EVALUATION_PERIODS,
        )

        self.dlq_not_empty_alarm_arn = dlq_not_empty.arn
        self.oldest_message_age_alarm_arn = oldest_message_age.arn
        self.register_outputs(
            {
                "dlq_not_empty_alarm_arn": self.dlq_not_empty_alarm_arn,
                "oldest_message_age_alarm_arn": self.oldest_message_age_alarm_arn,
            }
        )
