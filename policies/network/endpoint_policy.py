"""A rule on what may be done through a VPC endpoint."""

from collections.abc import Iterator

from pulumi_policy import Severity

from access.documents import MalformedDocumentError, parse_document
from policies.network.endpoint_scope import reaches_anybodys
from policies.reading.documents import plain
from policies.reading.doubt import as_far_as_known
from policies.reading.resource_types import VPC_ENDPOINT, VPC_ENDPOINT_POLICY
from policies.rule import Resource, Stack, StackRule, Violations
from policies.settings import RuleSettings


def endpoint_has_policy(endpoint: Resource, stack: Stack, _settings: RuleSettings) -> Violations:
    """A VPC endpoint has a policy, and that does not let requests through to anybody's resources.

    AWS's own lets everybody in the VPC do whatever they may anywhere, in other accounts too: data leaves through an
    endpoint as well as it comes (VPC user guide, "Control access to VPC endpoints using endpoint policies"). Where
    a condition on the resource's organization or account bounds them, actions and resources may be wide, as in AWS's
    data perimeter (whitepaper "Building a data perimeter on AWS").
    Implements SEC03-BP02 (AWS Well-Architected, least privilege); no public scanner looks at it.
    """
    found = [
        one for one in (endpoint, *_policies_of(endpoint, stack)) if "policy" in one.derived or one.given("policy")
    ]
    if not found:
        yield (
            "the endpoint has no policy, so whoever is in the VPC may do through it whatever they may; add one that"
            " names actions and resources"
        )
    yield from as_far_as_known(_too_wide(one) for one in found)


def _policies_of(endpoint: Resource, stack: Stack) -> Iterator[Resource]:
    """The resources that set the endpoint's policy."""
    for one in stack.of(VPC_ENDPOINT_POLICY):
        made_from = one.sources.get("vpcEndpointId", frozenset())
        if endpoint.urn in made_from or (not made_from and one.given("vpcEndpointId") == endpoint.given("id")):
            yield one


def _too_wide(carrier: Resource) -> Violations:
    try:
        statements = parse_document(plain(carrier.properties.get("policy")))
    except MalformedDocumentError as error:
        yield f"the endpoint's policy cannot be read: {error}"
        return
    for statement in statements:
        if statement.allows and reaches_anybodys(statement):
            yield (
                f"the endpoint's policy lets requests through to anybody's resources in {statement.label}; name the"
                " resources that it is for, or bound them by aws:ResourceOrgID or aws:ResourceAccount"
            )


ENDPOINT_HAS_POLICY = StackRule(
    name="vpc-endpoint-has-policy",
    description="What may be done through a VPC endpoint is written down.",
    remediation="Give the endpoint a policy that names actions and resources.",
    severity=Severity.MEDIUM,
    controls=("SEC03-BP02",),
    settings=RuleSettings,
    types=frozenset({VPC_ENDPOINT}),
    check=endpoint_has_policy,
)
