"""An AWS that is killed at random points, amid bursts from several clients: nothing is lost, nothing doubled.

The clients' calls are drawn from a seed (DURABLE_SEED draws others); where a kill falls among them is the machine's
affair.
"""

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from botocore.config import Config
from botocore.session import get_session

from local.emulator import account
from tests.local.emulator.durable.client import HELD_SECONDS, Client
from tests.local.emulator.durable.conftest import DurableAccount
from tests.local.emulator.durable.ledger import Ledger, merged

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

CLIENTS = 3
KILLS = 5
SEED = int(os.environ.get("DURABLE_SEED", "1"))
ONCE = Config(retries={"total_max_attempts": 1}, read_timeout=10, connect_timeout=10)


def make_client(made: DurableAccount, service: str) -> object:
    return get_session().create_client(
        service,
        region_name=account.REGION,
        endpoint_url=made.emulator.public_url,
        aws_access_key_id=account.ACCOUNT_ID,
        aws_secret_access_key="root",  # noqa: S106 - the emulator's
        config=ONCE,
    )


def drain(sqs: "SQSClient", url: str) -> dict[str, list[tuple[str, int]]]:
    """Receives all that is there, once each: what is in flight comes back meanwhile."""
    found: dict[str, list[tuple[str, int]]] = {}
    until = time.monotonic() + HELD_SECONDS + 1
    while True:
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=300,
            WaitTimeSeconds=0 if time.monotonic() > until else 1,
            AttributeNames=["ApproximateReceiveCount"],
        ).get("Messages", [])
        for message in answer:
            count = int(message["Attributes"]["ApproximateReceiveCount"])
            found.setdefault(message["Body"], []).append((message["MessageId"], count))
        if not answer and time.monotonic() > until:
            return found


def check(ledger: Ledger, found: dict[str, list[tuple[str, int]]]) -> None:
    doubled = {body: ids for body, ids in found.items() if len(ids) > 1}
    assert not doubled
    lost = ledger.sent.keys() - found.keys() - ledger.deleted - ledger.maybe_deleted
    assert not lost, f"{len(lost)} of {len(ledger.sent)} answered sends are lost"
    assert not found.keys() & ledger.deleted, "what was deleted came back"
    assert found.keys() <= ledger.sent.keys() | ledger.maybe_sent, "a message that nobody sent"
    for body, ((identifier, count),) in found.items():
        assert ledger.sent.get(body, identifier) == identifier
        answered = ledger.received[body]
        assert answered < count <= answered + ledger.maybe_received + 1, f"{body} was received {answered} times"
    for body, counts in ledger.counts.items():
        assert len(set(counts)) == len(counts), f"a receive count of {body} came twice: {sorted(counts)}"


@pytest.mark.emulator
def test_what_was_answered_holds_however_often_it_is_killed(durable_account: DurableAccount, unique_name: str) -> None:
    url = durable_account.root.sqs.create_queue(QueueName=unique_name)["QueueUrl"]
    draw = random.Random(SEED)  # noqa: S311 - no secret
    sqs: SQSClient = make_client(durable_account, "sqs")  # type: ignore[assignment]  # botocore's clients are made at runtime
    s3: S3Client = make_client(durable_account, "s3")  # type: ignore[assignment]  # as above
    clients = [
        Client(f"{unique_name}-{number}", random.Random(draw.random()), sqs, s3, url)  # noqa: S311 - no secret
        for number in range(CLIENTS)
    ]
    with ThreadPoolExecutor(CLIENTS) as threads:
        for _ in range(KILLS):
            bursts = [threads.submit(client.burst) for client in clients]
            time.sleep(draw.uniform(0.02, 0.4))  # the moment of the kill; nothing is waited for
            durable_account.kill()
            for burst in bursts:
                burst.result(30)
            durable_account.go_on()
            for client in clients:
                client.look_at_files()
    assert sum(client.calls for client in clients) > CLIENTS * KILLS
    check(merged([client.ledger for client in clients]), drain(sqs, url))
