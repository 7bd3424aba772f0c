"""What cannot be known yet, or told from what is known, does not keep a rule from saying what can."""

from collections.abc import Iterable

from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from policies.rule import Resource, Violations


class UndecidableError(UnknownValueError):
    """A value is there, and nobody can judge by it. The engine says so, as of one that is not known yet, and goes on.

    Args:
        why: What is the matter with it, as the end of a sentence.
        path: Where it is.
    """

    def __init__(self, why: str, *path: str) -> None:
        super().__init__(UNKNOWN_STRING_VALUE, list(path))
        self.why = why
        self.message = f"what is at .{'.'.join(path)} {why}"


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
    return _at(error, [resource.name, *error.props])


def again(error: UnknownValueError) -> UnknownValueError:
    """A copy of the error, since whoever catches it adds words of its own."""
    return _at(error, error.props)


def _at(error: UnknownValueError, path: list[str]) -> UnknownValueError:
    if isinstance(error, UndecidableError):
        return UndecidableError(error.why, *path)
    return UnknownValueError(error.unknown_type_sentinel, path)
