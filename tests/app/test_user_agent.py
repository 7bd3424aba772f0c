import platform
from collections.abc import Callable

import boto3
import botocore
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.client import BaseClient

from app.aws import make_heartbeat_sqs, make_s3, make_sqs, make_ssm, make_sts
from app.user_agent import APPLICATION_ID, user_agent

CALLS = {
    make_sqs: "list_queues",
    make_heartbeat_sqs: "list_queues",
    make_s3: "list_buckets",
    make_ssm: "describe_parameters",
    make_sts: "get_caller_identity",
}


class _Asked(Exception):  # noqa: N818 - no error: it ends a request that has told what is wanted of it
    """A request was about to go out."""


def asked_as(client: BaseClient, call: str) -> list[str]:
    """The user agent of a request, in its parts; the request itself does not go out."""

    def tell(request: AWSPreparedRequest, **_event: object) -> None:
        sent = request.headers["User-Agent"]
        raise _Asked(sent.decode() if isinstance(sent, bytes) else sent)

    client.meta.events.register("before-send", tell)
    with pytest.raises(_Asked) as asked:
        getattr(client, call)()
    client.close()
    return str(asked.value).split()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    monkeypatch.delenv("AWS_EXECUTION_ENV", raising=False)


@pytest.mark.parametrize(("make", "call"), CALLS.items())
def test_every_client_names_the_application_and_its_sdk_to_aws(make: Callable[[str], BaseClient], call: str) -> None:
    parts = asked_as(make("us-east-1"), call)
    assert parts[0] == f"Boto3/{boto3.__version__}"
    assert {f"app/{APPLICATION_ID}", f"Botocore/{botocore.__version__}"} <= set(parts)


def test_where_it_runs_is_said_where_aws_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EXECUTION_ENV", "AWS_ECS_FARGATE")
    assert "exec-env/AWS_ECS_FARGATE" in user_agent().split()


def test_nothing_of_the_machine_can_break_a_header_or_make_a_part_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "release", lambda: "6.1\r\nX-Other: 1 app/another")
    assert user_agent().split()[2].endswith("#6.1--X-Other--1-app-another")
