"""The two listeners, and the condition keys that differ between them."""

import pytest
from botocore.awsrequest import AWSRequest

from local.emulator import account
from local.emulator.clients import Clients
from local.emulator.sessions import Role
from tests.local.emulator.cloud import Cloud, Queue, allow, code_of, deny, refused

pytestmark = pytest.mark.emulator

SEND = ["sqs:SendMessage"]


def send(clients: Clients, queue: Queue) -> None:
    clients.sqs.send_message(QueueUrl=queue.url, MessageBody="x")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("aws:SourceVpc", account.VPC_ID),
        ("aws:SourceVpce", account.VPC_ENDPOINT_ID),
        ("AWS:sourcevpc", account.VPC_ID),
        ("aws:VpcSourceIp", account.VPC_SOURCE_IP),
        ("aws:VpceAccount", account.ACCOUNT_ID),
    ],
)
def test_only_the_vpc_listener_carries_the_vpc_keys(
    cloud: Cloud, cloud_queue: Queue, unique_name: str, key: str, value: str
) -> None:
    arn = cloud.role(unique_name, allow(SEND, cloud_queue.arn, Condition={"StringEquals": {key: value}}))
    send(cloud.clients(Role.PRODUCER, task_role_arn=arn, vpc=True), cloud_queue)
    assert code_of(lambda: send(cloud.clients(Role.PRODUCER, task_role_arn=arn, vpc=False), cloud_queue)) == (
        "AccessDenied"
    )


def come_from_another_vpc(request: AWSRequest, **_: object) -> None:
    request.headers[account.VPC_HEADER] = account.OTHER


@pytest.mark.parametrize(
    ("key", "value"), [("aws:SourceVpc", account.OTHER_VPC_ID), ("aws:SourceVpce", account.OTHER_VPC_ENDPOINT_ID)]
)
def test_another_vpc_is_another_vpc_until_a_request_counts_as_come_from_there(
    cloud: Cloud, cloud_queue: Queue, unique_name: str, key: str, value: str
) -> None:
    elsewhere = {"StringEquals": {key: value}}
    arn = cloud.role(unique_name, allow(SEND, cloud_queue.arn, Condition=elsewhere))
    producer = cloud.clients(Role.PRODUCER, task_role_arn=arn, vpc=True)
    assert code_of(lambda: send(producer, cloud_queue)) == "AccessDenied"
    producer.sqs.meta.events.register("before-sign.sqs", come_from_another_vpc)
    send(producer, cloud_queue)


def test_nothing_comes_into_a_vpc_by_asking(cloud: Cloud, cloud_queue: Queue, unique_name: str) -> None:
    inside = {"Null": {"aws:SourceVpc": "false"}}
    arn = cloud.role(unique_name, allow(SEND, cloud_queue.arn, Condition=inside))
    outside = cloud.clients(Role.PRODUCER, task_role_arn=arn, vpc=False)
    outside.sqs.meta.events.register("before-sign.sqs", come_from_another_vpc)
    assert code_of(lambda: send(outside, cloud_queue)) == "AccessDenied"


def test_a_negated_condition_holds_where_the_key_is_absent(cloud: Cloud, cloud_queue: Queue) -> None:
    outside = {"StringNotEquals": {"aws:SourceVpc": account.VPC_ID}}
    cloud.set_policy(cloud_queue.url, deny(SEND, cloud_queue.arn, Condition=outside))
    send(cloud.clients(Role.ADMINISTRATOR, vpc=True), cloud_queue)
    assert code_of(lambda: send(cloud.clients(Role.ADMINISTRATOR, vpc=False), cloud_queue)) == "AccessDenied"


def test_the_callers_address_is_absent_through_the_endpoint(cloud: Cloud, cloud_queue: Queue, unique_name: str) -> None:
    loopback = {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}
    arn = cloud.role(unique_name, allow(SEND, cloud_queue.arn, Condition=loopback))
    send(cloud.clients(Role.PRODUCER, task_role_arn=arn, vpc=False), cloud_queue)
    assert code_of(lambda: send(cloud.clients(Role.PRODUCER, task_role_arn=arn, vpc=True), cloud_queue)) == (
        "AccessDenied"
    )


