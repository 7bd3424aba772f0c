"""The error that an answer carries, in whichever of AWS's protocols it is."""

import json
import re
from datetime import UTC, datetime
from html import unescape
from http import HTTPStatus
from typing import Any, Final

from local.emulator.decisions.event import Answer

_QUERY_ERROR_HEADER: Final = b"x-amzn-query-error"
"""The code by which a service's older protocol knew the error, and by which SDKs and CloudTrail still do."""
_REQUEST_ID_HEADERS: Final = (b"x-amzn-requestid", b"x-amz-request-id")


def answer(start: dict[str, Any], body: bytes = b"") -> Answer:
    """Reads an answer.

    Args:
        start: ASGI's `http.response.start`.
        body: The answer's body; needed where the status is an error's.

    Returns:
        The answer; of an error without a body, to HEAD for instance, the status's name is the code.
    """
    headers = {name.lower(): value.decode("latin-1") for name, value in start.get("headers", [])}
    request_id = next((headers[name] for name in _REQUEST_ID_HEADERS if name in headers), None)
    now, status = datetime.now(UTC), HTTPStatus(start["status"])
    if status < HTTPStatus.BAD_REQUEST:
        return Answer(now, request_id)
    code, message = _json(body) if body.lstrip().startswith(b"{") else _xml(body.decode(errors="replace"))
    older_code = headers.get(_QUERY_ERROR_HEADER, "").split(";")[0]
    return Answer(now, request_id, older_code or code or status.phrase.title().replace(" ", ""), message)


def _json(body: bytes) -> tuple[str | None, str | None]:
    try:
        found = json.loads(body)
    except ValueError:
        return None, None
    code, message = found.get("__type") or found.get("code"), found.get("message") or found.get("Message")
    return (str(code).rsplit("#", 1)[-1] if code else None), (str(message) if message else None)


def _xml(body: str) -> tuple[str | None, str | None]:
    found = (re.search(f"<{tag}>(.*?)</{tag}>", body, re.DOTALL) for tag in ("Code", "Message"))
    code, message = (unescape(one[1]) if one else None for one in found)
    return code, message
