"""Identity and queue policies together, as AWS evaluates them."""

import urllib.error
import urllib.request

import pytest

from local.emulator import account
from local.emulator.clients import Clients
from local.emulator.sessions import Role, root_environment
from tests.local.emulator.cloud import Cloud, Queue, allow, code_of, deny, document, words_of

pytestmark = pytest.mark.emulator

SEND = ["sqs:SendMessage"]


def send(clients: Clients, queue: Queue) -> None:
    clients.sqs.send_message(QueueUrl=queue.url, MessageBody="x")


def purge(clients: Clients, queue: Queue) -> None:
    clients.sqs.purge_queue(QueueUrl=queue.url)


def test_a_role_without_permission_is_refused_with_awss_words(
    cloud: Cloud, cloud_queue: Queue, unique_name: str
) -> None:
    arn = cloud.role(unique_name, allow(["sqs:ReceiveMessage"], cloud_queue.arn))
    producer = cloud.clients(Role.PRODUCER, task_role_arn=arn)
    words = words_of(lambda: send(producer, cloud_queue))
    session = producer.sts.get_caller_identity()["Arn"]
    assert words == (
        f"User: {session} is not authorized to perform: sqs:sendmessage on resource: {cloud_queue.arn} "
        f"because no identity-based policy allows the sqs:sendmessage action"
    )


def test_in_one_account_an_allow_on_either_side_suffices(cloud: Cloud, cloud_queue: Queue, unique_name: str) -> None:
    arn = cloud.role(unique_name)
    producer = cloud.clients(Role.PRODUCER, task_role_arn=arn)
    assert code_of(lambda: send(producer, cloud_queue)) == "AccessDenied"
    cloud.set_policy(cloud_queue.url, allow(SEND, cloud_queue.arn, Principal={"AWS": arn}))
    send(producer, cloud_queue)
    cloud.root.sqs.set_queue_attributes(QueueUrl=cloud_queue.url, Attributes={"Policy": ""})
    assert code_of(lambda: send(producer, cloud_queue)) == "AccessDenied"
    cloud.permit(unique_name, allow(SEND, cloud_queue.arn))
    send(producer, cloud_queue)


def test_permissions_given_and_taken_later_bind_sessions_that_exist(
    cloud: Cloud, cloud_queue: Queue, unique_name: str
) -> None:
    arn = cloud.role(unique_name)
    producer = cloud.clients(Role.PRODUCER, task_role_arn=arn)
    policy = f"arn:aws:iam::{account.ACCOUNT_ID}:policy/{unique_name}"
    cloud.root.iam.create_policy(PolicyName=unique_name, PolicyDocument=document(allow(SEND, cloud_queue.arn)))
    assert code_of(lambda: send(producer, cloud_queue)) == "AccessDenied"
    cloud.root.iam.attach_role_policy(RoleName=unique_name, PolicyArn=policy)
    send(producer, cloud_queue)
    cloud.root.iam.detach_role_policy(RoleName=unique_name, PolicyArn=policy)
    assert code_of(lambda: send(producer, cloud_queue)) == "AccessDenied"
    cloud.root.iam.delete_policy(PolicyArn=policy)


def test_a_deny_in_the_queues_policy_binds_an_administrator(cloud: Cloud, cloud_queue: Queue) -> None:
    break_glass = {"ArnNotEquals": {"aws:PrincipalArn": [account.role_arn(account.BREAK_GLASS)]}}
    cloud.set_policy(cloud_queue.url, deny(["sqs:PurgeQueue"], cloud_queue.arn, Condition=break_glass))
    administrator = cloud.clients(Role.ADMINISTRATOR)
    assert code_of(lambda: purge(administrator, cloud_queue)) == "AccessDenied"
    send(administrator, cloud_queue)


def test_a_deny_in_the_identity_policy_beats_the_queues_allow(
    cloud: Cloud, cloud_queue: Queue, unique_name: str
) -> None:
    arn = cloud.role(unique_name, {"Effect": "Deny", "Action": SEND, "Resource": cloud_queue.arn})
    cloud.set_policy(cloud_queue.url, allow(SEND, cloud_queue.arn, Principal={"AWS": arn}))
    assert "with an explicit deny in an identity-based policy" in words_of(
        lambda: send(cloud.clients(Role.PRODUCER, task_role_arn=arn), cloud_queue)
    )


