"""What a request is about: the ARNs that AWS checks it against, and the keys it adds, where MiniStack gives "*".

With "*" only a policy that allows everything would match, so a least-privilege policy that AWS accepts would be refused
here. So would SQS's batches, which MiniStack checks by their own names: AWS has no such actions. Source: the service
authorization reference for IAM, CloudWatch and SQS
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html).
"""

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id

from local.emulator import internals
from local.emulator.move_tasks.handle import Handle
from local.emulator.seams import wrap


@dataclass(frozen=True)
class Subject:
    """What one request is about, beyond the single ARN that MiniStack asks for.

    Args:
        others: Further ARNs that the same action is checked against.
        keys: Condition keys of the service.
    """

    others: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)


OWNERS_ALONE: Final = frozenset(
    f"sqs:{action}"
    for action in (
        "AddPermission",
        "CancelMessageMoveTask",
        "CreateQueue",
        "DeleteQueue",
        "ListMessageMoveTasks",
        "ListQueues",
        "ListQueueTags",
        "RemovePermission",
        "SetQueueAttributes",
        "StartMessageMoveTask",
        "TagQueue",
        "UntagQueue",
    )
)
"""What no queue policy can allow another account, whatever it says ("Limitations of Amazon SQS custom policies")."""

_NOTHING_FURTHER: Final = Subject()
_subject: ContextVar[Subject] = ContextVar("subject", default=_NOTHING_FURTHER)


def _parameters(body: bytes, query: Mapping[str, list[str]]) -> dict[str, object]:
    """A request's parameters in either form: a JSON body, or query parameters with `Name.member.1` for lists."""
    if body.lstrip().startswith(b"{"):
        try:
            found = json.loads(body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}
    flat = {key: values[0] for key, values in query.items() if values} | dict(parse_qsl(body.decode(errors="replace")))
    parameters: dict[str, object] = dict(flat)
    for key, value in flat.items():
        name, separator, _ = key.partition(".member.")
        if separator and "." not in key[len(name + separator) :]:
            gathered = parameters.setdefault(name, [])
            if isinstance(gathered, list):
                gathered.append(value)
    return parameters


def _text(parameters: Mapping[str, object], name: str) -> str:
    value = parameters.get(name)
    return value if isinstance(value, str) else ""


def _iam_arn(action: str, parameters: Mapping[str, object], account: str) -> str | None:
    if action == "CreatePolicy":
        return f"arn:aws:iam::{account}:policy{_text(parameters, 'Path') or '/'}{_text(parameters, 'PolicyName')}"
    name = _text(parameters, "RoleName")
    if name and action == "CreateRole":
        return f"arn:aws:iam::{account}:role{_text(parameters, 'Path') or '/'}{name}"
    stored = internals.roles.get_scoped(account, None, name) if name else None
    return str(stored["Arn"]) if stored else None


def _alarm_arns(parameters: Mapping[str, object], region: str, account: str) -> list[str]:
    tagged = _text(parameters, "ResourceARN")
    if tagged:
        return [tagged]
    names = parameters.get("AlarmNames")
    listed = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return [f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}" for name in listed]


def _queue_arn(action: str, parameters: Mapping[str, object], region: str, account: str) -> str | None:
    """The queue that an action is about, where no URL names it."""
    if action == "GetQueueUrl":
        owner = _text(parameters, "QueueOwnerAWSAccountId") or account
        return f"arn:aws:sqs:{region}:{owner}:{_text(parameters, 'QueueName')}"
    if action == "CancelMessageMoveTask":
        handle = Handle.parse(_text(parameters, "TaskHandle"))
        return handle.source_arn if handle else None
    return _text(parameters, "SourceArn") if action in {"StartMessageMoveTask", "ListMessageMoveTasks"} else None


def _without_batches(original: Callable[..., str | None]) -> Callable[..., str | None]:
    def extract_iam_action(  # noqa: PLR0913, PLR0917 - MiniStack's signature
        service: str, method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, list[str]]
    ) -> str | None:
        action = original(service, method, path, headers, body, query_params)
        return action.removesuffix("Batch") if action is not None and service == "sqs" else action

    return extract_iam_action


def _naming(original: Callable[..., object]) -> Callable[..., object]:
    def extract_resource_arn(  # noqa: PLR0913, PLR0917 - MiniStack's signature
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, list[str]],
        region: str,
        account_id: str,
    ) -> object:
        given = original(service, method, path, headers, body, query_params, region, account_id)
        action = str(iam_actions.extract_iam_action(service, method, path, headers, body, query_params)).split(":")[-1]
        _subject.set(_NOTHING_FURTHER)
        if service == "iam":
            parameters = _parameters(body, query_params)
            policy = _text(parameters, "PolicyArn")
            if policy and action in ("AttachRolePolicy", "DetachRolePolicy"):
                _subject.set(Subject(keys={"iam:PolicyARN": policy}))
            return _iam_arn(action, parameters, account_id) or given
        if service == "monitoring" and action in (
            "DeleteAlarms",
            "TagResource",
            "UntagResource",
            "ListTagsForResource",
        ):
            arns = _alarm_arns(_parameters(body, query_params), region, account_id)
            _subject.set(Subject(others=tuple(arns[1:])))
            return arns[0] if arns else given
        if service == "sqs":
            return _queue_arn(action, _parameters(body, query_params), region, account_id) or given
        return given

    return extract_resource_arn


def _checking_all(original: Callable[..., object]) -> Callable[..., object]:
    def enforce(  # noqa: PLR0913, PLR0917 - MiniStack's signature
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: Mapping[str, object] | None = None,
    ) -> object:
        subject = _subject.get()
        _subject.set(_NOTHING_FURTHER)
        context = {**(service_context or {}), **subject.keys}
        for arn in (resource_arn, *subject.others):
            denied = original(access_key_id, iam_action, service, region, arn, context)
            if denied is not None:
                return denied
        elsewhere = resource_arn.startswith("arn:") and resource_arn.split(":")[4] != get_account_id()
        if iam_action in OWNERS_ALONE and elsewhere:
            return iam_evaluator.EvalResult("ImplicitDeny", iam_evaluator.caller_arn())
        return None

    return enforce


def install() -> None:
    """Makes MiniStack check these requests as AWS does.

    Raises:
        SeamError: The installed MiniStack is another one than this was written against.
    """
    request = ("service", "method", "path", "headers", "body", "query_params")
    wrap(iam_actions, "extract_iam_action", request, _without_batches)
    wrap(iam_actions, "extract_resource_arn", (*request, "region", "account_id"), _naming)
    call = ("access_key_id", "iam_action", "service", "region", "resource_arn", "service_context")
    wrap(iam_evaluator, "enforce", call, _checking_all)
