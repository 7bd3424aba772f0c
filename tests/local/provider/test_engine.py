"""The plugin under the real engine: the decisions are the engine's, made from the plugin's answers."""

import json
import os
import shlex
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pulumi
import pulumi_aws as aws
import pytest
from pulumi import automation
from semver import VersionInfo

from local.emulator.process import Emulator
from local.emulator.sessions import Role, session_environment
from local.paths import PROJECT, LocalPaths
from local.provider import VERSION
from tests.local.provider.conftest import Account

pytestmark = [pytest.mark.engine, pytest.mark.emulator]

Program = Callable[[], None]


class Engine:
    """One stack of the test's own, driven through the automation API, so that no language host is involved."""

    def __init__(self, folder: Path, environment: dict[str, str], command: automation.PulumiCommand) -> None:
        self._options = automation.LocalWorkspaceOptions(
            pulumi_command=command,
            project_settings=automation.ProjectSettings(
                name="retainwise", runtime="python", backend=automation.ProjectBackend(f"file://{folder / 'state'}")
            ),
            pulumi_home=str(folder / "home"),
            env_vars=environment,
            work_dir=str(folder / "work"),
        )
        for name in ("state", "work"):
            (folder / name).mkdir()
        self.stack = self.another("local")

    def another(self, name: str) -> automation.Stack:
        return automation.create_stack(name, project_name="retainwise", program=lambda: None, opts=self._options)

    def up(self, program: Program) -> "Outcome":
        done = self.stack.up(program=program, diff=True, color="never")
        return Outcome(_changes(done.summary), done.stdout, {key: found.value for key, found in done.outputs.items()})

    def refresh(self) -> "Outcome":
        done = self.stack.refresh(diff=True, color="never")
        return Outcome(_changes(done.summary), done.stdout, {})


class Outcome(NamedTuple):
    """What an operation did: how many resources of each kind of change, and what it told the user."""

    changes: dict[str, int]
    told: str
    outputs: dict[str, object]

    def tells(self, line: str) -> bool:
        """Whether the output has a line, its spaces aside."""
        return line.split() in [told.split() for told in self.told.splitlines()]


def _changes(summary: automation.UpdateSummary) -> dict[str, int]:
    return {str(kind): count for kind, count in (summary.resource_changes or {}).items() if kind != "same"}


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> automation.PulumiCommand:
    paths = LocalPaths()
    if not (paths.binaries / "pulumi").exists():
        word = f"the Pulumi engine is missing ({paths.binaries / 'pulumi'}): run `make test`"
        if os.environ.get("CI") == "true":
            pytest.fail(word)
        pytest.skip(word)
    with pytest.MonkeyPatch.context() as patched:  # asked for its version, the CLI writes a log into its home
        patched.setenv("PULUMI_HOME", str(tmp_path_factory.mktemp("home")))
        found = automation.PulumiCommand(root=str(paths.tools), skip_version_check=True)
    found.version = found.version or VersionInfo(3, 259)  # a CLI that was built without a stamp does not know its own
    return found


@pytest.fixture
def engine(tmp_path: Path, emulator: Emulator, command: automation.PulumiCommand) -> Engine:
    launch(tmp_path / "home" / "plugins" / f"resource-aws-v{VERSION}" / "pulumi-resource-aws", "local.provider")
    launch(tmp_path / "bin" / "pulumi-language-python", "local.language_host")  # an import loads it, and runs nothing
    environment = {
        **session_environment(emulator, Role.DEPLOYER),
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
    }
    return Engine(tmp_path, environment, command)


def launch(launcher: Path, module: str) -> None:
    python, project = shlex.quote(sys.executable), shlex.quote(str(PROJECT))
    launcher.parent.mkdir(parents=True)
    launcher.write_text(f'#!/bin/sh\nPYTHONPATH={project} exec {python} -m {module} "$@"\n')
    launcher.chmod(launcher.stat().st_mode | stat.S_IXUSR)


