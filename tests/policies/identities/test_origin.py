from policies.identities.origin import GRANTS_ONLY_FROM_VPC
from tests.policies.judging import allow, deny, of_policy

ENDPOINT = "vpce-0a1b2c3d4e5f60718"


def test_a_roles_policy_gives_messages_from_the_vpc_only() -> None:
    assert of_policy(GRANTS_ONLY_FROM_VPC, allow(Condition={"StringEquals": {"aws:SourceVpce": ENDPOINT}})) == ""
    assert of_policy(GRANTS_ONLY_FROM_VPC, allow(Action="sqs:GetQueueUrl"), deny(Principal=None)) == ""
    assert "It allows access to messages from anywhere" in of_policy(GRANTS_ONLY_FROM_VPC, allow())
