import pytest

from policies.access.control import NO_CONTROL
from policies.identities.escalation import CONTROL_OF_QUEUES
from tests.policies.judging import Raw, allow, deny, of_queue

WORKER, DEPLOYER = "arn:aws:iam::123456789012:role/worker", "arn:aws:iam::123456789012:role/deployer"


def _told(statement: Raw) -> str:
    return of_queue(NO_CONTROL, [statement], deployerArns=[DEPLOYER])


def test_control_of_a_queue_is_what_rewrites_its_policy() -> None:
    assert set(CONTROL_OF_QUEUES) == {"sqs:AddPermission", "sqs:RemovePermission", "sqs:SetQueueAttributes"}


@pytest.mark.parametrize("action", CONTROL_OF_QUEUES)
def test_every_power_is_told_with_who_has_it(action: str) -> None:
    told = _told(allow(Principal={"AWS": [DEPLOYER, WORKER]}, Action=["sqs:SendMessage", action]))
    assert told.startswith(f"the queue policy: It allows {WORKER} {action}, which rewrites the policy")


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"Principal": {"AWS": WORKER}, "Action": "sqs:Set*"}, f"{WORKER} sqs:SetQueueAttributes"),
        ({"Principal": "*", "Action": "*"}, "allows * sqs:AddPermission"),
        ({"Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:AddPermission"}, "allows sns.amazonaws.com"),
        ({"Principal": {"AWS": WORKER}, "Action": None, "NotAction": "sqs:PurgeQueue"}, f"allows {WORKER}"),
        ({"NotPrincipal": {"AWS": DEPLOYER}, "Action": "sqs:AddPermission"}, "allows everybody but some"),
    ],
)
def test_powers_by_pattern_and_for_anybody_are_told(elements: Raw, words: str) -> None:
    assert words in _told(allow(**elements))


@pytest.mark.parametrize(
    "statement",
    [
        allow(Principal={"AWS": WORKER}, Action=["sqs:SendMessage", "sqs:GetQueueAttributes"]),
        allow(Principal={"AWS": DEPLOYER}, Action="sqs:SetQueueAttributes"),
        deny(),
    ],
)
def test_what_leaves_the_policy_to_who_deploys_passes(statement: Raw) -> None:
    assert _told(statement) == ""


def test_unless_deployers_are_configured_nobody_may() -> None:
    assert f"allows {DEPLOYER}" in of_queue(
        NO_CONTROL, [allow(Principal={"AWS": DEPLOYER}, Action="sqs:AddPermission")]
    )
