"""The codes under which SQS's errors reach clients of its query protocol; with `x-amzn-query-mode`, botocore is one."""

from types import MappingProxyType

QUERY_CODES = MappingProxyType(
    {
        "RequestThrottled": "RequestThrottled",
        "OverLimit": "OverLimit",
        "ThrottlingException": "Throttling",
        "ExpiredTokenException": "ExpiredToken",
        "InternalFailure": "InternalFailure",
        "ServiceUnavailable": "ServiceUnavailable",
    }
)
