"""A rule on tags: who pays, where it runs, who keeps it."""

from collections.abc import Mapping

from pulumi_policy import Severity
from pydantic import Field

from policies.reading.doubt import as_far_as_known
from policies.reading.remedies import remedy
from policies.reading.resource_types import (
    COMPOSITE_ALARM,
    METRIC_ALARM,
    POLICY,
    QUEUE,
    ROLE,
    TASK_DEFINITION,
    VPC_ENDPOINT,
)
from policies.reading.values import fields
from policies.rule import Resource, ResourceRule, Violations
from policies.settings import RuleSettings

ENVIRONMENT_TAG = "Environment"


class TagSettings(RuleSettings):
    """Which tags a resource has to carry."""

    required: tuple[str, ...] = Field(
        default=("Project", ENVIRONMENT_TAG, "ManagedBy"), description="The tags that every resource carries."
    )
    environments: tuple[str, ...] = Field(
        default=("local", "dev", "staging", "prod"), description="What the tag Environment may say."
    )
    remedies: Mapping[str, str] = Field(
        default_factory=dict,
        description="What to set a missing tag to that the project does not tell, by the tag's name.",
    )


def required_tags(resource: Resource, settings: TagSettings) -> Violations:
    """A resource carries the tags by which its cost, its owner and its environment are found, and they say the truth.

    Implements SQS.2, which like AWS Config's REQUIRED_TAGS asks for the tags that it is told.
    """
    return as_far_as_known(_wrong(resource, name, settings) for name in settings.required)


def _wrong(resource: Resource, name: str, settings: TagSettings) -> Violations:
    value = _tag(resource, name)
    if not value:
        yield f"the tag {name} is missing; add it"
    elif name == ENVIRONMENT_TAG and value not in settings.environments:
        yield f"the tag {name} is {value!r}; allowed are {', '.join(settings.environments)}"
    elif name == ENVIRONMENT_TAG and resource.stack in settings.environments and value != resource.stack:
        yield f"the tag {name} is {value!r} in the stack {resource.stack!r}; set it to {resource.stack!r}"


def _tag(resource: Resource, name: str) -> str:
    """A tag's value. The provider gives all tags, its default ones included, under `tagsAll`."""
    return str(fields(resource.given("tags")).get(name) or fields(resource.given("tagsAll")).get(name) or "")


def _missing(resource: Resource, settings: TagSettings) -> Mapping[str, object]:
    told = {"Project": resource.project, "ManagedBy": "pulumi"}
    if resource.stack in settings.environments:
        told[ENVIRONMENT_TAG] = resource.stack
    values = {**told, **settings.remedies}
    missing = {name: values[name] for name in settings.required if name in values and not _tag(resource, name)}
    # Where the provider has already put all tags together, it does not do so again.
    everywhere = {"tags", "tagsAll"} if "tagsAll" in resource.properties else {"tags"}
    return dict.fromkeys(everywhere, missing) if missing else {}


REQUIRED_TAGS = ResourceRule(
    name="resource-has-tags",
    description="Tags say whose a resource is, and of which environment.",
    remediation="Set the tags Project, Environment and ManagedBy, on the provider's defaultTags or the resource.",
    severity=Severity.LOW,
    controls=("SQS.2", "REQUIRED_TAGS"),
    settings=TagSettings,
    types=frozenset({QUEUE, ROLE, POLICY, METRIC_ALARM, COMPOSITE_ALARM, VPC_ENDPOINT, TASK_DEFINITION}),
    check=required_tags,
    remedy=remedy(_missing),
)
