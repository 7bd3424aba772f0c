"""Settings that cannot be right end in one clear error at the preview, before anything is made."""

import socket
import subprocess
from pathlib import Path

import pytest

from tests.stack.expected import EMPTY_ACCOUNT
from tests.stack.trial import QUIET, NewTrial, Trial

pytestmark = pytest.mark.engine

PROBLEMS = [
    ("retainwise:vpcId", "vpc-wrong", "is 'vpc-wrong'; allowed is a VPC id: vpc- and 8 or 17 hexadecimal digits"),
    ("retainwise:maxReceiveCount", "0", "is 0; allowed is 1 to 1000 receives"),
    (
        "retainwise:dlqMessageRetentionSeconds",
        "345600",
        "is 345600; allowed is more than the queue's own retention of 345600 seconds",
    ),
    ("retainwise:environment", "production", "is 'production'; allowed is one of local, dev, staging, prod"),
    ("retainwise:vpcEndpointId", "", "is ''; allowed is the id of the VPC's interface endpoint for SQS: vpce-"),
    ("retainwise:maxRecieveCount", "3", "is not a setting; known are environment,"),
]


@pytest.fixture(scope="module")
def untouched(new_trial: NewTrial) -> Trial:
    return new_trial()


@pytest.mark.parametrize(("key", "value", "words"), PROBLEMS, ids=[key for key, _, _ in PROBLEMS])
def test_a_bad_setting_is_named_with_its_value_and_what_is_allowed(
    untouched: Trial, another_program: Path, key: str, value: str, words: str
) -> None:
    told = untouched.with_program(another_program).refuses("preview", "--config", f"{key}={value}")
    (error,) = errors(told)
    assert error.startswith("the configuration of stack 'local' of project 'retainwise' is not usable:\n")
    (line,) = error.splitlines()[1:]
    assert line.strip().startswith(f"{key} {words}")
    assert untouched.account() == EMPTY_ACCOUNT


def test_credentials_of_another_account_are_refused_before_anything_is_changed(
    untouched: Trial, another_program: Path
) -> None:
    settings = another_program / "Pulumi.local.yaml"
    settings.write_text(settings.read_text().replace("123456789012", "111111111111"))
    told = untouched.with_program(another_program).refuses("up", "--yes", "--skip-preview")
    (error,) = errors(told)
    assert "the credentials belong to account 123456789012, and the configuration allows only 111111111111" in error
    assert untouched.account() == EMPTY_ACCOUNT
    assert not untouched.types()


def test_an_aws_that_does_not_answer_is_named_with_what_to_do(untouched: Trial) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unserved:
        address = "http://{}:{}".format(*unserved.getsockname())
    ended = subprocess.run(
        [untouched.stack.paths.binaries / "pulumi", "preview", *QUIET, "--stack", "local"],
        cwd=untouched.stack.program,
        env={**untouched.stack.environment(), "AWS_ENDPOINT_URL": address},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode
    (error,) = errors(ended.stdout)
    assert (
        f'Could not connect to the endpoint URL: "{address}/" Is the local AWS running? `make up` starts it.' in error
    )


def errors(told: str) -> list[str]:
    """The errors among the diagnostics at the end of what was printed; the lines of each joined."""
    diagnostics = told.split("Diagnostics:", 1)[1].split("\nResources:", 1)[0]
    found = diagnostics.split("    error: ")[1:]
    return [error.strip() for error in found]
