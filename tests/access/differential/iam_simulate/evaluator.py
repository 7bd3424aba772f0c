"""iam-simulate, asked through its process."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from local.paths import LocalPaths
from tests.access.differential.case import Answer, Case, Document, Kind, Part
from tests.access.differential.evaluator import Evaluator, UnanswerableError
from tests.access.differential.iam_simulate import node
from tests.access.differential.iam_simulate.installation import Installation
from tests.access.differential.line_process import Json, LineProcess
from tests.access.differential.naming import narrowed_principals

PROGRAM: Final = Path(__file__).with_name("answer.mjs")
DECISIONS: Final = {
    "Allowed": Answer.ALLOWED,
    "ExplicitlyDenied": Answer.EXPLICIT_DENY,
    "ImplicitlyDenied": Answer.IMPLICIT_DENY,
}


@contextmanager
def running(paths: LocalPaths) -> Iterator[Evaluator]:
    """The evaluator, as long as the block runs. It must be installed."""
    program = node.find(paths)
    if program is None:
        raise FileNotFoundError("there is no Node.js")
    folder = Installation(paths).folder
    with LineProcess([str(program.program), str(PROGRAM), str(folder)], folder) as process:

        def answer(cases: Sequence[Case]) -> list[Answer]:
            said = process.ask([_simulation(narrowed_principals(case, Part.ENDPOINT)) for case in cases])
            return [_decision(case, one) for case, one in zip(cases, said, strict=True)]

        yield answer


def _decision(case: Case, said: Json) -> Answer:
    decision = str(said.get("decision"))
    if decision not in DECISIONS:
        raise UnanswerableError(f"iam-simulate refuses this case: {said}\n{case}")
    return DECISIONS[decision]


def _simulation(case: Case) -> Json:
    """The case in iam-simulate's words (its README.md). It takes no Principal but `*` in an endpoint policy."""
    simulation: dict[str, object] = {
        "request": {
            "principal": {"type": "Anonymous"} if case.caller.kind is Kind.ANONYMOUS else case.caller.arn,
            "action": case.action,
            "resource": {"resource": case.resource, "accountId": case.account},
            "contextVariables": {
                key: list(values) if len(values) > 1 else values[0] for key, values in case.context.items()
            },
        },
        "identityPolicies": _named(case.documents(Part.IDENTITY)),
        "serviceControlPolicies": _of_organization(case.documents(Part.SERVICE_CONTROL)),
        "resourceControlPolicies": _of_organization(case.documents(Part.RESOURCE_CONTROL)),
    }
    single = {"resourcePolicy": Part.RESOURCE, "sessionPolicy": Part.SESSION}
    several = {"permissionBoundaryPolicies": Part.BOUNDARY, "vpcEndpointPolicies": Part.ENDPOINT}
    simulation |= {name: case.documents(part)[0] for name, part in single.items() if case.documents(part)}
    return simulation | {name: _named(case.documents(part)) for name, part in several.items() if case.documents(part)}


def _named(documents: Sequence[Document]) -> list[Json]:
    return [{"name": f"policy {number}", "policy": one} for number, one in enumerate(documents, start=1)]


def _of_organization(documents: Sequence[Document]) -> list[Json]:
    return [{"orgIdentifier": "o-1", "policies": _named(documents)}] if documents else []
