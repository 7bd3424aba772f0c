"""A rule on what containers are told: no secret in plain text."""

from collections.abc import Iterator, Mapping

from pulumi_policy import Severity
from pydantic import Field

from access.documents import matches
from policies.reading.resource_types import TASK_DEFINITION
from policies.reading.values import NotJsonError, from_json, members
from policies.rule import Resource, ResourceRule, Violations
from policies.settings import RuleSettings
from policies.stack.secret_signs import secret_in


class SecretSettings(RuleSettings):
    """What is known to be no secret."""

    not_secret: tuple[str, ...] = Field(
        default=(),
        description="Names of environment variables that hold no secret, whatever it looks like; * allowed.",
    )


def no_plain_secret(task: Resource, settings: SecretSettings) -> Violations:
    """No container gets a secret in its environment in plain text; it gets where the secret is kept, by `valueFrom`.

    Implements ECS.8, ECS_NO_ENVIRONMENT_SECRETS, AWS-0036 and SEC02-BP03 (AWS Well-Architected, secrets). Whoever may
    describe a task definition reads its environment, and every revision keeps it. What is found is named and never
    quoted.
    """
    definitions = task.given("containerDefinitions")
    try:
        given = from_json(definitions) if isinstance(definitions, str) else definitions
    except NotJsonError:
        yield "the container definitions cannot be read: they are not JSON"
        return
    for container, name, value in _variables([given] if isinstance(given, Mapping) else members(given)):
        if any(matches(pattern, name) for pattern in settings.not_secret):
            continue
        if found := secret_in(name, value):
            yield (
                f"container {container} gets {found} in plain text as {name}; keep it in Secrets Manager or Parameter"
                " Store, and name it under secrets with valueFrom"
            )


def _variables(containers: object) -> Iterator[tuple[str, str, str]]:
    """Each environment variable: its container, its name, its value."""
    for container in members(containers):
        if isinstance(container, Mapping):
            for one in members(container.get("environment")):
                if isinstance(one, Mapping):
                    yield str(container.get("name")), str(one.get("name")), str(one.get("value", ""))


NO_PLAIN_SECRET = ResourceRule(
    name="container-has-no-plain-secret",
    description="No container gets a secret in its environment in plain text.",
    remediation="Keep it in Secrets Manager or Parameter Store, and name it under secrets with valueFrom.",
    severity=Severity.CRITICAL,
    controls=("ECS.8", "ECS_NO_ENVIRONMENT_SECRETS", "AWS-0036", "SEC02-BP03"),
    settings=SecretSettings,
    types=frozenset({TASK_DEFINITION}),
    check=no_plain_secret,
)
