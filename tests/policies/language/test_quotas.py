import json

import pytest

from policies.language.quotas import WITHIN_QUOTAS
from tests.policies.judging import Raw, allow, deny, judged, of_policy, of_queue, of_trust
from tests.policy_harness.declared import Declared

ROLES = [f"arn:aws:iam::123456789012:role/{number}" for number in range(51)]
ACTIONS = [f"sqs:{number}" for number in range(8)]


def _conditions(count: int) -> Raw:
    half = {f"aws:PrincipalTag/{number}": "x" for number in range(count // 2)}
    return {"StringEquals": half, "StringLike": {**half, **({"aws:username": "x"} if count % 2 else {})}}


def _bytes(count: int) -> list[Raw]:
    empty = len(json.dumps({"Version": "2012-10-17", "Statement": [deny(Sid="")]}))
    return [deny(Sid="x" * (count - empty))]


@pytest.mark.parametrize(
    ("fits", "exceeds", "words"),
    [
        ([deny()] * 20, [deny()] * 21, "the queue policy: 21 statements; AWS takes 20"),
        ([deny(Action=ACTIONS[:7])], [deny(Action=ACTIONS)], "the queue policy: It: 8 actions; AWS takes 7"),
        (
            [deny(Action=None, NotAction=ACTIONS[:7])],
            [deny(Action=None, NotAction=ACTIONS)],
            "It: 8 actions; AWS takes 7",
        ),
        (
            [allow(Principal={"AWS": ROLES[:30]}), allow(Principal={"AWS": ROLES[:20]})],
            [allow(Principal={"AWS": ROLES[:30]}), allow(Principal={"AWS": ROLES[:21]})],
            "the queue policy: 51 principals; AWS takes 50",
        ),
        (
            [deny(Condition=_conditions(5)), deny(Condition=_conditions(5))],
            [deny(Condition=_conditions(5)), deny(Condition=_conditions(6))],
            "the queue policy: 11 conditions; AWS takes 10",
        ),
        (_bytes(8_192), _bytes(8_193), "the queue policy: 8,193 bytes; AWS takes 8,192"),
    ],
    ids=["statements", "actions", "actions excepted", "principals", "conditions", "bytes"],
)
def test_a_queues_policy_may_be_as_large_as_sqs_takes_and_no_larger(
    fits: list[Raw], exceeds: list[Raw], words: str
) -> None:
    assert of_queue(WITHIN_QUOTAS, fits) == ""
    assert words in of_queue(WITHIN_QUOTAS, exceeds)


def test_bytes_are_counted_not_characters_and_white_space_with_them() -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny(Sid="ü" * 4_096)]}, ensure_ascii=False)
    queue = Declared("aws:sqs/queue:Queue", "it", {"policy": policy})
    assert "bytes; AWS takes 8,192" in judged(WITHIN_QUOTAS, queue)[0]
    spaced = Declared("aws:sqs/queue:Queue", "it", {"policy": json.dumps({"Statement": [deny()]}, indent=400)})
    assert "bytes; AWS takes 8,192" in judged(WITHIN_QUOTAS, spaced)[0]


def _document(characters: int) -> str:
    """A document of so many characters without white space, written with much of it."""
    empty = json.dumps({"Version": "2012-10-17", "Statement": [deny(Sid="")]}, separators=(",", ":"))
    return json.dumps({"Version": "2012-10-17", "Statement": [deny(Sid="x" * (characters - len(empty)))]}, indent=8)


@pytest.mark.parametrize(
    ("type_token", "limit"),
    [
        ("aws:iam/policy:Policy", 6_144),
        ("aws:iam/rolePolicy:RolePolicy", 10_240),
        ("aws:iam/userPolicy:UserPolicy", 2_048),
        ("aws:iam/groupPolicy:GroupPolicy", 5_120),
    ],
)
def test_a_policy_of_an_identity_has_its_kinds_quota_without_white_space(type_token: str, limit: int) -> None:
    assert judged(WITHIN_QUOTAS, Declared(type_token, "it", {"policy": _document(limit)})) == []
    (told,) = judged(WITHIN_QUOTAS, Declared(type_token, "it", {"policy": _document(limit + 1)}))
    assert told == f"the policy: {limit + 1:,} characters; AWS takes {limit:,}"


def test_the_inline_policies_of_a_role_count_together() -> None:
    inline = [{"name": str(size), "policy": _document(size)} for size in (5_120, 5_120)]
    assert judged(WITHIN_QUOTAS, Declared("aws:iam/role:Role", "it", {"inlinePolicies": inline})) == []
    inline.append({"name": "more", "policy": _document(500)})
    (told,) = judged(WITHIN_QUOTAS, Declared("aws:iam/role:Role", "it", {"inlinePolicies": inline}))
    assert told == "the inline policies: 10,740 characters together; AWS takes 10,240"


def test_a_trust_policy_may_be_as_large_as_the_account_is_configured_for() -> None:
    long = deny(Sid="x" * 2_500)
    assert "the trust policy: 2," in of_trust(WITHIN_QUOTAS, long)
    assert of_trust(WITHIN_QUOTAS, long, trustPolicyCharacters=4_096) == ""


def test_what_cannot_be_read_is_counted_as_it_is() -> None:
    policy = Declared("aws:iam/policy:Policy", "it", {"policy": "{" * 7_000})
    assert judged(WITHIN_QUOTAS, policy) == ["the policy: 7,000 characters; AWS takes 6,144"]
    assert of_policy(WITHIN_QUOTAS, allow()) == ""
