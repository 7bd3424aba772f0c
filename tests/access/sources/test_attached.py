"""Whoever a stack gives a policy to, by whichever resource: roles, users, and users by their groups."""

import json

import pytest

from access.deployed import Deployed
from access.policy import Policy
from access.sources import SourceError
from access.sources.assembly import assemble
from access.sources.documents import ALL_OF_SQS
from access.sources.resources import read_state
from tests.access.sound import ACCOUNT, DOCUMENTS, PREFIX, PRODUCER_ARN, SETTINGS
from tests.access.stack_documents import (
    ATTACHMENT,
    POLICY,
    ROLE,
    UNKNOWN,
    Raw,
    deployed_resources,
    replaced,
    resource,
    state,
)

TEXT = json.dumps({"Statement": [{"Sid": "Allow", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]})
MORE_ARN = f"arn:aws:iam::{ACCOUNT}:policy/{PREFIX}more"
MORE = resource(f"{POLICY}::more", name=f"{PREFIX}more", policy=TEXT)
ANN = resource("aws:iam/user:User::ann", name="ann", path="/team/")
GROUP = resource("aws:iam/group:Group::g", name="g")
GROUP_POLICY = resource("aws:iam/groupPolicy:GroupPolicy::g", group="g", name=f"{PREFIX}more", policy=TEXT)


def with_new(*new: Raw) -> Deployed:
    text = state(replaced(deployed_resources(), *new))
    return assemble(read_state(text, "the state"), SETTINGS, "its state")


def producer(**inputs: object) -> Raw:
    return resource(f"{ROLE}::producer", name=f"{PREFIX}backend-task", assumeRolePolicy=DOCUMENTS["trust"], **inputs)


@pytest.mark.parametrize(
    "given",
    [
        [resource("aws:iam/userPolicy:UserPolicy::x", user="ann", name=f"{PREFIX}more", policy=TEXT)],
        [resource("aws:iam/userPolicyAttachment:UserPolicyAttachment::x", user="ann", policyArn=MORE_ARN)],
        [
            resource(
                "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive::x",
                userName="ann",
                policyArns=[MORE_ARN],
            )
        ],
        [resource("aws:iam/policyAttachment:PolicyAttachment::x", users=["ann"], policyArn=MORE_ARN)],
        [
            GROUP,
            GROUP_POLICY,
            resource("aws:iam/groupMembership:GroupMembership::x", group="g", users=["ann"]),
        ],
        [
            GROUP,
            resource("aws:iam/groupPolicyAttachment:GroupPolicyAttachment::g", group="g", policyArn=MORE_ARN),
            resource("aws:iam/userGroupMembership:UserGroupMembership::x", user="ann", groups=["g"]),
        ],
        [
            GROUP,
            GROUP_POLICY,
            resource(
                "aws:iam/userGroupMembership:UserGroupMembership::x",
                {"user": ["aws:iam/user:User::ann"], "groups": ["aws:iam/group:Group::g"]},
                user=UNKNOWN,
                groups=UNKNOWN,
            ),
        ],
    ],
    ids=["inline", "attached", "all attached", "attached to many", "a member", "in groups", "by reference"],
)
def test_whatever_gives_a_user_a_policy_counts(given: list[Raw]) -> None:
    found = with_new(MORE, ANN, *given)
    (ann,) = found.users
    assert (ann.arn, ann.policies) == (f"arn:aws:iam::{ACCOUNT}:user/team/ann", (Policy.parse("more", TEXT),))
    assert (found.notes, found.unread) == ((), ())


def test_a_group_that_a_user_is_not_in_gives_it_nothing() -> None:
    bob = resource("aws:iam/groupMembership:GroupMembership::x", group="g", users=["bob"])
    (ann,) = with_new(ANN, GROUP, GROUP_POLICY, bob).users
    assert ann.policies == ()


def roles_policies(*new: Raw) -> set[Policy]:
    (role,) = [one for one in with_new(MORE, *new).roles if one.arn == PRODUCER_ARN]
    return {one for one in role.policies if one.name != "predictions-producer"}


@pytest.mark.parametrize(
    "new",
    [
        resource(
            "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive::x",
            roleName=f"{PREFIX}backend-task",
            policyArns=[MORE_ARN],
        ),
        resource(
            "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive::x",
            {"policyArns": [f"{POLICY}::more"]},
            roleName=f"{PREFIX}backend-task",
            policyArns=[UNKNOWN],
        ),
        producer(managedPolicyArns=[MORE_ARN]),
    ],
    ids=["all attached", "all attached by reference", "in the role"],
)
def test_a_list_of_all_that_is_attached_counts(new: Raw) -> None:
    assert roles_policies(new) == {Policy.parse("more", TEXT)}


def test_of_a_list_that_is_not_known_the_worst_is_assumed() -> None:
    assert roles_policies(producer(managedPolicyArns=UNKNOWN)) == {ALL_OF_SQS}


def test_policies_of_a_role_that_are_not_known_cannot_be_judged() -> None:
    with pytest.raises(SourceError, match="inlinePolicies of Role producer is not known before deployment"):
        with_new(producer(inlinePolicies=UNKNOWN))


@pytest.mark.parametrize(
    "token",
    [
        "aws:iam/rolePolicyOfTomorrow:RolePolicyOfTomorrow",
        "aws:sqs/queuePolicyOfTomorrow:QueuePolicyOfTomorrow",
        "aws-native:iam:RolePolicy",
        "aws-native:sqs:QueueInlinePolicy",
    ],
)
def test_what_nobody_understands_is_named(token: str) -> None:
    found = with_new(resource(f"{token}::odd", policy=TEXT))
    assert found.unread == (f"{token} odd",)
    assert found.notes == (f"{token} odd is not understood: what it grants is not shown",)


def test_what_has_no_say_in_access_is_not_named() -> None:
    harmless = (
        "aws:iam/instanceProfile:InstanceProfile",
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        "aws:s3/b:B",
    )
    assert with_new(*(resource(f"{one}::x") for one in harmless)).unread == ()


def test_an_attachment_that_is_none_of_the_roles_is_not_mistaken_for_it() -> None:
    assert roles_policies(resource(f"{ATTACHMENT}::x", role="other", policyArn=MORE_ARN)) == set()
