"""aws:ecs/taskDefinition:TaskDefinition. Its id is the family; what is made is a revision of it, known by its ARN.

Facts: https://www.pulumi.com/registry/packages/aws/api-docs/ecs/taskdefinition/ and the schema of hashicorp/aws's
aws_ecs_task_definition. A revision never changes: every difference but in tags registers a new one.
"""

import json
import re
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from local.provider import tags
from local.provider.clients import Session
from local.provider.documents import Json, MalformedDocument, parse
from local.provider.properties import Value, Values
from local.provider.resource import REGION, TAGS, TAGS_ALL, Kind, Place, Property, ResourceType
from local.provider.rules import arn, length, matching, one_of
from local.provider.values import flag, known_text, text, text_map, texts

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import RegisterTaskDefinitionRequestTypeDef, TagTypeDef, TaskDefinitionTypeDef

_INACTIVE = frozenset({"INACTIVE", "DELETE_IN_PROGRESS"})
_NESTED = "it is made of objects, which the local stack has no use for"
_WRITTEN = {
    "cpu": "cpu",
    "executionRoleArn": "executionRoleArn",
    "ipcMode": "ipcMode",
    "memory": "memory",
    "networkMode": "networkMode",
    "pidMode": "pidMode",
    "taskRoleArn": "taskRoleArn",
}


def same_containers(one: str, other: str) -> bool:
    """Tell whether two texts define the same containers: what ECS fills in, and the order of variables, says nothing.

    Args:
        one: Container definitions as JSON.
        other: Others.

    Returns:
        True if they do. Texts that are not JSON are compared letter by letter.
    """
    if one == other:
        return True
    try:
        return _canonical(parse(one)) == _canonical(parse(other))
    except MalformedDocument:
        return False


def _canonical(containers: Json) -> Json:
    if not isinstance(containers, list):
        return containers
    return [{**_meant(one), **_sorted_variables(one)} if isinstance(one, dict) else one for one in containers]


def _meant(container: dict[str, Json]) -> dict[str, Json]:
    filled_in: dict[str, Json] = {"cpu": 0, "essential": True}
    return {name: value for name, value in {**filled_in, **container}.items() if value not in (None, [], {}, "")}


def _sorted_variables(container: dict[str, Json]) -> dict[str, Json]:
    lists = {name: container.get(name) for name in ("environment", "secrets")}
    return {
        name: sorted(value, key=lambda one: json.dumps(one, sort_keys=True))
        for name, value in lists.items()
        if isinstance(value, list) and value
    }


def _containers(value: Value) -> str | None:
    try:
        parsed = parse(value) if isinstance(value, str) else None
    except MalformedDocument as error:
        return str(error)
    if isinstance(parsed, list) and parsed and all(isinstance(one, dict) and one.get("name") for one in parsed):
        return None
    return "it is not a JSON list of container definitions, each with a name"


PROPERTIES = {
    "arn": Property(kind=Kind.TEXT, doc="ARN of the revision.", output=True),
    "arnWithoutRevision": Property(kind=Kind.TEXT, doc="ARN of the family.", output=True),
    "containerDefinitions": Property(
        kind=Kind.DOCUMENT,
        doc="The containers, a JSON list.",
        required=True,
        replaces=True,
        rules=(_containers,),
        same=same_containers,
    ),
    "cpu": Property(kind=Kind.TEXT, doc="CPU units of the task.", replaces=True),
    "executionRoleArn": Property(kind=Kind.TEXT, doc="Role that starts the task.", replaces=True, rules=(arn,)),
    "family": Property(
        kind=Kind.TEXT,
        doc="Name that the revisions share.",
        required=True,
        replaces=True,
        rules=(length(1, 255), matching(r"[\w-]*", "allowed are letters, digits, _ and -")),
    ),
    "ipcMode": Property(kind=Kind.TEXT, doc="IPC namespace.", replaces=True, rules=(one_of(("host", "none", "task")),)),
    "memory": Property(kind=Kind.TEXT, doc="MiB of the task.", replaces=True),
    "networkMode": Property(
        kind=Kind.TEXT,
        doc="Docker networking mode.",
        computed=True,
        replaces=True,
        rules=(one_of(("awsvpc", "bridge", "host", "none")),),
    ),
    "pidMode": Property(kind=Kind.TEXT, doc="Process namespace.", replaces=True, rules=(one_of(("host", "task")),)),
    "region": REGION,
    "requiresCompatibilities": Property(kind=Kind.TEXTS, doc="Launch types it is checked for.", replaces=True),
    "revision": Property(kind=Kind.WHOLE, doc="Number of the revision.", output=True),
    "skipDestroy": Property(
        kind=Kind.FLAG, doc="Whether the revision stays when the resource goes.", default=False, remembered=True
    ),
    "tags": TAGS,
    "tagsAll": TAGS_ALL,
    "taskRoleArn": Property(kind=Kind.TEXT, doc="Role that the containers have.", replaces=True, rules=(arn,)),
    "trackLatest": Property(
        kind=Kind.FLAG, doc="Whether a revision that somebody else registers is drift.", default=False, remembered=True
    ),
}


