"""The roles and users of a stack, each with every policy that its resources give it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from access.deployed import Identity
from access.policy import Policy
from access.sources.documents import ALL_OF_SQS, policy
from access.sources.errors import SourceError
from access.sources.references import lists, name_of, refers
from access.sources.resources import Resource, Stack, is_unknown
from access.sources.settings import Settings


def _token(name: str) -> str:
    return f"aws:iam/{name}:{name[:1].upper()}{name[1:]}"


MANAGED_POLICY, MANY_ATTACHMENTS = _token("policy"), _token("policyAttachment")
MEMBERS_OF_GROUP, GROUPS_OF_USER = _token("groupMembership"), _token("userGroupMembership")


@dataclass(frozen=True)
class Kind:
    """What has policies, and the types of resources that give it some.

    Args:
        name: What the provider's inputs call it.
    """

    name: str

    @property
    def token(self) -> str:
        """The type of the thing itself."""
        return _token(self.name)

    @property
    def inline(self) -> str:
        """The type of a policy of its own."""
        return _token(f"{self.name}Policy")

    @property
    def attachment(self) -> str:
        """The type of one managed policy's attachment."""
        return _token(f"{self.name}PolicyAttachment")

    @property
    def all_attachments(self) -> str:
        """The type of the list of all managed policies that are attached."""
        return _token(f"{self.name}PolicyAttachmentsExclusive")

    @property
    def tokens(self) -> tuple[str, ...]:
        """All of them."""
        return (self.token, self.inline, self.attachment, self.all_attachments)


ROLES, USERS, GROUPS = Kind("role"), Kind("user"), Kind("group")
TOKENS = frozenset(
    {
        MANAGED_POLICY,
        MANY_ATTACHMENTS,
        MEMBERS_OF_GROUP,
        GROUPS_OF_USER,
        *(token for kind in (ROLES, USERS, GROUPS) for token in kind.tokens),
    }
)
"""The types of resources that are read here."""


@dataclass(frozen=True)
class Attached:
    """Puts identities and their policies together.

    Args:
        stack: The resources.
        settings: The account, to build ARNs that are not known yet.
        notes: Where what is assumed is noted.
    """

    stack: Stack
    settings: Settings
    notes: list[str]

    def identity(self, one: Resource, kind: Kind) -> Identity:
        """A role or user with its policies, a user's groups' included.

        Args:
            one: The resource.
            kind: Which of the two it is.

        Raises:
            SourceError: When a document cannot be judged.
        """
        arn = self._arn(kind.name, one)
        trust = one.known_text("assumeRolePolicy")
        groups = (policy for group in self._groups(one, kind) for policy in self._policies(group, GROUPS))
        return Identity(
            arn=arn,
            policies=tuple(dict.fromkeys([*self._policies(one, kind), *groups])),
            boundary=self._boundary(one),
            trust=policy(f"trust of {self._label(arn)}", trust) if trust else None,
        )

    def _groups(self, one: Resource, kind: Kind) -> Iterator[Resource]:
        for group in self.stack.of(GROUPS.token) if kind is USERS else ():
            by_group = (each for each in self.stack.of(MEMBERS_OF_GROUP) if _is_of(each, "group", group))
            by_user = (each for each in self.stack.of(GROUPS_OF_USER) if _is_of(each, "user", one))
            if any(lists(each, "users", one) for each in by_group) or any(
                lists(each, "groups", group) for each in by_user
            ):
                yield group

    def _policies(self, one: Resource, kind: Kind) -> Iterator[Policy]:
        yield from self._inline(one, kind)
        yield from self._all_managed(one, "managedPolicyArns", one)
        for each in self.stack.of(kind.attachment):
            if _is_of(each, kind.name, one):
                yield self._managed(each.text("policyArn"), each.comes_from.get("policyArn", ()), one)
        for each in self.stack.of(kind.all_attachments):
            if _is_of(each, f"{kind.name}Name", one):
                yield from self._all_managed(each, "policyArns", one)
        for each in self.stack.of(MANY_ATTACHMENTS):
            if lists(each, f"{kind.name}s", one):
                yield self._managed(each.text("policyArn"), each.comes_from.get("policyArn", ()), one)

    def _inline(self, one: Resource, kind: Kind) -> Iterator[Policy]:
        for number, raw in enumerate(one.known_items("inlinePolicies"), start=1):
            given = raw if isinstance(raw, Mapping) else {}
            if given.get("policy"):
                name = str(given.get("name") or f"inline policy {number} of {one.title}")
                yield policy(self.settings.label(name), given["policy"])
        for each in self.stack.of(kind.inline):
            if _is_of(each, kind.name, one) and (text := each.known_text("policy")):
                yield policy(self.settings.label(each.text("name") or each.title), text)

    def _all_managed(self, resource: Resource, name: str, one: Resource) -> Iterator[Policy]:
        """The policies of a list of ARNs. Of one that is not known yet, it is only known what it is made of."""
        arns = resource.items(name)
        known = [str(arn) for arn in arns if not is_unknown(arn)]
        yield from (self._managed(arn, (), one) for arn in known)
        if is_unknown(resource.inputs.get(name)) or len(known) < len(arns):
            made_of = resource.comes_from.get(name, ())
            yield from (self._managed(None, (urn,), one) for urn in made_of or ("",))

    def _boundary(self, one: Resource) -> Policy | None:
        arn, made_of = one.text("permissionsBoundary"), one.comes_from.get("permissionsBoundary", ())
        if arn is None and not one.is_unknown("permissionsBoundary"):
            return None
        return self._managed(arn, made_of, one)

    def _managed(self, arn: str | None, made_of: Iterable[str], owner: Resource) -> Policy:
        """A managed policy, found by its ARN or, where that is not known yet, by the resource it comes from."""
        for one in self.stack.of(MANAGED_POLICY):
            if (arn is None and one.urn in made_of) or (arn is not None and self._arn("policy", one) == arn):
                text = one.known_text("policy")
                if text is None:
                    raise SourceError(f"{one.title} has no document")
                return policy(self._label(self._arn("policy", one)), text)
        self.notes.append(
            f"{arn or 'a policy'} of {owner.title} is not in the stack; it is taken to allow everything on SQS"
        )
        return ALL_OF_SQS

    def _arn(self, kind: str, resource: Resource) -> str:
        return resource.text("arn") or self.settings.iam_arn(kind, name_of(resource), resource.text("path") or "/")

    def _label(self, arn: str) -> str:
        return self.settings.label(arn.rsplit("/", 1)[-1])


def _is_of(resource: Resource, reference: str, one: Resource) -> bool:
    return refers(resource, reference, one, lambda given: given in {one.text("name"), one.text("arn")})
