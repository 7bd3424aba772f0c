"""SQS's wire protocol, signed or not: what boto3 does, without its cost, and for callers that boto3 knows none of."""

import http.client
import json
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.emulator import account
from tests.access.differential.line_process import Json

SECONDS: Final = 10.0


@dataclass(frozen=True)
class Reply:
    """What SQS answers.

    Args:
        code: The error's code; None for success.
        message: The error's words.
    """

    code: str | None
    message: str = ""


class Wire:
    """A connection to one listener of the local stack, kept open.

    Args:
        url: The listener.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def ask(self, operation: str, parameters: Json, credentials: Credentials | None, *, plain: bool) -> Reply:
        """Call an operation of SQS.

        Args:
            operation: Such as `SendMessage`.
            parameters: What it takes.
            credentials: The caller's; None to ask anonymously.
            plain: Whether the request counts as made without TLS.
        """
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AmazonSQS.{operation}"}
        if plain:
            headers[account.TRANSPORT_HEADER] = account.PLAIN
        request = AWSRequest("POST", f"{self._url}/", headers, json.dumps(parameters))
        if credentials is not None:
            SigV4Auth(credentials, "sqs", account.REGION).add_auth(request)
        status, text = self._exchange(request)
        if status == http.client.OK:
            return Reply(None)
        body = json.loads(text)
        return Reply(str(body["__type"]).rpartition("#")[2], str(body.get("message", body.get("Message", ""))))

    def _exchange(self, request: AWSRequest) -> tuple[int, bytes]:
        """Send and read; once more if the server has closed the connection meanwhile, as it does with idle ones."""
        try:
            return self._send(request)
        except (http.client.RemoteDisconnected, ConnectionError):
            self._connection.close()
            return self._send(request)

    def _send(self, request: AWSRequest) -> tuple[int, bytes]:
        self._connection.request("POST", "/", request.data, dict(request.headers.items()))
        response = self._connection.getresponse()
        return response.status, response.read()