def test_another_accounts_role_needs_both_sides(cloud: Cloud, cloud_queue: Queue) -> None:
    """The outsider's role may do everything with SQS in its own account; here the queue's policy decides too."""
    outsider = cloud.clients(Role.OUTSIDER)
    arn = account.role_arn(account.OUTSIDER, account.OUTSIDER_ACCOUNT_ID)
    assert code_of(lambda: send(outsider, cloud_queue)) == "AccessDenied"
    assert code_of(lambda: purge(outsider, cloud_queue)) == "AccessDenied"
    assert code_of(lambda: outsider.sqs.receive_message(QueueUrl=cloud_queue.url)) == "AccessDenied"
    cloud.set_policy(cloud_queue.url, allow(SEND, cloud_queue.arn, Principal={"AWS": arn}))
    send(outsider, cloud_queue)
    assert code_of(lambda: purge(outsider, cloud_queue)) == "AccessDenied"
    cloud.set_policy(
        cloud_queue.url,
        allow(SEND, cloud_queue.arn, Principal={"AWS": arn}),
        deny(SEND, cloud_queue.arn, Condition={"StringNotEquals": {"aws:PrincipalAccount": account.ACCOUNT_ID}}),
    )
    assert code_of(lambda: send(outsider, cloud_queue)) == "AccessDenied"


def test_no_policy_lets_another_account_manage_the_queue(cloud: Cloud, cloud_queue: Queue) -> None:
    outsider = cloud.clients(Role.OUTSIDER)
    arn = account.role_arn(account.OUTSIDER, account.OUTSIDER_ACCOUNT_ID)
    cloud.set_policy(cloud_queue.url, allow(["sqs:*"], cloud_queue.arn, Principal={"AWS": arn}))
    send(outsider, cloud_queue)
    assert code_of(lambda: outsider.sqs.delete_queue(QueueUrl=cloud_queue.url)) == "AccessDenied"
    assert code_of(lambda: outsider.sqs.tag_queue(QueueUrl=cloud_queue.url, Tags={"mine": "now"})) == "AccessDenied"
    change = {"QueueUrl": cloud_queue.url, "Attributes": {"VisibilityTimeout": "1"}}
    assert code_of(lambda: outsider.sqs.set_queue_attributes(**change)) == "AccessDenied"  # type: ignore[arg-type]  # plain dictionaries


def test_another_account_does_not_see_the_queue(cloud: Cloud, cloud_queue: Queue) -> None:
    outsider = cloud.clients(Role.OUTSIDER)
    assert not outsider.sqs.list_queues(QueueNamePrefix=cloud_queue.name).get("QueueUrls")
    owned = {"QueueName": cloud_queue.name, "QueueOwnerAWSAccountId": account.ACCOUNT_ID}
    assert code_of(lambda: outsider.sqs.get_queue_url(**owned)) == "AccessDenied"


def test_the_outsider_has_an_account_of_its_own(cloud: Cloud, unique_name: str) -> None:
    outsider = cloud.clients(Role.OUTSIDER)
    assert outsider.sts.get_caller_identity()["Account"] == account.OUTSIDER_ACCOUNT_ID
    url = outsider.sqs.create_queue(QueueName=unique_name)["QueueUrl"]
    outsider.sqs.send_message(QueueUrl=url, MessageBody="x")
    administrator = cloud.clients(Role.ADMINISTRATOR)
    assert code_of(lambda: administrator.sqs.send_message(QueueUrl=url, MessageBody="x")) == "AccessDenied"
    outsider.sqs.delete_queue(QueueUrl=url)


@pytest.mark.parametrize("key", ["test", "AKIAIOSFODNN7EXAMPLE", "111122223333"])
def test_no_key_but_the_accounts_own_is_a_root_users(cloud: Cloud, key: str) -> None:
    stranger = Clients(root_environment(cloud.emulator) | {"AWS_ACCESS_KEY_ID": key})
    assert code_of(stranger.sqs.list_queues) in ("InvalidClientTokenId", "AccessDenied")
    assert code_of(stranger.s3.list_buckets) in ("InvalidAccessKeyId", "AccessDenied")


def test_a_forged_signature_is_refused(cloud: Cloud) -> None:
    administrator = cloud.clients(Role.ADMINISTRATOR)
    forged = Clients({**administrator.environment, "AWS_SECRET_ACCESS_KEY": "guessed"})
    assert code_of(forged.sqs.list_queues) == "SignatureDoesNotMatch"


def test_an_unsigned_request_reads_nothing(cloud: Cloud) -> None:
    cloud.root.s3.put_object(Bucket=account.UPLOADS_BUCKET, Key="user_1/secret.csv", Body=b"secret")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{cloud.emulator.public_url}/{account.UPLOADS_BUCKET}/user_1/secret.csv")  # noqa: S310 - the emulator's own http address
    assert caught.value.code == 403
    caught.value.close()
    cloud.root.s3.delete_object(Bucket=account.UPLOADS_BUCKET, Key="user_1/secret.csv")


@pytest.mark.parametrize("path", ["/_ministack/reset", "/_ministack/health", "/_localstack/health", "/_local/nothing"])
def test_ministacks_own_paths_are_closed(cloud: Cloud, path: str) -> None:
    request = urllib.request.Request(f"{cloud.emulator.public_url}{path}", method="POST")  # noqa: S310 - as above
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)  # noqa: S310 - as above
    assert caught.value.code == 404
    caught.value.close()
    assert cloud.root.iam.get_role(RoleName=account.DEPLOYER)["Role"]["RoleName"] == account.DEPLOYER
