"""A pack's configuration, made whole and checked as the engine does it.

The schemas' defaults and each policy's own level come first, then what is configured for `all`, then what is configured
for the policy; in the end every policy's values are held against its schema. Source: pulumi/pulumi,
`pkg/resource/analyzer/config.go`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

from google.protobuf.json_format import MessageToDict, Parse
from google.protobuf.struct_pb2 import Struct
from jsonschema import Draft7Validator
from pulumi.runtime.proto import analyzer_pb2 as proto

PackConfiguration: TypeAlias = Mapping[str, "str | Mapping[str, object]"]
"""By policy, or `all`: an enforcement level, or values with an `enforcementLevel` among them."""

_LEVELS = {name.lower(): number for name, number in proto.EnforcementLevel.items()}


class ConfigurationRefusedError(Exception):
    """The engine would refuse the configuration. The message is one line for each thing that is wrong."""


def reconciled(policies: Sequence[proto.PolicyInfo], given: PackConfiguration) -> proto.ConfigureAnalyzerRequest:
    """What the engine tells a pack about its configuration.

    Args:
        policies: What the pack says of its policies.
        given: What the file behind `--policy-pack-config` holds.

    Raises:
        ConfigurationRefusedError: When a level or a value is not allowed.
    """
    request, wrong = proto.ConfigureAnalyzerRequest(), []
    for_all, _ = _level_and_values("all", given.get("all", {}))
    for policy in policies:
        level, configured = _level_and_values(policy.name, given.get(policy.name, {}))
        schemas = _plain(policy.configSchema.properties)
        values = {name: schema["default"] for name, schema in schemas.items() if "default" in schema} | configured
        validator = Draft7Validator(
            {"type": "object", "properties": schemas, "required": list(policy.configSchema.required)}
        )
        wrong += [
            f"{policy.name}: {'.'.join(map(str, one.path))}: {one.message}" for one in validator.iter_errors(values)
        ]
        chosen = next((one for one in (level, for_all) if one is not None), policy.enforcementLevel)
        config = request.policyConfig[policy.name]
        config.enforcementLevel = proto.EnforcementLevel.ValueType(chosen)
        config.properties.CopyFrom(struct(values))
    if wrong:
        raise ConfigurationRefusedError("\n".join(wrong))
    return request


def _level_and_values(policy: str, given: str | Mapping[str, object]) -> tuple[int | None, dict[str, object]]:
    values: dict[str, object] = {"enforcementLevel": given} if isinstance(given, str) else dict(given)
    level = values.pop("enforcementLevel", None)
    if level is not None and level not in _LEVELS:
        raise ConfigurationRefusedError(f"{policy}: {level!r} is not a valid enforcement level")
    return (None if level is None else _LEVELS[str(level)]), values


def struct(values: Mapping[str, object]) -> Struct:
    """Values as the engine's protocol carries them: numbers become floats."""
    return Parse(json.dumps(values), Struct())


def _plain(values: Struct) -> dict[str, dict[str, object]]:
    return cast("dict[str, dict[str, object]]", MessageToDict(values))
