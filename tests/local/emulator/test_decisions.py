"""Every decision stands in the log, in CloudTrail's words, with the statements that decided."""

import contextlib
import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError

from access.usage.cloudtrail import parse_events
from local.emulator import account
from local.emulator.clients import Clients
from local.emulator.process import Emulator, start, stop
from local.emulator.sessions import Role, SessionError, root_environment
from local.paths import LocalPaths
from tests.local.emulator.cloud import ECS_TRUST, Cloud, Queue, allow, deny, document

pytestmark = pytest.mark.emulator

SEND = ["sqs:SendMessage"]
Event = dict[str, Any]


@dataclass(frozen=True)
class Trail:
    """The log, read from where a test begins."""

    paths: LocalPaths

    def of(self, call: Callable[[], object]) -> list[Event]:
        """The events of a call, which may be refused; nobody else calls meanwhile."""
        before = self._read()
        with contextlib.suppress(ClientError, SessionError, urllib.error.HTTPError):
            call()
        return [json.loads(line) for line in self._read()[len(before) :].splitlines()]

    def one_of(self, call: Callable[[], object]) -> Event:
        """The only event of a call."""
        (event,) = self.of(call)
        return event

    def _read(self) -> bytes:
        return self.paths.decisions.read_bytes()


@pytest.fixture
def trail(emulator_paths: LocalPaths, cloud: Cloud) -> Trail:
    cloud.root.sqs.list_queues()  # so that there is a log
    return Trail(emulator_paths)


def send(clients: Clients, queue: Queue) -> object:
    return clients.sqs.send_message(QueueUrl=queue.url, MessageBody="a secret")


def verdict(event: Event) -> tuple[str, list[tuple[str, str, str, str]]]:
    added = event["additionalEventData"]
    by = [(one["policyType"], one["policy"], one["sid"], one["effect"]) for one in added["decidedBy"]]
    return added["decision"], by