class TaskDefinitionOperations:
    """The calls of a task definition: Register-, Describe- and DeregisterTaskDefinition, TagResource, UntagResource."""

    def create(self, session: Session, inputs: Values) -> str:
        """Register a revision with its tags in one call; gives the family."""
        request: dict[str, object] = {
            "family": text(inputs, "family"),
            "containerDefinitions": json.loads(text(inputs, "containerDefinitions")),
            "requiresCompatibilities": texts(inputs, "requiresCompatibilities"),
            **{theirs: text(inputs, ours) for ours, theirs in _WRITTEN.items() if inputs.get(ours)},
        }
        if labels := _as_list(text_map(inputs, "tagsAll")):
            request["tags"] = labels
        session.ecs.register_task_definition(**cast("RegisterTaskDefinitionRequestTypeDef", request))
        return text(inputs, "family")

    def read(self, session: Session, identity: str, known: Values) -> dict[str, Value] | None:
        """Read the revision, or the family's latest; None if it is gone."""
        revision = known_text(known, "arn")
        wanted = identity if revision is None or flag(known, "trackLatest") else revision
        try:
            found = session.ecs.describe_task_definition(taskDefinition=wanted, include=["TAGS"])
        except ClientError as error:
            if _is_gone(error):
                return None
            raise
        task = found["taskDefinition"]
        if task.get("status") in _INACTIVE:
            return None
        labels = {tag["key"]: tag["value"] for tag in found.get("tags", []) if "key" in tag and "value" in tag}
        return {**_read(task), "tagsAll": {**labels}}

    def update(self, session: Session, identity: str, old: Values, new: Values, changed: frozenset[str]) -> None:
        """Change the tags; all else replaces."""
        del identity
        if "tagsAll" not in changed:
            return
        added, removed = tags.change(text_map(old, "tagsAll"), text_map(new, "tagsAll"))
        if removed:
            session.ecs.untag_resource(resourceArn=text(old, "arn"), tagKeys=removed)
        if added:
            session.ecs.tag_resource(resourceArn=text(old, "arn"), tags=_as_list(added))

    def delete(self, session: Session, identity: str, old: Values) -> None:
        """Deregister the revision, unless it is to stay."""
        if flag(old, "skipDestroy"):
            return
        try:
            session.ecs.deregister_task_definition(taskDefinition=text(old, "arn") or identity)
        except ClientError as error:
            if not _is_gone(error):
                raise

    def identity(self, inputs: Values, place: Place) -> str | None:
        """Give the family."""
        del place
        return known_text(inputs, "family")


def _is_gone(error: ClientError) -> bool:
    return "Unable to describe task definition" in str(error)


def _as_list(labels: dict[str, str]) -> "list[TagTypeDef]":
    return [{"key": key, "value": value} for key, value in sorted(labels.items())]


def _read(task: "TaskDefinitionTypeDef") -> dict[str, Value]:
    identity = task.get("taskDefinitionArn", "")
    plain = cast("dict[str, Value]", task)
    return {
        "arn": identity,
        "arnWithoutRevision": re.sub(r":\d+$", "", identity),
        "containerDefinitions": json.dumps(plain.get("containerDefinitions"), separators=(",", ":"), sort_keys=True),
        "family": task.get("family"),
        "requiresCompatibilities": [*task.get("requiresCompatibilities", [])] or None,
        "revision": task.get("revision"),
        **{ours: plain.get(theirs) or None for ours, theirs in _WRITTEN.items()},
    }


TASK_DEFINITION = ResourceType(
    token="aws:ecs/taskDefinition:TaskDefinition",  # noqa: S106 - a type token is no secret
    doc="A revision of an ECS task definition. Imported by its ARN.",
    properties=PROPERTIES,
    operations=TaskDefinitionOperations(),
    unserved={
        "enableFaultInjection": "the emulator injects no faults",
        "ephemeralStorage": _NESTED,
        "placementConstraints": _NESTED,
        "proxyConfiguration": _NESTED,
        "runtimePlatform": _NESTED,
        "volumes": _NESTED,
    },
)
