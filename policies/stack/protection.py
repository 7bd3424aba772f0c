"""A rule on what prod cannot afford to lose."""

from enum import StrEnum

from pulumi_policy import Severity
from pydantic import Field

from policies.reading import resource_types
from policies.rule import Resource, ResourceRule, Violations
from policies.settings import RuleSettings


class Protectable(StrEnum):
    """The resource types that can be asked to be protected."""

    QUEUE = resource_types.QUEUE
    QUEUE_POLICY = resource_types.QUEUE_POLICY
    REDRIVE_POLICY = resource_types.REDRIVE_POLICY
    REDRIVE_ALLOW_POLICY = resource_types.REDRIVE_ALLOW_POLICY
    ROLE = resource_types.ROLE
    POLICY = resource_types.POLICY
    METRIC_ALARM = resource_types.METRIC_ALARM
    COMPOSITE_ALARM = resource_types.COMPOSITE_ALARM
    VPC_ENDPOINT = resource_types.VPC_ENDPOINT
    TASK_DEFINITION = resource_types.TASK_DEFINITION


class ProtectionSettings(RuleSettings):
    """What is protected, and where."""

    environments: tuple[str, ...] = Field(default=("prod",), description="The stacks in which resources are protected.")
    types: tuple[Protectable, ...] = Field(
        default=(Protectable.QUEUE,), description="The resource types that are, by their tokens."
    )


def protected(resource: Resource, settings: ProtectionSettings) -> Violations:
    """In prod the engine refuses to delete what cannot be made again.

    With a queue go its messages; a role, a policy or an alarm comes back as it was. The engine's protection lies in the
    state, before AWS is asked, so no public scanner sees it.
    """
    if resource.stack in settings.environments and resource.type_token in settings.types and not resource.protected:
        yield f"the engine would delete it in {resource.stack} when the program no longer has it; set protect to true"


PROTECTED = ResourceRule(
    name="production-is-protected",
    description="In prod the engine refuses to delete what cannot be made again.",
    remediation="Set the resource option protect to true.",
    severity=Severity.HIGH,
    controls=(),
    settings=ProtectionSettings,
    types=frozenset(Protectable),
    check=protected,
)
