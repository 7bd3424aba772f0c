"""What is known of condition keys: their types, the form of their values, whether they are always there.

Sources: IAM user guide, "AWS global condition context keys" and "Condition operators". Keys of single services, such as
kms:ViaService, and those of tags are not in the table and are not judged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final


class KeyType(Enum):
    """A key's type, and the families of operators that fit it. Null fits every type."""

    TEXT = frozenset({"string"})
    ARN = frozenset({"arn", "string"})
    TRUTH = frozenset({"bool"})
    ADDRESS = frozenset({"ip"})
    DATE = frozenset({"date"})
    EPOCH = frozenset({"date", "numeric"})
    NUMBER = frozenset({"numeric"})


@dataclass(frozen=True)
class ConditionKey:
    """A condition key.

    Args:
        name: As AWS writes it.
        type: Its type.
        form: What a value looks like, as an expression and in words; None where it may be anything.
        always: Whether it is on every request that an Allow to a named principal, or a Deny, can be about.
        several: Whether it may have several values, which only operators with ForAnyValue or ForAllValues know.
    """

    name: str
    type: KeyType
    form: tuple[str, str] | None = None
    always: bool = False
    several: bool = False


_ID = "(?:[0-9a-f]{8}|[0-9a-f]{17}|[0-9a-f*?]*[*?][0-9a-f*?]*)"
_ACCOUNT = r"\d{12}|[\d?]*[*?][\d*?]*"
_ACCOUNT_FORM = (_ACCOUNT, "an account's twelve digits")
_ORGANISATION = (r"o-[a-z0-9]{10,32}|o-[a-z0-9*?]*[*?][a-z0-9*?]*", "an organisation's id, such as o-a1b2c3d4e5")
_ANY_ARN = (r"arn:[^:]+:[^:]+:[^:]*:[^:]*:.+|arn:.*[*].*", "an ARN, of six parts")
_CUT = r"arn:[^:]*[*].*|arn:[^:]+:[^:]*[*?].*|arn:[^:]+:(?:iam|sts)(?::[^:]*){0,2}[*]"  # what may follow is left open
_OF_IAM = rf"arn:[^:]+:iam::(?:{_ACCOUNT}):(?:root|(?:role|user|[*?])[^:]*)"
_OF_STS = rf"arn:[^:]+:sts::(?:{_ACCOUNT}):federated-user/.+"
_CALLER = (
    rf"{_OF_IAM}|{_OF_STS}|{_CUT}",
    "the ARN of a role (not of its session), a user, a federated user or the root user",
)

_KEYS: Final = (
    ConditionKey("aws:SecureTransport", KeyType.TRUTH, always=True),
    ConditionKey("aws:CurrentTime", KeyType.DATE, always=True),
    ConditionKey("aws:EpochTime", KeyType.EPOCH, always=True),
    ConditionKey("aws:RequestedRegion", KeyType.TEXT, always=True),
    ConditionKey("aws:PrincipalArn", KeyType.ARN, _CALLER, always=True),
    ConditionKey("aws:PrincipalAccount", KeyType.TEXT, _ACCOUNT_FORM, always=True),
    ConditionKey("aws:PrincipalType", KeyType.TEXT, always=True),
    ConditionKey("aws:PrincipalIsAWSService", KeyType.TRUTH, always=True),
    ConditionKey("aws:userid", KeyType.TEXT, always=True),
    ConditionKey("aws:ViaAWSService", KeyType.TRUTH),
    ConditionKey("aws:CalledVia", KeyType.TEXT, several=True),
    ConditionKey("aws:MultiFactorAuthPresent", KeyType.TRUTH),
    ConditionKey("aws:MultiFactorAuthAge", KeyType.NUMBER),
    ConditionKey("aws:TokenIssueTime", KeyType.DATE),
    ConditionKey("aws:username", KeyType.TEXT),
    ConditionKey("aws:PrincipalOrgID", KeyType.TEXT, _ORGANISATION),
    ConditionKey("aws:PrincipalOrgPaths", KeyType.TEXT, several=True),
    ConditionKey("aws:PrincipalServiceName", KeyType.TEXT),
    ConditionKey("aws:PrincipalServiceNamesList", KeyType.TEXT, several=True),
    ConditionKey("aws:ResourceAccount", KeyType.TEXT, _ACCOUNT_FORM),
    ConditionKey("aws:ResourceOrgID", KeyType.TEXT, _ORGANISATION),
    ConditionKey("aws:SourceIp", KeyType.ADDRESS),
    ConditionKey("aws:VpcSourceIp", KeyType.ADDRESS),
    ConditionKey("aws:SourceVpc", KeyType.TEXT, (f"vpc-{_ID}", "a VPC's id, such as vpc-0a1b2c3d4e5f60718")),
    ConditionKey(
        "aws:SourceVpce", KeyType.TEXT, (f"vpce-{_ID}", "a VPC endpoint's id, such as vpce-0a1b2c3d4e5f60718")
    ),
    ConditionKey("aws:SourceArn", KeyType.ARN, _ANY_ARN),
    ConditionKey("aws:SourceAccount", KeyType.TEXT, _ACCOUNT_FORM),
    ConditionKey("aws:SourceOrgID", KeyType.TEXT, _ORGANISATION),
    ConditionKey("aws:SourceOrgPaths", KeyType.TEXT, several=True),
)
KEYS: Final[Mapping[str, ConditionKey]] = {one.name.lower(): one for one in _KEYS}
"""The global keys that are judged, by their names in lower case."""

THROUGH_ENDPOINT: Final = frozenset({"aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip"})
"""There on requests through a VPC endpoint, and on no others."""
NOT_THROUGH_ENDPOINT: Final = frozenset({"aws:sourceip"})
"""There on requests that come through no VPC endpoint, and on no others."""
BY_SERVICE: Final = frozenset({"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"})
"""There on requests that a service makes as itself, and on no others; those come through no VPC endpoint."""
