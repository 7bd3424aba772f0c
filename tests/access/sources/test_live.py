"""What is read of a live account, here the local one."""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from access.policy import Policy
from access.sources import Settings, SourceError
from access.sources.identities import read_identities
from access.sources.live import read_live
from local.emulator import account
from local.emulator.clients import Clients
from local.emulator.process import Emulator
from local.emulator.sessions import Role, root_environment, session_environment

pytestmark = pytest.mark.emulator

TRUST = json.dumps(
    {
        "Statement": {
            "Sid": "Trust",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account.ACCOUNT_ID}:root"},
            "Action": "sts:AssumeRole",
        }
    }
)


def allowing(sid: str) -> str:
    return json.dumps({"Statement": [{"Sid": sid, "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]})


@pytest.fixture
def root(emulator: Emulator) -> Clients:
    return Clients(root_environment(emulator))


@pytest.fixture
def settings(unique_name: str) -> Settings:
    return Settings(f"{unique_name}-", account.ACCOUNT_ID, account.REGION, account.VPC_ID, account.VPC_ENDPOINT_ID)


@pytest.fixture
def undone() -> Iterator[ExitStack]:
    with ExitStack() as ends:
        yield ends


def make_queue(root: Clients, undone: ExitStack, name: str, **attributes: str) -> str:
    url = root.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]  # type: ignore[arg-type]  # names by hand
    undone.callback(root.sqs.delete_queue, QueueUrl=url)
    return f"arn:aws:sqs:{account.REGION}:{account.ACCOUNT_ID}:{name}"


def make_policy(root: Clients, undone: ExitStack, name: str, document: str) -> str:
    arn = root.iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
    undone.callback(root.iam.delete_policy, PolicyArn=arn)
    return arn


def make_role(root: Clients, undone: ExitStack, name: str, *, inline: str, attached: str) -> str:
    arn = root.iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    undone.callback(root.iam.delete_role, RoleName=name)
    root.iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=inline)
    undone.callback(root.iam.delete_role_policy, RoleName=name, PolicyName="inline")
    root.iam.attach_role_policy(RoleName=name, PolicyArn=attached)
    undone.callback(root.iam.detach_role_policy, RoleName=name, PolicyArn=attached)
    return arn


def test_queues_and_roles_of_the_environment_are_read_with_their_policies(
    root: Clients, settings: Settings, undone: ExitStack
) -> None:
    dlq_arn = make_queue(root, undone, f"{settings.prefix}jobs-dlq")
    redrive = json.dumps({"deadLetterTargetArn": dlq_arn, "maxReceiveCount": 3})
    arn = f"{dlq_arn.removesuffix('-dlq')}"
    statement = {"Sid": "Deny", "Effect": "Deny", "Principal": "*", "Action": "sqs:PurgeQueue", "Resource": arn}
    queue_policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    make_queue(root, undone, f"{settings.prefix}jobs", RedrivePolicy=redrive, Policy=queue_policy)
    managed = make_policy(root, undone, f"{settings.prefix}jobs-send", allowing("Managed"))
    role_arn = make_role(root, undone, f"{settings.prefix}worker", inline=allowing("Inline"), attached=managed)

    found = read_live(root, settings)

    queues = {one.arn: one for one in found.queues}
    assert set(queues) == {arn, dlq_arn}
    assert (queues[arn].policy, queues[arn].dead_letter_arn) == (Policy.parse("jobs", queue_policy), dlq_arn)
    assert (queues[dlq_arn].policy, queues[dlq_arn].dead_letter_arn) == (None, None)
    (role,) = found.roles
    assert role.arn == role_arn
    assert role.policies == (Policy.parse("inline", allowing("Inline")), Policy.parse("jobs-send", allowing("Managed")))
    assert role.trust == Policy.parse("trust of worker", TRUST)
    assert [one.endpoint_id for one in found.endpoints] == [account.VPC_ENDPOINT_ID]


def test_people_are_read_whether_roles_or_users_and_whoever_is_not_there_is_left_out(
    root: Clients, settings: Settings, undone: ExitStack, unique_name: str
) -> None:
    name = f"{unique_name}-alice"
    user = root.iam.create_user(UserName=name)["User"]["Arn"]
    undone.callback(root.iam.delete_user, UserName=name)
    root.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=allowing("Own"))
    undone.callback(root.iam.delete_user_policy, UserName=name, PolicyName="own")
    root.iam.create_group(GroupName=name)
    undone.callback(root.iam.delete_group, GroupName=name)
    root.iam.put_group_policy(GroupName=name, PolicyName="shared", PolicyDocument=allowing("Shared"))
    undone.callback(root.iam.delete_group_policy, GroupName=name, PolicyName="shared")
    root.iam.add_user_to_group(GroupName=name, UserName=name)
    undone.callback(root.iam.remove_user_from_group, GroupName=name, UserName=name)

    deployer, nobody = account.role_arn(account.DEPLOYER), account.role_arn(f"{unique_name}-nobody")
    abroad = account.role_arn(account.OUTSIDER, account.OUTSIDER_ACCOUNT_ID)
    found = read_identities(root.iam, [user, deployer, nobody, abroad], settings)

    assert set(found) == {user, deployer}
    assert {one.statements[0].label for one in found[user].policies} == {"Own", "Shared"}
    assert [one.name for one in found[deployer].policies] == ["permissions"]


def test_an_environment_without_a_queue_is_told(root: Clients, settings: Settings) -> None:
    with pytest.raises(SourceError, match=f"has no queue whose name begins with {settings.prefix}"):
        read_live(root, settings)


def test_credentials_of_another_account_are_refused(emulator: Emulator, settings: Settings) -> None:
    outside = Clients(root_environment(emulator, account.OUTSIDER_ACCOUNT_ID))
    with pytest.raises(SourceError, match=f"of account {account.OUTSIDER_ACCOUNT_ID}; the stack is in"):
        read_live(outside, settings)


def test_whoever_may_not_look_is_told_what_was_refused(emulator: Emulator, settings: Settings) -> None:
    break_glass = Clients(session_environment(emulator, Role.BREAK_GLASS))
    with pytest.raises(SourceError, match=r"could not be read: .*AccessDenied"):
        read_live(break_glass, settings)
    with pytest.raises(SourceError, match=r"could not be read: .*AccessDenied"):
        read_identities(break_glass.iam, [account.role_arn(account.DEPLOYER)], settings)


def test_reading_changes_nothing(root: Clients, settings: Settings, undone: ExitStack) -> None:
    """Every call that reading makes is one of those that look."""
    make_queue(root, undone, f"{settings.prefix}jobs")
    calls: list[str] = []
    for client in (root.sqs, root.iam, root.sts, root.ec2):
        client.meta.events.register("before-call", lambda model, **_: calls.append(model.name))
    read_live(root, settings)
    read_identities(root.iam, [account.role_arn(account.DEPLOYER)], settings)
    assert calls
    assert {one for one in calls if not one.startswith(("Get", "List", "Describe"))} == set()
