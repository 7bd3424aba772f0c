"""What the application really calls, held against what the deployed stack grants it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError

from access.policy import Policy
from access.usage.cloudtrail import Event, parse_events
from access.usage.observed import RoleGrants, RoleUsage, observed
from app.user_agent import APPLICATION_ID
from local.demo.application import Application, ApplicationError
from local.demo.main_job import POISON
from local.demo.sample import SAMPLE
from local.demo.sessions import Sessions
from local.emulator.bootstrap import bootstrap
from local.emulator.decisions.log import files
from local.emulator.process import start, stop
from local.emulator.sessions import Role
from local.mending import ready_stack
from local.paths import LocalPaths
from local.stack import TASK_ROLE_OUTPUTS
from tests.stack.trial import Trial, copied_program

pytestmark = pytest.mark.engine


@dataclass(frozen=True)
class Observed:
    """A deployed stack, its application, and what its account has decided so far."""

    sessions: Sessions
    application: Application

    def usage(self, role: Role, events: list[Event] | None = None) -> RoleUsage:
        """How a task role's permissions were used, by all calls so far or by these."""
        (found,) = observed(self.events if events is None else events, [self._grants(role)])
        return found

    @property
    def events(self) -> list[Event]:
        logs = files(self.sessions.stack.paths.decisions)
        return [event for log in logs for event in parse_events(log.read_bytes(), source=str(log))]

    def _grants(self, role: Role) -> RoleGrants:
        """The documents as they are in the account."""
        iam = self.sessions.clients(Role.ADMINISTRATOR).iam
        arn = str(self.sessions.outputs[TASK_ROLE_OUTPUTS[role]])
        attached = iam.list_attached_role_policies(RoleName=arn.rsplit("/", 1)[-1])["AttachedPolicies"]
        identity = [self._managed_policy(one["PolicyArn"]) for one in attached]
        resource = [self._queue_policy(url) for url in (self.sessions.queue_url, self.sessions.dlq_url)]
        return RoleGrants(arn, identity, resource, application=APPLICATION_ID)

    def _managed_policy(self, arn: str) -> Policy:
        iam = self.sessions.clients(Role.ADMINISTRATOR).iam
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return Policy.parse(arn, iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])

    def _queue_policy(self, url: str) -> Policy:
        sqs = self.sessions.clients(Role.ADMINISTRATOR).sqs
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn", "Policy"])["Attributes"]
        return Policy.parse(found["QueueArn"], found["Policy"])


@pytest.fixture(scope="module")
def ran(_engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    """The stack after the main job: an upload, a request, a look at the queue, a message to refuse, and work."""
    folder = tmp_path_factory.mktemp("observed")
    paths = LocalPaths(run=folder / "run")
    emulator = start(paths, owner=os.getpid(), ports=(0, 0))
    try:
        bootstrap(emulator)
        trial = Trial.on(emulator, paths.run, copied_program(folder / "program"))
        ready_stack(trial.stack, lambda _: None)
        trial.up()
        paths.demo.mkdir()
        sessions = Sessions(trial.stack, trial.stack.outputs())
        application = Application(sessions, paths.demo)
        application.ask(Role.PRODUCER, "upload", str(SAMPLE), "--user", "user_2observed")
        application.ask(Role.PRODUCER, "publish")
        application.ask(Role.PRODUCER, "queue")
        sessions.clients(Role.PRODUCER).sqs.send_message(QueueUrl=sessions.queue_url, MessageBody=POISON)
        application.ask(Role.CONSUMER, "work", "--drain", "--max-seconds", "60")
        yield Observed(sessions, application)
    finally:
        stop(paths)


@pytest.mark.parametrize("role", [Role.PRODUCER, Role.CONSUMER])
def test_the_application_uses_every_grant_of_its_roles_and_is_refused_nothing(ran: Observed, role: Role) -> None:
    usage = ran.usage(role)
    assert usage.calls
    assert [str(one) for one in usage.unused] == []
    assert [str(one) for one in usage.refused] == []


@pytest.mark.parametrize(
    ("role", "action", "places"),
    [
        (Role.PRODUCER, "sqs:GetQueueAttributes", {"SendToQueue", "AllowProducer"}),
        (Role.PRODUCER, "ssm:GetParameter", {"ReadKillSwitch"}),
        (Role.PRODUCER, "s3:PutObject", {"StoreUploads"}),
        (Role.CONSUMER, "sqs:ChangeMessageVisibility", {"ConsumeFromQueue", "AllowConsumer"}),
        (Role.CONSUMER, "s3:PutObject", {"WriteResults"}),
    ],
)
def test_a_grant_that_nothing_calls_for_is_listed_wherever_it_stands(
    ran: Observed, role: Role, action: str, places: set[str]
) -> None:
    without = [event for event in ran.events if action not in event.actions]
    unused = ran.usage(role, without).unused
    assert {one.action for one in unused} == {action.lower()}
    assert {one.statement.label for one in unused} == places


def test_what_the_application_is_refused_is_listed_and_what_others_try_is_not(ran: Observed) -> None:
    before = len(ran.events)
    sqs = ran.sessions.clients(Role.PRODUCER).sqs
    with pytest.raises(ClientError):
        sqs.purge_queue(QueueUrl=ran.sessions.queue_url)  # with the role's session, and not by the application
    assert len(ran.events) == before + 1
    with pytest.raises(ApplicationError):
        ran.application.ask(Role.PRODUCER, "work", "--max-seconds", "60")  # the worker's part, with the backend's role
    (refusal,) = ran.usage(Role.PRODUCER, ran.events[before:]).refused
    assert refusal.action == "sqs:ReceiveMessage"
    assert refusal.resource == ran.sessions.outputs["predictions_queue_arn"]
    assert refusal.times == 3
    assert [one.label for one in refusal.by] == ["DenyConsumeToOthers"]
    assert "not authorized to perform: sqs:receivemessage" in str(refusal.message)
