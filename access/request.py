"""A request as IAM sees it: who asks to do what with which resource, and under which circumstances."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final, Self, TypeAlias

from access.meaning import arns

Facts: TypeAlias = dict[str, tuple[str, ...]]
"""The values of each fact by its name; what is not in it is absent."""


class PrincipalKind(StrEnum):
    """What kind of caller it is."""

    ROLE_SESSION = "role session"
    USER = "user"
    ROOT = "root user"
    FEDERATED = "federated user"
    SERVICE = "service"
    ANONYMOUS = "anonymous"


PRINCIPAL_TYPES: Final[Mapping[PrincipalKind, str]] = {
    PrincipalKind.ROLE_SESSION: "AssumedRole",
    PrincipalKind.USER: "User",
    PrincipalKind.ROOT: "Account",
    PrincipalKind.FEDERATED: "FederatedUser",
    PrincipalKind.ANONYMOUS: "Anonymous",
}
"""What aws:PrincipalType says (IAM user guide, "Variables and tags", principal key values)."""


@dataclass(frozen=True)
class Principal:
    """Who asks. Made by one of the constructors below, which know which field belongs to which kind.

    Args:
        kind: What kind of caller.
        arn: The caller's own ARN; None for a service and for anonymous callers.
        account_id: The caller's account; None for a service and for anonymous callers.
        issuer_arn: Whom the caller acts for: a session's role, a federated user's IAM user.
        unique_id: The id of the role (`AROA…`) or the user (`AIDA…`), which makes `aws:userid`; None when unknown.
        service_names: The names of a service, such as `sns.amazonaws.com`.
        provider: The identity provider that vouched for a session, if one did.
    """

    kind: PrincipalKind
    arn: str | None = None
    account_id: str | None = None
    issuer_arn: str | None = None
    unique_id: str | None = None
    service_names: tuple[str, ...] = ()
    provider: str | None = None

    @classmethod
    def role_session(
        cls, role_arn: str, session_name: str, *, role_id: str | None = None, provider: str | None = None
    ) -> Self:
        """A session of a role.

        Args:
            role_arn: The role, `arn:aws:iam::…:role/…`, with its path.
            session_name: The session's name. An ECS task's is the task's id.
            role_id: The role's unique id, `AROA…`; without one, `aws:userid` is absent.
            provider: The identity provider that the session was taken with, if with one.

        Raises:
            ValueError: When these make no session's ARN.
        """
        role = _recognised(arns.ROLE, role_arn, "a role (arn:aws:iam::123456789012:role/name)")
        arn = f"arn:{role['partition']}:sts::{role['account']}:assumed-role/{role['name']}/{session_name}"
        _recognised(arns.SESSION, arn, "a session (no slash, colon or wildcard in its name)")
        return cls(PrincipalKind.ROLE_SESSION, arn, role["account"], role_arn, unique_id=role_id, provider=provider)

    @classmethod
    def user(cls, arn: str, *, user_id: str | None = None) -> Self:
        """An IAM user, by ARN and perhaps unique id (`AIDA…`).

        Raises:
            ValueError: When the ARN is not a user's.
        """
        user = _recognised(arns.USER, arn, "a user (arn:aws:iam::123456789012:user/name)")
        return cls(PrincipalKind.USER, arn, user["account"], unique_id=user_id)

    @classmethod
    def federated(cls, arn: str, *, user_arn: str | None = None) -> Self:
        """A federated user of GetFederationToken, and the IAM user who asked for the token; None for the root user.

        Raises:
            ValueError: When an ARN is not a federated user's, or not a user's.
        """
        found = _recognised(
            arns.FEDERATED_USER, arn, "a federated user (arn:aws:sts::123456789012:federated-user/name)"
        )
        if user_arn:
            _recognised(arns.USER, user_arn, "a user (arn:aws:iam::123456789012:user/name)")
        return cls(PrincipalKind.FEDERATED, arn, found["account"], user_arn)

    @classmethod
    def root(cls, account_id: str, *, partition: str = "aws") -> Self:
        """The root user of an account.

        Raises:
            ValueError: When it is not an account's id.
        """
        _recognised(arns.ACCOUNT, account_id, "an account (twelve digits)")
        return cls(PrincipalKind.ROOT, f"arn:{partition}:iam::{account_id}:root", account_id)

    @classmethod
    def service(cls, *names: str) -> Self:
        """A service of AWS as itself, under its name or names, such as `sns.amazonaws.com`.

        Raises:
            ValueError: When no name is given.
        """
        if not names:
            raise ValueError("a service has a name, such as sns.amazonaws.com")
        return cls(PrincipalKind.SERVICE, service_names=names)

    @classmethod
    def anonymous(cls) -> Self:
        """A caller who does not sign the request."""
        return cls(PrincipalKind.ANONYMOUS)

    def __str__(self) -> str:
        if self.arn:
            return self.arn
        return self.service_names[0] if self.service_names else "an anonymous caller"

    @property
    def facts(self) -> Facts:
        """What AWS itself says of a request of this principal; an empty tuple where it says that the key is absent.

        `aws:PrincipalArn` of a session is its role's ARN. What the documentation leaves open, such as the account of a
        service, is not in it (IAM user guide, "AWS global condition context keys", and the table of principal key
        values in "Variables and tags").
        """
        parts, is_session = self._parts(), self.kind is PrincipalKind.ROLE_SESSION
        open_where_unknown: Facts = {
            "aws:principalaccount": _values("anonymous" if self.kind is PrincipalKind.ANONYMOUS else self.account_id),
            "aws:principaltype": _values(PRINCIPAL_TYPES.get(self.kind)),
            "aws:userid": _values(self._user_id(parts)),
            "aws:federatedprovider": _values(self.provider),
        }
        return {
            "principal.kind": (self.kind.value,),
            "principal.arn": _values(self.arn),
            "principal.issuer": _values(self.issuer_arn),
            "principal.id": _values(self.unique_id),
            **{f"principal.{part}": (text,) for part, text in parts.items() if part != "account"},
            "aws:principalarn": _values(self.issuer_arn if is_session else self.arn),
            "aws:username": _values(parts["name"] if self.kind is PrincipalKind.USER else None),
            "aws:principalisawsservice": _values(self._is_service()),
            "aws:principalservicename": self.service_names[:1],
            "aws:principalservicenameslist": self.service_names,
            **{key: values for key, values in open_where_unknown.items() if values},
        }

    def _parts(self) -> dict[str, str]:
        """The parts of the caller's ARNs, by name: partition, path, name, session, and the name of who asked."""
        forms = (arns.SESSION, arns.USER, arns.FEDERATED_USER, arns.ROOT)
        found = next((match for form in forms if (match := form.fullmatch(self.arn or ""))), None)
        parts = found.groupdict() if found else {}
        if role := arns.ROLE.fullmatch(self.issuer_arn or ""):
            parts["path"] = role["path"]
        if user := arns.USER.fullmatch(self.issuer_arn or ""):
            parts["issuer-name"] = user["path"] + user["name"]
        return parts

    def _user_id(self, parts: Mapping[str, str]) -> str | None:
        match self.kind:
            case PrincipalKind.ROLE_SESSION:
                return f"{self.unique_id}:{parts['session']}" if self.unique_id else None
            case PrincipalKind.FEDERATED:
                return f"{self.account_id}:{parts['name']}"
            case PrincipalKind.ROOT:
                return self.account_id
            case PrincipalKind.ANONYMOUS:
                return "anonymous"
            case _:
                return self.unique_id

    def _is_service(self) -> str | None:
        return None if self.kind is PrincipalKind.ANONYMOUS else str(self.kind is PrincipalKind.SERVICE).lower()


