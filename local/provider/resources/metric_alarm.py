"""aws:cloudwatch/metricAlarm:MetricAlarm. Its id is its name.

Facts: https://www.pulumi.com/registry/packages/aws/api-docs/cloudwatch/metricalarm/ and the schema of hashicorp/aws's
aws_cloudwatch_metric_alarm. PutMetricAlarm takes tags only when it makes an alarm, not when it changes one.
"""

from typing import TYPE_CHECKING

from local.provider import tags
from local.provider.clients import Session
from local.provider.naming import Naming
from local.provider.properties import Value, Values
from local.provider.resource import REGION, TAGS, TAGS_ALL, Failure, Kind, Place, Property, ResourceType
from local.provider.rules import arn, at_least, length, matching, one_of, period
from local.provider.values import flag, known_text, number, text, text_map, texts, whole

if TYPE_CHECKING:
    from types_boto3_cloudwatch.type_defs import MetricAlarmTypeDef, PutMetricAlarmInputTypeDef

_OPERATORS = (
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
)
_STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_MISSING_DATA = ("breaching", "notBreaching", "ignore", "missing")
_METRIC_MATH = "the local AWS evaluates alarms on single metrics only"

PROPERTIES = {
    "actionsEnabled": Property(kind=Kind.FLAG, doc="Whether actions are taken.", default=True),
    "alarmActions": Property(kind=Kind.TEXTS, doc="ARNs to notify of ALARM.", rules=(arn,)),
    "alarmDescription": Property(kind=Kind.TEXT, doc="What the alarm means.", rules=(length(0, 1024),)),
    "arn": Property(kind=Kind.TEXT, doc="ARN of the alarm.", output=True),
    "comparisonOperator": Property(
        kind=Kind.TEXT, doc="How the statistic meets the threshold.", required=True, rules=(one_of(_OPERATORS),)
    ),
    "datapointsToAlarm": Property(kind=Kind.WHOLE, doc="Breaching periods that it takes.", rules=(at_least(1),)),
    "dimensions": Property(kind=Kind.TEXT_MAP, doc="Dimensions of the metric."),
    "evaluateLowSampleCountPercentiles": Property(
        kind=Kind.TEXT,
        doc="What percentiles of few samples do.",
        computed=True,
        rules=(one_of(("evaluate", "ignore")),),
    ),
    "evaluationPeriods": Property(kind=Kind.WHOLE, doc="Periods looked at.", required=True, rules=(at_least(1),)),
    "extendedStatistic": Property(
        kind=Kind.TEXT,
        doc="A percentile or trimmed statistic, as p99.",
        conflicts=("statistic",),
        rules=(matching(r"(p|tm|wm|tc|ts)(\d{1,2}(\.\d+)?|100)|IQM|(TM|WM|PR|TC|TS)\(.+:.*\)", "as p99.9 or tm90"),),
    ),
    "insufficientDataActions": Property(kind=Kind.TEXTS, doc="ARNs to notify of INSUFFICIENT_DATA.", rules=(arn,)),
    "metricName": Property(kind=Kind.TEXT, doc="Name of the metric.", rules=(length(1, 255),)),
    "name": Property(kind=Kind.TEXT, doc="Name of the alarm.", computed=True, replaces=True, rules=(length(1, 255),)),
    "namespace": Property(
        kind=Kind.TEXT,
        doc="Namespace of the metric, as AWS/SQS.",
        rules=(length(1, 255), matching(r"[^:].*", "a namespace does not begin with a colon")),
    ),
    "okActions": Property(kind=Kind.TEXTS, doc="ARNs to notify of OK.", rules=(arn,)),
    "period": Property(kind=Kind.WHOLE, doc="Length of a period in seconds.", rules=(period,)),
    "region": REGION,
    "statistic": Property(
        kind=Kind.TEXT, doc="Statistic.", conflicts=("extendedStatistic",), rules=(one_of(_STATISTICS),)
    ),
    "tags": TAGS,
    "tagsAll": TAGS_ALL,
    "threshold": Property(kind=Kind.NUMBER, doc="What the statistic is compared with."),
    "treatMissingData": Property(
        kind=Kind.TEXT, doc="What missing data count as.", default="missing", rules=(one_of(_MISSING_DATA),)
    ),
    "unit": Property(kind=Kind.TEXT, doc="Unit of the metric, as Seconds."),
}


