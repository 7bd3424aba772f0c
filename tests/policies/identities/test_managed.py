import pytest

from policies.identities.managed import NO_AWS_MANAGED_POLICY
from tests.policies.judging import judged
from tests.policies.sound_roles import SoundRole
from tests.policy_harness.declared import UNKNOWN, Declared
from tests.policy_harness.pack import PackUnderTest

AWS_MANAGED = "arn:aws:iam::aws:policy/AdministratorAccess"
OWN = "arn:aws:iam::123456789012:policy/own"
ROLE, ATTACHMENT = "aws:iam/role:Role", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
EXCLUSIVE = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
BY_NAMES = "aws:iam/policyAttachment:PolicyAttachment"


@pytest.mark.parametrize(
    "resource",
    [
        Declared(ATTACHMENT, "it", {"role": "x", "policyArn": AWS_MANAGED}),
        Declared(BY_NAMES, "it", {"roles": ["x"], "policyArn": AWS_MANAGED.replace(":aws:iam", ":aws-cn:iam")}),
        Declared(ROLE, "it", {"managedPolicyArns": [OWN, AWS_MANAGED]}),
        Declared(ROLE, "it", {}, outputs={"managedPolicyArns": [AWS_MANAGED]}),
        Declared(EXCLUSIVE, "it", {"roleName": "x", "policyArns": [AWS_MANAGED]}),
        Declared("aws:iam/userPolicyAttachment:UserPolicyAttachment", "it", {"user": "x", "policyArn": AWS_MANAGED}),
        Declared("aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "it", {"group": "x", "policyArn": AWS_MANAGED}),
    ],
)
def test_a_policy_that_aws_keeps_is_told(resource: Declared) -> None:
    (told,) = judged(NO_AWS_MANAGED_POLICY, resource, outside=[OWN])
    assert "AdministratorAccess is attached, a policy that AWS keeps" in told


@pytest.mark.parametrize(
    "resource",
    [
        Declared(ATTACHMENT, "it", {"role": "x", "policyArn": OWN}),
        Declared(ROLE, "it", {"managedPolicyArns": [OWN]}),
        Declared(EXCLUSIVE, "it", {"roleName": "x", "policyArns": [OWN]}),
    ],
)
def test_a_policy_of_another_stack_is_told_unless_it_is_named(resource: Declared) -> None:
    (told,) = judged(NO_AWS_MANAGED_POLICY, resource)
    assert told.startswith(f"{OWN} is attached, which is no policy of this stack")
    assert judged(NO_AWS_MANAGED_POLICY, resource, outside=[OWN]) == []
    for policy in ({"name": "own"}, {"name": "own", "path": "/"}):
        assert judged(NO_AWS_MANAGED_POLICY, _policy(arn=UNKNOWN, **policy), resource) == []
        assert judged(NO_AWS_MANAGED_POLICY, _policy(arn=OWN, **policy), resource) == []
    for other in ({"name": "own", "arn": OWN.replace("1234", "9999")}, {"name": "own", "path": "/team/"}):
        assert judged(NO_AWS_MANAGED_POLICY, _policy(**{"arn": UNKNOWN, **other}), resource) == [told]


def _policy(*, arn: object, **properties: object) -> Declared:
    return Declared("aws:iam/policy:Policy", "policy", properties, outputs={"arn": arn})


@pytest.mark.parametrize(
    "resource", [Declared(ROLE, "it", {}, outputs={"managedPolicyArns": UNKNOWN}), Declared(ROLE, "it", {})]
)
def test_what_aws_fills_in_is_nobodys_grant(resource: Declared) -> None:
    assert judged(NO_AWS_MANAGED_POLICY, resource) == []


@pytest.mark.parametrize(
    "resource",
    [
        Declared(ATTACHMENT, "it", {"role": "x", "policyArn": UNKNOWN}),
        Declared(EXCLUSIVE, "it", {"roleName": "x", "policyArns": UNKNOWN}),
    ],
)
def test_an_unknown_policy_that_is_made_from_nothing_is_left_in_doubt(resource: Declared) -> None:
    outcome = PackUnderTest([NO_AWS_MANAGED_POLICY.as_policy()]).preview([resource])
    assert outcome.violations == ()
    assert "policyArn" in outcome.undecided[0].message


def test_an_unknown_arn_of_a_policy_of_the_stack_leaves_nothing_in_doubt() -> None:
    sound = SoundRole("x")
    inline = sound.role(managedPolicyArns=[UNKNOWN])
    listed = Declared(inline.type_token, inline.name, inline.properties, sources={"managedPolicyArns": ["x-policy"]})
    for program in (sound.everything(), (sound.policy(), listed)):
        outcome = PackUnderTest([NO_AWS_MANAGED_POLICY.as_policy()]).preview(program)
        assert (outcome.violations, outcome.undecided) == ((), ())


def test_an_unknown_arn_of_something_else_is_left_in_doubt_and_the_known_ones_are_told() -> None:
    role = Declared(
        ROLE, "it", {"managedPolicyArns": [UNKNOWN, AWS_MANAGED]}, sources={"managedPolicyArns": ["elsewhere"]}
    )
    elsewhere = Declared("aws:ssm/parameter:Parameter", "elsewhere", {})
    outcome = PackUnderTest([NO_AWS_MANAGED_POLICY.as_policy()]).preview([elsewhere, role])
    assert len(outcome.violations) == 1
    assert "managedPolicyArns.0" in outcome.undecided[0].message
