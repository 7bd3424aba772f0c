"""The account as bootstrap makes it: network, roles with their permissions, bucket and parameter, and sessions."""

import json
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from local.emulator import account, permissions
from local.emulator.bootstrap import bootstrap
from local.emulator.clients import Clients
from local.emulator.process import Emulator, start, stop
from local.emulator.sessions import TASK_ROLES, Role, SessionError, root_environment, session_environment
from local.paths import LocalPaths
from tests.local.emulator.cloud import ECS_TRUST, Cloud, Queue, Sessions, allow, code_of, document

pytestmark = pytest.mark.emulator

ACCOUNT_ROLES = [role for role in Role if role not in TASK_ROLES]


@pytest.fixture(scope="module")
def named_queues(
    tmp_path_factory: pytest.TempPathFactory,
    emulator: Emulator,  # noqa: ARG001 - skips where there is no emulator
) -> Iterator[tuple[Cloud, Queue]]:
    """The stack's two queues by their own names, in an account where nobody else can want them."""
    paths = LocalPaths(run=tmp_path_factory.mktemp("named"))
    cloud = Cloud(Sessions(start(paths, owner=os.getpid(), ports=(0, 0))))
    try:
        bootstrap(cloud.emulator)
        yield cloud, cloud.queue(account.QUEUE_NAME)
    finally:
        stop(paths)


def test_the_network_has_the_fixed_ids(cloud: Cloud) -> None:
    (vpc,) = cloud.root.ec2.describe_vpcs(VpcIds=[account.VPC_ID])["Vpcs"]
    assert vpc["CidrBlock"] == account.VPC_CIDR
    subnets = cloud.root.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [account.VPC_ID]}])["Subnets"]
    assert {subnet["SubnetId"]: subnet["CidrBlock"] for subnet in subnets} == account.SUBNETS
    assert {subnet["AvailabilityZone"] for subnet in subnets} == {"us-east-1a", "us-east-1b"}
    (endpoint,) = cloud.root.ec2.describe_vpc_endpoints(VpcEndpointIds=[account.VPC_ENDPOINT_ID])["VpcEndpoints"]
    assert endpoint["ServiceName"] == "com.amazonaws.us-east-1.sqs"
    assert endpoint["VpcEndpointType"] == "Interface"
    assert endpoint["VpcId"] == account.VPC_ID
    assert set(endpoint["SubnetIds"]) == set(account.SUBNETS)


def test_bootstrap_again_changes_nothing_but_what_was_changed(cloud: Cloud) -> None:
    cloud.root.ssm.put_parameter(Name=account.KILL_SWITCH_PARAMETER, Value="false", Overwrite=True)
    cloud.root.s3.put_object(Bucket=account.UPLOADS_BUCKET, Key="user_1/kept.csv", Body=b"kept")
    cloud.root.iam.put_role_policy(
        RoleName=account.DEPLOYER,
        PolicyName="permissions",
        PolicyDocument=permissions.document(permissions.ROLES[account.ADMINISTRATOR]),
    )
    bootstrap(cloud.emulator)
    assert cloud.root.ssm.get_parameter(Name=account.KILL_SWITCH_PARAMETER)["Parameter"]["Value"] == "false"
    assert cloud.root.s3.get_object(Bucket=account.UPLOADS_BUCKET, Key="user_1/kept.csv")["Body"].read() == b"kept"
    restored = cloud.root.iam.get_role_policy(RoleName=account.DEPLOYER, PolicyName="permissions")["PolicyDocument"]
    assert restored == json.loads(permissions.document(permissions.DEPLOYER))
    cloud.root.s3.delete_object(Bucket=account.UPLOADS_BUCKET, Key="user_1/kept.csv")
    cloud.root.ssm.put_parameter(Name=account.KILL_SWITCH_PARAMETER, Value="true", Overwrite=True)


def test_the_kill_switch_begins_as_true(named_queues: tuple[Cloud, Queue]) -> None:
    cloud, _ = named_queues
    assert cloud.root.ssm.get_parameter(Name=account.KILL_SWITCH_PARAMETER)["Parameter"]["Value"] == "true"


