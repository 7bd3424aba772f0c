"""Settings that cannot be right end in one clear error at the preview, before anything is made."""

from pathlib import Path

import pytest

from tests.stack.expected import EMPTY_ACCOUNT
from tests.stack.trial import NewTrial, Trial

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


def test_an_account_that_its_principals_are_not_of_is_named(untouched: Trial, another_program: Path) -> None:
    told = untouched.with_program(another_program).refuses("preview", "--config", "retainwise:accountId=111111111111")
    (error,) = errors(told)
    assert "'arn:aws:iam::123456789012:role/deployer', which is not of account 111111111111" in error
    assert "retainwise:deployerArns holds" in error


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


def errors(told: str) -> list[str]:
    """The errors among the diagnostics at the end of what was printed; the lines of each joined."""
    diagnostics = told.split("Diagnostics:", 1)[1].split("\nResources:", 1)[0]
    found = diagnostics.split("    error: ")[1:]
    return [error.strip() for error in found]
