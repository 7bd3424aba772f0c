"""A rule on what alarms do: they tell somebody, or are part of one that does."""

import re
from collections.abc import Sequence

from pulumi_policy import Severity
from pulumi_policy.proxy import UnknownValueError
from pydantic import Field

from policies.alarms.alarm_rule import UnreadableRuleError, is_set_off_by
from policies.reading.doubt import about
from policies.reading.resource_types import COMPOSITE_ALARM, METRIC_ALARM
from policies.reading.values import fields, members
from policies.rule import Resource, Stack, StackRule, Violations
from policies.settings import RuleSettings

_NAME = {METRIC_ALARM: "name", COMPOSITE_ALARM: "alarmName"}
_ARN = re.compile(r"arn:[^:]+:cloudwatch:(?P<region>[^:]*):[^:]*:alarm:(?P<name>.+)")


class ActionSettings(RuleSettings):
    """Where alarms have to tell somebody."""

    environments: tuple[str, ...] = Field(
        default=("prod",), description="The stacks in which alarms must have actions."
    )


def alarm_tells_somebody(alarm: Resource, stack: Stack, settings: ActionSettings) -> Violations:
    """In prod an alarm does something when it goes off, itself or as part of a composite alarm that does.

    Implements CloudWatch.15, CloudWatch.17, CKV_AWS_319, CT.CLOUDWATCH.PR.1, CT.CLOUDWATCH.PR.4 and
    CLOUDWATCH_ALARM_ACTION_CHECK. Alarms without actions that a composite alarm gathers are how CloudWatch reduces
    noise (CloudWatch user guide, "Combining alarms"). A composite alarm acts for one that suffices to set it off.
    """
    if alarm.stack not in settings.environments:
        return
    if alarm.type_token == COMPOSITE_ALARM:
        yield from _unreadable(alarm)
    if _somebody_is_told(alarm, stack):
        return
    if not _has_actions(alarm):
        yield f"the alarm does nothing when it goes off in {alarm.stack}; set alarmActions, to an SNS topic for example"
    elif alarm.properties.get("actionsEnabled") is False:
        yield f"the alarm's actions are off in {alarm.stack}; set actionsEnabled to true"
    else:
        yield f"the alarm suppresses its own actions in {alarm.stack}; name another one as actionsSuppressor"


def _unreadable(composite: Resource) -> Violations:
    try:
        is_set_off_by(str(composite.properties.get("alarmRule")), lambda _: True)
    except UnreadableRuleError:
        yield (
            "its alarmRule cannot be read; write it with ALARM(name), OK(name), INSUFFICIENT_DATA(name), AND, OR, NOT"
            " and parentheses"
        )
    except UnknownValueError:
        return  # what it is made from tells enough


def _somebody_is_told(alarm: Resource, stack: Stack) -> bool:
    """Whether the alarm acts, or a composite alarm that it sets off, or one that those do.

    Raises:
        UnknownValueError: None is known to act, and of a composite alarm it is not known yet what sets it off.
    """
    off, unknown = [alarm], None
    for _ in off:  # grows while there are composite alarms that those before set off
        for composite in stack.of(COMPOSITE_ALARM):
            try:
                if composite not in off and _is_set_off_by(composite, off):
                    off.append(composite)
            except UnknownValueError as error:
                unknown = about(composite, error)
    if any(_acts(one) and not _is_suppressed(one, off) for one in off):
        return True
    if unknown:
        raise unknown
    return False


def _acts(alarm: Resource) -> bool:
    return _has_actions(alarm) and alarm.properties.get("actionsEnabled") is not False


def _has_actions(alarm: Resource) -> bool:
    """Whether it names something to do; a topic that is not known yet is one."""
    given = members(alarm.properties.get("alarmActions"))
    for place in range(len(given)):
        try:
            if str(given[place] or "").strip():
                return True
        except UnknownValueError:
            return True
    return False


def _is_suppressed(composite: Resource, off: Sequence[Resource]) -> bool:
    """Whether its actions wait for an alarm to end that is one of those that are off."""
    try:
        suppressor = fields(composite.properties.get("actionsSuppressor")).get("alarm")
        return bool(suppressor) and any(_is_named(str(suppressor), one, composite) for one in off)
    except UnknownValueError:
        return any(one.urn in composite.sources.get("actionsSuppressor", frozenset()) for one in off)


def _is_set_off_by(composite: Resource, off: Sequence[Resource]) -> bool:
    """Whether a composite alarm goes off when these do."""
    try:
        rule = str(composite.properties.get("alarmRule"))
        return is_set_off_by(rule, lambda named: any(_is_named(named, one, composite) for one in off))
    except UnreadableRuleError:
        return False  # told of the composite alarm
    except UnknownValueError:
        made_from = composite.sources.get("alarmRule", frozenset())
        if not made_from:
            raise
        return any(one.urn in made_from for one in off)


def _is_named(text: str, alarm: Resource, composite: Resource) -> bool:
    """Whether a name or an ARN in a composite alarm is an alarm's; names are of the composite alarm's own region."""
    found = _ARN.fullmatch(text)
    name, region = (found["name"], found["region"]) if found else (text, _region(composite))
    return name == alarm.properties.get(_NAME[alarm.type_token]) and (
        region == (its := _region(alarm)) or region is None or its is None
    )


def _region(alarm: Resource) -> str | None:
    """Its region, where it is known."""
    try:
        return str(alarm.properties.get("region") or "") or None
    except UnknownValueError:
        return None


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
