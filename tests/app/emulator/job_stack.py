"""The queues and the two task roles, with the stack's own policy documents, and the CLI run under those roles."""

import json
import os
import subprocess
import sys
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

import boto3
from typer.testing import CliRunner

from app.__main__ import cli
from app.clock import SystemClock
from app.settings import load_settings
from app.store import Prediction, PredictionStore, Rejection, RejectionStore, open_database
from components.grants import JobStorage, QueueAccess, consumer_statements, producer_statements
from components.statements import Statement, VpcOrigin, document, trust_ecs_tasks
from local.emulator import account, permissions
from local.emulator.clients import Clients
from local.emulator.process import Emulator
from local.emulator.sessions import Role, session_environment

PROJECT = Path(__file__).parents[3]
Answer = dict[str, object]


class JobStack:
    """One test's queues, roles, parameter and database; all of it goes away with `cleanup`.

    Args:
        emulator: The account.
        root: The clients of its root user.
        name: What all names begin with.
        folder: Where the database lies.
        visibility_seconds: The queue's visibility timeout.
        max_receives: After how many receives it dead-letters.
        database: The database's URL; by default a SQLite file in the folder.
    """

    def __init__(  # noqa: PLR0913 - one for each thing that stacks differ in
        self,
        emulator: Emulator,
        root: Clients,
        name: str,
        folder: Path,
        *,
        visibility_seconds: int = 300,
        max_receives: int = 3,
        database: str | None = None,
    ) -> None:
        self.root = root
        self.cleanup = ExitStack()
        self.dlq_url = self._queue(f"{name}-dlq", {})
        redrive = {"deadLetterTargetArn": account.queue_arn(f"{name}-dlq"), "maxReceiveCount": max_receives}
        self.queue_url = self._queue(
            name,
            {
                "VisibilityTimeout": str(visibility_seconds),
                "MessageRetentionPeriod": "345600",
                "ReceiveMessageWaitTimeSeconds": "20",
                "RedrivePolicy": json.dumps(redrive),
            },
        )
        self.parameter = f"/retainwise/local/{name}"
        self.switch(on=True)
        self.cleanup.callback(lambda: root.ssm.delete_parameter(Name=self.parameter))
        self.access = QueueAccess(
            queue_arn=account.queue_arn(name),
            dlq_arn=account.queue_arn(f"{name}-dlq"),
            producer_arn=account.role_arn(f"{name}-backend"),
            consumer_arn=account.role_arn(f"{name}-worker"),
            origin=VpcOrigin(account.VPC_ID, account.VPC_ENDPOINT_ID),
            deployer_arns=[account.role_arn(account.DEPLOYER)],
            break_glass_arns=[account.role_arn(account.BREAK_GLASS)],
            operator_arns=[account.role_arn(f"{name}-operator")],
        )
        self.storage = JobStorage(
            uploads_arn=f"arn:aws:s3:::{account.UPLOADS_BUCKET}/user_*",
            results_arn=f"arn:aws:s3:::{account.UPLOADS_BUCKET}/results/*",
            kill_switch_arn=f"arn:aws:ssm:{account.REGION}:{account.ACCOUNT_ID}:parameter{self.parameter}",
        )
        self.consumer_name = f"{name}-worker"
        self._role(f"{name}-backend")
        self._permit(
            f"{name}-backend",
            producer_statements(self.access, self.storage, region=account.REGION, kms_key_arn=None),
        )
        self._role(self.consumer_name)
        self.allow_consumer()
        self._role(f"{name}-operator")
        self._grant(f"{name}-operator", permissions.document(permissions.OPERATOR).replace(account.QUEUE_NAME, name))
        self._guard(self.dlq_url, self.access.dlq_statements())
        # Before the queues are deleted: their policies deny that to all but the deployer, root included.
        for url in (self.queue_url, self.dlq_url):
            self.cleanup.callback(self._guard, url, [])
        database = database or f"sqlite:///{folder / 'store.sqlite3'}"
        self.engine = open_database(database)
        self.cleanup.callback(self.engine.dispose)
        settings = {
            "PREDICTIONS_QUEUE_URL": self.queue_url,
            "ENABLE_SQS": "true",
            "ENABLE_SQS_PARAMETER": self.parameter,
            "UPLOADS_BUCKET": account.UPLOADS_BUCKET,
            "DATABASE_URL": database,
            "WORKER_POLL_SECONDS": "0",
            "PATH": os.environ["PATH"],
        }
        self.backend = settings | session_environment(emulator, Role.PRODUCER, task_role_arn=self.access.producer_arn)
        self.worker = settings | session_environment(emulator, Role.CONSUMER, task_role_arn=self.access.consumer_arn)
        # An operator's session is got as a task role's is: what its permissions are is what matters here.
        (operator_arn,) = self.access.operator_arns
        self.operator = settings | session_environment(emulator, Role.CONSUMER, task_role_arn=operator_arn)

    # ---- The account

    def _queue(self, name: str, attributes: Mapping[str, str]) -> str:
        url = self.root.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]  # type: ignore[arg-type]  # attribute names as plain text
        self.cleanup.callback(lambda: self.root.sqs.delete_queue(QueueUrl=url))
        return url

    def _guard(self, queue_url: str, statements: list[Statement]) -> None:
        policy = document(statements) if statements else ""
        self.root.sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": policy})

    def _role(self, name: str) -> None:
        pattern = f"arn:aws:ecs:{account.REGION}:{account.ACCOUNT_ID}:*"
        trust = document([trust_ecs_tasks(account_id=account.ACCOUNT_ID, tasks_arn_pattern=pattern)])
        self.root.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        self.cleanup.callback(lambda: self.root.iam.delete_role(RoleName=name))
        self.cleanup.callback(lambda: self.root.iam.delete_role_policy(RoleName=name, PolicyName="grants"))

    def _permit(self, role_name: str, statements: list[Statement]) -> None:
        self._grant(role_name, document(statements))

    def _grant(self, role_name: str, policy: str) -> None:
        self.root.iam.put_role_policy(RoleName=role_name, PolicyName="grants", PolicyDocument=policy)

    def allow_consumer(self, *, without: Collection[str] = ()) -> None:
        """Give the consumer all that the stack gives it, but for these actions, in both documents."""
        granted = consumer_statements(self.access, self.storage, region=account.REGION, kms_key_arn=None)
        self._permit(self.consumer_name, _without(granted, without))
        self._guard(self.queue_url, _without(self.access.queue_statements(), without))

    def switch(self, *, on: bool) -> None:
        """Set the kill switch's parameter."""
        self.root.ssm.put_parameter(Name=self.parameter, Value=str(on).lower(), Type="String", Overwrite=True)

    def send(self, body: str) -> None:
        """Send a message past the publisher, under the producer's role."""
        Clients(self.backend).sqs.send_message(QueueUrl=self.queue_url, MessageBody=body)

    def dead_letters(self) -> int:
        """How many messages the dead-letter queue holds."""
        asked = self.root.sqs.get_queue_attributes(QueueUrl=self.dlq_url, AttributeNames=["All"])
        return int(asked["Attributes"]["ApproximateNumberOfMessages"])

    # ---- The application

    def run(self, environment: Mapping[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the CLI as a process of its own, with an environment and nothing else."""
        return subprocess.run(
            [sys.executable, "-m", "app", *arguments],
            cwd=PROJECT,
            env=dict(environment),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def answer(self, environment: Mapping[str, str], *arguments: str) -> Answer:
        """Run a command in this process, which is quicker, for its JSON; anything but success fails the test."""
        load_settings.cache_clear()
        boto3.DEFAULT_SESSION = None  # it keeps the credentials of the environment that it was made in
        try:
            ended = CliRunner().invoke(cli, [*arguments, "--json"], env=dict(environment), catch_exceptions=False)
        finally:
            load_settings.cache_clear()
            boto3.DEFAULT_SESSION = None
        assert ended.exit_code == 0, ended.output
        found: Answer = json.loads(ended.stdout)
        return found

    def drain(self) -> Answer:
        """Run the worker until the queue is empty."""
        return self.answer(self.worker, "work", "--drain", "--max-seconds", "40")

    def prediction(self, prediction_id: UUID) -> Prediction:
        """The prediction as it stands now."""
        found = PredictionStore(self.engine, SystemClock()).get(prediction_id)
        assert found is not None
        return found

    def rejections(self) -> list[Rejection]:
        """The messages that were refused."""
        return RejectionStore(self.engine, SystemClock()).newest()


def _without(statements: list[Statement], actions: Collection[str]) -> list[Statement]:
    """The statements, the Allows among them without these actions."""
    weakened: list[Statement] = []
    for statement in statements:
        allowed = statement["Action"]
        if statement["Effect"] == "Allow" and isinstance(allowed, list):
            kept: Statement = {**statement, "Action": [action for action in allowed if action not in actions]}
            weakened.append(kept)
        else:
            weakened.append(statement)
    return weakened


def log_of(ended: "subprocess.CompletedProcess[str]") -> list[Answer]:
    """The structured lines that a command logged."""
    return [json.loads(line) for line in ended.stderr.splitlines() if line.startswith("{")]
