"""Every queue of a stack is judged, whatever else the stack lacks."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from access.deployed import Deployed, Queue
from access.judgement import NOTHING_TO_PROVE, judge
from access.proof.invariants import prove
from access.proof.protection import protected_queues
from tests.access.sound import DLQ_ARN, QUEUE_ARN, SETTINGS, deployed, role_arn, without_statement

ALONE = ["only-break-glass-purges", "nothing-without-tls"]
"""Claims that a queue's own policy decides."""


def without_redrive(stack: Deployed) -> Deployed:
    return replace(stack, queues=tuple(replace(one, dead_letter_arn=None) for one in stack.queues))


def without_dead_letters(stack: Deployed) -> Deployed:
    return replace(stack, queues=stack.queues[:1])


def with_a_renamed_consumer(stack: Deployed) -> Deployed:
    return replace(stack, roles=(stack.roles[0], replace(stack.roles[1], arn=role_arn("renamed"))))


def pairs(stack: Deployed) -> list[tuple[str, str | None]]:
    return [(one.queue_arn, one.dlq_arn) for one in protected_queues(stack, SETTINGS)]


def test_a_queue_comes_with_its_dead_letter_queue_or_by_itself() -> None:
    assert pairs(deployed()) == [(QUEUE_ARN, DLQ_ARN)]
    assert pairs(without_redrive(deployed())) == [(QUEUE_ARN, None), (DLQ_ARN, None)]
    assert pairs(without_dead_letters(deployed())) == [(QUEUE_ARN, None)]
    other = Queue(f"{QUEUE_ARN}-other", dead_letter_arn=DLQ_ARN)
    assert pairs(replace(deployed(), queues=(*deployed().queues, other))) == [
        (QUEUE_ARN, DLQ_ARN),
        (other.arn, DLQ_ARN),
    ]


def test_the_roles_are_those_of_the_stack_with_their_trust_and_boundary() -> None:
    (found,) = protected_queues(deployed(), SETTINGS)
    assert found.roles == deployed().roles
    (found,) = protected_queues(with_a_renamed_consumer(deployed()), SETTINGS)
    assert (found.consumer, found.producer) == (None, deployed().roles[0])


@pytest.mark.parametrize("lacking", [without_redrive, without_dead_letters, with_a_renamed_consumer])
def test_what_a_queues_own_policy_decides_is_proven_of_it_or_told(lacking: Callable[[Deployed], Deployed]) -> None:
    (sound, *_) = protected_queues(lacking(deployed()), SETTINGS)
    assert all(one.holds for one in prove(sound, only=ALONE))
    (weakened, *_) = protected_queues(lacking(deployed(queue=without_statement("queue", "DenyPurgeQueue"))), SETTINGS)
    assert [one.holds for one in prove(weakened, only=ALONE)] == [False, True]


def test_a_sound_queue_whose_dead_letter_queue_is_elsewhere_is_good() -> None:
    report = judge("dev", without_dead_letters(deployed()), SETTINGS)
    assert [(one.name, one.told) for one in report.proofs if not one.holds] == []
    assert report.is_good
    assert len(report.proofs) > len(ALONE)


def test_a_stack_without_one_of_its_roles_is_not_good() -> None:
    report = judge("dev", with_a_renamed_consumer(deployed()), SETTINGS)
    told = {one.name: one.told for one in report.proofs if not one.holds}
    assert "consumer" in told["roles-can-always-work"]
    assert not report.is_good


def test_only_a_stack_without_queues_has_nothing_to_prove() -> None:
    empty = judge("dev", replace(deployed(), queues=()), SETTINGS)
    assert NOTHING_TO_PROVE in empty.notes
    assert empty.is_good
