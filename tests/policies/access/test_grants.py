import pytest

from policies.access.grants import ONLY_NAMED_ACTIONS
from policies.identities.grants import ONLY_NAMED_GRANTS
from tests.policies.judging import Raw, allow, deny, of_policy, of_queue


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"Action": "*"}, "It allows *; list the actions"),
        ({"Action": "sqs:*"}, "It allows sqs:*; list"),
        ({"Action": ["sqs:SendMessage", "SQS:Get*"]}, "It allows sqs:get*; list"),
        ({"Action": "sqs:SendMessag?"}, "It allows sqs:sendmessag?; list"),
        ({"Action": None, "NotAction": "sqs:PurgeQueue"}, "every action but some (NotAction)"),
        ({"Resource": None, "NotResource": "arn:aws:sqs:us-east-1:1:x"}, "every resource but some (NotResource)"),
    ],
)
@pytest.mark.parametrize("look", [of_queue, of_policy], ids=["queue", "role"])
def test_an_allow_that_does_not_name_what_it_allows_is_told(look: object, elements: Raw, words: str) -> None:
    if look is of_queue:
        assert words in of_queue(ONLY_NAMED_ACTIONS, [allow(**elements)])
    else:
        assert words in of_policy(ONLY_NAMED_GRANTS, allow(**elements))


def test_a_wide_deny_is_nobodys_grant() -> None:
    wide = deny(Action="*", Resource="*")
    assert of_queue(ONLY_NAMED_ACTIONS, [wide]) == ""
    assert of_policy(ONLY_NAMED_GRANTS, wide) == ""


def test_in_a_queues_policy_the_resource_may_be_the_queue_by_any_name() -> None:
    assert of_queue(ONLY_NAMED_ACTIONS, [allow(Resource="*")]) == ""
