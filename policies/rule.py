"""A rule: a pure function on properties that yields what is wrong, and what the engine shows of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypedDict

from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

Properties: TypeAlias = Mapping[str, object]
"""A resource's properties as the engine gives them: proxies that raise where a value is not known yet."""

Violations: TypeAlias = Iterator[str]
"""Each a sentence that says what is wrong and what to change."""


@dataclass(frozen=True)
class Resource:
    """One resource of the stack, as a stack rule sees it.

    Args:
        type_token: The Pulumi type, such as `aws:sqs/queue:Queue`.
        urn: The resource's URN.
        properties: Its properties.
        derived: The names of those that the program makes from what other resources will turn out to be.
    """

    type_token: str
    urn: str
    properties: Properties
    derived: frozenset[str] = frozenset()

    def given(self, name: str) -> object:
        """A property as the program gives it; None where it leaves it out.

        A stack rule is shown what a resource will turn out to be. What the program leaves out and AWS fills in is then
        unknown until the resource exists, though that it was left out is known.

        Raises:
            UnknownValueError: The program gives it, but from a value that is not known yet.
        """
        try:
            return self.properties.get(name)
        except UnknownValueError:
            if name in self.derived:
                raise
            return None


class _Registration(TypedDict):
    name: str
    description: str
    remediation_steps: str
    severity: Severity
    enforcement_level: EnforcementLevel


@dataclass(frozen=True, kw_only=True)
class _Described:
    """What every rule says of itself.

    Args:
        name: The rule's id in the pack.
        description: What it demands and why, in a sentence.
        remediation: What to do about a violation.
        severity: How bad a violation is.
    """

    name: str
    description: str
    remediation: str
    severity: Severity

    @property
    def registration(self) -> _Registration:
        """The same as the policy SDK takes it; every rule is mandatory."""
        return {
            "name": self.name,
            "description": self.description,
            "remediation_steps": self.remediation,
            "severity": self.severity,
            "enforcement_level": EnforcementLevel.MANDATORY,
        }


@dataclass(frozen=True, kw_only=True)
class ResourceRule(_Described):
    """A rule on one resource, checked before the resource is made.

    Args:
        types: The resource types it looks at.
        check: Yields a sentence for each violation. It lets `UnknownValueError` pass: the engine then says what it
            could not check yet.
    """

    types: frozenset[str]
    check: Callable[[Properties], Violations]

    def as_policy(self) -> ResourceValidationPolicy:
        """The rule as the policy SDK registers it, mandatory."""

        def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
            if args.resource_type in self.types:
                for message in self.check(args.props):
                    report_violation(message, None)

        return ResourceValidationPolicy(validate=validate, **self.registration)


@dataclass(frozen=True, kw_only=True)
class StackRule(_Described):
    """A rule on all resources together, checked when the program has declared them all.

    Args:
        check: Yields a resource's URN and a sentence for each violation.
    """

    check: Callable[[Sequence[Resource]], Iterator[tuple[str, str]]]

    def as_policy(self) -> StackValidationPolicy:
        """The rule as the policy SDK registers it, mandatory."""

        def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
            resources = [
                Resource(
                    one.resource_type,
                    one.urn,
                    one.props,
                    frozenset(name for name, sources in one.property_dependencies.items() if sources),
                )
                for one in args.resources
            ]
            for urn, message in self.check(resources):
                report_violation(message, urn)

        return StackValidationPolicy(validate=validate, **self.registration)


Rule: TypeAlias = ResourceRule | StackRule
