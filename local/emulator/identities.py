"""Who counts as the root user, and what a service's trust lets in: MiniStack is more generous than AWS in both.

MiniStack takes the key `test`, an empty key and any twelve digits for a root user, and lets a root user through every
trust policy that names a service. A habit from other emulators (`AWS_ACCESS_KEY_ID=test`) would then silently switch
all permissions off, and an unsigned S3 request would read everything.
"""

import json
from collections.abc import Callable, Mapping
from typing import Final

from ministack.core import iam_evaluator

from local.emulator import account
from local.emulator.seams import wrap

ROOT_KEYS: Final = frozenset({account.ACCOUNT_ID, account.OUTSIDER_ACCOUNT_ID})
"""The access keys of the two accounts' root users: their account ids. Bootstrap and tests use them, nothing else."""


def _only_these_roots(_original: Callable[..., object]) -> Callable[..., object]:
    def is_root_access_key(access_key_id: str) -> bool:
        return access_key_id in ROOT_KEYS

    return is_root_access_key


def _without_services(trust: object) -> object:
    """A trust document in which no statement names a service, for callers that are none."""
    document = json.loads(trust) if isinstance(trust, str) else trust
    if not isinstance(document, Mapping):
        return document
    found = document.get("Statement", [])
    statements = found if isinstance(found, list) else [found]
    kept = []
    for statement in statements:
        principal = statement.get("Principal") if isinstance(statement, Mapping) else None
        if isinstance(principal, Mapping):
            named = {kind: value for kind, value in principal.items() if kind != "Service"}
            kept.append({**statement, "Principal": named})
        else:
            kept.append(statement)
    return {**document, "Statement": kept}


def _trusting_principals_only(original: Callable[..., object]) -> Callable[..., object]:
    def evaluate_trust_policy(trust_doc: object, caller_arn: str, ctx: object = None) -> object:
        return original(_without_services(trust_doc), caller_arn, ctx)

    return evaluate_trust_policy


def install() -> None:
    """Narrows MiniStack's idea of a root user and of a service's trust.

    Raises:
        SeamError: The installed MiniStack is another one than this was written against.
    """
    wrap(iam_evaluator, "is_root_access_key", ("access_key_id",), _only_these_roots)
    wrap(iam_evaluator, "evaluate_trust_policy", ("trust_doc", "caller_arn", "ctx"), _trusting_principals_only)
