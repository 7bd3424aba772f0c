import pytest

from policies.queues.encryption import DATA_KEY_REUSE, ENCRYPTED, OWN_KEY
from tests.policies.judging import judged
from tests.policy_harness.declared import UNKNOWN, Declared
from tests.policy_harness.pack import PackUnderTest

KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-1111-2222-3333-444455556666"


def queue(**properties: object) -> Declared:
    return Declared("aws:sqs/queue:Queue", "x", properties)


@pytest.mark.parametrize(
    ("properties", "kept"),
    [
        ({"sqsManagedSseEnabled": True}, True),
        ({"kmsMasterKeyId": KEY}, True),
        ({"kmsMasterKeyId": KEY, "sqsManagedSseEnabled": False}, True),
        ({"kmsMasterKeyId": "", "sqsManagedSseEnabled": False}, False),
        ({"sqsManagedSseEnabled": False}, False),
        ({}, False),
    ],
)
def test_encryption_is_said(
    properties: dict[str, object],
    kept: bool,  # noqa: FBT001 - an expectation
) -> None:
    assert (judged(ENCRYPTED, queue(**properties)) == []) is kept


@pytest.mark.parametrize("key", ["alias/aws/sqs", "arn:aws-cn:kms:cn-north-1:123456789012:alias/aws/sqs", "", None])
def test_a_key_of_aws_or_of_sqs_is_not_ones_own(key: str | None) -> None:
    given = queue(sqsManagedSseEnabled=True) if key is None else queue(kmsMasterKeyId=key)
    assert judged(OWN_KEY, given) == []
    (message,) = judged(OWN_KEY, given, required=True)
    assert "set kmsMasterKeyId to a KMS key of your own" in message


@pytest.mark.parametrize("key", [KEY, KEY.rsplit("/", 1)[-1], "alias/queues", "arn:aws:kms:us-east-1:1:alias/queues"])
def test_any_other_key_is(key: str) -> None:
    assert judged(OWN_KEY, queue(kmsMasterKeyId=key), required=True) == []


@pytest.mark.parametrize(("seconds", "kept"), [(60, True), (59, False), (3600, True), (3601, False)])
def test_a_data_key_is_reused_for_an_hour_at_most(
    seconds: int,
    kept: bool,  # noqa: FBT001 - an expectation
) -> None:
    assert (judged(DATA_KEY_REUSE, queue(kmsMasterKeyId=KEY, kmsDataKeyReusePeriodSeconds=seconds)) == []) is kept
    assert judged(DATA_KEY_REUSE, queue(sqsManagedSseEnabled=True, kmsDataKeyReusePeriodSeconds=seconds)) == []


def test_aws_reuses_a_data_key_for_five_minutes_when_nobody_says() -> None:
    assert judged(DATA_KEY_REUSE, queue(kmsMasterKeyId=KEY)) == []
    (message,) = judged(DATA_KEY_REUSE, queue(kmsMasterKeyId=KEY), maximumSeconds=120)
    assert "for 300 s; set kmsDataKeyReusePeriodSeconds to 60 to 120" in message


def test_a_key_that_is_not_known_yet_is_left_in_doubt() -> None:
    pack = PackUnderTest([rule.as_policy() for rule in (ENCRYPTED, DATA_KEY_REUSE)])
    outcome = pack.preview([queue(kmsMasterKeyId=UNKNOWN)])
    assert outcome.violations == ()
    assert {one.policy for one in outcome.undecided} == {"queue-is-encrypted", "queue-data-key-reuse"}