class MetricAlarmOperations:
    """The calls of an alarm: PutMetricAlarm, DescribeAlarms, ListTagsForResource, TagResource, DeleteAlarms."""

    def create(self, session: Session, inputs: Values) -> str:
        """Put the alarm with its tags in one call; gives its name."""
        alarm = _written(inputs)
        alarm["Tags"] = tags.as_list(text_map(inputs, "tagsAll"))
        session.cloudwatch.put_metric_alarm(**alarm)
        return text(inputs, "name")

    def read(self, session: Session, identity: str, known: Values) -> dict[str, Value] | None:
        """Read the alarm and its tags; None if there is no metric alarm of the name."""
        del known
        cloudwatch = session.cloudwatch
        alarm = self._found(session, identity)
        if alarm is None:
            return None
        try:
            alarm_tags = cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
        except cloudwatch.exceptions.ResourceNotFoundException:
            return None
        return {**_read(alarm), "tagsAll": {tag["Key"]: tag["Value"] for tag in alarm_tags}}

    def update(self, session: Session, identity: str, old: Values, new: Values, changed: frozenset[str]) -> None:
        """Put the alarm anew if more than tags differ; then the tags."""
        if changed - {"tags", "tagsAll"}:
            session.cloudwatch.put_metric_alarm(**_written(new))
        alarm = self._found(session, identity) if "tagsAll" in changed else None
        if alarm is not None:
            resource = alarm["AlarmArn"]
            added, removed = tags.change(text_map(old, "tagsAll"), text_map(new, "tagsAll"))
            if removed:
                session.cloudwatch.untag_resource(ResourceARN=resource, TagKeys=removed)
            if added:
                session.cloudwatch.tag_resource(ResourceARN=resource, Tags=tags.as_list(added))

    def delete(self, session: Session, identity: str, old: Values) -> None:
        """Delete the alarm."""
        del old
        cloudwatch = session.cloudwatch
        try:
            cloudwatch.delete_alarms(AlarmNames=[identity])
        except (cloudwatch.exceptions.ResourceNotFound, cloudwatch.exceptions.ResourceNotFoundException):
            return

    def identity(self, inputs: Values, place: Place) -> str | None:
        """Give the name."""
        del place
        return known_text(inputs, "name")

    def _found(self, session: Session, name: str) -> "MetricAlarmTypeDef | None":
        answer = session.cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm"])
        return next((alarm for alarm in answer["MetricAlarms"] if alarm["AlarmName"] == name), None)


def _written(inputs: Values) -> "PutMetricAlarmInputTypeDef":
    """Write an alarm as PutMetricAlarm takes it: the call replaces all of it, so what is left out is removed."""
    alarm: PutMetricAlarmInputTypeDef = {
        "AlarmName": text(inputs, "name"),
        "ActionsEnabled": flag(inputs, "actionsEnabled", default=True),
        "AlarmActions": texts(inputs, "alarmActions"),
        "OKActions": texts(inputs, "okActions"),
        "InsufficientDataActions": texts(inputs, "insufficientDataActions"),
        "AlarmDescription": text(inputs, "alarmDescription"),
        "Dimensions": [{"Name": name, "Value": value} for name, value in text_map(inputs, "dimensions").items()],
        "EvaluationPeriods": whole(inputs, "evaluationPeriods"),
        "MetricName": text(inputs, "metricName"),
        "Namespace": text(inputs, "namespace"),
        "Period": whole(inputs, "period"),
        "Threshold": number(inputs, "threshold"),
        "TreatMissingData": text(inputs, "treatMissingData", "missing"),
    }
    optional = {
        "ComparisonOperator": text(inputs, "comparisonOperator"),
        "DatapointsToAlarm": whole(inputs, "datapointsToAlarm"),
        "EvaluateLowSampleCountPercentile": text(inputs, "evaluateLowSampleCountPercentiles"),
        "ExtendedStatistic": text(inputs, "extendedStatistic"),
        "Statistic": text(inputs, "statistic"),
        "Unit": text(inputs, "unit"),
    }
    alarm.update({key: value for key, value in optional.items() if value})  # type: ignore[typeddict-item]  # checked words
    return alarm


def _read(alarm: "MetricAlarmTypeDef") -> dict[str, Value]:
    extended = alarm.get("ExtendedStatistic") or None
    return {
        "actionsEnabled": alarm.get("ActionsEnabled", True),
        "alarmActions": [*alarm.get("AlarmActions", [])],
        "alarmDescription": alarm.get("AlarmDescription") or None,
        "arn": alarm["AlarmArn"],
        "comparisonOperator": alarm.get("ComparisonOperator"),
        "datapointsToAlarm": alarm.get("DatapointsToAlarm"),
        "dimensions": {entry["Name"]: entry["Value"] for entry in alarm.get("Dimensions", [])},
        "evaluateLowSampleCountPercentiles": alarm.get("EvaluateLowSampleCountPercentile"),
        "evaluationPeriods": alarm.get("EvaluationPeriods"),
        "extendedStatistic": extended,
        "insufficientDataActions": [*alarm.get("InsufficientDataActions", [])],
        "metricName": alarm.get("MetricName"),
        "name": alarm["AlarmName"],
        "namespace": alarm.get("Namespace"),
        "okActions": [*alarm.get("OKActions", [])],
        "period": alarm.get("Period"),
        "statistic": None if extended else alarm.get("Statistic"),  # an alarm has one of the two
        "threshold": alarm.get("Threshold"),
        "treatMissingData": alarm.get("TreatMissingData", "missing"),
        "unit": alarm.get("Unit"),
    }


def _check(inputs: Values) -> list[Failure]:
    failures = [
        Failure(
            name, "it is required and missing: the alarm needs a metric (metricName, namespace, period) and a threshold"
        )
        for name in ("metricName", "namespace", "period", "threshold")
        if name not in inputs
    ]
    if "statistic" not in inputs and "extendedStatistic" not in inputs:
        failures.append(
            Failure("statistic", "one of statistic and extendedStatistic is required, and both are missing")
        )
    return failures


METRIC_ALARM = ResourceType(
    token="aws:cloudwatch/metricAlarm:MetricAlarm",  # noqa: S106 - a type token is no secret
    doc="A CloudWatch alarm on one metric. Imported by its name.",
    properties=PROPERTIES,
    operations=MetricAlarmOperations(),
    naming=Naming(longest=255),
    check=_check,
    unserved={
        "metricQueries": _METRIC_MATH,
        "thresholdMetricId": _METRIC_MATH,
        "evaluationCriteria": _METRIC_MATH,
        "evaluationInterval": _METRIC_MATH,
        "evaluationWindow": _METRIC_MATH,
        "warmUpConfiguration": _METRIC_MATH,
    },
)
