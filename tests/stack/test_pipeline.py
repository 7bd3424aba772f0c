"""What the workflows run, on the real engine, by the roles whose documents docs/roles holds."""

import json
import subprocess
from collections.abc import Iterator

import pytest

from local.emulator import account
from local.emulator.bootstrap import POLICY_NAME
from local.emulator.clients import Clients
from local.emulator.permissions import trust
from local.emulator.sessions import Role, root_environment, session_environment
from local.paths import PROJECT, LocalPaths
from local.stack import LocalStack, engine_environment
from tests.stack.trial import NewEmulator, Trial, copied_program
from tests.workflows.reading import job

pytestmark = pytest.mark.engine

READER = "reader"
LINKED = (".github", "access", "policies")


def role_document(name: str) -> str:
    """A document of docs/roles, for the local stack instead of its example's."""
    text = (PROJECT / "docs" / "roles" / f"{name}.json").read_text(encoding="utf-8")
    return text.replace("111111111111", account.ACCOUNT_ID).replace("retainwise-dev-", account.NAME_PREFIX)


class Pipeline:
    """A checkout as the workflows have it, and a stack that was deployed by the role of docs/roles/deployer.json."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.folder = trial.stack.program
        for name in LINKED:
            (self.folder / name).symlink_to(PROJECT / name)
        (self.folder / ".venv").symlink_to(LocalPaths().environment)
        self._iam = trial.clients().iam
        self._iam.put_role_policy(
            RoleName=account.DEPLOYER, PolicyName=POLICY_NAME, PolicyDocument=role_document("deployer")
        )
        self._iam.create_role(RoleName=READER, AssumeRolePolicyDocument=trust(account.ACCOUNT_ID))
        self._iam.put_role_policy(RoleName=READER, PolicyName=POLICY_NAME, PolicyDocument=role_document("reader"))

    def run(self, command: list[str], role: str) -> "subprocess.CompletedProcess[str]":
        stack = self.trial.stack
        environment = engine_environment(stack.paths) | self._session(role)
        environment |= {"STACK": stack.name, "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md")}
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    def under_pack(self, *arguments: str, role: str) -> "subprocess.CompletedProcess[str]":
        return self.run([".github/scripts/under_pack.sh", *arguments], role)

    def drift(self) -> tuple[int, str]:
        ended = self.run([".github/scripts/drift.sh", "report.md"], READER)
        return ended.returncode, (self.folder / "report.md").read_text() or ended.stderr

    def state(self) -> dict[str, bytes]:
        """The backend's files, as they are."""
        folder = self.trial.stack.paths.state
        return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}

    def _session(self, role: str) -> dict[str, str]:
        emulator = self.trial.stack.emulator
        environment = session_environment(emulator, Role.DEPLOYER)
        if role == READER:
            given = Clients(root_environment(emulator)).sts.assume_role(
                RoleArn=account.role_arn(READER), RoleSessionName="workflow"
            )["Credentials"]
            environment |= {
                "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
                "AWS_SESSION_TOKEN": given["SessionToken"],
            }
        return environment


@pytest.fixture(scope="module")
def pipeline(new_emulator: NewEmulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("pipeline")
    stack = LocalStack(LocalPaths(run=folder / "run"), new_emulator(), program=copied_program(folder / "program"))
    stack.make()
    pipeline = Pipeline(Trial(stack))
    ended = pipeline.under_pack("up", "--yes", role=account.DEPLOYER)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    yield pipeline
    ended = pipeline.run(["pulumi", "destroy", "--yes", "--stack", stack.name], account.DEPLOYER)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_reader_compares_who_may_do_what_and_leaves_the_state_as_it_is(pipeline: Pipeline) -> None:
    before = pipeline.state()
    compare = job("preview.yml", "preview").step("Compare who may do what with what is expected")
    ended = pipeline.run(["bash", "-e", "-c", compare["run"]], READER)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (pipeline.folder / "access-local.md").read_text().startswith("## Access: stack local\n")
    assert pipeline.state() == before


def test_a_change_beside_the_program_is_drift_which_the_reader_sees_and_cannot_undo(pipeline: Pipeline) -> None:
    before = pipeline.state()
    assert pipeline.drift() == (0, "")
    assert pipeline.state() == before
    sqs = pipeline.trial.clients().sqs
    url = sqs.get_queue_url(QueueName=account.QUEUE_NAME)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    policy = json.loads(attributes["Policy"])
    policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] != "DenyPurgeQueue"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    status, report = pipeline.drift()
    assert status == 1
    program, _, access = report.partition("### Who may do what is not what is expected")
    assert "DenyPurgeQueue" in program
    assert "PurgeQueue" in access
    refused = pipeline.under_pack("up", "--yes", "--skip-preview", "--refresh", role=READER)
    assert refused.returncode != 0
    assert "AccessDenied" in refused.stdout + refused.stderr
