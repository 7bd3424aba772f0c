"""Calls as CloudTrail records them: who called what, on what, and how it ended.

Two kinds of file are read: CloudTrail's own, `{"Records": […]}`, gzipped or not, and those with one event a line, as
the local stack writes them. Both hold CloudTrail's events (user guide, "CloudTrail record contents"). The local stack
adds which IAM action was decided, and by which statements, in `additionalEventData`, which is for what the record has
no field for. AWS records no deciding statements, so its events name none.
"""

import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from access.policy import StatementName

_GZIP_MAGIC = b"\x1f\x8b"
_REFUSALS = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"})

_PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag"}
"""Where the IAM prefix is not the first part of the event source."""

_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "sqs:ChangeMessageVisibilityBatch": ("sqs:ChangeMessageVisibility",),
    "sqs:DeleteMessageBatch": ("sqs:DeleteMessage",),
    "sqs:SendMessageBatch": ("sqs:SendMessage",),
    "s3:CompleteMultipartUpload": ("s3:PutObject",),
    "s3:CopyObject": ("s3:GetObject", "s3:PutObject"),
    "s3:CreateMultipartUpload": ("s3:PutObject",),
    "s3:DeleteObjects": ("s3:DeleteObject",),
    "s3:HeadBucket": ("s3:ListBucket",),
    "s3:HeadObject": ("s3:GetObject",),
    "s3:ListBuckets": ("s3:ListAllMyBuckets",),
    "s3:ListMultipartUploads": ("s3:ListBucketMultipartUploads",),
    "s3:ListObjectVersions": ("s3:ListBucketVersions",),
    "s3:ListObjects": ("s3:ListBucket",),
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "s3:ListParts": ("s3:ListMultipartUploadParts",),
    "s3:UploadPart": ("s3:PutObject",),
    "s3:UploadPartCopy": ("s3:GetObject", "s3:PutObject"),
}
"""Calls that are allowed by actions of another name (SQS developer guide, "Amazon SQS API permissions"; S3 user guide,
"Required permissions for Amazon S3 API operations"). Of every other call, the action has the call's name."""


class MalformedEventsError(ValueError):
    """What should be a file of events is none. The message names the file and the line, and says what is allowed."""


