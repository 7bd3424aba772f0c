"""What cannot be known yet does not keep a rule from saying what can."""

from collections.abc import Iterable

from pulumi_policy.proxy import UnknownValueError

from policies.rule import Resource, Violations


def as_far_as_known(findings: Iterable[Violations]) -> Violations:
    """The violations of several looks at a resource, one after the other.

    Args:
        findings: Each look's violations.

    Raises:
        UnknownValueError: At the end, where one of the looks met a value that is not known yet; it names them all.
    """
    unknown: list[UnknownValueError] = []
    for violations in findings:
        try:
            yield from violations
        except UnknownValueError as error:
            unknown.append(error)
    if unknown:
        unknown[0].message = "; ".join(dict.fromkeys(one.message for one in unknown))
        raise unknown[0]


def about(resource: Resource, error: UnknownValueError) -> UnknownValueError:
    """The error with the name of the resource whose value it is: the one that is being judged may be another."""
    return UnknownValueError(error.unknown_type_sentinel, [resource.name, *error.props])
