"""Which policies a role has, known by name or ARN or, before the first update, by what those are made from."""

from pulumi_policy.proxy import UnknownValueError

from policies.reading.resource_types import POLICY, POLICY_ATTACHMENT, ROLE, ROLE_POLICY, ROLE_POLICY_ATTACHMENT
from policies.reading.values import members
from policies.rule import Resource, Stack

ATTACHING = (ROLE_POLICY, ROLE_POLICY_ATTACHMENT, POLICY_ATTACHMENT)
"""The types that give a role a policy."""

_ROLES_OF = {ROLE_POLICY: "role", ROLE_POLICY_ATTACHMENT: "role", POLICY_ATTACHMENT: "roles"}
_ARNS_OF = {ROLE_POLICY_ATTACHMENT: "policyArn", POLICY_ATTACHMENT: "policyArn", ROLE: "managedPolicyArns"}


def roles_in(stack: Stack, attaching: Resource) -> list[Resource]:
    """The stack's roles that a resource gives a policy to.

    Raises:
        UnknownValueError: It is not known yet to whom, nor what that is made from.
    """
    roles = list(stack.of(ROLE))
    made_from = _made_from(attaching, _ROLES_OF[attaching.type_token], roles)
    names = _texts(attaching, _ROLES_OF[attaching.type_token], doubtless=bool(made_from))
    return [one for one in roles if one in made_from or one.given("name") in names]


def role_names(attaching: Resource) -> list[str]:
    """The names of the roles that a resource gives a policy to.

    Raises:
        UnknownValueError: They are not known yet.
    """
    return _texts(attaching, _ROLES_OF[attaching.type_token])


def policies_in(stack: Stack, resource: Resource) -> list[Resource]:
    """The policies of the stack that a role, or what gives a role a policy, attaches; an inline policy is its own.

    Raises:
        UnknownValueError: It is not known yet which, nor what that is made from.
    """
    if resource.type_token == ROLE_POLICY:
        return [resource]
    policies = list(stack.of(POLICY))
    made_from = _made_from(resource, _ARNS_OF[resource.type_token], policies)
    arns = _texts(resource, _ARNS_OF[resource.type_token], doubtless=bool(made_from))
    return [one for one in policies if one in made_from or any(_is(one, arn) for arn in arns)]


def _is(policy: Resource, arn: str) -> bool:
    name = policy.given("name")
    return isinstance(name, str) and arn.endswith(f"/{name}")


def _made_from(resource: Resource, name: str, among: list[Resource]) -> list[Resource]:
    urns = resource.sources.get(name, frozenset())
    return [one for one in among if one.urn in urns]


def _texts(resource: Resource, name: str, *, doubtless: bool = False) -> list[str]:
    """A property's text or texts.

    Args:
        resource: The resource.
        name: The property.
        doubtless: Whether what is not known yet may be passed over, since it is known what it is made from.
    """
    try:
        given = resource.given(name)
        return [given] if isinstance(given, str) else [str(one) for one in members(given)]
    except UnknownValueError:
        if doubtless:
            return []
        raise