@pytest.mark.parametrize("role", ACCOUNT_ROLES)
def test_each_account_role_has_a_session(cloud: Cloud, role: Role) -> None:
    environment = session_environment(cloud.emulator, role)
    owner = account.OUTSIDER_ACCOUNT_ID if role is Role.OUTSIDER else account.ACCOUNT_ID
    identity = Clients(environment).sts.get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{owner}:assumed-role/{role}/local-{role}"
    inside = role is Role.OPERATOR
    assert environment["AWS_ENDPOINT_URL"] == (cloud.emulator.vpc_url if inside else cloud.emulator.public_url)
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "us-east-1"
    assert environment["AWS_EC2_METADATA_DISABLED"] == "true"


def test_a_session_needs_a_bootstrapped_account(tmp_path: Path, emulator: Emulator) -> None:  # noqa: ARG001 - skips where there is no emulator
    paths = LocalPaths(run=tmp_path)
    try:
        empty = start(paths, ports=(0, 0))
        with pytest.raises(SessionError, match=r"AccessDenied: .*has the account been bootstrapped\?"):
            session_environment(empty, Role.DEPLOYER)
    finally:
        stop(paths)


def test_task_roles_and_only_they_need_an_arn(cloud: Cloud) -> None:
    with pytest.raises(ValueError, match="a session of producer needs task_role_arn"):
        session_environment(cloud.emulator, Role.PRODUCER)
    with pytest.raises(ValueError, match="a session of operator takes no task_role_arn"):
        session_environment(cloud.emulator, Role.OPERATOR, task_role_arn=account.role_arn("operator"))


def test_a_task_session_is_its_roles_and_works_through_the_vpc(cloud: Cloud, unique_name: str) -> None:
    arn = cloud.role(unique_name)
    environment = session_environment(cloud.emulator, Role.CONSUMER, task_role_arn=arn)
    assert environment["AWS_ENDPOINT_URL"] == cloud.emulator.vpc_url
    session = Clients(environment).sts.get_caller_identity()["Arn"]
    assert session.startswith(f"arn:aws:sts::{account.ACCOUNT_ID}:assumed-role/{unique_name}/")


IN_THIS_ACCOUNT = {
    "StringEquals": {"aws:SourceAccount": account.ACCOUNT_ID},
    "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{account.REGION}:{account.ACCOUNT_ID}:*"},
}


def test_a_trust_policy_that_names_ecs_in_this_account_lets_it_in(cloud: Cloud, unique_name: str) -> None:
    arn = cloud.role(unique_name, trust={**ECS_TRUST, "Condition": IN_THIS_ACCOUNT})
    assert session_environment(cloud.emulator, Role.PRODUCER, task_role_arn=arn)["AWS_SESSION_TOKEN"]


@pytest.mark.parametrize(
    "change",
    [
        {"Principal": {"Service": "ec2.amazonaws.com"}},
        {"Principal": {"AWS": f"arn:aws:iam::{account.ACCOUNT_ID}:root"}},
        {"Effect": "Deny"},
        {"Action": "sts:TagSession"},
        {"Condition": {"StringEquals": {"aws:SourceAccount": account.OUTSIDER_ACCOUNT_ID}}},
        {"Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:eu-west-1:{account.ACCOUNT_ID}:*"}}},
    ],
)
def test_a_trust_policy_that_does_not_is_refused(cloud: Cloud, unique_name: str, change: dict[str, object]) -> None:
    arn = cloud.role(unique_name, trust={**ECS_TRUST, **change})
    with pytest.raises(SessionError, match=f"AccessDenied: ECS was unable to assume the role '{arn}'") as caught:
        session_environment(cloud.emulator, Role.PRODUCER, task_role_arn=arn)
    assert caught.value.code == "AccessDenied"


