"""Who is named by a Principal or NotPrincipal, by AWS's documented rules, and policies said so that it is plain."""

from collections.abc import Callable, Mapping

from tests.access.differential.case import Caller, Case, Kind, Part, Statement, listed
from tests.access.differential.rewriting import never


def named(element: object, caller: Caller) -> frozenset[str]:
    """How a Principal element names a caller: as `anybody`, `itself`, by its `issuer`, by its `account`.

    Source: IAM user guide, "Principal".
    """
    if element == "*":
        return frozenset({"anybody"})
    if not isinstance(element, Mapping):
        raise TypeError(f"no Principal element: {element!r}")
    ways = {"*": "anybody", f"arn:aws:iam::{caller.account}:root": "account", caller.account: "account"}
    ways |= {caller.issuer_arn: "issuer", caller.arn: "itself"}
    known = listed(element.get("Service" if caller.kind is Kind.SERVICE else "AWS"))
    everybody = {"anybody"} if "*" in listed(element.get("AWS")) else set()
    return frozenset({ways[one] for one in known if one in ways} | everybody)


def with_principals(case: Case, change: Callable[[Statement], Statement], *parts: Part) -> Case:
    """The case with each statement of these parts changed that names principals."""

    def changed(part: Part, statement: Statement) -> Statement:
        names = "Principal" in statement or "NotPrincipal" in statement
        return change(statement) if part in parts and names else statement

    return case.rewritten(changed)


def plain_principals(case: Case, *parts: Part) -> Case:
    """The case with NotPrincipal resolved: the statement is about everybody, or about nothing.

    A Deny spares nobody of whom not every name is listed: the account, the role if there is one, and the user or
    session itself; and nobody at all who has a permissions boundary (IAM user guide, "NotPrincipal").
    """
    bounded = bool(case.documents(Part.BOUNDARY)) and case.caller.kind in {Kind.ROLE_SESSION, Kind.USER}

    def resolved(statement: Statement) -> Statement:
        if "NotPrincipal" not in statement:
            return statement
        ways = named(statement["NotPrincipal"], case.caller)
        denies = statement["Effect"] == "Deny"
        spared = _throughout(ways, case.caller) and not bounded if denies else bool(ways)
        rest = {name: value for name, value in statement.items() if name != "NotPrincipal"}
        about_all = {**rest, "Principal": "*"}
        return never(about_all) if spared else about_all

    return with_principals(case, resolved, *parts)


def narrowed_principals(case: Case, *parts: Part) -> Case:
    """The case with each statement about everybody, or about nothing if its Principal does not name the caller."""

    def narrowed(statement: Statement) -> Statement:
        about_all = {**statement, "Principal": "*"}
        return about_all if named(statement["Principal"], case.caller) else never(about_all)

    return with_principals(case, narrowed, *parts)


def _throughout(ways: frozenset[str], caller: Caller) -> bool:
    needed = {"account", "itself"} | ({"issuer"} if caller.issuer_arn else set())
    if caller.kind is Kind.SERVICE:
        needed = {"itself"}
    return "anybody" in ways or needed <= ways