def _values(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


def _recognised(form: re.Pattern[str], text: str, what: str) -> re.Match[str]:
    found = form.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not {what}")
    return found


@dataclass(frozen=True)
class Request:
    """One request.

    Args:
        principal: Who asks.
        action: To do what, such as `sqs:SendMessage`; case does not count.
        resource: With which resource, an ARN.
        resource_account_id: Whose resource it is.
        context: The values of the condition keys, by name; case does not count in names. A key that is not in it is
            absent, and so is one without values. Keys that AWS derives from the principal and the resource's account
            are filled in.

    Raises:
        ValueError: When the context contradicts what AWS derives, or a key's values are not in a tuple or list.
    """

    principal: Principal
    action: str
    resource: str
    resource_account_id: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        derived = self._derived()
        for key, values in self.context.items():
            if isinstance(values, str):
                raise ValueError(f"{key} has the value {values!r}; put it in a tuple, as a key may have several")  # noqa: TRY004 - callers mend it as they mend the other
            certain = derived.get(key.lower())
            if certain is not None and certain != tuple(values):
                said = ", ".join(certain) or "absent"
                raise ValueError(f"{key} is {said} on a request of {self.principal}, not {', '.join(values)}")

    @cached_property
    def facts(self) -> Facts:
        """Everything a policy can ask about this request; what is not in it is absent."""
        stated = {key.lower(): tuple(values) for key, values in self.context.items()}
        return {name: values for name, values in (stated | self._derived()).items() if values}

    def _derived(self) -> Facts:
        return {
            **self.principal.facts,
            "action": (self.action.lower(),),
            "resource": (self.resource,),
            "aws:resourceaccount": (self.resource_account_id,),
        }
