"""The pack on the real engine: what breaks a rule fails at the very first preview, and nothing is made."""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from local.stack import StackCommandError
from policies import RULES
from tests.stack.expected import EMPTY_ACCOUNT
from tests.stack.trial import PACK, NewTrial, Trial, copied_program

pytestmark = pytest.mark.engine

PROGRAMS = Path(__file__).parent / "programs"
BREACHES = {
    ("queue-max-receive-count", "hasty"): "maxReceiveCount is 1; set it to 2 to 10",
    ("queue-has-dead-letter-queue", "lonely"): "queue 'retainwise-local-lonely' has no dead-letter queue",
    ("queue-has-policy", "bare"): "queue 'retainwise-local-bare' has no queue policy",
    ("queue-policy-denies-destruction", "without-purge-deny"): "the queue policy does not deny sqs:PurgeQueue",
    ("queue-policy-requires-vpc", "without-vpc-deny"): "the queue policy does not deny sqs:SendMessage from outside",
    ("queue-policy-requires-vpc", "without-vpc-condition"): "AllowProducer allows access to messages from anywhere",
    ("queue-policy-names-principals", "for-anybody"): "AllowProducer allows *; name those who may, by full ARN",
    ("role-has-no-aws-managed-policy", "aws-managed"): "arn:aws:iam::aws:policy/AmazonSQSFullAccess is attached",
    ("role-policy-names-grants", "any-action"): "allows sqs:*; list the actions it needs, one by one",
    ("role-policy-names-grants", "any-resource"): "allows it on *; name the ARNs it needs",
}
_BREACH = re.compile(r"- \[(?P<level>\w+)\] \[severity: \w+\] +(?P<rule>\S+) +\(\S+: (?P<resource>\S+)\)")

Found = Mapping[tuple[str, str], str]


@pytest.fixture(scope="module")
def untouched(new_trial: NewTrial) -> Trial:
    return new_trial()


@pytest.fixture(scope="module")
def under(untouched: Trial, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Trial]:
    """The stack under one of the programs that stand beside this file."""

    def make(name: str) -> Trial:
        program = copied_program(tmp_path_factory.mktemp(name) / "program")
        shutil.copy(PROGRAMS / f"{name}.py", program / "__main__.py")
        return untouched.with_program(program)

    return make


@pytest.fixture(scope="module")
def found(under: Callable[[str], Trial]) -> Found:
    """What the first preview of a program that breaks every rule reports."""
    return mandatory(under("every_rule_broken").refuses("preview", *PACK))


def mandatory(told: str) -> Found:
    """The messages of the mandatory violations, by rule and resource; several of one pair are joined."""
    found: dict[tuple[str, str], str] = {}
    pair: tuple[str, str] | None = None
    for line in told.rsplit("Policies:", maxsplit=1)[-1].split("Diagnostics:", maxsplit=1)[0].splitlines():
        if match := _BREACH.search(line):
            pair = (match["rule"], match["resource"]) if match["level"] == "mandatory" else None
        elif pair:
            found[pair] = f"{found.get(pair, '')}\n{line.strip()}"
    return found


@pytest.mark.parametrize("pair", BREACHES, ids=" ".join)
def test_a_broken_rule_is_mandatory_at_the_first_preview_and_says_what_to_change(
    found: Found, pair: tuple[str, str]
) -> None:
    assert BREACHES[pair] in found[pair]


def test_what_is_sound_is_not_reported(found: Found) -> None:
    assert set(found) == set(BREACHES)


def test_every_rule_is_broken_here() -> None:
    assert {rule for rule, _ in BREACHES} == {rule.name for rule in RULES}


def test_an_update_that_only_the_whole_stack_shows_to_be_wrong_makes_nothing(under: Callable[[str], Trial]) -> None:
    broken = under("queue_alone")
    with pytest.raises(StackCommandError):
        broken.stack.up()
    assert broken.account() == EMPTY_ACCOUNT
    assert not broken.types()


def test_no_rule_is_left_in_doubt_at_the_first_preview_of_the_stack(untouched: Trial) -> None:
    told = untouched.runs("preview", *PACK)
    assert "retainwise-queues@" in told
    assert "can't run policy" not in told
    assert "advisory" not in told
