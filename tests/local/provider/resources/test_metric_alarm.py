from local.provider import pending_identity
from local.provider.properties import Value
from tests.local.provider.conftest import Account
from tests.local.provider.plugin import Plugin

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def alarm(name: str, **changes: Value) -> dict[str, Value]:
    return {
        "name": name,
        "comparisonOperator": "GreaterThanThreshold",
        "dimensions": {"QueueName": name},
        "evaluationPeriods": 1,
        "metricName": "ApproximateNumberOfMessagesVisible",
        "namespace": "AWS/SQS",
        "period": 60,
        "statistic": "Maximum",
        "threshold": 0,
        "treatMissingData": "notBreaching",
        **changes,
    }


def test_an_alarm_is_made_with_the_official_providers_outputs(deployer: Plugin, account: Account, name: str) -> None:
    topic = "arn:aws:sns:us-east-1:123456789012:on-call"
    inputs = deployer.check(
        ALARM, alarm(name, alarmDescription="DLQ", alarmActions=[topic], okActions=[topic], tags={"team": "x"})
    )
    assert pending_identity(ALARM, inputs, "123456789012", "us-east-1", "http://127.0.0.1:1") == name
    assert deployer.read(ALARM, name, inputs).id == ""
    made = deployer.create(ALARM, inputs)
    assert made.id == name
    assert made.outputs == {
        **alarm(name),
        "actionsEnabled": True,
        "alarmActions": [topic],
        "alarmDescription": "DLQ",
        "arn": f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}",
        "insufficientDataActions": [],
        "okActions": [topic],
        "region": "us-east-1",
        "tags": {"team": "x"},
        "tagsAll": {"team": "x"},
    }
    (real,) = account.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert real["Threshold"] == 0
    assert real["TreatMissingData"] == "notBreaching"
    assert real["Dimensions"] == [{"Name": "QueueName", "Value": name}]


def test_an_alarm_is_changed_in_place_and_its_tags_apart(deployer: Plugin, account: Account, name: str) -> None:
    made = deployer.make(ALARM, alarm(name, alarmDescription="old", tags={"a": "1", "b": "2"}))
    changed = deployer.change(
        ALARM, made, alarm(name, threshold=0.5, actionsEnabled=False, datapointsToAlarm=1, tags={"b": "3"})
    )
    assert changed["threshold"] == 0.5
    assert changed["actionsEnabled"] is False
    assert changed["datapointsToAlarm"] == 1
    assert changed["tagsAll"] == {"b": "3"}
    assert "alarmDescription" not in changed
    (real,) = account.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert real["Threshold"] == 0.5
    assert account.cloudwatch.list_tags_for_resource(ResourceARN=real["AlarmArn"])["Tags"] == [
        {"Key": "b", "Value": "3"}
    ]


def test_drift_in_threshold_dimensions_and_tags_is_seen(deployer: Plugin, account: Account, name: str) -> None:
    inputs = deployer.check(ALARM, alarm(name))
    made = deployer.create(ALARM, inputs)
    assert deployer.read(ALARM, name, inputs, made.outputs)[1:] == (made.outputs, inputs)
    account.cloudwatch.put_metric_alarm(
        AlarmName=name,
        ComparisonOperator="GreaterThanThreshold",
        Dimensions=[{"Name": "QueueName", "Value": "other"}],
        EvaluationPeriods=1,
        MetricName="ApproximateNumberOfMessagesVisible",
        Namespace="AWS/SQS",
        Period=60,
        Statistic="Maximum",
        Threshold=99,
        TreatMissingData="notBreaching",
    )
    arn = str(made.outputs["arn"])
    account.cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "stray", "Value": "1"}])
    found = deployer.read(ALARM, name, inputs, made.outputs)
    differing = set(deployer.diff(ALARM, name, found.outputs, inputs).diffs)
    assert differing == {"dimensions", "tags", "tagsAll", "threshold"}
    assert deployer.update(ALARM, name, found.outputs, inputs) == made.outputs


def test_a_percentile_takes_the_place_of_a_statistic(deployer: Plugin, name: str) -> None:
    inputs = deployer.check(ALARM, {**alarm(name), "statistic": None, "extendedStatistic": "p99"})
    made = deployer.create(ALARM, inputs)
    assert made.outputs["extendedStatistic"] == "p99"
    assert "statistic" not in made.outputs
    assert not deployer.diff(ALARM, name, made.outputs, inputs).diffs


def test_a_deleted_alarm_reads_as_gone_and_deletes_again(deployer: Plugin, account: Account, name: str) -> None:
    made = deployer.make(ALARM, alarm(name))
    deployer.delete(ALARM, name, made.outputs)
    assert account.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"] == []
    assert deployer.read(ALARM, name, {}, made.outputs).id == ""
    deployer.delete(ALARM, name, made.outputs)


def test_an_import_gives_the_inputs_of_a_program(deployer: Plugin, name: str) -> None:
    deployer.make(ALARM, alarm(name))
    found = deployer.read(ALARM, name)
    expected = {key: value for key, value in alarm(name).items() if key != "threshold"}
    assert found.inputs == {**expected, "region": "us-east-1", "__defaults": []}


def test_another_name_replaces_and_deletes_first(deployer: Plugin, name: str) -> None:
    made = deployer.make(ALARM, alarm(name))
    found = deployer.diff(ALARM, name, made.outputs, deployer.check(ALARM, alarm(f"{name}-2")))
    assert (list(found.replaces), found.deleteBeforeReplace) == (["name"], True)
