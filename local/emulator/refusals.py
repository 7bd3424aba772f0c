"""Refusals that MiniStack forgets, in AWS's codes and words.

- Queue policies that are over SQS's quotas, malformed, or name a principal that does not exist. Of the latter two, SQS
  says no more than "Invalid value for the parameter Policy."; the emulator's log says what is wrong.
- Trust and identity policies likewise; IAM does say what is wrong.
- An attachment of a managed policy that does not exist.
- A dead-letter queue that does not exist, or whose redrive-allow policy leaves the source out. AWS looks when a redrive
  policy is set, not when a message moves.
- A second purge of a queue within 60 s.

One refusal of AWS's is left out on purpose: a queue's name may be used again at once after a delete, where AWS asks for
60 s (QueueDeletedRecently). The delay protects a distributed system that this is not, and here it would make every
replacement of a queue, and every test that takes the same name twice, wait a minute. On AWS, clients wait and retry.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from xml.sax.saxutils import escape

from ministack.core.responses import get_account_id, get_region
from ministack.services import iam, sqs

from local.emulator import documents, internals, principals
from local.emulator.documents import Kind, MalformedError, OverQuotaError
from local.emulator.internals import Stored
from local.emulator.seams import wrap_entry

PURGE_SECONDS: Final = 60
TRUST_POLICY_CHARACTERS: Final = 2048
MANAGED_POLICY_CHARACTERS: Final = 6144
REDRIVE_PERMISSIONS: Final = ("allowAll", "denyAll", "byQueue")
REDRIVE_SOURCES: Final = 10

_log = logging.getLogger(__name__)

Parameters = dict[str, list[str]]
QueueHandler = Callable[[Stored, str], Any]
IamHandler = Callable[[Parameters], object]


def _check_queue_policy(text: str) -> None:
    try:
        documents.check(Kind.QUEUE, text, principals.exists)
    except OverQuotaError as error:
        raise internals.QueueError("OverLimit", str(error), 403) from error
    except MalformedError as error:
        _log.warning("refused a queue policy: %s", error)
        raise internals.QueueError("InvalidAttributeValue", "Invalid value for the parameter Policy.", 400) from error


def _check_redrive_allow(text: str) -> None:
    try:
        found = json.loads(text)
        permission = found["redrivePermission"]
        sources = found.get("sourceQueueArns", [])
        good = permission in REDRIVE_PERMISSIONS and (
            0 < len(sources) <= REDRIVE_SOURCES if permission == "byQueue" else not sources
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        good = False
    if not good:
        raise internals.QueueError(
            "InvalidAttributeValue",
            "Invalid value for the parameter RedriveAllowPolicy. Reason: Amazon SQS can't create the redrive allow "
            "policy, as it\u2019s in an unsupported format.",
            400,
        )


def _check_redrive(text: str, source_arn: str) -> None:
    """Whether the dead-letter queue exists and lets this source in; what else may be wrong, MiniStack checks."""
    try:
        target_arn = json.loads(text)["deadLetterTargetArn"]
    except (ValueError, TypeError, KeyError):
        return
    target = internals.find_queue_by_arn(str(target_arn))
    if target is None:
        reason = "Dead letter target does not exist."
    elif not _lets_in(target["attributes"].get("RedriveAllowPolicy"), source_arn):
        reason = "The dead-letter queue's redrive allow policy does not allow this source queue."
    else:
        return
    raise internals.QueueError(
        "InvalidParameterValue", f"Value {text} for parameter RedrivePolicy is invalid. Reason: {reason}", 400
    )


def _lets_in(redrive_allow: str | None, source_arn: str) -> bool:
    allowed = json.loads(redrive_allow) if redrive_allow else {"redrivePermission": "allowAll"}
    if allowed["redrivePermission"] == "byQueue":
        return source_arn in allowed["sourceQueueArns"]
    return bool(allowed["redrivePermission"] == "allowAll")


def _check_attributes(attributes: Mapping[str, str], arn: str) -> None:
    if attributes.get("Policy"):
        _check_queue_policy(str(attributes["Policy"]))
    if attributes.get("RedriveAllowPolicy"):
        _check_redrive_allow(str(attributes["RedriveAllowPolicy"]))
    if attributes.get("RedrivePolicy"):
        _check_redrive(str(attributes["RedrivePolicy"]), arn)


def _creating(original: QueueHandler) -> QueueHandler:
    def handle(data: Stored, _u: str) -> object:
        arn = f"arn:aws:sqs:{get_region()}:{get_account_id()}:{data.get('QueueName', '')}"
        _check_attributes(data.get("Attributes") or {}, arn)
        return original(data, _u)

    return handle


def _setting(original: QueueHandler) -> QueueHandler:
    def handle(data: Stored, qurl: str) -> object:
        queue = internals.find_queue(data.get("QueueUrl", qurl), "sqs:SetQueueAttributes")
        _check_attributes(data.get("Attributes") or {}, queue["attributes"]["QueueArn"])
        return original(data, qurl)

    return handle


def _purging(original: QueueHandler) -> QueueHandler:
    def handle(data: Stored, qurl: str) -> object:
        queue = internals.find_queue(data.get("QueueUrl", qurl), "sqs:PurgeQueue")
        now = time.monotonic()
        if now - queue.get("purged_at", -float("inf")) < PURGE_SECONDS:
            raise internals.QueueError(
                "PurgeQueueInProgress",
                f"Only one PurgeQueue operation on {queue['name']} is allowed every {PURGE_SECONDS} seconds.",
                403,
            )
        result = original(data, qurl)
        queue["purged_at"] = now
        return result

    return handle


def _checking(kind: Kind, parameter: str, quota: tuple[str, int] | None) -> Callable[[IamHandler], IamHandler]:
    """Wraps a handler of IAM's so that the document in one of its parameters is checked first."""

    def wrapper(original: IamHandler) -> IamHandler:
        def handle(p: Parameters) -> object:
            text = p.get(parameter, [""])[0]
            try:
                documents.check(kind, text, principals.exists)
            except MalformedError as error:
                return internals.iam_error(400, "MalformedPolicyDocument", escape(str(error)))
            if quota is not None and len("".join(text.split())) > quota[1]:
                return internals.iam_error(409, "LimitExceeded", f"Cannot exceed quota for {quota[0]}: {quota[1]}")
            return original(p)

        return handle

    return wrapper


