"""What a team may tune of a rule, and the exemptions that it may grant, each with a reason and an end.

A rule's settings are one pydantic model. The engine gets its JSON schema and checks the configuration before anything
runs (`--policy-pack-config`); the model checks it again and gives the rule typed values.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, TypeVar, cast

from pulumi_policy import PolicyConfigSchema
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from access.documents import matches

REASON_LENGTH = 10
"""How many characters a reason has at least: a word is none."""

LONGEST_EXEMPTION = timedelta(days=366)
"""How far ahead an exemption may expire. The engine's schema cannot know the day; it is told when a rule is asked."""


class SettingsError(ValueError):
    """A rule's configuration cannot be used. Its message names the rule, the key and the value."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True)


class Exemption(_Model):
    """One resource that a rule does not count for, until a day."""

    resource: str = Field(min_length=1, description="The resource's name in the program, or its URN; * and ? allowed.")
    reason: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        min_length=REASON_LENGTH, description="Why, for whoever reads it in a year."
    )
    expires: date = Field(description="The last day it counts, as 2027-01-31; a year ahead at most.")

    def covers(self, urn: str) -> bool:
        """Whether it is about this resource."""
        return matches(self.resource, urn) or matches(self.resource, urn.rsplit("::", 1)[-1])


class RuleSettings(_Model):
    """What every rule can be told."""

    exemptions: tuple[Exemption, ...] = Field(default=(), description="Resources that the rule does not count for.")

    def exempts(self, urn: str, today: date) -> bool:
        """Whether an exemption that still counts is about this resource.

        Raises:
            SettingsError: An exemption, of whatever resource, lasts more than a year from today.
        """
        last = today + LONGEST_EXEMPTION
        for one in self.exemptions:
            if one.expires > last:
                raise SettingsError(
                    f"the exemption of {one.resource!r} ({one.reason!r}) is to expire on {one.expires}; {last} is the"
                    " last day that it may, a year from today: set an earlier one, and renew it then if need be"
                )
        return any(one.covers(urn) and today <= one.expires for one in self.exemptions)

    def ended(self, urn: str, today: date) -> Exemption | None:
        """The exemption of this resource that no longer counts, if there is one."""
        return next((one for one in self.exemptions if one.covers(urn) and today > one.expires), None)


SettingsT = TypeVar("SettingsT", bound=RuleSettings)


def parse_rule_settings(rule: str, model: type[SettingsT], given: Mapping[str, object]) -> SettingsT:
    """A rule's settings from what the engine hands over.

    Args:
        rule: The rule's name, for the message.
        model: Its settings' model.
        given: Values by their keys; numbers may come as floats, as the engine's protocol has no others.

    Raises:
        SettingsError: When a value is not allowed.
    """
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in one['loc'])} is {one['input']!r}: {one['msg']}"
            for one in error.errors(include_url=False)
        )
        raise SettingsError(f"the configuration of {rule} cannot be used: {wrong}") from None


def config_schema(model: type[RuleSettings]) -> PolicyConfigSchema:
    """A settings model as the engine takes it: its properties' schemas, with no references between them."""
    schema = model.model_json_schema(by_alias=True)
    definitions = cast("Mapping[str, object]", schema.get("$defs", {}))
    properties = cast("dict[str, dict[str, object]]", _inlined(schema["properties"], definitions))
    return PolicyConfigSchema(properties=properties, required=schema.get("required"))


def _inlined(schema: object, definitions: Mapping[str, object]) -> object:
    if isinstance(schema, list):
        return [_inlined(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if reference := schema.get("$ref"):
        return _inlined(definitions[str(reference).rsplit("/", 1)[-1]], definitions)
    return {key: _inlined(value, definitions) for key, value in schema.items()}
