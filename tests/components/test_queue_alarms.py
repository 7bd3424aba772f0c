from typing import TYPE_CHECKING

from components.queue_alarms import QueueAlarms, QueueAlarmsArgs

if TYPE_CHECKING:
    from tests.components.conftest import Deploy

ARGS = QueueAlarmsArgs(queue_name="app-dev-jobs", dlq_name="app-dev-jobs-dlq")
TOPIC = "arn:aws:sns:us-east-1:123456789012:on-call"


def test_one_visible_message_in_the_dead_letter_queue_alarms(deploy: "Deploy") -> None:
    alarm = deploy(lambda: QueueAlarms("jobs", ARGS)).named("jobs-dlq-not-empty").inputs
    assert alarm["metricName"] == "ApproximateNumberOfMessagesVisible"
    assert alarm["dimensions"] == {"QueueName": "app-dev-jobs-dlq"}
    assert (alarm["statistic"], alarm["threshold"], alarm["evaluationPeriods"]) == ("Maximum", 1, 1)
    assert alarm["comparisonOperator"] == "GreaterThanOrEqualToThreshold"


def test_late_work_alarms_at_the_age_that_was_set(deploy: "Deploy") -> None:
    recorded = deploy(lambda: QueueAlarms("jobs", {**ARGS, "oldest_message_age_seconds": 120}))
    alarm = recorded.named("jobs-oldest-message-age").inputs
    assert (alarm["metricName"], alarm["threshold"]) == ("ApproximateAgeOfOldestMessage", 120)
    assert alarm["dimensions"] == {"QueueName": "app-dev-jobs"}


def test_an_idle_queue_is_no_alarm_and_a_topic_hears_of_both_turns(deploy: "Deploy") -> None:
    alarms = deploy(lambda: QueueAlarms("jobs", {**ARGS, "topic_arn": TOPIC})).of_type(
        "aws:cloudwatch/metricAlarm:MetricAlarm"
    )
    assert {one.inputs["treatMissingData"] for one in alarms} == {"notBreaching"}
    assert [(one.inputs["alarmActions"], one.inputs["okActions"]) for one in alarms] == [([TOPIC], [TOPIC])] * 2
