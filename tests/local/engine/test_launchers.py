import os
import subprocess
from pathlib import Path

import pytest

from local.engine.launchers import write_launchers
from local.paths import LocalPaths
from tests.local.engine.conftest import Script

LAUNCHERS = {
    "bin/pulumi-language-python": "local.language_host",
    "pulumi-home/plugins/resource-aws-v7.51.1/pulumi-resource-aws": "local.provider",
}


@pytest.mark.parametrize("launcher", LAUNCHERS)
@pytest.mark.parametrize("inherited", ["", "/else where"])
def test_a_launcher_runs_its_module_with_the_projects_python(
    paths: LocalPaths, script: Script, tmp_path: Path, launcher: str, inherited: str
) -> None:
    script(paths.environment / "bin" / "python", 'printf "%s\\n" "$PYTHONPATH" "$@"')
    write_launchers(paths)
    environment = {**os.environ, "PYTHONPATH": inherited}
    told = subprocess.check_output(
        [paths.tools / launcher, "127.0.0.1:1", "two words"], cwd=tmp_path, env=environment, text=True
    )
    path = f"{paths.project}:{inherited}" if inherited else str(paths.project)
    assert told.splitlines() == [path, "-P", "-m", LAUNCHERS[launcher], "127.0.0.1:1", "two words"]


@pytest.mark.parametrize(
    ("endpoint", "options"), [("", []), ("http://127.0.0.1:1", ["--endpoint-url", "http://127.0.0.1:1"])]
)
def test_the_aws_command_line_keeps_to_the_endpoint(
    paths: LocalPaths, script: Script, endpoint: str, options: list[str]
) -> None:
    script(paths.emulator_environment / "bin" / "python", 'printf "%s\\n" "$@"')
    write_launchers(paths)
    environment = {**os.environ, "AWS_ENDPOINT_URL": endpoint}
    told = subprocess.check_output([paths.binaries / "aws", "sqs", "list-queues"], env=environment, text=True)
    assert told.splitlines() == ["-P", "-m", "awscli", *options, "sqs", "list-queues"]


def test_writing_again_changes_nothing_and_mends_what_is_not_ours(paths: LocalPaths) -> None:
    write_launchers(paths)
    launcher = paths.binaries / "pulumi-language-python"
    before = launcher.stat()
    write_launchers(paths)
    assert launcher.stat().st_ino == before.st_ino

    text = launcher.read_text()
    launcher.write_text("stale")
    (paths.binaries / "aws").unlink()
    (paths.binaries / "aws").symlink_to("/nowhere")  # as an earlier version may have left it
    write_launchers(paths)
    assert launcher.read_text() == text
    assert os.access(launcher, os.X_OK)
    assert not (paths.binaries / "aws").is_symlink()
    assert list(paths.binaries.glob(".*")) == []
