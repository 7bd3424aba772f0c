"""A decision in the words of CloudTrail: one event, with no parameters, no answer, no secret and no user's id in it.

CloudTrail has no field for the IAM action, the verdict and the statements that decided; they stand in
additionalEventData, which is for what the record has no field for. Source: "CloudTrail record contents" in the user
guide (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html).
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from local.emulator import account
from local.emulator.decisions.decision import Decider, Decision, Verdict
from local.emulator.decisions.personal import without_users

EVENT_VERSION: Final = "1.11"

REFUSALS: Final = frozenset({"AccessDenied", "AccessDeniedException"})
"""The codes by which AWS refuses for want of permission."""

_MANAGEMENT_OF_SQS: Final = frozenset(
    f"sqs:{action}"
    for action in (
        "AddPermission",
        "CancelMessageMoveTask",
        "CreateQueue",
        "DeleteQueue",
        "ListMessageMoveTasks",
        "PurgeQueue",
        "RemovePermission",
        "SetQueueAttributes",
        "StartMessageMoveTask",
        "TagQueue",
        "UntagQueue",
    )
)
"""What CloudTrail logs of SQS as management events; all else are data events ("Logging Amazon SQS API calls")."""

_S3_OPERATIONS: Final = {
    ("HEAD", "s3:GetObject"): "HeadObject",
    ("HEAD", "s3:ListBucket"): "HeadBucket",
    ("GET", "s3:ListBucket"): "ListObjects",
    ("GET", "s3:ListAllMyBuckets"): "ListBuckets",
}
"""S3's operations whose names are not their actions'."""

_RESOURCE_TYPES: Final = {
    ("sqs", ""): "AWS::SQS::Queue",
    ("s3", ""): "AWS::S3::Object",
    ("ssm", "parameter"): "AWS::SSM::Parameter",
    ("iam", "role"): "AWS::IAM::Role",
    ("iam", "policy"): "AWS::IAM::Policy",
    ("cloudwatch", "alarm"): "AWS::CloudWatch::Alarm",
}
"""By the ARN's service and the first part of its resource, where that names the sort."""


@dataclass(frozen=True)
class Request:
    """What is known of a request beside the decisions.

    Args:
        method: Its HTTP method.
        operation: The API's operation, such as `SendMessageBatch`; None where only the action is known.
        user_agent: What the client calls itself.
        host: The host that it asked.
        address: The client's.
        vpc_endpoint_id: The VPC endpoint that it came through; None from elsewhere.
        tls: Whether it counts as made over TLS.
    """

    method: str
    operation: str | None
    user_agent: str
    host: str
    address: str
    vpc_endpoint_id: str | None
    tls: bool


@dataclass(frozen=True)
class Answer:
    """How it was answered.

    Args:
        time: When.
        request_id: AWS's id of the request; None where it was not answered.
        error_code: AWS's code; None where all went well.
        error_message: AWS's words; None where there are none.
    """

    time: datetime
    request_id: str | None = None
    error_code: str | None = None
    error_message: str | None = None


def event(decision: Decision, request: Request, answer: Answer) -> dict[str, object]:
    """Words one decision.

    Args:
        decision: What was decided.
        request: The request that it was part of.
        answer: How that was answered.

    Returns:
        The event, as JSON can hold it.
    """
    invoked_by = decision.caller.get("invokedBy")
    is_on_behalf = invoked_by is not None and decision.caller["type"] != "AWSService"
    name = _S3_OPERATIONS.get((request.method, decision.action)) or request.operation
    if is_on_behalf:  # another call than the request that it is made for
        name = None
    worded: dict[str, object] = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": decision.caller,
        "eventTime": answer.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{decision.service}.amazonaws.com",
        "eventName": name or decision.action.split(":", 1)[1],
        "awsRegion": decision.region,
        "sourceIPAddress": invoked_by or request.address,
        "userAgent": invoked_by or request.user_agent,
        "requestParameters": None,
        "responseElements": None,
        "additionalEventData": {
            "iamAction": decision.action,
            "decision": decision.verdict,
            "decidedBy": [_decider(one) for one in decision.by],
        },
        "requestID": answer.request_id or str(uuid.uuid4()),
        "eventID": str(uuid.uuid4()),
        **_resources(decision.resource),
        "eventType": "AwsApiCall",
        **_category(decision.action),
        "recipientAccountId": decision.caller.get("accountId", account.ACCOUNT_ID),
    }
    return worded | ({} if is_on_behalf else _origin(request)) | _error(decision, answer)


def _decider(one: Decider) -> Mapping[str, str]:
    return {"policy": one.policy, "policyType": one.kind, "sid": one.sid, "effect": one.effect}


def _origin(request: Request) -> dict[str, object]:
    found: dict[str, object] = {}
    if request.vpc_endpoint_id:
        found |= {
            "sourceIPAddress": account.VPC_SOURCE_IP,
            "vpcEndpointId": request.vpc_endpoint_id,
            "vpcEndpointAccountId": account.ACCOUNT_ID,
        }
    if request.tls:
        found["tlsDetails"] = {"clientProvidedHostHeader": request.host}
    return found


def _error(decision: Decision, answer: Answer) -> dict[str, object]:
    """AWS's code and words; of a refusal that was answered in other words, or in none as to HEAD, the code alone."""
    code, message = answer.error_code, answer.error_message
    if decision.verdict is not Verdict.ALLOWED and code not in REFUSALS:
        code, message = "AccessDenied", None
    found: dict[str, object] = {"errorCode": code} if code else {}
    return found | ({"errorMessage": without_users(message)} if message else {})


def _category(action: str) -> dict[str, object]:
    service, name = action.split(":", 1)
    is_data = (service == "sqs" and action not in _MANAGEMENT_OF_SQS) or (service == "s3" and name.endswith("Object"))
    return {"managementEvent": not is_data, "eventCategory": "Data" if is_data else "Management"}


def _resources(arn: str) -> dict[str, object]:
    if not arn.startswith("arn:"):
        return {}
    _, _, service, _, owner, rest = arn.split(":", 5)
    kind = _RESOURCE_TYPES.get((service, rest.replace("/", ":").split(":")[0])) or _RESOURCE_TYPES.get((service, ""))
    if kind == "AWS::S3::Object" and "/" not in rest:
        kind = "AWS::S3::Bucket"
    described = {"ARN": without_users(arn), "accountId": owner, "type": kind}
    return {"resources": [{key: value for key, value in described.items() if value}]}
