"""What a set of policies decides, as formulas. This is the one place that says how IAM weighs policies.

Sources: IAM user guide, "Policy evaluation logic", "Cross-account policy evaluation logic", "Principal",
"NotPrincipal"; SQS developer guide, "Limitations of Amazon SQS custom policies".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from access.documents import MalformedDocumentError, Statement
from access.meaning.formula import (
    FALSE,
    TRUE,
    And,
    Formula,
    Like,
    Not,
    Or,
    Some,
    ValueOf,
    either,
    every,
    is_one_of,
)
from access.meaning.statements import Place, Reading, read
from access.policy import Policy, PolicySet, StatementName
from access.request import PrincipalKind

WITHIN_THE_ACCOUNT_ONLY: Final = (
    "sqs:AddPermission",
    "sqs:CancelMessageMoveTask",
    "sqs:CreateQueue",
    "sqs:DeleteQueue",
    "sqs:ListMessageMoveTasks",
    "sqs:ListQueueTags",
    "sqs:ListQueues",
    "sqs:RemovePermission",
    "sqs:SetQueueAttributes",
    "sqs:StartMessageMoveTask",
    "sqs:TagQueue",
    "sqs:UntagQueue",
)
"""What no queue policy grants to another account (SQS developer guide, "Limitations of … custom policies")."""

TAKING_A_ROLE: Final = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
"""What a role's trust policy must allow everybody, whatever their own policies allow (IAM user guide, "Policy
evaluation logic": the exception for trust policies)."""


@dataclass(frozen=True)
class Clause:
    """One statement's say in the decision.

    Args:
        name: Which statement.
        holds: Whether it denies, or grants, the request.
    """

    name: StatementName
    holds: Formula


@dataclass(frozen=True)
class Ruling:
    """What a set of policies decides.

    Args:
        denials: The statements that deny; one that holds suffices, whatever else is said.
        grants: The statements that grant, each with all that its grant depends on; one that holds suffices.
        unwritten: What is granted by no statement: everything but its roles to the account's root user.
        within_bounds: Whether every further bound allows the request too.
    """

    denials: tuple[Clause, ...]
    grants: tuple[Clause, ...]
    unwritten: Formula
    within_bounds: Formula

    @property
    def denied(self) -> Formula:
        """Whether a statement denies the request."""
        return Or(tuple(clause.holds for clause in self.denials))

    @property
    def allowed(self) -> Formula:
        """Whether the request is allowed."""
        granted = Or((self.unwritten, *(clause.holds for clause in self.grants)))
        return every(granted, self.within_bounds, Not(self.denied))


@lru_cache(maxsize=256)
def ruling(policies: PolicySet) -> Ruling:
    """What these policies decide, for every request.

    Raises:
        MalformedDocumentError: When a statement says what cannot be understood. The message names policy and statement.
    """
    resource = tuple(_read(policies.resource, Place.RESOURCE))
    identity = tuple(_read(policies.identity, Place.IDENTITY))
    boundaries = tuple(_read(policies.boundaries or (), Place.IDENTITY))
    sessions = tuple(_read(policies.sessions or (), Place.IDENTITY))
    bounds = tuple(tuple(_read(bound, Place.BOUND)) for bound in policies.bounds)

    limits = every(
        TRUE if policies.boundaries is None else _some_allows(boundaries),
        _MAY_BE_UNLIMITED if policies.sessions is None else _some_allows(sessions),
    )
    return Ruling(
        denials=tuple(
            Clause(one.name, _denies(one.reading, bounded=policies.boundaries is not None))
            for one in (*resource, *identity, *boundaries, *sessions, *(one for bound in bounds for one in bound))
            if not one.statement.allows
        ),
        grants=tuple(_grants(resource, identity, limits)),
        unwritten=every(_ROOT, _SAME_ACCOUNT, Not(_TAKES_A_ROLE)),
        within_bounds=And(tuple(_some_allows(bound) for bound in bounds)),
    )


@dataclass(frozen=True)
class _Read:
    name: StatementName
    statement: Statement
    reading: Reading


