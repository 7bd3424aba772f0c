"""What is true of every request to AWS, whatever the policies say: the facts that bind a symbolic request.

Sources: IAM user guide, "AWS global condition context keys" (availability and value type of each key), "IAM
identifiers", and the principal key values in "Variables and tags". What is not documented is left free: a proof then
covers more than can happen, never less.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from access.meaning.formula import (
    TRUE,
    Characters,
    Exactly,
    Formula,
    Like,
    Not,
    One,
    Piece,
    Present,
    Run,
    Some,
    ValueOf,
    either,
    every,
    is_one_of,
    is_text,
)
from access.proof.specialise import Known
from access.request import PRINCIPAL_TYPES, PrincipalKind

SINGLE_VALUED: Final = frozenset(
    {
        "aws:currenttime",
        "aws:ec2instancesourceprivateipv4",
        "aws:ec2instancesourcevpc",
        "aws:epochtime",
        "aws:federatedprovider",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principalorgid",
        "aws:principalservicename",
        "aws:principaltype",
        "aws:referer",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:securetransport",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceidentity",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:tokenissuetime",
        "aws:useragent",
        "aws:userid",
        "aws:username",
        "aws:viaawsservice",
        "aws:vpcsourceip",
    }
)
"""The keys that AWS documents as single-valued, beside tags. Any other key may have several values."""

_SINGLE_VALUED_FAMILIES: Final = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")
_OF_ACCOUNTS: Final = frozenset({"aws:principalorgid", "aws:principalorgpaths"})
_OF_IDENTITIES: Final = ("aws:principaltag/",)
"""What nobody has who does not sign: the organization of an account, the tags of a user or role."""

_ACCOUNT_ID: Final = (Like((One(Characters.DIGIT),) * 12),)
_NAME: Final = (Like((One(Characters.NAME), Run(Characters.NAME))),)
_PATH: Final = (Like(()), Like((Run(Characters.PATH), Exactly("/"))))
_PATH_AND_NAME: Final = (Like((Run(Characters.PATH), One(Characters.NAME))),)
_OF_CALLERS: Final = frozenset(
    {
        *(f"principal.{part}" for part in ("arn", "issuer", "id", "partition", "path", "name", "session")),
        *("principal.issuer-name", "aws:principalarn", "aws:username", "aws:federatedprovider"),
        *("aws:principalisawsservice", "aws:principalservicename", "aws:principalservicenameslist"),
    }
)
"""What is absent unless a kind of caller has it."""


def is_single_valued(fact: str) -> bool:
    """Whether a fact never has more than one value: what is no context key, and what AWS documents so."""
    return ":" not in fact or fact in SINGLE_VALUED or fact.startswith(_SINGLE_VALUED_FAMILIES)


@dataclass(frozen=True)
class Case:
    """One kind of caller: what is known of all its requests.

    Args:
        known: What is put together from what, and what is absent.
        further: What else is true.
    """

    known: Known
    further: Formula = TRUE

    @property
    def formula(self) -> Formula:
        """All of it as one formula."""
        return every(
            self.further,
            *(Some(fact, Like(pieces)) for fact, pieces in self.known.made_of.items()),
            self.known.looks,
            *(Not(Present(fact)) for fact in sorted(self.known.absent)),
        )


def axioms(*, partition: str, endpoints: Mapping[str, str]) -> Formula:
    """All of them.

    Args:
        partition: The partition that it all happens in, `aws` for one: nobody of another one can sign here.
        endpoints: The VPC of each interface endpoint that is known.
    """
    return every(either(*(case.formula for case in cases(partition))), ways(endpoints))


# ---- Who asks


def cases(partition: str) -> tuple[Case, ...]:
    """Every kind of caller; a federated user acts for an IAM user or for the root user."""
    return (
        _role_session(partition),
        _user(partition),
        _federated(partition, by_user=True),
        _federated(partition, by_user=False),
        _root(partition),
        _service(),
        _anonymous(),
    )


def _pieces(*pieces: str | Piece) -> tuple[Piece, ...]:
    return tuple(Exactly(piece) if isinstance(piece, str) else piece for piece in pieces)


_ACCOUNT: Final = ValueOf("aws:principalaccount")
_PATH_OF: Final = ValueOf("principal.path")
_NAME_OF: Final = ValueOf("principal.name")
_SESSION_OF: Final = ValueOf("principal.session")
_ID_OF: Final = ValueOf("principal.id")


def _role_session(partition: str) -> Case:
    role = _pieces(f"arn:{partition}:iam::", _ACCOUNT, ":role/", _PATH_OF, _NAME_OF)
    session = _pieces(f"arn:{partition}:sts::", _ACCOUNT, ":assumed-role/", _NAME_OF, "/", _SESSION_OF)
    made_of = {"principal.arn": session, "principal.issuer": role, "aws:principalarn": role}
    parts = {"principal.path": _PATH, "principal.name": _NAME, "principal.session": _NAME, "principal.id": _NAME}
    user_id = (_ID_OF, Exactly(":"), _SESSION_OF)
    return _identity(PrincipalKind.ROLE_SESSION, partition, made_of, parts, user_id, may_have="aws:federatedprovider")


def _user(partition: str) -> Case:
    user = _pieces(f"arn:{partition}:iam::", _ACCOUNT, ":user/", _PATH_OF, _NAME_OF)
    made_of = {"principal.arn": user, "aws:principalarn": user, "aws:username": (_NAME_OF,)}
    parts = {"principal.path": _PATH, "principal.name": _NAME, "principal.id": _NAME}
    return _identity(PrincipalKind.USER, partition, made_of, parts, (_ID_OF,))


def _federated(partition: str, *, by_user: bool) -> Case:
    federated = _pieces(f"arn:{partition}:sts::", _ACCOUNT, ":federated-user/", _NAME_OF)
    issuer = _pieces(f"arn:{partition}:iam::", _ACCOUNT, ":user/", ValueOf("principal.issuer-name"))
    made_of = {"principal.arn": federated, "aws:principalarn": federated}
    parts = {"principal.name": _NAME}
    if by_user:
        made_of["principal.issuer"] = issuer
        parts["principal.issuer-name"] = _PATH_AND_NAME
    return _identity(PrincipalKind.FEDERATED, partition, made_of, parts, (_ACCOUNT, Exactly(":"), _NAME_OF))


def _root(partition: str) -> Case:
    root = _pieces(f"arn:{partition}:iam::", _ACCOUNT, ":root")
    made_of = {"principal.arn": root, "aws:principalarn": root}
    return _identity(PrincipalKind.ROOT, partition, made_of, {}, (_ACCOUNT,))


def _identity(  # noqa: PLR0913 - one line a kind, above
    kind: PrincipalKind,
    partition: str,
    made_of: Mapping[str, tuple[Piece, ...]],
    parts: Mapping[str, tuple[Like, ...]],
    user_id: tuple[Piece, ...],
    *,
    may_have: str = "",
) -> Case:
    """A caller who belongs to an account."""
    all_made_of = {
        **made_of,
        "aws:userid": user_id,
        "principal.kind": _pieces(kind),
        "principal.partition": _pieces(partition),
        "aws:principaltype": _pieces(PRINCIPAL_TYPES[kind]),
        "aws:principalisawsservice": _pieces("false"),
    }
    all_parts = {**parts, "aws:principalaccount": _ACCOUNT_ID}
    absent = _OF_CALLERS - all_made_of.keys() - all_parts.keys() - {may_have}
    return Case(Known(all_made_of, absent, all_parts))


def _service() -> Case:
    """Its account, type and id are not documented, so they may be anything."""
    names = "aws:principalservicenameslist"
    made_of = {"principal.kind": _pieces(PrincipalKind.SERVICE), "aws:principalisawsservice": _pieces("true")}
    parts = {"aws:principalservicename": _NAME}
    absent = _OF_CALLERS - made_of.keys() - parts.keys() - {names}
    return Case(Known(made_of, absent, parts), Some(names, Like((ValueOf("aws:principalservicename"),))))


def _anonymous() -> Case:
    made_of = {
        "principal.kind": _pieces(PrincipalKind.ANONYMOUS),
        "aws:principalaccount": _pieces("anonymous"),
        "aws:principaltype": _pieces(PRINCIPAL_TYPES[PrincipalKind.ANONYMOUS]),
        "aws:userid": _pieces("anonymous"),
    }
    return Case(Known(made_of, (_OF_CALLERS | _OF_ACCOUNTS) - made_of.keys(), {}, _OF_IDENTITIES))


# ---- How the request comes


def ways(endpoints: Mapping[str, str]) -> Formula:
    """The ways that a request comes: over TLS or not, on somebody's behalf or not, through an endpoint or not.

    A request through an endpoint says so, and in which VPC the endpoint lies; it has no public address then.

    Args:
        endpoints: The VPC of each interface endpoint that is known.
    """
    truth = ("true", "false")
    return every(
        is_one_of("aws:securetransport", truth),
        is_one_of("aws:viaawsservice", truth),
        _implies(Present("aws:sourcevpc"), Present("aws:sourcevpce")),
        _implies(Present("aws:sourcevpce"), Present("aws:sourcevpc")),
        _implies(Present("aws:sourcevpce"), Not(Present("aws:sourceip"))),
        *(
            _implies(is_text("aws:sourcevpce", endpoint), is_text("aws:sourcevpc", vpc))
            for endpoint, vpc in endpoints.items()
        ),
    )


def _implies(condition: Formula, consequence: Formula) -> Formula:
    return either(Not(condition), consequence)
