from collections.abc import Sequence

from tests.access.differential.case import Case, Part
from tests.access.differential.generation.cases import case
from tests.access.differential.generation.requests import caller_keys
from tests.access.differential.minimise import minimised
from tests.access.differential.rewriting import conditions


def denied_by_the_queue(cases: Sequence[Case]) -> list[bool]:
    """Stands for two evaluators that differ whenever a queue's policy denies something."""
    return [
        any(part is Part.RESOURCE and statement["Effect"] == "Deny" for part, statement in one.statements())
        for one in cases
    ]


def test_all_is_left_out_that_the_difference_does_not_depend_on() -> None:
    large = next(
        one for one in map(case, range(200)) if len(list(one.statements())) > 5 and denied_by_the_queue([one])[0]
    )
    small = minimised(large, denied_by_the_queue, keep_request=False)
    [(part, statement)] = small.statements()
    assert (part, statement["Effect"]) == (Part.RESOURCE, "Deny")
    assert not conditions(statement)
    assert set(small.context) <= {*caller_keys(small.caller), "aws:ResourceAccount"}


def test_what_it_depends_on_is_kept() -> None:
    def still(cases: Sequence[Case]) -> list[bool]:
        return ["aws:SourceVpc" in one.context and bool(one.documents(Part.IDENTITY)) for one in cases]

    large = next(one for one in map(case, range(200)) if still([one])[0])
    small = minimised(large, still, keep_request=False)
    assert "aws:SourceVpc" in small.context
    assert list(small.policies) == [Part.IDENTITY]


def test_a_real_request_is_kept_as_it_is() -> None:
    cases = [one for one in map(case, range(200)) if len(list(one.statements())) > 5]
    large = next(one for one in cases if denied_by_the_queue([one])[0])
    small = minimised(large, denied_by_the_queue, keep_request=True)
    assert small.context == large.context
    assert len(list(small.statements())) == 1
