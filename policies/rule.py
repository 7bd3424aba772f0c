"""A rule: a pure function that yields what is wrong with a resource, and what the engine shows of it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Generic, TypeAlias, TypedDict

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from policies.settings import RuleSettings, SettingsT, config_schema, parse_rule_settings

Properties: TypeAlias = Mapping[str, object]
"""A resource's properties as the engine gives them: proxies that raise where a value is not known yet."""

Violations: TypeAlias = Iterator[str]
"""Each a sentence that says what is wrong and what to change."""

Clock: TypeAlias = Callable[[], date]


def today() -> date:
    """The day it is, in UTC, as exemptions count days."""
    return datetime.now(UTC).date()


@dataclass(frozen=True)
class Resource:
    """One resource, as a rule sees it.

    Args:
        type_token: The Pulumi type, such as `aws:sqs/queue:Queue`.
        urn: The resource's URN.
        properties: Its properties: what the program gives, to a rule on one resource; what the resource will be, to a
            rule on the whole stack.
        derived: The names of those that the program makes from what other resources will turn out to be.
        sources: By property, the URNs of the resources that it is made from.
        protected: Whether the engine refuses to delete it.
    """

    type_token: str
    urn: str
    properties: Properties
    derived: frozenset[str] = frozenset()
    sources: Mapping[str, frozenset[str]] = field(default_factory=dict)
    protected: bool = False

    @property
    def name(self) -> str:
        """Its name in the program."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def stack(self) -> str:
        """The name of the stack that it belongs to, which is the environment's."""
        return self.urn.split("::", 1)[0].removeprefix("urn:pulumi:")

    @property
    def project(self) -> str:
        """The name of the project that it belongs to."""
        return self.urn.split("::")[1]

    def given(self, name: str) -> object:
        """A property as the program gives it; None where it leaves it out.

        A stack rule is shown what a resource will turn out to be. What the program leaves out and AWS fills in is then
        unknown until the resource exists, though that it was left out is known.

        The engine shows a stack rule nothing else to tell the two apart by, so an unknown value that the program makes
        from no resource counts as left out here. The rules on that resource alone see that it is given, and are in
        doubt about it.

        Raises:
            UnknownValueError: The program gives it, but from a value that is not known yet.
        """
        try:
            return self.properties.get(name)
        except UnknownValueError:
            if name in self.derived:
                raise
            return None


@dataclass(frozen=True, eq=False)
class Stack:
    """All resources of a stack, as a rule on the whole stack sees them. One stack is the same as itself only.

    Args:
        resources: In the order of the program.
    """

    resources: Sequence[Resource]

    def of(self, *type_tokens: str) -> Iterator[Resource]:
        """The resources of these types."""
        return (one for one in self.resources if one.type_token in type_tokens)


class _Registration(TypedDict):
    name: str
    description: str
    remediation_steps: str
    severity: Severity
    enforcement_level: EnforcementLevel
    tags: list[str]
    config_schema: PolicyConfigSchema


@dataclass(frozen=True, kw_only=True)
class Rule(ABC, Generic[SettingsT]):
    """What every rule says of itself.

    Args:
        name: The rule's id in the pack.
        description: What it demands and why, in a sentence.
        remediation: What to do about a violation.
        severity: How bad a violation is.
        controls: The ids of published controls that it implements; empty where none exists.
        level: What a violation does to an update, unless configured otherwise.
        settings: What can be configured of it.
        types: The resource types that it judges.
    """

    name: str
    description: str
    remediation: str
    severity: Severity
    controls: tuple[str, ...]
    level: EnforcementLevel = EnforcementLevel.MANDATORY
    settings: type[SettingsT]
    types: frozenset[str]

    @abstractmethod
    def as_policy(self, clock: Clock = today) -> Policy:
        """The rule as the policy SDK registers it.

        Args:
            clock: Tells the day, for exemptions that end.
        """

    @property
    def _registration(self) -> _Registration:
        return {
            "name": self.name,
            "description": self.description,
            "remediation_steps": self.remediation,
            "severity": self.severity,
            "enforcement_level": self.level,
            "tags": list(self.controls),
            "config_schema": config_schema(self.settings),
        }

    def _configured(self, given: Mapping[str, object]) -> SettingsT:
        return parse_rule_settings(self.name, self.settings, given)


