"""The matrix: who may do what to which queue, coming from where, and which statements decide it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from access.deployed import Deployed, Identity
from access.evaluator import Decision, evaluate
from access.matrix.actions import ACCOUNT_ACTIONS, QUEUE_ACTIONS
from access.matrix.callers import Caller, callers
from access.matrix.elsewhere import Elsewhere, granted_elsewhere
from access.matrix.origins import Origin, origins
from access.policy import Policy, PolicySet
from access.request import Request
from access.sources.settings import Settings

ANY_QUEUE = "all queues"
"""What actions are about that are about no queue in particular."""


@dataclass(frozen=True)
class Target:
    """What is acted upon.

    Args:
        label: The queue's name without the environment's prefix, or `ANY_QUEUE`.
        resource: What IAM is asked about, an ARN or `*`.
        actions: What can be done to it.
        policy: Its own policy, if it has one.
        dead_letters_of: The labels of the queues that it takes the dead letters of.
    """

    label: str
    resource: str
    actions: tuple[str, ...]
    policy: Policy | None = None
    dead_letters_of: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What it is, in words."""
        if self.dead_letters_of:
            return f"{self.label}, the dead-letter queue of {', '.join(self.dead_letters_of)}"
        return self.label


@dataclass(frozen=True)
class Cell:
    """One question and its answer.

    Args:
        target: With what.
        caller: Who.
        action: Does what, without the prefix `sqs:`.
        origin: Coming from where.
        decision: Whether it may, and by which statements.
    """

    target: Target
    caller: Caller
    action: str
    origin: Origin
    decision: Decision

    @property
    def allowed(self) -> bool:
        """Whether it may."""
        return self.decision.allowed

    @property
    def by(self) -> str:
        """The statements that decided it, in words; empty where none did, as nothing allows it."""
        return ", ".join(map(str, self.decision.by))


@dataclass(frozen=True)
class Matrix:
    """All cells, with what they range over.

    Args:
        targets: The queues, and what is about no queue.
        callers: Who may ask.
        origins: Where from.
        cells: By target, caller, action and origin. A caller who cannot come from an origin has no cell there.
        elsewhere: What the stack's roles are granted beside its queues.
    """

    targets: tuple[Target, ...]
    callers: tuple[Caller, ...]
    origins: tuple[Origin, ...]
    cells: tuple[Cell, ...]
    elsewhere: tuple[Elsewhere, ...] = ()

    def of(self, target: Target, caller: Caller) -> Mapping[str, Mapping[str, Cell]]:
        """A caller's cells at a target: by action, then by the origin's label."""
        found: dict[str, dict[str, Cell]] = {action: {} for action in target.actions}
        for cell in self.cells:
            if cell.target is target and cell.caller is caller:
                found[cell.action][cell.origin.label] = cell
        return found


def build(deployed: Deployed, settings: Settings, identities: Mapping[str, Identity] | None = None) -> Matrix:
    """Ask everything of everybody who matters.

    Args:
        deployed: The stack.
        settings: Who is who in the environment.
        identities: The policies of principals outside the stack, by ARN, where they were read. The worst is assumed of
            everybody else.

    Raises:
        SourceError: When the settings name somebody who is neither role nor user, or no VPC and endpoint.
    """
    asked = ask(
        targets(deployed, settings), callers(deployed, settings, identities), origins(deployed, settings), settings
    )
    return replace(asked, elsewhere=granted_elsewhere(deployed, settings))


def ask(
    asked: Sequence[Target],
    who: Sequence[Caller],
    ways: Sequence[Origin],
    settings: Settings,
    *,
    now: datetime | None = None,
) -> Matrix:
    """Ask every question of these callers.

    Args:
        asked: What is acted upon.
        who: By whom.
        ways: Coming from where.
        settings: Where the queues are.
        now: The time of the requests, for conditions on it; by default the present.
    """
    moment = now or datetime.now(UTC)
    common = {
        "aws:RequestedRegion": (settings.region,),
        "aws:CurrentTime": (moment.strftime("%Y-%m-%dT%H:%M:%SZ"),),
        "aws:EpochTime": (str(int(moment.timestamp())),),
    }
    cells = (
        Cell(target, caller, action, origin, _decide(target, caller, action, origin, settings, common))
        for target in asked
        for caller in who
        for action in target.actions
        for origin in ways
        if origin.is_open_to(caller.principal)
    )
    return Matrix(tuple(asked), tuple(who), tuple(ways), tuple(cells))


def targets(deployed: Deployed, settings: Settings) -> tuple[Target, ...]:
    """Every queue, and what is about no queue in particular."""
    found = []
    for queue in sorted(deployed.queues, key=lambda one: one.name):
        sources = (one.name for one in deployed.queues if one.dead_letter_arn == queue.arn)
        label = settings.label(queue.name)
        found.append(Target(label, queue.arn, QUEUE_ACTIONS, queue.policy, tuple(map(settings.label, sources))))
    return (*found, Target(ANY_QUEUE, "*", ACCOUNT_ACTIONS))


def _decide(  # noqa: PLR0913, PLR0917 - a question has that many parts
    target: Target,
    caller: Caller,
    action: str,
    origin: Origin,
    settings: Settings,
    common: Mapping[str, tuple[str, ...]],
) -> Decision:
    policies = PolicySet(
        resource=(target.policy,) if target.policy else (),
        identity=caller.identity,
        boundaries=caller.boundaries,
        bounds=origin.bounds,
    )
    context = {**common, **origin.keys}
    return evaluate(policies, Request(caller.principal, f"sqs:{action}", target.resource, settings.account_id, context))
