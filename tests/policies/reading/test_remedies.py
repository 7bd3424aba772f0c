"""What remedies give back: what is missing, and all else as it came, secrets and unknown values too."""

import pytest

from policies.queues.delivery import LONG_POLLING
from policies.queues.encryption import ENCRYPTED
from policies.stack.tags import REQUIRED_TAGS
from tests.policy_harness.declared import UNKNOWN, Declared, secret
from tests.policy_harness.pack import PackUnderTest

ALL = (REQUIRED_TAGS, ENCRYPTED, LONG_POLLING)
TAGS = {"Project": "retainwise", "Environment": "local", "ManagedBy": "pulumi"}


def remediated(properties: dict[str, object], **tag_settings: object) -> object:
    """A queue's properties after all remedies."""
    pack = PackUnderTest(
        [rule.as_policy() for rule in ALL],
        {"all": "remediate", REQUIRED_TAGS.name: {"enforcementLevel": "remediate", **tag_settings}},
        stack="local",
        project="retainwise",
    )
    return pack.remediated(Declared("aws:sqs/queue:Queue", "x", properties))


def test_a_queue_that_says_nothing_is_mended_in_every_way() -> None:
    assert remediated({"name": "x"}) == {
        "name": "x",
        "tags": TAGS,
        "sqsManagedSseEnabled": True,
        "receiveWaitTimeSeconds": 20,
    }


def test_what_is_well_stays() -> None:
    sound = {"tags": {**TAGS, "Team": "x"}, "kmsMasterKeyId": "alias/queues", "receiveWaitTimeSeconds": 5}
    assert remediated(sound) == sound


def test_secrets_and_unknown_values_come_through_one_remedy_after_another() -> None:
    untouched = {
        "policy": secret("{}"),
        "redrivePolicy": UNKNOWN,
        "visibilityTimeoutSeconds": secret(77),
        "fifoQueue": secret(UNKNOWN),
    }
    mended = remediated({**untouched, "tags": {"Owner": secret("me"), "After": UNKNOWN}})
    assert mended == {
        **untouched,
        "tags": {"Owner": secret("me"), "After": UNKNOWN, **TAGS},
        "sqsManagedSseEnabled": True,
        "receiveWaitTimeSeconds": 20,
    }


def test_what_takes_a_secrets_place_is_a_secret() -> None:
    assert remediated({"receiveWaitTimeSeconds": secret(0), "kmsMasterKeyId": "k", "tags": secret({})}) == {
        "receiveWaitTimeSeconds": secret(20),
        "kmsMasterKeyId": "k",
        "tags": secret(TAGS),
    }


def test_what_the_provider_has_put_together_already_is_mended_too() -> None:
    mended = remediated({"tags": {"Project": "p"}, "tagsAll": {"Project": "p", "ManagedBy": "somebody"}})
    assert isinstance(mended, dict)
    assert mended["tags"] == {"Project": "p", "Environment": "local"}
    assert mended["tagsAll"] == {"Project": "p", "ManagedBy": "somebody", "Environment": "local"}


def test_a_companys_own_tags_are_mended_where_the_configuration_has_their_values() -> None:
    mended = remediated({}, required=["CostCenter", "Owner"], remedies={"CostCenter": "1234"})
    assert isinstance(mended, dict)
    assert mended["tags"] == {"CostCenter": "1234"}


@pytest.mark.parametrize("properties", [{"tags": UNKNOWN}, {"receiveWaitTimeSeconds": UNKNOWN}])
def test_what_is_not_known_yet_is_not_mended_and_that_is_told(properties: dict[str, object]) -> None:
    with pytest.raises(AssertionError, match="can't run remediation"):
        remediated(properties)