@dataclass(frozen=True, kw_only=True)
class ResourceRule(Rule[SettingsT]):
    """A rule on one resource, checked before the resource is made.

    Args:
        check: Yields a sentence for each violation. It lets `UnknownValueError` pass: the engine then says what it
            could not check yet.
        remedy: The properties as they ought to be, or None where they are already; for a rule whose remedy is plain
            and safe. It is used only where the configuration sets the rule's `enforcementLevel` to `remediate`.
    """

    check: Callable[[Resource, SettingsT], Violations]
    remedy: Callable[[Resource, SettingsT], Mapping[str, object] | None] | None = None

    def as_policy(self, clock: Clock = today) -> ResourceValidationPolicy:
        """The rule as the policy SDK registers it."""
        remedy = self.remedy

        def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
            if args.resource_type in self.types:
                settings, resource = self._configured(args.get_config()), _declared(args)
                for message in _judged(resource, self.check(resource, settings), settings, clock()):
                    report_violation(message, None)

        def remediate(args: ResourceValidationArgs) -> Mapping[str, object] | None:
            if args.resource_type not in self.types or remedy is None:
                return None
            settings, resource = self._configured(args.get_config()), _declared(args)
            return None if settings.exempts(resource.urn, clock()) else remedy(resource, settings)

        return ResourceValidationPolicy(
            validate=validate,
            # The SDK's types ask for an awaitable; its analyzer takes plain properties as well.
            remediate=remediate if remedy else None,  # type: ignore[arg-type]
            **self._registration,
        )


@dataclass(frozen=True, kw_only=True)
class StackRule(Rule[SettingsT]):
    """A rule on a resource among all the others, checked when the program has declared them all.

    Args:
        check: Yields a sentence for each violation of one resource, in view of the whole stack. Where it meets a value
            that is not known yet, the other resources are still judged, and the engine says what could not be.
    """

    check: Callable[[Resource, Stack, SettingsT], Violations]

    def as_policy(self, clock: Clock = today) -> StackValidationPolicy:
        """The rule as the policy SDK registers it."""

        def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
            settings, stack = self._configured(args.get_config()), Stack([_planned(one) for one in args.resources])
            unknown: list[UnknownValueError] = []
            for resource in stack.of(*self.types):
                try:
                    for message in _judged(resource, self.check(resource, stack, settings), settings, clock()):
                        report_violation(message, resource.urn)
                except UnknownValueError as error:
                    error.message = f"{resource.name}: {error.message}"
                    unknown.append(error)
            if unknown:
                unknown[0].message = "; ".join(one.message for one in unknown)
                raise unknown[0]

        return StackValidationPolicy(validate=validate, **self._registration)


def _judged(resource: Resource, violations: Violations, settings: RuleSettings, day: date) -> Violations:
    if settings.exempts(resource.urn, day):
        return
    ended = settings.ended(resource.urn, day)
    for message in violations:
        yield f"{message} (its exemption, {ended.reason!r}, ended on {ended.expires})" if ended else message


def _declared(args: ResourceValidationArgs) -> Resource:
    """A resource as the program declares it: whatever is there, the program gives."""
    return Resource(
        args.resource_type, args.urn, args.props, derived=frozenset(args.props), protected=args.opts.protect
    )


def _planned(one: PolicyResource) -> Resource:
    """A resource as it will be."""
    sources = {name: frozenset(source.urn for source in of) for name, of in one.property_dependencies.items() if of}
    return Resource(
        one.resource_type,
        one.urn,
        one.props,
        derived=frozenset(sources),
        sources=sources,
        protected=one.opts.protect,
    )