def test_an_allowed_call_is_told_as_cloudtrail_tells_it(
    cloud: Cloud, cloud_queue: Queue, trail: Trail, unique_name: str
) -> None:
    arn = cloud.role(unique_name, allow(SEND, cloud_queue.arn, Sid="Send"), path="/jobs/")
    producer = cloud.clients(Role.PRODUCER, task_role_arn=arn)
    session = producer.sts.get_caller_identity()
    event = trail.one_of(lambda: send(producer, cloud_queue))
    identity = event["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert (identity["arn"], identity["accountId"]) == (session["Arn"], account.ACCOUNT_ID)
    assert identity["principalId"] == session["UserId"]
    issuer = identity["sessionContext"]["sessionIssuer"]
    assert (issuer["type"], issuer["arn"], issuer["userName"]) == ("Role", arn, unique_name)
    assert (event["eventSource"], event["eventName"]) == ("sqs.amazonaws.com", "SendMessage")
    assert (event["awsRegion"], event["recipientAccountId"]) == (account.REGION, account.ACCOUNT_ID)
    assert event["resources"] == [{"ARN": cloud_queue.arn, "accountId": account.ACCOUNT_ID, "type": "AWS::SQS::Queue"}]
    assert (event["eventCategory"], event["managementEvent"]) == ("Data", False)
    assert event["userAgent"].startswith("Boto3/")
    assert "errorCode" not in event
    assert event["additionalEventData"]["iamAction"] == "sqs:SendMessage"
    assert verdict(event) == ("allowed", [("identity", "inline", "Send", "Allow")])


def test_a_request_id_is_the_one_that_the_client_was_given(cloud: Cloud, cloud_queue: Queue, trail: Trail) -> None:
    administrator = cloud.clients(Role.ADMINISTRATOR)
    given: list[str] = []

    def call() -> None:
        answered = administrator.sqs.get_queue_url(QueueName=cloud_queue.name)
        given.append(answered["ResponseMetadata"]["RequestId"])

    assert [one["requestID"] for one in trail.of(call)] == given


def test_the_origin_of_a_call_is_told(cloud: Cloud, cloud_queue: Queue, trail: Trail) -> None:
    through_endpoint, in_public = (cloud.clients(Role.ADMINISTRATOR, vpc=vpc) for vpc in (True, False))
    inside = trail.one_of(lambda: send(through_endpoint, cloud_queue))
    assert (inside["vpcEndpointId"], inside["vpcEndpointAccountId"]) == (account.VPC_ENDPOINT_ID, account.ACCOUNT_ID)
    assert inside["sourceIPAddress"] == account.VPC_SOURCE_IP
    outside = trail.one_of(lambda: send(in_public, cloud_queue))
    assert "vpcEndpointId" not in outside
    assert outside["sourceIPAddress"] == "127.0.0.1"
    assert "tlsDetails" in outside


def test_a_call_without_tls_has_no_tls_details(cloud: Cloud, cloud_queue: Queue, trail: Trail) -> None:
    administrator = Clients(cloud.clients(Role.ADMINISTRATOR).environment)  # of its own: it is changed below

    def ask_for_plain(request: AWSRequest, **_: object) -> None:
        request.headers.add_header(account.TRANSPORT_HEADER, account.PLAIN)

    administrator.sqs.meta.events.register("before-sign.sqs", ask_for_plain)
    assert "tlsDetails" not in trail.one_of(lambda: send(administrator, cloud_queue))


def test_a_refusal_for_want_of_an_allow_has_awss_code_and_words(
    cloud: Cloud, cloud_queue: Queue, trail: Trail, unique_name: str
) -> None:
    arn = cloud.role(unique_name, allow(["sqs:ReceiveMessage"], cloud_queue.arn))
    producer = cloud.clients(Role.PRODUCER, task_role_arn=arn)
    event = trail.one_of(lambda: send(producer, cloud_queue))
    assert event["errorCode"] == "AccessDenied"
    assert "because no identity-based policy allows the sqs:sendmessage action" in event["errorMessage"]
    assert verdict(event) == ("implicitDeny", [])


def test_every_deny_that_matched_is_named_wherever_it_stands(
    cloud: Cloud, cloud_queue: Queue, trail: Trail, unique_name: str
) -> None:
    denies = {"Effect": "Deny", "Action": SEND, "Resource": "*"}
    arn = cloud.role(unique_name, allow(["sqs:*"], "*", Sid="All"), {**denies, "Sid": "Never"}, denies)
    cloud.set_policy(
        cloud_queue.url,
        deny(SEND, cloud_queue.arn, Sid="Nobody"),
        deny(SEND, cloud_queue.arn, Sid="NotYou", Condition={"ArnNotEquals": {"aws:PrincipalArn": arn}}),
    )
    producer = cloud.clients(Role.PRODUCER, task_role_arn=arn)
    event = trail.one_of(lambda: send(producer, cloud_queue))
    assert verdict(event) == (
        "explicitDeny",
        [
            ("identity", "inline", "Never", "Deny"),
            ("identity", "inline", "statement 3", "Deny"),
            ("resource", cloud_queue.arn, "Nobody", "Deny"),
        ],
    )


def test_every_allow_that_matched_is_named_on_either_side(
    cloud: Cloud, cloud_queue: Queue, trail: Trail, unique_name: str
) -> None:
    arn = cloud.role(unique_name, allow(SEND, "*", Sid="Any"), allow(SEND, "arn:aws:sqs:*:*:other", Sid="Other"))
    policy_arn = f"arn:aws:iam::{account.ACCOUNT_ID}:policy/{unique_name}"
    text = document(allow(["sqs:Send*"], cloud_queue.arn, Sid="Attached"))
    cloud.root.iam.create_policy(PolicyName=unique_name, PolicyDocument=text)
    cloud.root.iam.attach_role_policy(RoleName=unique_name, PolicyArn=policy_arn)
    cloud.cleanup.callback(cloud.root.iam.delete_policy, PolicyArn=policy_arn)
    cloud.cleanup.callback(cloud.root.iam.detach_role_policy, RoleName=unique_name, PolicyArn=policy_arn)
    cloud.set_policy(cloud_queue.url, allow(SEND, cloud_queue.arn, Sid="Named", Principal={"AWS": arn}))
    producer = cloud.clients(Role.PRODUCER, task_role_arn=arn)
    event = trail.one_of(lambda: send(producer, cloud_queue))
    assert verdict(event) == (
        "allowed",
        [
            ("identity", "inline", "Any", "Allow"),
            ("identity", policy_arn, "Attached", "Allow"),
            ("resource", cloud_queue.arn, "Named", "Allow"),
        ],
    )


def test_a_boundary_and_a_session_policy_that_deny_are_named(
    cloud: Cloud, cloud_queue: Queue, trail: Trail, unique_name: str
) -> None:
    root_arn = f"arn:aws:iam::{account.ACCOUNT_ID}:root"
    trust = {"Sid": "Trust", "Effect": "Allow", "Principal": {"AWS": root_arn}, "Action": "sts:AssumeRole"}
    arn = cloud.role(unique_name, allow(["sqs:*"], "*"), trust=trust)
    never = document({"Sid": "Never", "Effect": "Deny", "Action": SEND, "Resource": "*"})
    boundary = cloud.root.iam.create_policy(PolicyName=unique_name, PolicyDocument=never)["Policy"]["Arn"]
    cloud.cleanup.callback(cloud.root.iam.delete_policy, PolicyArn=boundary)
    cloud.root.iam.put_role_permissions_boundary(RoleName=unique_name, PermissionsBoundary=boundary)
    cloud.cleanup.callback(cloud.root.iam.delete_role_permissions_boundary, RoleName=unique_name)
    limited: list[Clients] = []

    def assume() -> None:
        given = cloud.root.sts.assume_role(RoleArn=arn, RoleSessionName="limited", Policy=never)["Credentials"]
        session = {
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
        }
        limited.append(Clients({**cloud.root.environment, **session}))

    assert verdict(trail.one_of(assume)) == ("allowed", [("trust", arn, "Trust", "Allow")])
    assert verdict(trail.one_of(lambda: send(limited[0], cloud_queue))) == (
        "explicitDeny",
        [("boundary", boundary, "Never", "Deny"), ("session", "session policy", "Never", "Deny")],
    )


def test_a_users_and_its_groups_policies_are_named(
    cloud: Cloud, cloud_queue: Queue, trail: Trail, unique_name: str
) -> None:
    iam, name = cloud.root.iam, {"UserName": unique_name}
    iam.create_user(UserName=unique_name)
    cloud.cleanup.callback(iam.delete_user, **name)
    iam.put_user_policy(**name, PolicyName="own", PolicyDocument=document(allow(SEND, "*", Sid="Own")))
    cloud.cleanup.callback(iam.delete_user_policy, **name, PolicyName="own")
    group = {"GroupName": unique_name}
    iam.create_group(**group)
    cloud.cleanup.callback(iam.delete_group, **group)
    iam.put_group_policy(**group, PolicyName="shared", PolicyDocument=document(allow(SEND, "*", Sid="Shared")))
    cloud.cleanup.callback(iam.delete_group_policy, **group, PolicyName="shared")
    iam.add_user_to_group(**group, **name)
    cloud.cleanup.callback(iam.remove_user_from_group, **group, **name)
    key = iam.create_access_key(**name)["AccessKey"]
    cloud.cleanup.callback(iam.delete_access_key, **name, AccessKeyId=key["AccessKeyId"])
    secret = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    event = trail.one_of(lambda: send(Clients({**cloud.root.environment, **secret}), cloud_queue))
    assert (event["userIdentity"]["type"], event["userIdentity"]["userName"]) == ("IAMUser", unique_name)
    assert verdict(event) == (
        "allowed",
        [("identity", "own", "Own", "Allow"), ("identity", "shared", "Shared", "Allow")],
    )


def test_a_session_that_outlives_its_role_is_logged_too(
    cloud: Cloud, cloud_queue: Queue, trail: Trail, unique_name: str
) -> None:
    iam = cloud.root.iam
    arn = iam.create_role(RoleName=unique_name, AssumeRolePolicyDocument=document(ECS_TRUST))["Role"]["Arn"]
    cloud.set_policy(cloud_queue.url, allow(SEND, cloud_queue.arn, Principal={"AWS": arn}, Sid="Named"))
    producer = cloud.clients(Role.PRODUCER, task_role_arn=arn)
    iam.delete_role(RoleName=unique_name)
    event = trail.one_of(lambda: send(producer, cloud_queue))
    assert verdict(event) == ("allowed", [("resource", cloud_queue.arn, "Named", "Allow")])


def test_a_root_user_is_allowed_by_nothing_and_refused_by_the_queues_policy(
    cloud: Cloud, cloud_queue: Queue, trail: Trail
) -> None:
    event = trail.one_of(lambda: send(cloud.root, cloud_queue))
    assert event["userIdentity"] == {
        "type": "Root",
        "principalId": account.ACCOUNT_ID,
        "arn": f"arn:aws:iam::{account.ACCOUNT_ID}:root",
        "accountId": account.ACCOUNT_ID,
    }
    assert verdict(event) == ("allowed", [])
    cloud.set_policy(cloud_queue.url, deny(SEND, cloud_queue.arn, Sid="Nobody"))
    event = trail.one_of(lambda: send(cloud.root, cloud_queue))
    assert event["errorCode"] == "AccessDenied"
    assert verdict(event) == ("explicitDeny", [("resource", cloud_queue.arn, "Nobody", "Deny")])


def test_another_accounts_refusal_that_no_policy_can_lift_is_a_refusal(
    cloud: Cloud, cloud_queue: Queue, trail: Trail
) -> None:
    arn = account.role_arn(account.OUTSIDER, account.OUTSIDER_ACCOUNT_ID)
    cloud.set_policy(cloud_queue.url, allow(["sqs:*"], cloud_queue.arn, Principal={"AWS": arn}))
    outsider = cloud.clients(Role.OUTSIDER)
    event = trail.one_of(lambda: outsider.sqs.delete_queue(QueueUrl=cloud_queue.url))
    assert (event["errorCode"], event["recipientAccountId"]) == ("AccessDenied", account.OUTSIDER_ACCOUNT_ID)
    assert verdict(event) == ("implicitDeny", [])


def test_ecs_takes_a_task_role_or_is_refused(cloud: Cloud, trail: Trail, unique_name: str) -> None:
    arn = cloud.role(unique_name)
    event = trail.one_of(lambda: cloud.clients(Role.PRODUCER, task_role_arn=arn))
    assert (event["eventSource"], event["eventName"]) == ("sts.amazonaws.com", "AssumeRole")
    assert event["userIdentity"] == {"type": "AWSService", "invokedBy": "ecs-tasks.amazonaws.com"}
    assert event["resources"][0]["ARN"] == arn
    assert verdict(event) == ("allowed", [("trust", arn, "statement 1", "Allow")])
    closed = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Sid": "Closed"}
    cloud.root.iam.update_assume_role_policy(RoleName=unique_name, PolicyDocument=document(closed))
    event = trail.one_of(lambda: cloud.clients(Role.CONSUMER, task_role_arn=arn))
    assert event["errorCode"] == "AccessDenied"
    assert verdict(event) == ("explicitDeny", [("trust", arn, "Closed", "Deny")])


def test_a_role_that_may_not_be_taken_is_a_refusal(cloud: Cloud, trail: Trail, unique_name: str) -> None:
    arn = cloud.role(unique_name)  # trusts ECS alone
    administrator = cloud.clients(Role.ADMINISTRATOR)
    event = trail.one_of(lambda: administrator.sts.assume_role(RoleArn=arn, RoleSessionName="administrator"))
    assert (event["errorCode"], event["eventName"]) == ("AccessDenied", "AssumeRole")
    assert verdict(event) == ("implicitDeny", [])


def test_a_failure_that_is_no_refusal_was_allowed(cloud: Cloud, trail: Trail) -> None:
    administrator = cloud.clients(Role.ADMINISTRATOR)
    event = trail.one_of(lambda: administrator.sqs.get_queue_url(QueueName="nowhere"))
    assert event["errorCode"] == "AWS.SimpleQueueService.NonExistentQueue"
    assert verdict(event)[0] == "allowed"


def test_batches_are_logged_by_their_name_and_allowed_by_their_action(
    cloud: Cloud, cloud_queue: Queue, trail: Trail, unique_name: str
) -> None:
    arn = cloud.role(unique_name, allow(SEND, cloud_queue.arn, Sid="Send"))
    sqs = cloud.clients(Role.PRODUCER, task_role_arn=arn).sqs
    entries = [{"Id": "1", "MessageBody": "x"}]
    event = trail.one_of(lambda: sqs.send_message_batch(QueueUrl=cloud_queue.url, Entries=entries))  # type: ignore[arg-type]  # plain dictionaries
    assert (event["eventName"], event["additionalEventData"]["iamAction"]) == ("SendMessageBatch", "sqs:SendMessage")
    assert verdict(event) == ("allowed", [("identity", "inline", "Send", "Allow")])


@pytest.mark.parametrize(
    ("call", "source", "name", "action", "kind"),
    [
        (lambda one: one.ssm.get_parameter(Name=account.KILL_SWITCH_PARAMETER), "ssm", "GetParameter", "", "Parameter"),
        (lambda one: one.iam.get_role(RoleName="operator"), "iam", "GetRole", "", "Role"),
        (lambda one: one.cloudwatch.describe_alarms(), "monitoring", "DescribeAlarms", "cloudwatch:", None),
        (
            lambda one: one.cloudwatch.delete_alarms(AlarmNames=["x"]),
            "monitoring",
            "DeleteAlarms",
            "cloudwatch:",
            "Alarm",
        ),
        (lambda one: one.sts.get_caller_identity(), "sts", "GetCallerIdentity", "", None),
        (lambda one: one.s3.head_bucket(Bucket=account.UPLOADS_BUCKET), "s3", "HeadBucket", "s3:ListBucket", "Bucket"),
        (lambda one: one.s3.list_buckets(), "s3", "ListBuckets", "s3:ListAllMyBuckets", None),
    ],
)
def test_other_services_calls_are_logged_too(  # noqa: PLR0913, PLR0917 - one row of the table above
    cloud: Cloud, trail: Trail, call: Callable[[Clients], object], source: str, name: str, action: str, kind: str | None
) -> None:
    administrator = cloud.clients(Role.ADMINISTRATOR)
    event = trail.one_of(lambda: call(administrator))
    assert (event["eventSource"], event["eventName"]) == (f"{source}.amazonaws.com", name)
    full = action if action and not action.endswith(":") else f"{action or f'{source}:'}{name}"
    assert event["additionalEventData"]["iamAction"] == full
    assert [one["type"].rsplit("::", 1)[-1] for one in event.get("resources", [])] == ([kind] if kind else [])
    assert event["managementEvent"] is True


def test_no_user_is_named_and_the_grants_are_still_matched(cloud: Cloud, trail: Trail, unique_name: str) -> None:
    bucket = f"arn:aws:s3:::{account.UPLOADS_BUCKET}"
    arn = cloud.role(unique_name, allow(["s3:PutObject"], f"{bucket}/user_*", Sid="Store"))
    s3 = cloud.clients(Role.PRODUCER, task_role_arn=arn).s3
    uploads, key = account.UPLOADS_BUCKET, "user_2abcXYZ/upload.csv"
    stored = trail.one_of(lambda: s3.put_object(Bucket=uploads, Key=key, Body=b"a secret"))
    assert stored["resources"] == [{"ARN": f"{bucket}/user_redacted/upload.csv", "type": "AWS::S3::Object"}]
    assert verdict(stored) == ("allowed", [("identity", "inline", "Store", "Allow")])
    read = trail.one_of(lambda: s3.get_object(Bucket=uploads, Key=key))
    assert read["errorCode"] == "AccessDenied"
    assert "user_redacted/upload.csv" in read["errorMessage"]
    looked = trail.one_of(lambda: s3.head_object(Bucket=uploads, Key=key))
    assert (looked["eventName"], looked["errorCode"]) == ("HeadObject", "AccessDenied")
    assert "2abcXYZ" not in json.dumps([stored, read, looked])
    cloud.root.s3.delete_object(Bucket=uploads, Key=key)


def test_no_body_and_no_secret_is_logged(cloud: Cloud, cloud_queue: Queue, trail: Trail) -> None:
    administrator = cloud.clients(Role.ADMINISTRATOR)

    def calls() -> None:
        send(administrator, cloud_queue)
        administrator.sqs.receive_message(QueueUrl=cloud_queue.url)

    text = json.dumps(trail.of(calls))
    environment = administrator.environment
    for secret in ("a secret", environment["AWS_SECRET_ACCESS_KEY"], environment["AWS_SESSION_TOKEN"]):
        assert secret not in text


def test_what_nobody_signed_is_nobodys(cloud: Cloud, trail: Trail) -> None:
    url = f"{cloud.emulator.public_url}/{account.UPLOADS_BUCKET}/user_1/secret.csv"
    event = trail.one_of(lambda: urllib.request.urlopen(url))  # noqa: S310 - the emulator's own http address
    assert event["userIdentity"] == {"type": "AWSAccount", "principalId": "", "accountId": "anonymous"}
    assert event["errorCode"] == "AccessDenied"
    forged = Clients({**cloud.clients(Role.ADMINISTRATOR).environment, "AWS_SECRET_ACCESS_KEY": "guessed"})
    assert trail.of(forged.sqs.list_queues) == []


def test_calls_at_once_are_all_logged_whole(cloud: Cloud, cloud_queue: Queue, trail: Trail) -> None:
    administrator = cloud.clients(Role.ADMINISTRATOR)

    def calls() -> None:
        with ThreadPoolExecutor(8) as together:
            list(together.map(lambda _: send(administrator, cloud_queue), range(200)))

    events = trail.of(calls)
    assert len({event["requestID"] for event in events}) == len(events) == 200


def test_each_run_begins_its_log_anew(emulator: Emulator, tmp_path: Path) -> None:
    own = LocalPaths(run=tmp_path)
    for _ in range(2):
        started = start(own, owner=os.getpid(), ports=(0, 0))
        assert started.instance != emulator.instance
        Clients(root_environment(started)).sqs.list_queues()
        stop(own)
    assert len(own.decisions.read_text().splitlines()) == 1


def test_the_log_is_read_by_the_reader_of_cloudtrails(
    cloud: Cloud, cloud_queue: Queue, trail: Trail, unique_name: str
) -> None:
    arn = cloud.role(unique_name, allow(SEND, cloud_queue.arn, Sid="Send"))
    producer = cloud.clients(Role.PRODUCER, task_role_arn=arn)
    written = trail.of(lambda: (send(producer, cloud_queue), producer.sqs.purge_queue(QueueUrl=cloud_queue.url)))
    sent, purged = parse_events("".join(f"{json.dumps(one)}\n" for one in written).encode(), source="the log")
    assert (sent.principal, sent.actions, sent.resources) == (arn, ("sqs:SendMessage",), (cloud_queue.arn,))
    assert [str(one) for one in sent.decided_by] == ["Send (inline)"]
    assert not sent.is_refused
    assert purged.is_refused