def _attaching(original: IamHandler) -> IamHandler:
    def handle(p: Parameters) -> object:
        arn = p.get("PolicyArn", [""])[0]
        if not internals.managed_policy_exists(arn):
            words = f"Policy {escape(arn)} does not exist or is not attachable."
            return internals.iam_error(404, "NoSuchEntity", words)
        return original(p)

    return handle


def install() -> None:
    """Makes MiniStack refuse these.

    Raises:
        SeamError: The installed MiniStack is another one than this was written against.
    """
    wrap_entry(sqs, "_HANDLERS", "CreateQueue", ("data", "_u"), _creating)
    wrap_entry(sqs, "_HANDLERS", "SetQueueAttributes", ("data", "qurl"), _setting)
    wrap_entry(sqs, "_HANDLERS", "PurgeQueue", ("data", "qurl"), _purging)
    trust = ("ACLSizePerRole", TRUST_POLICY_CHARACTERS)
    managed = ("PolicySize", MANAGED_POLICY_CHARACTERS)
    for action, kind, parameter, quota in (
        ("CreateRole", Kind.TRUST, "AssumeRolePolicyDocument", trust),
        ("UpdateAssumeRolePolicy", Kind.TRUST, "PolicyDocument", trust),
        ("CreatePolicy", Kind.IDENTITY, "PolicyDocument", managed),
        ("CreatePolicyVersion", Kind.IDENTITY, "PolicyDocument", managed),
        ("PutRolePolicy", Kind.IDENTITY, "PolicyDocument", None),
    ):
        wrap_entry(iam, "_IAM_HANDLERS", action, ("p",), _checking(kind, parameter, quota))
    wrap_entry(iam, "_IAM_HANDLERS", "AttachRolePolicy", ("p",), _attaching)
