"""Events as CloudTrail records them, for tests to read."""

import json
from collections.abc import Mapping
from typing import Any

ACCOUNT = "123456789012"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:predictions"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backend"
USER_AGENT = "Boto3/1.44.5 md/Botocore#1.44.5 os/linux app/orders Botocore/1.44.5"
Record = dict[str, Any]


def record(name: str = "SendMessage", source: str = "sqs.amazonaws.com", *, role: str = ROLE, **more: object) -> Record:
    """A role session's call on the queue, with further fields, or others in their place."""
    role_name = role.rsplit("/", 1)[-1]
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role_name}/task"
    issuer = {"type": "Role", "principalId": "AROAEXAMPLE", "arn": role, "accountId": ACCOUNT, "userName": role_name}
    identity = {
        "type": "AssumedRole",
        "arn": session,
        "accountId": ACCOUNT,
        "sessionContext": {"sessionIssuer": issuer},
    }
    return {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": "2026-11-24T12:00:00Z",
        "eventSource": source,
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "10.20.1.17",
        "userAgent": USER_AGENT,
        "requestParameters": None,
        "responseElements": None,
        "requestID": "c4584600",
        "eventID": "4f6a",
        "readOnly": False,
        "resources": [{"accountId": ACCOUNT, "type": "AWS::SQS::Queue", "ARN": QUEUE}],
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Data",
        **more,
    }


def refused(name: str = "SendMessage", code: str = "AccessDenied", **more: object) -> Record:
    """A call that was refused."""
    return record(name, errorCode=code, errorMessage="User: x is not authorized to perform: y", **more)  # type: ignore[arg-type]  # passed on


def decided(action: str, *sids: str, decision: str = "allowed") -> Mapping[str, object]:
    """The local stack's additional data."""
    by = [{"policy": "arn:aws:iam::123456789012:policy/backend", "sid": sid} for sid in sids]
    return {"iamAction": action, "decision": decision, "decidedBy": by}


def lines(*records: Record) -> bytes:
    """A file of one event a line."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in records)


def log_file(*records: Record) -> bytes:
    """A log file as CloudTrail delivers it, before it is zipped."""
    return json.dumps({"Records": list(records)}).encode()
