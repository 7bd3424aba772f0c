"""A rule on what alarms do: they tell somebody, or are part of one that does."""

import re
from collections.abc import Iterator

from pulumi_policy import Severity
from pulumi_policy.proxy import UnknownValueError
from pydantic import Field

from policies.reading.doubt import about
from policies.reading.resource_types import COMPOSITE_ALARM, METRIC_ALARM
from policies.reading.values import members
from policies.rule import Resource, Stack, StackRule, Violations
from policies.settings import RuleSettings

_NAME = {METRIC_ALARM: "name", COMPOSITE_ALARM: "alarmName"}


class ActionSettings(RuleSettings):
    """Where alarms have to tell somebody."""

    environments: tuple[str, ...] = Field(
        default=("prod",), description="The stacks in which alarms must have actions."
    )


def alarm_tells_somebody(alarm: Resource, stack: Stack, settings: ActionSettings) -> Violations:
    """In prod an alarm does something when it goes off, itself or as part of a composite alarm that does.

    Implements CloudWatch.15, CloudWatch.17, CKV_AWS_319, CT.CLOUDWATCH.PR.1, CT.CLOUDWATCH.PR.4 and
    CLOUDWATCH_ALARM_ACTION_CHECK. Alarms without
    actions that a composite alarm gathers are how CloudWatch reduces noise (CloudWatch user guide, "Combining alarms").
    """
    if alarm.stack not in settings.environments or any(_acts(one) for one in _with_all_above(alarm, stack)):
        return
    if len(members(alarm.properties.get("alarmActions"))) == 0:
        yield f"the alarm does nothing when it goes off in {alarm.stack}; set alarmActions, to an SNS topic for example"
    else:
        yield f"the alarm's actions are off in {alarm.stack}; set actionsEnabled to true"


def _acts(alarm: Resource) -> bool:
    return (
        len(members(alarm.properties.get("alarmActions"))) > 0 and alarm.properties.get("actionsEnabled") is not False
    )


def _with_all_above(alarm: Resource, stack: Stack) -> Iterator[Resource]:
    """The alarm, the composite alarms that it sets off, and those that they do.

    Raises:
        UnknownValueError: In the end, where it is not known yet of a composite alarm what sets it off.
    """
    unknown: UnknownValueError | None = None
    found = [alarm]
    for one in found:
        yield one
        for composite in stack.of(COMPOSITE_ALARM):
            try:
                if composite not in found and _is_set_off_by(composite, one):
                    found.append(composite)
            except UnknownValueError as error:
                unknown = about(composite, error)
    if unknown:
        raise unknown


def _is_set_off_by(composite: Resource, alarm: Resource) -> bool:
    """Whether a composite alarm's rule asks for the alarm's state ALARM, by its name or its ARN."""
    try:
        rule = str(composite.properties.get("alarmRule"))
        name = str(alarm.properties.get(_NAME[alarm.type_token]))
    except UnknownValueError:
        made_from = composite.sources.get("alarmRule", frozenset())
        if not made_from:
            raise
        return alarm.urn in made_from
    quote, prefix = "[\"']?", r"(?:arn:[^\s\"')]+:alarm:)?"
    return re.search(rf"(?<!NOT )\bALARM\(\s*{quote}{prefix}{re.escape(name)}{quote}\s*\)", rule) is not None


ALARM_ACTIONS = StackRule(
    name="alarm-has-actions",
    description="In prod an alarm tells somebody.",
    remediation="Set alarmActions to an SNS topic, and leave actionsEnabled on.",
    severity=Severity.HIGH,
    controls=(
        "CloudWatch.15",
        "CloudWatch.17",
        "CKV_AWS_319",
        "CT.CLOUDWATCH.PR.1",
        "CT.CLOUDWATCH.PR.4",
        "CLOUDWATCH_ALARM_ACTION_CHECK",
    ),
    settings=ActionSettings,
    types=frozenset({METRIC_ALARM, COMPOSITE_ALARM}),
    check=alarm_tells_somebody,
)
