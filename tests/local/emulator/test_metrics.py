"""The queues' metrics and the alarms on them, by the alarms' own definitions and without waiting."""

import datetime as dt
from typing import Any

import pytest

from tests.local.emulator.cloud import Cloud, Queue

pytestmark = pytest.mark.emulator


def alarm(cloud: Cloud, name: str, queue_name: str, **more: object) -> None:
    definition: dict[str, Any] = {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": queue_name}],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }
    cloud.root.cloudwatch.put_metric_alarm(AlarmName=name, **(definition | more))
    cloud.cleanup.callback(cloud.root.cloudwatch.delete_alarms, AlarmNames=[name])


def state(cloud: Cloud, name: str) -> str:
    (found,) = cloud.root.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return found["StateValue"]


def statistic(cloud: Cloud, queue_name: str, metric: str, kind: str) -> float | None:
    """A statistic over the last two minutes, so that a minute's turn between calls changes nothing."""
    now = dt.datetime.now(dt.UTC)
    points = cloud.root.cloudwatch.get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName=metric,
        Dimensions=[{"Name": "QueueName", "Value": queue_name}],
        StartTime=now - dt.timedelta(minutes=2),
        EndTime=now + dt.timedelta(minutes=1),
        Period=300,
        Statistics=[kind],  # type: ignore[list-item]  # the caller's word
    )["Datapoints"]
    values = [float(point[kind]) for point in points]  # type: ignore[literal-required]  # the caller's word
    return (sum(values) if kind == "Sum" else max(values)) if values else None


def dead_letter(cloud: Cloud, queue: Queue) -> None:
    cloud.root.sqs.send_message(QueueUrl=queue.url, MessageBody="poison")
    cloud.root.sqs.receive_message(QueueUrl=queue.url, VisibilityTimeout=0)
    assert "Messages" not in cloud.root.sqs.receive_message(QueueUrl=queue.url)


def test_the_dead_letter_alarm_tells_the_truth_at_once(cloud: Cloud, cloud_queue: Queue) -> None:
    alarm(cloud, cloud_queue.name, cloud_queue.dead_letter_name)
    assert state(cloud, cloud_queue.name) == "OK"
    dead_letter(cloud, cloud_queue)
    assert state(cloud, cloud_queue.name) == "ALARM"
    (item, *_) = [
        each
        for each in cloud.root.cloudwatch.describe_alarm_history(AlarmName=cloud_queue.name)["AlarmHistoryItems"]
        if each["HistorySummary"] == "Alarm updated from OK to ALARM"
    ]
    assert "greater than or equal to the threshold (1.0)" in item["HistoryData"]


def test_an_alarm_looks_at_its_own_queue_only(cloud: Cloud, cloud_queue: Queue, unique_name: str) -> None:
    other = cloud.queue(f"{unique_name}-other")
    alarm(cloud, other.name, other.dead_letter_name)
    dead_letter(cloud, cloud_queue)
    assert state(cloud, other.name) == "OK"


def test_an_alarm_without_data_is_what_its_definition_says(cloud: Cloud, unique_name: str) -> None:
    for treatment, expected in (
        ("missing", "INSUFFICIENT_DATA"),
        ("notBreaching", "OK"),
        ("breaching", "ALARM"),
    ):
        name = f"{unique_name}-{treatment}"
        alarm(cloud, name, unique_name, TreatMissingData=treatment)
        assert state(cloud, name) == expected


def test_several_datapoints_are_needed_where_the_definition_says_so(cloud: Cloud, cloud_queue: Queue) -> None:
    alarm(cloud, cloud_queue.name, cloud_queue.dead_letter_name, EvaluationPeriods=5, DatapointsToAlarm=5)
    dead_letter(cloud, cloud_queue)
    assert state(cloud, cloud_queue.name) == "OK"


def test_the_gauges_follow_the_queue(cloud: Cloud, unique_name: str) -> None:
    queue = cloud.queue(unique_name)
    for delay in (0, 0, 60):
        cloud.root.sqs.send_message(QueueUrl=queue.url, MessageBody="x", DelaySeconds=delay)
    cloud.root.sqs.receive_message(QueueUrl=queue.url)
    for metric, expected in (
        ("ApproximateNumberOfMessagesVisible", 1.0),
        ("ApproximateNumberOfMessagesNotVisible", 1.0),
        ("ApproximateNumberOfMessagesDelayed", 1.0),
    ):
        assert statistic(cloud, queue.name, metric, "Maximum") == expected
    assert statistic(cloud, queue.name, "ApproximateAgeOfOldestMessage", "Maximum") is not None


def test_calls_are_counted_and_moves_are_not(cloud: Cloud, cloud_queue: Queue) -> None:
    sqs = cloud.root.sqs
    sqs.send_message(QueueUrl=cloud_queue.url, MessageBody="four")
    sqs.send_message_batch(
        QueueUrl=cloud_queue.url,
        Entries=[{"Id": "a", "MessageBody": "x" * 10}, {"Id": "b", "MessageBody": ""}, {"Id": "c", "MessageBody": "x"}],
    )
    received = sqs.receive_message(QueueUrl=cloud_queue.url, MaxNumberOfMessages=10, VisibilityTimeout=60)["Messages"]
    assert len(received) == 3
    assert "Messages" not in sqs.receive_message(QueueUrl=cloud_queue.url)
    sqs.delete_message(QueueUrl=cloud_queue.url, ReceiptHandle=received[0]["ReceiptHandle"])
    sqs.delete_message_batch(
        QueueUrl=cloud_queue.url, Entries=[{"Id": "a", "ReceiptHandle": received[1]["ReceiptHandle"]}]
    )
    for metric, expected in (
        ("NumberOfMessagesSent", 3.0),
        ("NumberOfMessagesReceived", 3.0),
        ("NumberOfEmptyReceives", 1.0),
        ("NumberOfMessagesDeleted", 2.0),
        ("SentMessageSize", 15.0),
    ):
        assert statistic(cloud, cloud_queue.name, metric, "Sum") == expected, metric
    dead_letter(cloud, cloud_queue)
    assert statistic(cloud, cloud_queue.dead_letter_name, "NumberOfMessagesSent", "Sum") == 0.0
    assert statistic(cloud, cloud_queue.dead_letter_name, "ApproximateNumberOfMessagesVisible", "Maximum") == 1.0


def test_a_deleted_queues_metrics_go_with_it(cloud: Cloud, cloud_queue: Queue) -> None:
    dead_letter(cloud, cloud_queue)
    assert statistic(cloud, cloud_queue.dead_letter_name, "ApproximateNumberOfMessagesVisible", "Maximum") == 1.0
    cloud.root.sqs.delete_queue(QueueUrl=cloud_queue.dead_letter_url)
    assert statistic(cloud, cloud_queue.dead_letter_name, "ApproximateNumberOfMessagesVisible", "Maximum") is None
