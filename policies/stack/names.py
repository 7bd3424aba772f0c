"""A rule on names: whose a resource is, and of which environment, is read from its ARN alone."""

from pulumi_policy import Severity
from pydantic import Field

from policies.reading.resource_types import COMPOSITE_ALARM, METRIC_ALARM, POLICY, QUEUE, ROLE, TASK_DEFINITION
from policies.rule import Resource, ResourceRule, Violations
from policies.settings import RuleSettings

_NAMED_BY = {
    QUEUE: "name",
    ROLE: "name",
    POLICY: "name",
    METRIC_ALARM: "name",
    COMPOSITE_ALARM: "alarmName",
    TASK_DEFINITION: "family",
}
"""The property that is a resource's name in AWS. Most take a `namePrefix` instead."""


class NameSettings(RuleSettings):
    """What names begin with."""

    prefix: str = Field(
        default="{project}-{stack}-",
        min_length=1,
        description="What every name begins with; {project} and {stack} stand for the Pulumi project and stack.",
    )


def name_carries_environment(resource: Resource, settings: NameSettings) -> Violations:
    """A resource's name in AWS says its project and its environment.

    Then a policy can speak of one environment's resources by a prefix, and nobody takes a queue of dev for prod's. A
    name that is left out is made up by the engine from the name in the program: it says neither, unless
    `pulumi:autonaming` is set so that it does, and documents that need the ARN escape the first preview. No public
    scanner knows a company's names.
    """
    prefix = settings.prefix.replace("{project}", resource.project).replace("{stack}", resource.stack)
    name = resource.given(_NAMED_BY[resource.type_token]) or resource.given("namePrefix")
    if not name:
        yield f"it has no name of its own, and one that is made up does not say whose it is; begin one with {prefix}"
    elif not str(name).startswith(prefix):
        yield f"its name is {name}; begin it with {prefix}"


NAME_CARRIES_ENVIRONMENT = ResourceRule(
    name="name-carries-environment",
    description="A name says the project and the environment.",
    remediation="Name it <project>-<stack>-<what it is>.",
    severity=Severity.LOW,
    controls=(),
    settings=NameSettings,
    types=frozenset(_NAMED_BY),
    check=name_carries_environment,
)
