"""What the local stack does otherwise than AWS documents: what MiniStack's evaluator does, and how it is asked."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from tests.access.differential import ours
from tests.access.differential.case import Answer, Case, Part, document
from tests.access.differential.comparison import Difference
from tests.access.differential.documented import CONDITION_KEYS, SQS_KEYS
from tests.access.differential.ministack.differences import KNOWN as EVALUATORS
from tests.access.differential.rewriting import Condition, with_block, with_conditions

OF_EVALUATOR: Final = frozenset(
    {
        "NotPrincipal",
        "grant to everybody",
        "policy variables",
        "wildcard within a part",
        "several values without a set operator",
    }
)
"""The differences of MiniStack's evaluator that requests to the local stack show."""
OF_CALLER: Final = (
    "aws:principaltype",
    "aws:principaltag/",
    "aws:username",
    "aws:multifactorauthpresent",
    "aws:tagkeys",
)


def _known_of_caller(case: Case) -> Case:
    """The queue's policy, with what its conditions about the caller come to."""
    return _settled(case, OF_CALLER, {Part.RESOURCE})


def _tags_of_queue(case: Case) -> Case:
    """All policies but the caller's own, with what their conditions about the queue's tags come to."""
    return _settled(case, ("aws:resourcetag/",), {Part.RESOURCE, Part.BOUNDARY, Part.SESSION})


def _settled(case: Case, keys: tuple[str, ...], parts: Collection[Part]) -> Case:
    def change(condition: Condition) -> Condition | bool:
        return _holds(case, condition) if condition.key.lower().startswith(keys) else condition

    return with_conditions(case, change, parts)


def _holds(case: Case, condition: Condition) -> bool:
    """Whether a condition holds for the case's request: operators are compared elsewhere, so ours may say."""
    own = with_block({"Effect": "Allow", "Action": "*", "Resource": "*"}, [condition])
    policies = {Part.IDENTITY: (document(own),), Part.RESOURCE: (document({**own, "Principal": "*"}),)}
    [answer] = ours.answer([replace(case, action="sqs:SendMessage", policies=policies)])
    return answer is Answer.ALLOWED


KNOWN: Final = (
    *(one for one in EVALUATORS if one.name in OF_EVALUATOR),
    Difference(
        name="second look at the queue's policy",
        page=CONDITION_KEYS,
        documented="keys about the caller, such as `aws:PrincipalType` or `aws:PrincipalTag`, are in its requests",
        theirs="looks at the queue's policy a second time without them, so that a Deny with a negated operator holds",
        rewrite=_known_of_caller,
    ),
    Difference(
        name="tags of the queue",
        page=SQS_KEYS,
        documented="`aws:ResourceTag` is there for every action on a queue",
        theirs="gives it only when the caller's own policy looks at it",
        rewrite=_tags_of_queue,
    ),
)
