import json
from collections.abc import Iterable

import pytest

from access.deployed import Deployed, Endpoint
from access.policy import Policy
from access.sources import SourceError
from access.sources.assembly import assemble
from access.sources.documents import ALL_OF_SQS
from access.sources.resources import read_preview, read_state
from tests.access.sound import (
    ACCOUNT,
    DLQ_ARN,
    DOCUMENTS,
    PREFIX,
    PRODUCER_ARN,
    QUEUE_ARN,
    REDRIVE,
    SETTINGS,
    deployed,
    role_arn,
)
from tests.access.stack_documents import (
    ATTACHMENT,
    DLQ,
    POLICY,
    QUEUE,
    QUEUE_POLICY,
    ROLE,
    UNKNOWN,
    Raw,
    deployed_resources,
    planned_resources,
    preview,
    replaced,
    resource,
    state,
    step,
)

ALLOW = {"Statement": [{"Sid": "Allow", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
TEXT = json.dumps(ALLOW)
SQS_ENDPOINT = "com.amazonaws.us-east-1.sqs"


def assembled(resources: Iterable[Raw]) -> Deployed:
    return assemble(read_state(state(resources), "the state"), SETTINGS, "its state")


def with_new(*new: Raw) -> Deployed:
    return assembled(replaced(deployed_resources(), *new))


def producer_policies(found: Deployed) -> tuple[str, ...]:
    (role,) = [one for one in found.roles if one.arn == PRODUCER_ARN]
    return tuple(one.name for one in role.policies)


def test_a_deployed_stack_is_put_together() -> None:
    found = assembled(deployed_resources())
    sound = deployed()
    assert found.queues == sound.queues
    assert [(one.arn, one.policies) for one in found.roles] == [(one.arn, one.policies) for one in sound.roles]
    assert all(one.trust is not None for one in found.roles)
    assert found.notes == ()


def test_a_preview_of_a_new_stack_gives_the_same_as_the_deployed_stack() -> None:
    stack = read_preview(preview(*(step("create", one) for one in planned_resources())), "the preview")
    assert assemble(stack, SETTINGS, "its state") == assembled(deployed_resources())


def test_a_queue_may_bring_its_policies_itself() -> None:
    text = json.dumps({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:elsewhere"})
    found = with_new(
        resource("aws:sqs/queue:Queue::third", name="third", policy=TEXT),
        resource("aws:sqs/redrivePolicy:RedrivePolicy::third", queueUrl="https://sqs/third", redrivePolicy=text),
    )
    (third,) = [one for one in found.queues if one.name == "third"]
    assert third.policy == Policy.parse("third", TEXT)
    assert third.dead_letter_arn == "arn:aws:sqs:us-east-1:123456789012:elsewhere"


def test_what_a_queue_answers_of_its_policy_counts_less_than_the_policy_beside_it() -> None:
    """A provider keeps in the queue's outputs what the policy was when it last looked."""
    queue = resource(QUEUE, name=f"{PREFIX}predictions", redrivePolicy=REDRIVE)
    assert with_new({**queue, "outputs": {"policy": TEXT}}).queues == deployed().queues


def test_what_a_role_answers_of_its_policies_does_not_count() -> None:
    role = resource(f"{ROLE}::producer", name=f"{PREFIX}backend-task", assumeRolePolicy=DOCUMENTS["trust"])
    stale = {"managedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"], "inlinePolicies": [{"policy": TEXT}]}
    assert producer_policies(with_new({**role, "outputs": stale})) == ("predictions-producer",)


def test_a_policy_of_a_queue_outside_the_stack_is_left_out_and_noted() -> None:
    found = with_new(resource(f"{QUEUE_POLICY}::stray", queueUrl="https://sqs/elsewhere", policy=TEXT))
    assert found.queues == deployed().queues
    assert found.notes == ("QueuePolicy stray belongs to no queue of the stack; it is left out",)


def test_a_policy_that_is_attached_twice_counts_once() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/{PREFIX}predictions-producer"
    again = resource(f"{ATTACHMENT}::again", policyArn=arn, role=f"{PREFIX}backend-task")
    assert producer_policies(with_new(again)) == ("predictions-producer",)


def test_a_policy_of_a_queue_with_a_longer_name_is_not_mistaken() -> None:
    without = [
        one for one in deployed_resources() if one["urn"].rsplit("::", 1)[-1] != "queue" or "Policy" not in one["type"]
    ]
    queues = {one.arn: one.policy for one in assembled(without).queues}
    assert queues[QUEUE_ARN] is None
    assert queues[DLQ_ARN] is not None


def test_a_queue_in_another_region_has_its_arn_there() -> None:
    found = with_new(resource(DLQ, name="there", region="eu-central-1"))
    assert f"arn:aws:sqs:eu-central-1:{ACCOUNT}:there" in {one.arn for one in found.queues}


@pytest.mark.parametrize(
    ("new", "name"),
    [
        (
            resource(
                "aws:iam/rolePolicy:RolePolicy::x", role=f"{PREFIX}backend-task", name=f"{PREFIX}more", policy=TEXT
            ),
            "more",
        ),
        (
            resource(
                "aws:iam/rolePolicy:RolePolicy::x",
                {"role": [f"{ROLE}::producer"]},
                role=UNKNOWN,
                name="more",
                policy=TEXT,
            ),
            "more",
        ),
        (
            resource(
                f"{ROLE}::producer",
                name=f"{PREFIX}backend-task",
                assumeRolePolicy=DOCUMENTS["trust"],
                inlinePolicies=[{"name": "more", "policy": TEXT}],
            ),
            "more",
        ),
        (
            resource(
                f"{ROLE}::producer",
                name=f"{PREFIX}backend-task",
                assumeRolePolicy=DOCUMENTS["trust"],
                managedPolicyArns=[f"arn:aws:iam::{ACCOUNT}:policy/{PREFIX}predictions-consumer"],
            ),
            "predictions-consumer",
        ),
        (
            resource(
                "aws:iam/policyAttachment:PolicyAttachment::x",
                {"policyArn": [f"{POLICY}::consumer"]},
                policyArn=UNKNOWN,
                roles=[f"{PREFIX}backend-task"],
            ),
            "predictions-consumer",
        ),
    ],
    ids=["inline by name", "inline by reference", "inline in the role", "attached in the role", "attached to many"],
)
def test_whatever_gives_a_role_a_policy_counts(new: Raw, name: str) -> None:
    assert sorted(producer_policies(with_new(new))) == sorted(["predictions-producer", name])


def test_a_policy_that_is_not_in_the_stack_is_taken_for_the_worst_and_noted() -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    found = with_new(resource(f"{ATTACHMENT}::more", policyArn=arn, role=f"{PREFIX}backend-task"))
    (role,) = [one for one in found.roles if one.arn == PRODUCER_ARN]
    assert ALL_OF_SQS in role.policies
    assert found.notes == (f"{arn} of Role producer is not in the stack; it is taken to allow everything on SQS",)


def test_a_boundary_is_read() -> None:
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/{PREFIX}predictions-consumer"
    role = resource(
        f"{ROLE}::producer",
        name=f"{PREFIX}backend-task",
        assumeRolePolicy=DOCUMENTS["trust"],
        permissionsBoundary=boundary,
    )
    bound = {one.arn: one.boundary for one in with_new(role).roles}
    assert bound[PRODUCER_ARN] == Policy.parse("predictions-consumer", DOCUMENTS["consumer"])
    assert bound[role_arn(f"{PREFIX}worker-task")] is None


def test_only_endpoints_for_sqs_count_each_with_its_policy() -> None:
    found = with_new(
        {**resource("aws:ec2/vpcEndpoint:VpcEndpoint::sqs", vpcId="vpc-1", serviceName=SQS_ENDPOINT), "id": "vpce-1"},
        resource("aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy::sqs", vpcEndpointId="vpce-1", policy=TEXT),
        resource("aws:ec2/vpcEndpoint:VpcEndpoint::s3", serviceName="com.amazonaws.us-east-1.s3"),
    )
    assert found.endpoints == (Endpoint("vpce-1", "vpc-1", Policy.parse("endpoint policy", TEXT)),)


def test_an_endpoint_that_is_not_made_yet_has_its_policy_all_the_same() -> None:
    name = "aws:ec2/vpcEndpoint:VpcEndpoint::sqs"
    found = with_new(
        resource(name, vpcId="vpc-1", serviceName=SQS_ENDPOINT),
        resource(
            "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy::sqs",
            {"vpcEndpointId": [name]},
            vpcEndpointId=UNKNOWN,
            policy=TEXT,
        ),
    )
    assert found.endpoints == (Endpoint(None, "vpc-1", Policy.parse("endpoint policy", TEXT)),)


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (
            resource(f"{QUEUE_POLICY}::queue", queueUrl=f"x/{PREFIX}predictions", policy=UNKNOWN),
            "policy of QueuePolicy queue",
        ),
        (
            resource(f"{QUEUE_POLICY}::queue", queueUrl=f"x/{PREFIX}predictions", policy="no"),
            "policy predictions cannot",
        ),
        (resource(QUEUE, name=UNKNOWN), "name of Queue queue is not known before deployment"),
        (resource(QUEUE), "Queue queue has no name;"),
        (resource(QUEUE, name="one", redrivePolicy="{}"), "redrive policy of Queue queue names no deadLetterTargetArn"),
        (resource(f"{ROLE}::producer", assumeRolePolicy="{}"), "Role producer has no name;"),
        (resource(f"{POLICY}::producer", name=f"{PREFIX}predictions-producer"), "Policy producer has no document"),
    ],
)
def test_what_cannot_be_judged_is_said(new: Raw, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        with_new(new)


def test_a_stack_without_a_queue_is_not_deployed() -> None:
    with pytest.raises(SourceError, match="the stack dev holds no queue: it is not deployed"):
        assembled([resource("pulumi:pulumi:Stack::shop-dev")])
