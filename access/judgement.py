"""A stack judged: its matrix held against the expected one, its invariants proven, its grants held against calls."""

from collections.abc import Iterable, Mapping

from access.deployed import Deployed, Identity
from access.matrix.cells import Matrix, build
from access.matrix.expected import Expected, differences
from access.proof.invariants import prove
from access.proof.protection import protected_queues
from access.report import Report
from access.sources import Settings
from access.usage.cloudtrail import Event
from access.usage.observed import RoleGrants, RoleUsage, observed

NOTHING_TO_PROVE = "no invariant was asked: the stack has no queue"


def judge(  # noqa: PLR0913 - the questions differ in what they need
    stack: str,
    deployed: Deployed,
    settings: Settings,
    *,
    identities: Mapping[str, Identity] | None = None,
    expected: Expected | None = None,
    calls: Iterable[Event] | None = None,
    application: str | None = None,
) -> Report:
    """Judge a stack.

    Args:
        stack: Its name.
        deployed: What is, or will be, deployed.
        settings: Who is who in the environment.
        identities: The policies of those outside the stack, by ARN. They are shown; what is expected is expected with
            the worst assumed of everybody outside, since what their policies say differs by account.
        expected: What the matrix is held against; None for nothing.
        calls: What the roles' grants are held against; None for nothing.
        application: Whose calls count, by the id in the user agent; None for everybody's.

    Raises:
        SourceError: When the settings do not fit the stack.
        MalformedDocumentError: When a policy says what cannot be understood.
    """
    assumed = build(deployed, settings)
    shown = build(deployed, settings, identities) if identities else assumed
    queues = protected_queues(deployed, settings)
    return Report(
        stack=stack,
        source=deployed.source,
        matrix=shown,
        notes=(*deployed.notes, *_assumptions(shown), *([] if queues else [NOTHING_TO_PROVE])),
        differences=None if expected is None else differences(assumed, expected),
        proofs=tuple(finding for queue in queues for finding in prove(queue)),
        usage=None if calls is None else _usage(deployed, calls, application),
    )


def _assumptions(matrix: Matrix) -> tuple[str, ...]:
    labels = sorted({one.label for one in matrix.callers if one.assumed})
    note = (
        f"the policies of {', '.join(labels)} are outside the stack and were not read: they are taken to allow"
        " everything on SQS; --people reads them"
    )
    return (note,) if labels else ()


def _usage(deployed: Deployed, calls: Iterable[Event], application: str | None) -> tuple[RoleUsage, ...]:
    policies = [queue.policy for queue in deployed.queues if queue.policy]
    return observed(calls, [RoleGrants(one.arn, one.policies, policies, application) for one in deployed.roles])