@dataclass(frozen=True)
class Event:
    """One call.

    Args:
        time: When it was answered.
        actions: The IAM actions that it takes, such as `sqs:SendMessage`; most calls take one.
        resources: The ARNs that it was about; none where the event names none.
        principal: Whose call: the role's ARN for a session, else the caller's own ARN; empty for an anonymous caller.
        caller: The caller's own ARN, a session's with its name.
        user_agent: What the client called itself.
        vpc_endpoint: The VPC endpoint that it came through, `vpce-…`; None from elsewhere.
        invoked_by: The AWS service that called on the principal's behalf; None for the principal itself.
        error_code: AWS's code where it failed, for whatever reason.
        error_message: AWS's words then.
        decided_by: The statements that allowed or refused it; none where the event names none, as AWS's do not, and
            where nothing matched.
    """

    time: datetime
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principal: str
    caller: str
    user_agent: str = ""
    vpc_endpoint: str | None = None
    invoked_by: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    decided_by: tuple[StatementName, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether permissions were missing. Any other error came after they were found to suffice."""
        return self.error_code is not None and self.error_code.rsplit(".", 1)[-1] in _REFUSALS

    def is_of(self, application: str) -> bool:
        """Whether an application made the call.

        An application names itself in the user agent by `app/<id>` (the SDKs' setting `sdk_ua_app_id`). What a service
        calls on a principal's behalf, such as KMS for a queue's key, bears the service's own: it may be anybody's, so
        it counts.

        Args:
            application: The application's id.
        """
        return self.invoked_by is not None or f"app/{application}" in self.user_agent.strip("[]").split()


def parse_events(content: bytes, *, source: str) -> tuple[Event, ...]:
    """The calls that a file records. Records of other kinds, such as sign-ins and CloudTrail's insights, are left out.

    So is a last line that breaks off: it is being written, or its writer was killed.

    Args:
        content: The file's content.
        source: The file's name, for messages.

    Raises:
        MalformedEventsError: It is neither of the two forms, or an event lacks what every event has.
    """
    text = _text(content, source)
    return tuple(event for where, raw in _records(text, source) if (event := _event(raw, where)) is not None)


def _text(content: bytes, source: str) -> str:
    try:
        return (gzip.decompress(content) if content.startswith(_GZIP_MAGIC) else content).decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise MalformedEventsError(
            f"{source} cannot be read: {error}; give JSON in UTF-8, gzipped or not, as CloudTrail delivers it"
        ) from None


def _records(text: str, source: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Every record, with the words for where it stands."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):  # many lines, or brackets by the thousand
        whole = None
    if isinstance(whole, Mapping) and "Records" in whole:
        if not isinstance(whole["Records"], list):
            raise MalformedEventsError(f"{source}: its Records are no list")
        numbered = enumerate(whole["Records"], start=1)
        yield from ((where, _object(raw, where)) for number, raw in numbered if (where := f"{source}, record {number}"))
    else:
        yield from _lines(text, source)


def _lines(text: str, source: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    for number, line in enumerate(io.StringIO(text), start=1):
        where = f"{source}, line {number}"
        try:
            if line.strip():
                yield where, _object(json.loads(line), where)
        except (ValueError, RecursionError) as error:
            if line.startswith("{") and not line.endswith("\n"):
                return
            raise MalformedEventsError(
                f'{where} is not JSON ({error}); a file holds one event a line, or {{"Records": […]}}'
            ) from None


def _object(raw: object, where: str) -> Mapping[str, object]:
    if not isinstance(raw, Mapping):
        raise MalformedEventsError(f"{where} is no event: an event is a JSON object")
    return raw


def _event(raw: Mapping[str, object], where: str) -> Event | None:
    if raw.get("eventType", "AwsApiCall") != "AwsApiCall":
        return None
    source, name, time = (_needed(raw, field, where) for field in ("eventSource", "eventName", "eventTime"))
    identity, added = _mapping(raw.get("userIdentity")), _mapping(raw.get("additionalEventData"))
    caller = _words(identity.get("arn")) or ""
    issuer = _words(_mapping(_mapping(identity.get("sessionContext")).get("sessionIssuer")).get("arn"))
    decided = _words(added.get("iamAction"))
    return Event(
        time=_time(time, where),
        actions=(decided,) if decided else _actions(source, name),
        resources=_resources(raw.get("resources")),
        principal=issuer or caller,
        caller=caller,
        user_agent=_words(raw.get("userAgent")) or "",
        vpc_endpoint=_words(raw.get("vpcEndpointId")),
        invoked_by=_words(identity.get("invokedBy")),
        error_code=_words(raw.get("errorCode")),
        error_message=_words(raw.get("errorMessage")),
        decided_by=_deciders(added.get("decidedBy")),
    )


def _actions(source: str, name: str) -> tuple[str, ...]:
    service = source.split(".", 1)[0]
    action = f"{_PREFIXES.get(service, service)}:{name}"
    return _ACTIONS.get(action, (action,))


def _needed(raw: Mapping[str, object], field: str, where: str) -> str:
    value = _words(raw.get(field))
    if value is None:
        raise MalformedEventsError(f"{where} has no {field}, which every event of CloudTrail's has")
    return value


def _time(text: str, where: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise MalformedEventsError(f"{where} has the eventTime {text!r}; it has the form 2026-01-31T23:59:59Z")
    return found


def _resources(raw: object) -> tuple[str, ...]:
    return tuple(arn for one in _items(raw) if (arn := _words(_mapping(one).get("ARN"))) is not None)


def _deciders(raw: object) -> tuple[StatementName, ...]:
    found = ((_words(_mapping(one).get("policy")), _words(_mapping(one).get("sid"))) for one in _items(raw))
    return tuple(StatementName(policy, label) for policy, label in found if policy is not None and label is not None)


def _words(raw: object) -> str | None:
    return raw if isinstance(raw, str) and raw else None


def _mapping(raw: object) -> Mapping[str, object]:
    return raw if isinstance(raw, Mapping) else {}


def _items(raw: object) -> Sequence[object]:
    return raw if isinstance(raw, Sequence) and not isinstance(raw, str) else ()
