"""What is true of every request to AWS, whatever the policies say: the facts that bind a symbolic request.

Sources: IAM user guide, "AWS global condition context keys" (availability and value type of each key), "IAM
identifiers", and the principal key values in "Variables and tags". What is not documented is left free: a proof then
covers more than can happen, never less.
"""

from collections.abc import Mapping
from typing import Final

from access.formula import (
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
"""The keys that AWS documents as single-valued. Any other key may have several values."""

_ACCOUNT_ID: Final = Like((One(Characters.DIGIT),) * 12)
_NAME: Final = Like((One(Characters.NAME), Run(Characters.NAME)))
_PATHS: Final = (Like(()), Like((Run(Characters.PATH), Exactly("/"))))
_PATH_AND_NAME: Final = Like((Run(Characters.PATH), One(Characters.NAME)))


def axioms(*, partition: str, endpoints: Mapping[str, str]) -> Formula:
    """All of them.

    Args:
        partition: The partition that it all happens in, `aws` for one: nobody of another one can sign here.
        endpoints: The VPC of each interface endpoint that is known.
    """
    one_partition = _implies(Present("principal.partition"), is_text("principal.partition", partition))
    return every(one_partition, _caller(), _transport(), _network(endpoints))


def _implies(condition: Formula, consequence: Formula) -> Formula:
    return either(Not(condition), consequence)


def _iff(one: Formula, other: Formula) -> Formula:
    return every(_implies(one, other), _implies(other, one))


def _absent(*facts: str) -> Formula:
    return every(*(Not(Present(fact)) for fact in facts))


def _made_of(fact: str, *pieces: str | Piece) -> Formula:
    return Some(fact, Like(tuple(Exactly(piece) if isinstance(piece, str) else piece for piece in pieces)))


# ---- Who asks

_PARTITION: Final = ValueOf("principal.partition")
_ACCOUNT: Final = ValueOf("aws:principalaccount")


def _caller() -> Formula:
    kinds = {
        PrincipalKind.ROLE_SESSION: _role_session(),
        PrincipalKind.USER: _user(),
        PrincipalKind.ROOT: _root(),
        PrincipalKind.FEDERATED: _federated(),
        PrincipalKind.SERVICE: _service(),
        PrincipalKind.ANONYMOUS: _anonymous(),
    }
    return either(*(every(is_text("principal.kind", kind), facts) for kind, facts in kinds.items()))


def _role_session() -> Formula:
    role = ("arn:", _PARTITION, ":iam::", _ACCOUNT, ":role/", ValueOf("principal.path"), ValueOf("principal.name"))
    session = ("arn:", _PARTITION, ":sts::", _ACCOUNT, ":assumed-role/", ValueOf("principal.name"))
    return every(
        _identity(PrincipalKind.ROLE_SESSION),
        _path_and_name(),
        Some("principal.session", _NAME),
        _made_of("principal.issuer", *role),
        _made_of("aws:principalarn", *role),
        _made_of("principal.arn", *session, "/", ValueOf("principal.session")),
        _unique_id(ValueOf("principal.id"), ":", ValueOf("principal.session")),
        _absent("aws:username"),
    )


def _user() -> Formula:
    user = ("arn:", _PARTITION, ":iam::", _ACCOUNT, ":user/", ValueOf("principal.path"), ValueOf("principal.name"))
    return every(
        _identity(PrincipalKind.USER),
        _path_and_name(),
        _made_of("principal.arn", *user),
        _made_of("aws:principalarn", *user),
        _made_of("aws:username", ValueOf("principal.name")),
        _unique_id(ValueOf("principal.id")),
        _absent("principal.issuer", "principal.session", "aws:federatedprovider"),
    )


def _root() -> Formula:
    root = ("arn:", _PARTITION, ":iam::", _ACCOUNT, ":root")
    return every(
        _identity(PrincipalKind.ROOT),
        _made_of("principal.arn", *root),
        _made_of("aws:principalarn", *root),
        _made_of("aws:userid", _ACCOUNT),
        _absent("principal.issuer", "principal.session", "principal.path", "principal.name", "principal.id"),
        _absent("aws:username", "aws:federatedprovider"),
    )


def _federated() -> Formula:
    federated = ("arn:", _PARTITION, ":sts::", _ACCOUNT, ":federated-user/", ValueOf("principal.name"))
    issuer = ("arn:", _PARTITION, ":iam::", _ACCOUNT, ":user/", ValueOf("principal.issuer-name"))
    return every(
        _identity(PrincipalKind.FEDERATED),
        Some("principal.name", _NAME),
        _made_of("principal.arn", *federated),
        _made_of("aws:principalarn", *federated),
        _made_of("aws:userid", _ACCOUNT, ":", ValueOf("principal.name")),
        either(
            _absent("principal.issuer", "principal.issuer-name"),
            every(Some("principal.issuer-name", _PATH_AND_NAME), _made_of("principal.issuer", *issuer)),
        ),
        _absent("principal.session", "principal.path", "principal.id", "aws:username", "aws:federatedprovider"),
    )


def _identity(kind: PrincipalKind) -> Formula:
    """What is true of every caller who belongs to an account."""
    return every(
        Present("principal.partition"),
        Some("aws:principalaccount", _ACCOUNT_ID),
        is_text("aws:principaltype", PRINCIPAL_TYPES[kind]),
        is_text("aws:principalisawsservice", "false"),
        _absent("aws:principalservicename", "aws:principalservicenameslist"),
    )


def _path_and_name() -> Formula:
    return every(either(*(Some("principal.path", path) for path in _PATHS)), Some("principal.name", _NAME))


def _unique_id(*pieces: str | Piece) -> Formula:
    """The key is made of these; or it is absent, in a request about whose caller no more was said."""
    known = every(Some("principal.id", _NAME), _made_of("aws:userid", *pieces))
    return either(known, _absent("aws:userid", "principal.id"))


def _service() -> Formula:
    return every(
        is_text("aws:principalisawsservice", "true"),
        Some("aws:principalservicename", _NAME),
        Some("aws:principalservicenameslist", Like((ValueOf("aws:principalservicename"),))),
        _no_identity(),
    )


def _anonymous() -> Formula:
    return every(
        is_text("aws:principalaccount", "anonymous"),
        is_text("aws:principaltype", PRINCIPAL_TYPES[PrincipalKind.ANONYMOUS]),
        is_text("aws:userid", "anonymous"),
        _no_identity(),
        _absent("aws:principalisawsservice", "aws:principalservicename", "aws:principalservicenameslist"),
    )


def _no_identity() -> Formula:
    """What is true of every caller who belongs to no account."""
    return every(
        _absent("principal.arn", "principal.issuer", "principal.session", "principal.path", "principal.name"),
        _absent("principal.id", "principal.partition", "principal.issuer-name"),
        _absent("aws:principalarn", "aws:username", "aws:federatedprovider"),
    )


# ---- How the request comes


def _transport() -> Formula:
    truth = ("true", "false")
    return every(is_one_of("aws:securetransport", truth), is_one_of("aws:viaawsservice", truth))


def _network(endpoints: Mapping[str, str]) -> Formula:
    """A request through an endpoint says so, and in which VPC the endpoint lies; it has no public address then."""
    return every(
        _iff(Present("aws:sourcevpc"), Present("aws:sourcevpce")),
        _implies(Present("aws:sourcevpce"), _absent("aws:sourceip")),
        *(
            _implies(is_text("aws:sourcevpce", endpoint), is_text("aws:sourcevpc", vpc))
            for endpoint, vpc in endpoints.items()
        ),
    )