def test_a_role_that_is_missing_is_refused(cloud: Cloud) -> None:
    with pytest.raises(SessionError, match="AccessDenied"):
        session_environment(cloud.emulator, Role.PRODUCER, task_role_arn=account.role_arn("nobody"))


def test_nobody_assumes_a_task_role_but_ecs(cloud: Cloud, unique_name: str) -> None:
    arn = cloud.role(unique_name)
    for clients in (cloud.root, cloud.clients(Role.ADMINISTRATOR)):
        assert code_of(partial(clients.sts.assume_role, RoleArn=arn, RoleSessionName="me")) == "AccessDenied"


def test_boto3s_own_container_provider_reads_task_credentials(
    cloud: Cloud, unique_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = cloud.role(unique_name)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "missing"))
    monkeypatch.setenv(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{cloud.emulator.public_url}/_local/task-credentials?role={arn}"
    )
    sts = boto3.Session(region_name=account.REGION).client("sts", endpoint_url=cloud.emulator.vpc_url)
    assert f":assumed-role/{unique_name}/" in sts.get_caller_identity()["Arn"]


def test_the_operator_works_on_dead_letters(named_queues: tuple[Cloud, Queue]) -> None:
    cloud, queue = named_queues
    operator = cloud.clients(Role.OPERATOR).sqs
    cloud.root.sqs.send_message(QueueUrl=queue.dead_letter_url, MessageBody="dead")
    (message,) = operator.receive_message(QueueUrl=queue.dead_letter_url)["Messages"]
    operator.delete_message(QueueUrl=queue.dead_letter_url, ReceiptHandle=message["ReceiptHandle"])
    operator.get_queue_attributes(QueueUrl=queue.dead_letter_url, AttributeNames=["All"])
    operator.send_message(QueueUrl=queue.url, MessageBody="again")
    assert queue.dead_letter_url in operator.list_queues()["QueueUrls"]
    assert code_of(lambda: operator.receive_message(QueueUrl=queue.url)) == "AccessDenied"
    assert code_of(lambda: operator.purge_queue(QueueUrl=queue.dead_letter_url)) == "AccessDenied"


def test_break_glass_purges_and_no_more(named_queues: tuple[Cloud, Queue]) -> None:
    cloud, queue = named_queues
    break_glass = cloud.clients(Role.BREAK_GLASS).sqs
    break_glass.purge_queue(QueueUrl=queue.url)
    assert code_of(lambda: break_glass.send_message(QueueUrl=queue.url, MessageBody="x")) == "AccessDenied"
    assert code_of(lambda: break_glass.receive_message(QueueUrl=queue.url)) == "AccessDenied"


def test_the_administrator_does_anything(cloud: Cloud, cloud_queue: Queue, unique_name: str) -> None:
    administrator = cloud.clients(Role.ADMINISTRATOR)
    administrator.sqs.send_message(QueueUrl=cloud_queue.url, MessageBody="x")
    administrator.iam.create_user(UserName=unique_name)
    administrator.iam.delete_user(UserName=unique_name)