def _read(policies: Iterable[Policy], place: Place) -> Iterator[_Read]:
    for policy in policies:
        for statement in policy.statements:
            try:
                yield _Read(StatementName(policy.name, statement.label), statement, read(statement, place))
            except MalformedDocumentError as error:
                raise MalformedDocumentError(f"{policy.name}, {error}") from None


def _kind(*kinds: PrincipalKind) -> Formula:
    return is_one_of("principal.kind", kinds)


_ROOT: Final = _kind(PrincipalKind.ROOT)
_HAS_POLICIES: Final = _kind(PrincipalKind.ROLE_SESSION, PrincipalKind.USER, PrincipalKind.FEDERATED)
_MAY_BE_UNLIMITED: Final = Not(_kind(PrincipalKind.FEDERATED))
"""A federated user whose token was asked for without a session policy has no permissions of its user's (STS API
reference, "GetFederationToken")."""
_SAME_ACCOUNT: Final = Some("aws:principalaccount", Like((ValueOf("aws:resourceaccount"),)))
_TAKES_A_ROLE: Final = is_one_of("action", (action.lower() for action in TAKING_A_ROLE))
_NEVER_FOR_OTHERS: Final = is_one_of("action", (action.lower() for action in WITHIN_THE_ACCOUNT_ONLY))


def _some_allows(statements: Iterable[_Read]) -> Formula:
    return Or(tuple(one.reading.applies for one in statements if one.statement.allows))


def _denies(reading: Reading, *, bounded: bool) -> Formula:
    """When a Deny holds. One with NotPrincipal spares those whose every name it lists.

    It spares no user and no role with a permissions boundary at all (IAM user guide, "NotPrincipal").
    """
    if reading.not_principals is None:
        return reading.applies
    spared = reading.not_principals.throughout
    if bounded:
        spared = every(spared, Not(_kind(PrincipalKind.ROLE_SESSION, PrincipalKind.USER)))
    return every(reading.covers, Not(spared))


def _grants(resource: Iterable[_Read], identity: Iterable[_Read], limits: Formula) -> Iterator[Clause]:
    """The Allows of the resource's and the identity's policies, each with what its grant depends on.

    - Within the account one of the two sides suffices. What the caller's own policies allow is subject to its
      boundary and its session's policies; what the resource's policy allows is too, unless it goes to the caller
      directly. Naming the account grants nothing by itself. A role is taken only if its own policy allows it too.
    - From another account both sides must allow. Naming the account suffices for the resource's side.
    - Services and anonymous callers have no policies of their own: only a direct grant counts.
    """
    resource_allows = tuple(one for one in resource if one.statement.allows)
    identity_allows = tuple(one for one in identity if one.statement.allows)
    own_side = every(either(every(_HAS_POLICIES, _some_allows(identity_allows)), _ROOT), limits)
    resource_side = every(_some_allows(resource_allows), Not(_NEVER_FOR_OTHERS))
    suffices = either(Not(_TAKES_A_ROLE), _some_allows(resource_allows))
    in_account, from_elsewhere = _SAME_ACCOUNT, every(either(_HAS_POLICIES, _ROOT), Not(_SAME_ACCOUNT))

    for one in resource_allows:
        direct, through_role = _ways(one.reading)
        yield Clause(
            one.name,
            either(
                every(in_account, either(direct, every(through_role, limits))),
                every(from_elsewhere, one.reading.applies, Not(_NEVER_FOR_OTHERS), own_side),
                every(_kind(PrincipalKind.SERVICE, PrincipalKind.ANONYMOUS), direct),
            ),
        )
    for one in identity_allows:
        own_grant = every(_HAS_POLICIES, one.reading.applies, limits)
        yield Clause(
            one.name, every(own_grant, either(every(in_account, suffices), every(from_elsewhere, resource_side)))
        )


def _ways(reading: Reading) -> tuple[Formula, Formula]:
    """When the statement covers the request and goes to the caller directly; when it goes to the caller's role."""
    if reading.principals is None:  # NotPrincipal: everybody who is not named, directly
        return reading.applies, FALSE
    return every(reading.covers, reading.principals.itself), every(reading.covers, reading.principals.issuer)
