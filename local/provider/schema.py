"""The package's schema, made from the table: the engine asks for it when it imports resources."""

import json
from typing import TypedDict

from local.provider.resource import Kind, Property
from local.provider.table import RESOURCES


class _Type(TypedDict, total=False):
    type: str
    items: "_Type"
    additionalProperties: "_Type"
    description: str


_TYPES: dict[Kind, _Type] = {
    Kind.TEXT: {"type": "string"},
    Kind.WHOLE: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.FLAG: {"type": "boolean"},
    Kind.TEXTS: {"type": "array", "items": {"type": "string"}},
    Kind.TEXT_MAP: {"type": "object", "additionalProperties": {"type": "string"}},
    Kind.DOCUMENT: {"type": "string"},
}


def schema(version: str) -> str:
    """Write the schema of the served resource types.

    Args:
        version: The package's version.

    Returns:
        A Pulumi package schema as JSON, with nothing in it but what the plugin serves.
    """
    resources = {
        token: {
            "description": resource.doc,
            "properties": {name: _described(declared) for name, declared in resource.properties.items()},
            "required": sorted(name for name, declared in resource.properties.items() if declared.required),
            "inputProperties": {
                name: _described(declared)
                for name, declared in resource.properties.items()
                if not declared.output and name != "tagsAll"
            },
            "requiredInputs": sorted(name for name, declared in resource.properties.items() if declared.required),
        }
        for token, resource in RESOURCES.items()
    }
    package = {
        "name": "aws",
        "version": version,
        "description": "The resource types of AWS that the local stack serves.",
        "meta": {"moduleFormat": "(.*)(?:/[^/]*)"},  # aws:sqs/queue:Queue is module sqs, as in the official schema
        "provider": {"inputProperties": {"region": {"type": "string"}}},
        "resources": resources,
    }
    return json.dumps(package)


def _described(declared: Property) -> _Type:
    return {**_TYPES[declared.kind], "description": declared.doc}
