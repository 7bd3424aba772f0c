"""Rules on encryption at rest."""

import re
from collections.abc import Mapping

from pulumi_policy import Severity
from pydantic import Field

from policies.reading.remedies import remedy
from policies.reading.resource_types import QUEUE
from policies.reading.values import whole
from policies.rule import Resource, ResourceRule, Violations
from policies.settings import RuleSettings

DEFAULT_DATA_KEY_REUSE_SECONDS = 300
"""How long SQS reuses a data key when nobody says (SQS API reference, KmsDataKeyReusePeriodSeconds)."""

SHORTEST_DATA_KEY_REUSE_SECONDS = 60
_KEY_OF_AWS = re.compile(r"(arn:[^:]+:kms:[^:]*:[^:]*:)?alias/aws/.+")


class OwnKeySettings(RuleSettings):
    """Whether queues must be encrypted with a KMS key of one's own."""

    required: bool = Field(default=False, description="Whether a KMS key that is not AWS's is demanded.")


class DataKeyReuseSettings(RuleSettings):
    """How long SQS may reuse a data key."""

    maximum_seconds: int = Field(
        default=3600, ge=60, le=86_400, description="The longest; so long is a revoked KMS key still of use to SQS."
    )


def encrypted(queue: Resource, _settings: RuleSettings) -> Violations:
    """A queue is encrypted at rest, and says how: by a KMS key, or by SQS's own keys (SSE-SQS).

    Implements SQS.1, CT.SQS.PR.2, CKV_AWS_27, AWS-0096, W48, AwsSolutions-SQS2 and SEC08-BP02 (AWS Well-Architected,
    encryption at rest). SQS encrypts a new queue that says
    nothing, but not one that somebody switched off by hand; what is said comes back with the next update.
    """
    if not queue.given("kmsMasterKeyId") and queue.given("sqsManagedSseEnabled") is not True:
        yield (
            "the queue does not say how it is encrypted at rest; set sqsManagedSseEnabled to true, or kmsMasterKeyId to"
            " a KMS key"
        )


def _by_sqs_itself(queue: Resource, settings: RuleSettings) -> Mapping[str, object]:
    return {"sqsManagedSseEnabled": True} if any(encrypted(queue, settings)) else {}


def key_of_ones_own(queue: Resource, settings: OwnKeySettings) -> Violations:
    """Where the configuration demands it, a queue is encrypted with a KMS key of one's own: not AWS's, not SQS's.

    Implements CKV2_AWS_73, AWS-0135 and SEC08-BP01 (AWS Well-Architected, key management). Only such a key has a policy
    of its own, and can be taken away.
    """
    if not settings.required:
        return
    key = queue.given("kmsMasterKeyId")
    if not key or _KEY_OF_AWS.fullmatch(str(key)):
        yield f"the queue is encrypted with {key or 'keys of SQS'}; set kmsMasterKeyId to a KMS key of your own"


def data_key_reuse_bounded(queue: Resource, settings: DataKeyReuseSettings) -> Violations:
    """SQS asks KMS for a new data key before long.

    Until then a KMS key that was revoked or disabled still opens the queue (SQS developer guide, "Key management").
    Implements SEC08-BP01 (AWS Well-Architected, key management); no public scanner looks for this.
    """
    if not queue.given("kmsMasterKeyId"):
        return
    seconds = whole(queue, "kmsDataKeyReusePeriodSeconds", DEFAULT_DATA_KEY_REUSE_SECONDS)
    if not SHORTEST_DATA_KEY_REUSE_SECONDS <= seconds <= settings.maximum_seconds:
        yield (
            f"SQS reuses a data key for {seconds} s; set kmsDataKeyReusePeriodSeconds to"
            f" {SHORTEST_DATA_KEY_REUSE_SECONDS} to {settings.maximum_seconds}: a revoked KMS key is of use as long"
        )


ENCRYPTED = ResourceRule(
    name="queue-is-encrypted",
    description="A queue is encrypted at rest, and says how.",
    remediation="Set sqsManagedSseEnabled to true, or kmsMasterKeyId to a KMS key.",
    severity=Severity.HIGH,
    controls=("SQS.1", "CT.SQS.PR.2", "CKV_AWS_27", "AWS-0096", "W48", "AwsSolutions-SQS2", "SEC08-BP02"),
    settings=RuleSettings,
    types=frozenset({QUEUE}),
    check=encrypted,
    remedy=remedy(_by_sqs_itself),
)
OWN_KEY = ResourceRule(
    name="queue-key-is-own",
    description="Where demanded, a queue is encrypted with a KMS key of one's own.",
    remediation="Set kmsMasterKeyId to the ARN of a KMS key of your own.",
    severity=Severity.MEDIUM,
    controls=("CKV2_AWS_73", "AWS-0135", "SEC08-BP01"),
    settings=OwnKeySettings,
    types=frozenset({QUEUE}),
    check=key_of_ones_own,
)
DATA_KEY_REUSE = ResourceRule(
    name="queue-data-key-reuse",
    description="SQS asks KMS for a new data key before long.",
    remediation="Set kmsDataKeyReusePeriodSeconds to 60 to 3600.",
    severity=Severity.LOW,
    controls=("SEC08-BP01",),
    settings=DataKeyReuseSettings,
    types=frozenset({QUEUE}),
    check=data_key_reuse_bounded,
)
