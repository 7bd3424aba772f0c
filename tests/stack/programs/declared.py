"""Declares what `declared.json` beside it lists: the resources of rules' cases."""

import json
from pathlib import Path

import pulumi

made: dict[str, pulumi.CustomResource] = {}
for one in json.loads(Path("declared.json").read_text()):
    properties = dict(one["properties"])
    for name, sources in one["sources"].items():
        # An id is known only after the update, and is the URL, the ARN or the name, as the type has it.
        properties[name] = made[sources[0]].id
    made[one["name"]] = pulumi.CustomResource(
        one["type_token"], one["name"], properties, pulumi.ResourceOptions(protect=one["protect"])
    )
