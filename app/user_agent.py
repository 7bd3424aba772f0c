"""What this application calls itself in its requests to AWS.

botocore puts its own together anew, twice for each request: three tenths of the processor time that it spends on a
send, the network aside (1.44). Given by its option `user_agent` it is only passed on. What is lost is that AWS hears
which of botocore's features a request has used.
"""

import os
import platform
import re

import boto3

APPLICATION_ID = "retainwise-predictions"
"""What this application calls itself in its user agent, `app/<id>`, so that CloudTrail tells its calls from those of
whoever else has its role."""

# What AWS's SDKs let through in a part of it ("Application ID", AWS SDKs and Tools reference guide).
_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9!$%&'*+.^_`|~,-]")


def user_agent() -> str:
    """It, in the parts and the order of AWS's SDKs; botocore adds its own name."""
    where = os.environ.get("AWS_EXECUTION_ENV")  # said by AWS, on ECS and others
    parts = [
        f"Boto3/{boto3.__version__}",
        "ua/2.1",
        f"os/{_clean(platform.system().lower())}#{_clean(platform.release())}",
        f"md/arch#{_clean(platform.machine().lower())}",
        f"lang/python#{_clean(platform.python_version())}",
        *([f"exec-env/{_clean(where)}"] if where else []),
        f"app/{APPLICATION_ID}",
    ]
    return " ".join(parts)


def _clean(part: str) -> str:
    return _NOT_ALLOWED.sub("-", part)