def document(statement: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def program(name: str, *, visibility: int = 300, queue: str | None = None, team: str = "x") -> Program:
    """A queue with its DLQ, a policy for it, a role that may use it, and an alarm: every served type."""

    def declare() -> None:
        arn = f"arn:aws:sqs:us-east-1:123456789012:{queue or name}"
        dlq = aws.sqs.Queue("dlq", name=f"{name}-dlq", message_retention_seconds=1209600)
        aws.sqs.RedriveAllowPolicy(
            "allow",
            queue_url=dlq.url,
            redrive_allow_policy=json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn]}),
        )
        jobs = aws.sqs.Queue(
            "jobs",
            name=queue or name,
            visibility_timeout_seconds=visibility,
            redrive_policy=dlq.arn.apply(lambda of: json.dumps({"deadLetterTargetArn": of, "maxReceiveCount": 3})),
            tags={"team": team},
        )
        deny: dict[str, object] = {"Effect": "Deny", "Principal": "*", "Action": "sqs:PurgeQueue", "Resource": arn}
        aws.sqs.QueuePolicy("policy", queue_url=jobs.url, policy=document(deny))
        ecs: dict[str, object] = {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        role = aws.iam.Role("worker", name=name, assume_role_policy=document(ecs))
        receive: dict[str, object] = {"Effect": "Allow", "Action": ["sqs:ReceiveMessage"], "Resource": arn}
        policy = aws.iam.Policy("receive", name=name, policy=document(receive))
        aws.iam.RolePolicyAttachment("attachment", role=role.name, policy_arn=policy.arn)
        aws.cloudwatch.MetricAlarm(
            "alarm",
            name=name,
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": dlq.name},
            statistic="Maximum",
            period=60,
            evaluation_periods=1,
            threshold=0,
            comparison_operator="GreaterThanThreshold",
        )
        pulumi.export("url", jobs.url)
        pulumi.export("role", role.arn)

    return declare


RESOURCES = 8
STACK = 1
"""The engine counts the stack itself among the resources."""


def test_a_stack_is_made_kept_changed_replaced_mended_and_destroyed(
    engine: Engine, account: Account, emulator: Emulator, name: str
) -> None:
    url = f"{emulator.public_url}/123456789012/{name}"
    assert engine.stack.preview(program=program(name)).change_summary == {"create": RESOURCES + STACK}
    made = engine.up(program(name))
    assert made.changes == {"create": RESOURCES + STACK}
    assert made.outputs == {"url": url, "role": f"arn:aws:iam::123456789012:role/{name}"}
    assert account.attributes(url)["VisibilityTimeout"] == "300"

    assert engine.up(program(name)).changes == {}

    changed = engine.up(program(name, visibility=60, team="y"))
    assert changed.changes == {"update": 1}
    assert changed.tells("~ visibilityTimeoutSeconds: 300 => 60")
    assert changed.tells('~ team: "x" => "y"')
    assert account.attributes(url)["VisibilityTimeout"] == "60"

    account.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "77"})
    account.sqs.tag_queue(QueueUrl=url, Tags={"stray": "1"})
    account.cloudwatch.delete_alarms(AlarmNames=[name])
    account.iam.detach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::123456789012:policy/{name}")
    found = engine.refresh()
    assert found.changes == {"update": 1, "delete": 2}
    assert found.tells("~ visibilityTimeoutSeconds: 60 => 77")
    assert found.tells('+ stray: "1"')
    mended = engine.up(program(name, visibility=60, team="y"))
    assert mended.changes == {"update": 1, "create": 2}
    assert account.attributes(url)["VisibilityTimeout"] == "60"
    assert account.sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"team": "y"}

    replaced = engine.up(program(name, visibility=60, team="y", queue=f"{name}-other"))
    assert replaced.changes == {"replace": 2, "update": 2}
    assert replaced.outputs["url"] == f"{url}-other"
    assert sorted(account.sqs.list_queues(QueueNamePrefix=name)["QueueUrls"]) == [f"{url}-dlq", f"{url}-other"]

    engine.stack.destroy()
    assert account.sqs.list_queues(QueueNamePrefix=name).get("QueueUrls", []) == []
    assert account.cloudwatch.describe_alarms(AlarmNamePrefix=name)["MetricAlarms"] == []
    assert all(not role["RoleName"].startswith(name) for role in account.iam.list_roles()["Roles"])
    policies = account.iam.list_policies(Scope="Local")["Policies"]
    assert all(not policy["PolicyName"].startswith(name) for policy in policies)


def test_what_exists_is_imported_by_its_id_and_fits_the_program(engine: Engine, name: str) -> None:
    url = str(engine.up(program(name)).outputs["url"])
    arn = f"arn:aws:iam::123456789012:policy/{name}"
    importing = engine.another("imported")
    identities = [
        ("aws:sqs/queue:Queue", "jobs", url),
        ("aws:sqs/queue:Queue", "dlq", f"{url}-dlq"),
        ("aws:sqs/queuePolicy:QueuePolicy", "policy", url),
        ("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "allow", f"{url}-dlq"),
        ("aws:iam/role:Role", "worker", name),
        ("aws:iam/policy:Policy", "receive", arn),
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "attachment", f"{name}/{arn}"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "alarm", name),
    ]
    importing.import_resources(
        resources=[{"type": kind, "name": key, "id": identity} for kind, key, identity in identities],
        generate_code=False,
        protect=False,
    )
    assert importing.preview(program=program(name)).change_summary == {"same": RESOURCES + STACK}

    with pytest.raises(automation.CommandError) as refusal:
        importing.import_resources(
            resources=[{"type": "aws:iam/role:Role", "name": "other", "id": "deployer"}], generate_code=False
        )
    assert 'reading aws:iam/role:Role "other": GetRole: AccessDenied' in str(refusal.value)
