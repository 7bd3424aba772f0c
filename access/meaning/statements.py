"""When a statement of a policy applies to a request, as a formula.

Sources: IAM user guide, "IAM JSON policy elements reference" (Action, NotAction, Resource, NotResource, Condition).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto

from access.documents import MalformedDocumentError, Principals, Statement
from access.meaning import templates
from access.meaning.conditions import condition_formula
from access.meaning.formula import TRUE, And, Formula, Like, Not, Or, Some, every
from access.meaning.principals import Naming, naming


class Place(Enum):
    """Where a policy is attached, which decides what its statements must say."""

    RESOURCE = auto()  # a Principal always, a Resource perhaps
    IDENTITY = auto()  # never a Principal, a Resource always
    BOUND = auto()  # a Principal perhaps (endpoint policies have one, service control policies none), a Resource always


@dataclass(frozen=True)
class Reading:
    """A statement, read.

    Args:
        covers: Whether it is about the request, whoever asks: its action, resource and conditions.
        principals: Whom its Principal names; None where it has none.
        not_principals: Whom its NotPrincipal names; None where it has none.
    """

    covers: Formula
    principals: Naming | None
    not_principals: Naming | None

    @property
    def applies(self) -> Formula:
        """Whether it is about the request and its caller, however the caller is named."""
        if self.principals:
            return every(self.covers, self.principals.anyhow)
        if self.not_principals:
            return every(self.covers, Not(self.not_principals.anyhow))
        return self.covers


def read(statement: Statement, place: Place) -> Reading:
    """Reads a statement.

    Raises:
        MalformedDocumentError: When it says what cannot be understood, or not what it must say in this place.
    """
    try:
        return _read(statement, place)
    except MalformedDocumentError as error:
        raise MalformedDocumentError(f"{statement.label}: {error}") from None


def _read(statement: Statement, place: Place) -> Reading:
    if statement.principals and statement.not_principals:
        raise MalformedDocumentError("it has both Principal and NotPrincipal; it takes one")
    named = statement.principals or statement.not_principals
    if named and place is Place.IDENTITY:
        raise MalformedDocumentError("it has a Principal, which a policy of an identity cannot have")
    if not named and place is Place.RESOURCE:
        raise MalformedDocumentError("it has no Principal, which a policy of a resource must have")
    conditions = (condition_formula(one, variables=statement.variables) for one in statement.conditions)
    return Reading(
        covers=every(_actions(statement), _resources(statement, place), And(tuple(conditions))),
        principals=_named(statement.principals),
        not_principals=_named(statement.not_principals),
    )


def _named(principals: Principals | None) -> Naming | None:
    return None if principals is None else naming(principals)


def _actions(statement: Statement) -> Formula:
    if bool(statement.actions) == bool(statement.not_actions):
        raise MalformedDocumentError("it takes one of Action and NotAction, with a value")
    return _listed("action", statement.actions, statement.not_actions, templates.action)


def _resources(statement: Statement, place: Place) -> Formula:
    if statement.resources and statement.not_resources:
        raise MalformedDocumentError("it has both Resource and NotResource; it takes one")
    if not statement.resources and not statement.not_resources:
        if place is Place.RESOURCE:
            return TRUE  # it is about the resource that it is attached to, as a trust policy's
        raise MalformedDocumentError("it takes one of Resource and NotResource, with a value")

    def template(value: str) -> Like:
        return templates.resource(value, variables=statement.variables)

    return _listed("resource", statement.resources, statement.not_resources, template)


def _listed(fact: str, listed: Iterable[str], excepted: Iterable[str], template: Callable[[str], Like]) -> Formula:
    if excepted := tuple(excepted):
        return Not(Or(tuple(Some(fact, template(value)) for value in excepted)))
    return Or(tuple(Some(fact, template(value)) for value in listed))
