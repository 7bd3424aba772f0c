"""A condition on the VPC needs a way through it: an interface endpoint for SQS that is found by SQS's own name."""

from collections.abc import Iterable, Sequence

from pulumi_policy import Severity
from pydantic import Field

from access.documents import MalformedDocumentError, Statement
from access.matrix.actions import ALL_ACTIONS
from policies.network.endpoints import is_for_sqs, resolves_privately, sqs_endpoints
from policies.reading.documents import CARRIERS, Document, Kind, documents
from policies.reading.doubt import as_far_as_known
from policies.reading.patterns import is_pattern
from policies.reading.resource_types import VPC_ENDPOINT
from policies.rule import Resource, Stack, StackRule, Violations
from policies.settings import RuleSettings

VPC_KEY = "aws:sourcevpc"
ENDPOINT_KEY = "aws:sourcevpce"
_SQS_ACTIONS = tuple(f"sqs:{action}" for action in ALL_ACTIONS)


class EndpointSettings(RuleSettings):
    """Endpoints outside the stack."""

    endpoints: tuple[str, ...] = Field(
        default=(),
        description="Ids of SQS interface endpoints outside the stack (vpce-…). Where some are listed, policies name no"
        " others; where none is, each that a policy names is taken to be there.",
    )


def vpc_condition_has_endpoint(resource: Resource, stack: Stack, settings: EndpointSettings) -> Violations:
    """A condition on the VPC stands only where requests to SQS can fulfil it: through an interface endpoint.

    `aws:SourceVpc` and `aws:SourceVpce` are keys of requests through an endpoint only (IAM user guide, "AWS global
    condition context keys"): without one, an Allow under such a condition allows nobody, and a Deny denies everybody.
    The endpoint is one of this stack, with private DNS, or one that the same policy names by its id. No public scanner
    looks for this.
    """
    return as_far_as_known(
        _without_endpoint(document, stack, settings) for document in documents(resource, Kind.QUEUE, Kind.IDENTITY)
    )


def _without_endpoint(document: Document, stack: Stack, settings: EndpointSettings) -> Violations:
    try:
        statements = [one for one in document.statements if one.covers_any_action(_SQS_ACTIONS)]
    except MalformedDocumentError:
        return  # another rule reports it
    named = _values(statements, ENDPOINT_KEY)
    own = {one.given("id"): one for one in stack.of(VPC_ENDPOINT)} if named else {}
    vpcs = _values(statements, VPC_KEY)
    for name in named:
        if name in own:
            yield from as_far_as_known([_impassable(document, own[name], vpcs)])
        elif settings.endpoints and name not in settings.endpoints:
            yield (
                f"{document.name} names the endpoint {name}, which is neither of this stack nor among the configured"
                f" ones, {', '.join(settings.endpoints)}; name one that is"
            )
    if not named:
        yield from as_far_as_known(_unreachable(document, vpc, stack) for vpc in vpcs)


def _impassable(document: Document, endpoint: Resource, vpcs: Sequence[str]) -> Violations:
    """Why no request to SQS comes through an endpoint of the stack that a policy names."""
    if not is_for_sqs(endpoint):
        yield f"{document.name} names the endpoint {endpoint.name}, which is no interface endpoint for SQS; name one"
        return
    if not resolves_privately(endpoint):
        yield (
            f"{document.name} names the endpoint {endpoint.name}, and SQS's name does not lead through it; set its"
            " privateDnsEnabled to true"
        )
    if vpcs and (its := endpoint.properties.get("vpcId")) not in vpcs:
        yield (
            f"{document.name} names the endpoint {endpoint.name}, which is in {its}, and asks for requests from"
            f" {', '.join(vpcs)}; name one that is there"
        )


def _unreachable(document: Document, vpc: str, stack: Stack) -> Violations:
    within = [one for one in sqs_endpoints(stack) if one.properties.get("vpcId") == vpc]
    if any(resolves_privately(one) for one in within):
        return
    if within:
        yield (
            f"{document.name} asks for requests from {vpc}, but SQS's name does not lead through the endpoint"
            f" {within[0].name} there; set its privateDnsEnabled to true"
        )
    else:
        yield (
            f"{document.name} asks for requests from {vpc}, but this stack has no interface endpoint for SQS there, and"
            " no request can fulfil it without; add one, or name an existing one's id by aws:SourceVpce"
        )


def _values(statements: Iterable[Statement], key: str) -> Sequence[str]:
    """The ids that conditions ask for or exclude by a key, each once."""
    values = (
        value
        for one in statements
        for condition in one.conditions
        if condition.key == key
        for value in condition.values
    )
    return tuple(dict.fromkeys(value for value in values if not is_pattern(value)))


VPC_CONDITION_HAS_ENDPOINT = StackRule(
    name="vpc-condition-has-endpoint",
    description="A condition on the VPC stands only where an SQS endpoint lets requests fulfil it.",
    remediation="Add an interface endpoint for SQS with private DNS in that VPC, or name its id by aws:SourceVpce.",
    severity=Severity.HIGH,
    controls=(),
    settings=EndpointSettings,
    types=CARRIERS[Kind.QUEUE] | CARRIERS[Kind.IDENTITY],
    check=vpc_condition_has_endpoint,
)
