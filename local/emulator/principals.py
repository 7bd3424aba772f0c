"""Which principals exist, as far as this machine can know."""

import re

from local.emulator import account, internals

_KNOWN_ACCOUNTS = (account.ACCOUNT_ID, account.OUTSIDER_ACCOUNT_ID)


def exists(principal: str) -> bool:
    """Says whether an AWS principal exists.

    Roles and users of the two local accounts are looked up. Of any other account nothing can be known here, so its
    principals pass: AWS would look.

    Args:
        principal: An account id, or an ARN of an account's root, a user, a role or a role session.

    Returns:
        False for what does not exist or is no principal.
    """
    if re.fullmatch(r"\d{12}", principal):
        return True
    found = re.fullmatch(r"arn:aws[a-z-]*:(iam|sts)::(\d{12}):([^/]+)(?:/(.+))?", principal)
    if found is None:
        return False
    service, owner, sort, rest = found.groups()
    if owner not in _KNOWN_ACCOUNTS or (service, sort, rest) == ("iam", "root", None):
        return True
    if rest is None:
        return False
    if (service, sort) == ("sts", "assumed-role"):
        return internals.roles.get_scoped(owner, None, rest.split("/")[0]) is not None
    store = {("iam", "role"): internals.roles, ("iam", "user"): internals.users}.get((service, sort))
    stored = store.get_scoped(owner, None, rest.rsplit("/", 1)[-1]) if store else None
    return stored is not None and stored["Arn"] == principal
