"""Which resource types there are: type token → resource type."""

from collections.abc import Mapping

from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct

from local.provider.properties import decode
from local.provider.resource import Place, ResourceType
from local.provider.resources.metric_alarm import METRIC_ALARM
from local.provider.resources.policy import POLICY
from local.provider.resources.queue import QUEUE
from local.provider.resources.queue_policy import QUEUE_POLICY
from local.provider.resources.redrive_allow_policy import REDRIVE_ALLOW_POLICY
from local.provider.resources.redrive_policy import REDRIVE_POLICY
from local.provider.resources.role import ROLE
from local.provider.resources.role_policy import ROLE_POLICY
from local.provider.resources.role_policy_attachment import ROLE_POLICY_ATTACHMENT
from local.provider.resources.task_definition import TASK_DEFINITION
from local.provider.resources.vpc_endpoint import VPC_ENDPOINT

RESOURCES: Mapping[str, ResourceType] = {
    resource.token: resource
    for resource in (
        QUEUE,
        QUEUE_POLICY,
        REDRIVE_POLICY,
        REDRIVE_ALLOW_POLICY,
        ROLE,
        ROLE_POLICY,
        POLICY,
        ROLE_POLICY_ATTACHMENT,
        METRIC_ALARM,
        VPC_ENDPOINT,
        TASK_DEFINITION,
    )
}
"""Every resource type that the plugin serves, by its Pulumi type token."""


def pending_identity(
    type_token: str, inputs: Mapping[str, object], account_id: str, region: str, endpoint: str
) -> str | None:
    """Tell which id a resource has if its interrupted creation did succeed.

    A read of that id either finds the resource or answers that there is none.

    Args:
        type_token: The resource's type token.
        inputs: Its inputs, as they stand under `pending_operations` in an exported state.
        account_id: The 12 digits of the account.
        region: The region of the deployment.
        endpoint: The endpoint that queue URLs carry, as `http://127.0.0.1:4590`: the public listener's.

    Returns:
        The id, or None when the type is not served or its inputs do not tell (a name from `namePrefix`, a value that
        was not known when the operation was recorded).
    """
    resource = RESOURCES.get(type_token)
    if resource is None:
        return None
    values = decode(ParseDict(dict(inputs), Struct())).values
    return resource.operations.identity(values, Place(account_id, region, endpoint.rstrip("/")))
