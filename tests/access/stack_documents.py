"""What the engine writes of a stack, an exported state or a preview, as small as it can be."""

import json
from collections.abc import Iterable
from typing import Any, TypeAlias

from tests.access.sound import ACCOUNT, DOCUMENTS, PREFIX, REDRIVE, REGION

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
Raw: TypeAlias = dict[str, Any]

QUEUE, DLQ = "aws:sqs/queue:Queue::queue", "aws:sqs/queue:Queue::dlq"
ROLE, POLICY = "aws:iam/role:Role", "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"


def urn(name: str) -> str:
    """The URN of a resource, given as `type::name`."""
    return f"urn:pulumi:dev::shop::{name}"


def resource(what: str, comes_from: dict[str, list[str]] | None = None, /, **properties: Any) -> Raw:  # noqa: ANN401 - as JSON
    """A resource, given as `type::name`, with its inputs and whose outputs they are made of."""
    return {
        "urn": urn(what),
        "type": what.rsplit("::", 1)[0],
        "custom": True,
        "inputs": properties,
        "propertyDependencies": {key: [urn(one) for one in names] for key, names in (comes_from or {}).items()},
    }


def deployed_resources() -> list[Raw]:
    """The sound stack's, all known, as after a deployment."""
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{PREFIX}predictions"
    return [
        resource("pulumi:pulumi:Stack::shop-dev"),
        resource(QUEUE, name=f"{PREFIX}predictions", redrivePolicy=REDRIVE),
        resource(DLQ, name=f"{PREFIX}predictions-dlq"),
        resource(f"{QUEUE_POLICY}::queue", queueUrl=url, policy=DOCUMENTS["queue"]),
        resource(f"{QUEUE_POLICY}::dlq", queueUrl=f"{url}-dlq", policy=DOCUMENTS["dlq"]),
        *(one for role in ("producer", "consumer") for one in role_resources(role, known=True)),
    ]


def planned_resources() -> list[Raw]:
    """The sound stack's, as a first preview has them: what only AWS will tell is unknown."""
    return [
        resource("pulumi:pulumi:Stack::shop-dev"),
        resource(QUEUE, name=f"{PREFIX}predictions", redrivePolicy=REDRIVE),
        resource(DLQ, name=f"{PREFIX}predictions-dlq"),
        resource(f"{QUEUE_POLICY}::queue", {"queueUrl": [QUEUE]}, queueUrl=UNKNOWN, policy=DOCUMENTS["queue"]),
        resource(f"{QUEUE_POLICY}::dlq", {"queueUrl": [DLQ]}, queueUrl=UNKNOWN, policy=DOCUMENTS["dlq"]),
        *(one for role in ("producer", "consumer") for one in role_resources(role, known=False)),
    ]


def role_resources(role: str, *, known: bool) -> list[Raw]:
    """A role, its policy, and their attachment."""
    name = {"producer": "backend-task", "consumer": "worker-task"}[role]
    arn = f"arn:aws:iam::{ACCOUNT}:policy/{PREFIX}predictions-{role}"
    return [
        resource(f"{ROLE}::{role}", name=f"{PREFIX}{name}", path="/", assumeRolePolicy=DOCUMENTS["trust"]),
        resource(f"{POLICY}::{role}", name=f"{PREFIX}predictions-{role}", path="/", policy=DOCUMENTS[role]),
        resource(
            f"{ATTACHMENT}::{role}",
            {"policyArn": [f"{POLICY}::{role}"], "role": [f"{ROLE}::{role}"]},
            policyArn=arn if known else UNKNOWN,
            role=f"{PREFIX}{name}",
        ),
    ]


def replaced(resources: Iterable[Raw], *new: Raw) -> list[Raw]:
    """These resources with others in the place of those of the same URN, or beside them."""
    return list({one["urn"]: one for one in (*resources, *new)}.values())


def state(resources: Iterable[Raw]) -> str:
    """An exported state."""
    return json.dumps({"version": 3, "deployment": {"resources": list(resources)}})


def step(op: str, raw: Raw) -> Raw:
    """A step of a preview."""
    if op == "delete":
        return {"op": op, "urn": raw["urn"], "oldState": raw}
    return {"op": op, "urn": raw["urn"], "newState": raw}


def preview(*steps: Raw, same: int | None = None) -> str:
    """A preview; by default it shows all that stays the same."""
    shown = sum(one["op"] == "same" for one in steps)
    return json.dumps({"steps": steps, "changeSummary": {"same": shown if same is None else same}})