@pytest.mark.parametrize("vpc", [True, False])
def test_a_request_counts_as_tls_unless_it_asks_for_plain(cloud: Cloud, cloud_queue: Queue, vpc: bool) -> None:  # noqa: FBT001 - which listener
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    cloud.set_policy(cloud_queue.url, deny(["sqs:*"], cloud_queue.arn, Condition=plain))
    administrator = Clients(cloud.clients(Role.ADMINISTRATOR, vpc=vpc).environment)  # of its own: it is changed below
    send(administrator, cloud_queue)

    def ask_for_plain(request: AWSRequest, **_: object) -> None:
        request.headers.add_header(account.TRANSPORT_HEADER, account.PLAIN)

    administrator.sqs.meta.events.register("before-sign.sqs", ask_for_plain)
    assert code_of(lambda: send(administrator, cloud_queue)) == "AccessDenied"


def test_a_sessions_principal_arn_is_its_roles(cloud: Cloud, cloud_queue: Queue, unique_name: str) -> None:
    arn = cloud.role(unique_name, allow(SEND, cloud_queue.arn))
    everybody_else = {"ArnNotEquals": {"aws:PrincipalArn": arn}}
    cloud.set_policy(cloud_queue.url, deny(SEND, cloud_queue.arn, Condition=everybody_else))
    send(cloud.clients(Role.PRODUCER, task_role_arn=arn), cloud_queue)
    assert code_of(lambda: send(cloud.clients(Role.ADMINISTRATOR, vpc=True), cloud_queue)) == "AccessDenied"


def test_a_role_with_a_path_keeps_it_in_its_principal_arn(cloud: Cloud, cloud_queue: Queue, unique_name: str) -> None:
    arn = cloud.role(unique_name, path="/app/")
    assert arn == f"arn:aws:iam::{account.ACCOUNT_ID}:role/app/{unique_name}"
    cloud.permit(unique_name, allow(SEND, cloud_queue.arn, Condition={"ArnEquals": {"aws:PrincipalArn": arn}}))
    send(cloud.clients(Role.PRODUCER, task_role_arn=arn), cloud_queue)


@pytest.mark.parametrize("key", ["aws:PrincipalIsAWSService", "aws:ViaAWSService"])
def test_an_ordinary_call_is_not_a_services(cloud: Cloud, cloud_queue: Queue, key: str) -> None:
    """Both keys are present, and false, on every signed request: Null is not true for them."""
    administrator = cloud.clients(Role.ADMINISTRATOR)
    cloud.set_policy(cloud_queue.url, deny(SEND, cloud_queue.arn, Condition={"Bool": {key: "true"}}))
    send(administrator, cloud_queue)
    cloud.set_policy(cloud_queue.url, deny(SEND, cloud_queue.arn, Condition={"Null": {key: "true"}}))
    send(administrator, cloud_queue)
    cloud.set_policy(cloud_queue.url, deny(SEND, cloud_queue.arn, Condition={"Bool": {key: "false"}}))
    assert code_of(lambda: send(administrator, cloud_queue)) == "AccessDenied"


def test_queue_urls_name_the_public_listener_whichever_is_asked(cloud: Cloud, cloud_queue: Queue) -> None:
    for vpc in (True, False):
        found = cloud.clients(Role.ADMINISTRATOR, vpc=vpc).sqs.get_queue_url(QueueName=cloud_queue.name)["QueueUrl"]
        assert found == f"{cloud.emulator.public_url}/{account.ACCOUNT_ID}/{cloud_queue.name}"


def test_a_refusal_by_the_queues_policy_says_so(cloud: Cloud, cloud_queue: Queue) -> None:
    cloud.set_policy(cloud_queue.url, deny(SEND, cloud_queue.arn))
    words = str(refused(lambda: send(cloud.clients(Role.ADMINISTRATOR), cloud_queue)))
    assert f"sqs:sendmessage on resource: {cloud_queue.arn} with an explicit deny in a resource-based policy" in words
