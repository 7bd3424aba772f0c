"""Which policies a role has, known by name or ARN or, before the first update, by what those are made from."""

from pulumi_policy.proxy import UnknownValueError

from policies.reading.resource_types import (
    GROUP_POLICY_ATTACHMENT,
    GROUP_POLICY_ATTACHMENTS,
    POLICY,
    POLICY_ATTACHMENT,
    ROLE,
    ROLE_POLICY,
    ROLE_POLICY_ATTACHMENT,
    ROLE_POLICY_ATTACHMENTS,
    USER_POLICY_ATTACHMENT,
    USER_POLICY_ATTACHMENTS,
)
from policies.reading.values import members
from policies.rule import Resource, Stack

_ROLES_OF = {
    ROLE_POLICY: "role",
    ROLE_POLICY_ATTACHMENT: "role",
    ROLE_POLICY_ATTACHMENTS: "roleName",
    POLICY_ATTACHMENT: "roles",
}

ATTACHING = tuple(_ROLES_OF)
"""The types that give a role a policy."""

ARNS_OF = {
    ROLE: "managedPolicyArns",
    ROLE_POLICY_ATTACHMENT: "policyArn",
    ROLE_POLICY_ATTACHMENTS: "policyArns",
    USER_POLICY_ATTACHMENT: "policyArn",
    USER_POLICY_ATTACHMENTS: "policyArns",
    GROUP_POLICY_ATTACHMENT: "policyArn",
    GROUP_POLICY_ATTACHMENTS: "policyArns",
    POLICY_ATTACHMENT: "policyArn",
}
"""By type, the property that says which managed policies a role, a user or a group has."""


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
    made_from = _made_from(resource, ARNS_OF[resource.type_token], policies)
    arns = _texts(resource, ARNS_OF[resource.type_token], doubtless=bool(made_from))
    return [one for one in policies if one in made_from or any(has_arn(one, arn) for arn in arns)]


def has_arn(policy: Resource, arn: str) -> bool:
    """Whether a policy of the stack has this ARN; before it exists, whether it will have this path and name."""
    own = policy.given("arn")
    if own is not None:
        return own == arn
    return arn.rpartition(":policy")[2] == f"{policy.given('path') or '/'}{policy.given('name')}"


def given_by(resource: Resource, name: str) -> object:
    """A property that says who has what; only a role's own may be left out, and is AWS's to fill in then.

    Raises:
        UnknownValueError: It is not known yet.
    """
    return resource.given(name) if resource.type_token == ROLE else resource.properties.get(name)


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
        given = given_by(resource, name)
        return [given] if isinstance(given, str) else [str(one) for one in members(given)]
    except UnknownValueError:
        if doubtless:
            return []
        raise
