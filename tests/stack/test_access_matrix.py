"""Every cell of the access matrix for those who exist locally, tried by a real request, with the policies they have.

What cannot be tried is in the tables of what is untried, each with its reason.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from access.matrix.actions import ALL_ACTIONS
from access.matrix.callers import Caller
from access.matrix.cells import ANY_QUEUE, Cell, Matrix, ask, targets
from access.matrix.origins import origins
from access.request import Principal
from access.sources import Settings, load_settings
from access.sources.assembly import assemble
from access.sources.identities import read_identities
from access.sources.resources import read_state
from local.emulator import account
from local.emulator.clients import Clients
from local.emulator.sessions import Role, root_environment
from tests.stack.attempts import ATTEMPTS, REFUSALS, Subject, answer
from tests.stack.expected import DLQ, DLQ_ARN, QUEUE, QUEUE_ARN
from tests.stack.trial import NewTrial, Trial

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

pytestmark = pytest.mark.engine

ANONYMOUS = "anonymous"
CALLERS = (*(str(role) for role in Role), ANONYMOUS)
ORIGINS = ("endpoint", "other vpc", "outside", "plain text")
HEADERS = {
    "other vpc": (account.VPC_HEADER, account.OTHER),
    "plain text": (account.TRANSPORT_HEADER, account.PLAIN),
}
"""By which header a request counts as come from there."""
SUBJECTS = {"predictions": (QUEUE, QUEUE_ARN), "predictions-dlq": (DLQ, DLQ_ARN), ANY_QUEUE: (QUEUE, QUEUE_ARN)}

UNTRIED_ORIGINS = {"on behalf": "nobody can make AWS's calls but AWS; tests/local/emulator/move_tasks has redrives"}
UNTRIED_BY = {
    (str(Role.OUTSIDER), "CreateQueue"): "the call names no account: the outsider makes a queue of its own",
    (str(Role.OUTSIDER), "ListQueues"): "the call names no account: the outsider lists its own",
}


@dataclass(frozen=True)
class Account:
    """The account with the stack in it, everybody's clients, and the matrix that the documents give.

    Args:
        matrix: What must be answered.
        clients: By caller and origin.
        root: The root user's, to look and to mend.
        url: What queues' URLs begin with.
        before: The queues' attributes when nothing had been tried.
        every_origin: The labels of all origins that the matrix has, tried here or not.
    """

    matrix: Matrix
    clients: Mapping[tuple[str, str], "SQSClient"]
    root: "SQSClient"
    url: str
    before: Mapping[str, Mapping[str, str]]
    every_origin: tuple[str, ...]

    def try_out(self, cell: Cell) -> str:
        """What SQS answers to the cell's request; what it deletes is made again, as it was."""
        name, arn = SUBJECTS[cell.target.label]
        client, subject = self.clients[cell.caller.label, cell.origin.label], Subject(name, f"{self.url}/{name}", arn)
        said = answer(lambda: ATTEMPTS[cell.action](client, subject))
        if cell.action == "DeleteQueue" and said == "done":
            self.root.create_queue(QueueName=name, Attributes=self.before[name])  # type: ignore[arg-type]  # the stubs' keys are literals
        return said


@pytest.fixture(scope="module")
def tried(new_trial: NewTrial) -> Account:
    trial = new_trial()
    trial.up()
    settings = load_settings(trial.stack.program, "local", {})
    deployed = assemble(read_state(json.dumps(trial.stack.export()), "the state"), settings, "the state")
    every = origins(deployed, settings)
    ways = [one for one in every if one.label in ORIGINS]
    root = Clients(root_environment(trial.stack.emulator)).sqs
    return Account(
        matrix=ask(targets(deployed, settings), tuple(callers(trial, settings)), ways, settings),
        clients={(who, origin): client(trial, who, origin) for who in CALLERS for origin in ORIGINS},
        root=root,
        url=str(trial.stack.outputs()["predictions_queue_url"]).rpartition("/")[0],
        before={name: settable(root, name) for name in (QUEUE, DLQ)},
        every_origin=tuple(one.label for one in every),
    )


def callers(trial: Trial, settings: Settings) -> Iterator[Caller]:
    """Everybody who exists locally, with the policies that their account holds."""
    task_roles = {Role.PRODUCER: "backend_task_role_arn", Role.CONSUMER: "worker_task_role_arn"}
    outputs = trial.stack.outputs()
    for role in Role:
        owner = account.OUTSIDER_ACCOUNT_ID if role is Role.OUTSIDER else account.ACCOUNT_ID
        arn = str(outputs[task_roles[role]]) if role in task_roles else account.role_arn(role, owner)
        iam = Clients(root_environment(trial.stack.emulator, owner)).iam
        (found,) = read_identities(iam, [arn], replace(settings, account_id=owner)).values()
        yield Caller(role, Principal.role_session(arn, "session"), found.policies)
    yield Caller(ANONYMOUS, Principal.anonymous())


def client(trial: Trial, caller: str, origin: str) -> "SQSClient":
    """A caller's client, whose requests come from this origin."""
    emulator = trial.stack.emulator
    url = emulator.public_url if origin == "outside" else emulator.vpc_url
    if caller == ANONYMOUS:
        unsigned = Config(signature_version=UNSIGNED, proxies={}, retries={"total_max_attempts": 1})
        sqs: SQSClient = boto3.client("sqs", region_name=account.REGION, endpoint_url=url, config=unsigned)
    else:
        session = trial.stack.environment(Role(caller), trial.stack.outputs())
        sqs = Clients(session | {"AWS_ENDPOINT_URL": url}).sqs
    if origin in HEADERS:
        name, value = HEADERS[origin]
        sqs.meta.events.register("before-sign.sqs", lambda request, **_: request.headers.__setitem__(name, value))
    return sqs


def settable(sqs: "SQSClient", name: str) -> dict[str, str]:
    """A queue's attributes, without those that SQS counts itself."""
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found: Mapping[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]  # type: ignore[assignment]  # the stubs' keys are literals
    counted = ("QueueArn", "CreatedTimestamp", "LastModifiedTimestamp")
    kept = {key: value for key, value in found.items() if key not in counted and not key.startswith("Approximate")}
    return {**kept, "Policy": json.dumps(json.loads(kept["Policy"]))}  # RemovePermission lays it out anew


@pytest.mark.parametrize("caller", CALLERS)
def test_every_cell_is_answered_as_the_matrix_says(tried: Account, caller: str) -> None:
    cells = [cell for cell in tried.matrix.cells if cell.caller.label == caller and is_tried(cell)]
    said = [(cell, tried.try_out(cell)) for cell in cells]
    wrong = [
        f"{cell.target.label}: {cell.action} ({cell.origin.label}): {answered}, where the matrix has"
        f" {cell.decision.reason} {cell.by}"
        for cell, answered in said
        if (answered not in REFUSALS) != cell.allowed
    ]
    assert not wrong, "\n".join(wrong)
    assert {name: settable(tried.root, name) for name in (QUEUE, DLQ)} == tried.before


def is_tried(cell: Cell) -> bool:
    return (cell.caller.label, cell.action) not in UNTRIED_BY


def test_nothing_is_left_out_without_a_reason(tried: Account) -> None:
    assert set(ATTEMPTS) == set(ALL_ACTIONS)
    assert {one.caller.label for one in tried.matrix.cells} == set(CALLERS)
    assert {cell.allowed for cell in tried.matrix.cells if is_tried(cell)} == {True, False}
    assert {*ORIGINS, *UNTRIED_ORIGINS} == set(tried.every_origin)