def test_the_deployer_makes_reads_changes_and_removes_the_stacks_resources(cloud: Cloud, unique_name: str) -> None:
    deployer = cloud.clients(Role.DEPLOYER)
    tags = [{"Key": "stack", "Value": "local"}]
    sqs, iam, cloudwatch = deployer.sqs, deployer.iam, deployer.cloudwatch

    url = sqs.create_queue(QueueName=unique_name, tags={"stack": "local"})["QueueUrl"]
    sqs.get_queue_url(QueueName=unique_name)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    sqs.tag_queue(QueueUrl=url, Tags={"a": "b"})
    sqs.untag_queue(QueueUrl=url, TagKeys=["a"])
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"stack": "local"}

    text = document(allow(["sqs:SendMessage"], account.queue_arn(unique_name)))
    policy = iam.create_policy(PolicyName=unique_name, PolicyDocument=text, Tags=tags)["Policy"]["Arn"]  # type: ignore[arg-type]  # plain dictionaries
    iam.create_role(RoleName=unique_name, AssumeRolePolicyDocument=document(ECS_TRUST), Tags=tags)  # type: ignore[arg-type]  # as above
    iam.update_assume_role_policy(RoleName=unique_name, PolicyDocument=document(ECS_TRUST))
    iam.update_role(RoleName=unique_name, Description="changed")
    iam.attach_role_policy(RoleName=unique_name, PolicyArn=policy)
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=text, SetAsDefault=True)
    iam.delete_policy_version(PolicyArn=policy, VersionId="v1")
    assert iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"] == "v2"
    assert iam.get_policy_version(PolicyArn=policy, VersionId="v2")["PolicyVersion"]["IsDefaultVersion"]
    assert iam.list_role_policies(RoleName=unique_name)["PolicyNames"] == []
    assert len(iam.list_attached_role_policies(RoleName=unique_name)["AttachedPolicies"]) == 1
    assert iam.list_instance_profiles_for_role(RoleName=unique_name)["InstanceProfiles"] == []
    iam.tag_role(RoleName=unique_name, Tags=tags)  # type: ignore[arg-type]  # as above
    iam.untag_policy(PolicyArn=policy, TagKeys=["stack"])
    iam.detach_role_policy(RoleName=unique_name, PolicyArn=policy)

    cloudwatch.put_metric_alarm(
        AlarmName=unique_name,
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        Tags=tags,  # type: ignore[arg-type]  # as above
    )
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[unique_name])["MetricAlarms"]
    assert cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"] == tags
    cloudwatch.untag_resource(ResourceARN=alarm["AlarmArn"], TagKeys=["stack"])

    cloudwatch.delete_alarms(AlarmNames=[unique_name])
    iam.delete_role(RoleName=unique_name)
    iam.delete_policy(PolicyArn=policy)
    sqs.delete_queue(QueueUrl=url)


def test_the_deployer_does_nothing_else(cloud: Cloud, cloud_queue: Queue, unique_name: str) -> None:
    deployer = cloud.clients(Role.DEPLOYER)
    other = unique_name.replace("retainwise-local", "somebody-elses")
    admin_policy = "arn:aws:iam::aws:policy/AdministratorAccess"
    text = document(allow(["sqs:SendMessage"], "*"))
    cloud.role(unique_name)
    attempts: list[Callable[[], object]] = [
        partial(deployer.sqs.send_message, QueueUrl=cloud_queue.url, MessageBody="x"),
        partial(deployer.sqs.receive_message, QueueUrl=cloud_queue.url),
        partial(deployer.sqs.purge_queue, QueueUrl=cloud_queue.url),
        partial(deployer.sqs.create_queue, QueueName=other),
        partial(deployer.iam.create_role, RoleName=other, AssumeRolePolicyDocument=document(ECS_TRUST)),
        partial(deployer.iam.create_policy, PolicyName=other, PolicyDocument=text),
        partial(deployer.iam.create_user, UserName=unique_name),
        partial(deployer.iam.put_role_policy, RoleName=unique_name, PolicyName="inline", PolicyDocument=text),
        partial(deployer.iam.attach_role_policy, RoleName=account.DEPLOYER, PolicyArn=admin_policy),
        partial(deployer.iam.attach_role_policy, RoleName=unique_name, PolicyArn=admin_policy),
        partial(deployer.cloudwatch.delete_alarms, AlarmNames=[unique_name, other]),
        partial(deployer.s3.list_buckets),
        partial(deployer.ssm.get_parameter, Name=account.KILL_SWITCH_PARAMETER),
    ]
    for attempt in attempts:
        with pytest.raises(ClientError) as caught:
            attempt()
        expected = "AccessDeniedException" if "GetParameter" in str(caught.value) else "AccessDenied"
        assert caught.value.response["Error"]["Code"] == expected


def test_each_account_has_its_own_roles(cloud: Cloud) -> None:
    outside = Clients(root_environment(cloud.emulator, account.OUTSIDER_ACCOUNT_ID))
    assert [role["RoleName"] for role in outside.iam.list_roles()["Roles"]] == [account.OUTSIDER]
