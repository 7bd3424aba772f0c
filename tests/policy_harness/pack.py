"""A policy pack, asked in process what the engine would ask it.

The policies run in the SDK's own analyzer, on the engine's own messages: properties arrive behind proxies, numbers as
floats, secrets unwrapped, and what is not known yet raises where it is read. Nothing is started and nothing listens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import analyzer_pb2 as proto
from pulumi_policy import EnforcementLevel, Policy

# The SDK has no public way to run a policy but to serve it for ever.
from pulumi_policy.policy import _PolicyAnalyzerServicer

from tests.policy_harness.configuration import PackConfiguration, reconciled, struct
from tests.policy_harness.declared import Declared

_UNDECIDED = "can't run policy "


class _Analyzer(Protocol):
    """The SDK's analyzer, which has no types; the second argument is gRPC's context, and is not looked at."""

    def GetAnalyzerInfo(self, request: None, context: None) -> proto.AnalyzerInfo: ...

    def Configure(self, request: proto.ConfigureAnalyzerRequest, context: None) -> object: ...

    def Analyze(self, request: proto.AnalyzeRequest, context: None) -> proto.AnalyzeResponse: ...

    def AnalyzeStack(self, request: proto.AnalyzeStackRequest, context: None) -> proto.AnalyzeResponse: ...

    def Remediate(self, request: proto.AnalyzeRequest, context: None) -> proto.RemediateResponse: ...


@dataclass(frozen=True)
class Violation:
    """What the engine would show.

    Args:
        policy: The policy's name.
        resource: The resource's name in the program; empty when it is about none.
        message: What the policy said, without its description.
        level: `advisory`, `mandatory` or `remediate`.
        severity: `low`, `medium`, `high`, `critical` or `unspecified`.
    """

    policy: str
    resource: str
    message: str
    level: str
    severity: str


@dataclass(frozen=True)
class Outcome:
    """What a pack says of a program.

    Args:
        violations: What is wrong.
        undecided: What could not be told, since a value is not known yet; the message says which.
    """

    violations: tuple[Violation, ...]
    undecided: tuple[Violation, ...]


class PackUnderTest:
    """A pack of policies on one stack.

    Args:
        policies: The policies.
        configuration: What the file behind `--policy-pack-config` would hold.
        stack: The stack's name.
        project: The project's name.

    Raises:
        ConfigurationRefusedError: When the engine would refuse the configuration.
    """

    def __init__(
        self,
        policies: Sequence[Policy],
        configuration: PackConfiguration | None = None,
        *,
        stack: str = "dev",
        project: str = "project",
    ) -> None:
        self._stack, self._project = stack, project
        self._analyzer = cast(
            "_Analyzer", _PolicyAnalyzerServicer("pack", "0.0.1", list(policies), EnforcementLevel.ADVISORY)
        )
        self.info: proto.AnalyzerInfo = self._analyzer.GetAnalyzerInfo(None, None)
        """What the pack says of itself and its policies: names, levels, severities, configuration schemas."""
        self._analyzer.Configure(reconciled(self.info.policies, configuration or {}), None)

    def preview(self, resources: Sequence[Declared]) -> Outcome:
        """What the pack says of a program: of each resource, then of all together.

        Args:
            resources: What the program declares.
        """
        diagnostics = []
        for one in resources:
            said = self._analyzer.Analyze(self._request(one), None)
            diagnostics += [(one.name, diagnostic) for diagnostic in said.diagnostics]
        by_name = {one.name: one for one in resources}
        together = proto.AnalyzeStackRequest(resources=[self._planned(one, by_name) for one in resources])
        for diagnostic in self._analyzer.AnalyzeStack(together, None).diagnostics:
            diagnostics.append((diagnostic.urn.rsplit("::", 1)[-1], diagnostic))
        told = [
            (diagnostic.message.startswith(_UNDECIDED), _violation(name, diagnostic))
            for name, diagnostic in diagnostics
        ]
        return Outcome(
            violations=tuple(one for undecided, one in told if not undecided),
            undecided=tuple(one for undecided, one in told if undecided),
        )

    def remediated(self, resource: Declared) -> Mapping[str, object]:
        """A resource's properties after the policies whose level is `remediate` have mended them.

        Args:
            resource: What the program declares.

        Raises:
            AssertionError: When a policy could not mend it because a value is not known yet.
        """
        said = self._analyzer.Remediate(self._request(resource), None)
        properties: Mapping[str, object] = dict(resource.properties)
        for remediation in said.remediations:
            if remediation.diagnostic:
                raise AssertionError(remediation.diagnostic)
            properties = cast("dict[str, object]", MessageToDict(remediation.properties))
        return properties

    def _request(self, one: Declared) -> proto.AnalyzeRequest:
        return proto.AnalyzeRequest(
            type=one.type_token,
            properties=struct(one.properties),
            urn=one.urn(self._stack, self._project),
            name=one.name,
            options=proto.AnalyzerResourceOptions(protect=one.protect),
        )

    def _planned(self, one: Declared, by_name: Mapping[str, Declared]) -> proto.AnalyzerResource:
        sources = {
            name: proto.AnalyzerPropertyDependencies(urns=[by_name[of].urn(self._stack, self._project) for of in names])
            for name, names in one.sources.items()
        }
        return proto.AnalyzerResource(
            type=one.type_token,
            properties=struct({**one.properties, **one.outputs}),
            urn=one.urn(self._stack, self._project),
            name=one.name,
            options=proto.AnalyzerResourceOptions(protect=one.protect),
            propertyDependencies=sources,
        )


def _violation(resource: str, diagnostic: proto.AnalyzeDiagnostic) -> Violation:
    return Violation(
        policy=diagnostic.policyName,
        resource=resource,
        message=diagnostic.message.removeprefix(f"{diagnostic.description}\n"),
        level=proto.EnforcementLevel.Name(diagnostic.enforcementLevel).lower(),
        severity=proto.PolicySeverity.Name(diagnostic.severity).removeprefix("POLICY_SEVERITY_").lower(),
    )
