"""SQS behind a real botocore client: what the network would bring is answered just before it would be asked."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import boto3
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_sqs.client import SQSClient as BotoSQSClient

Fields = Mapping[str, object]
Answer = AWSResponse | Exception


class _Raw(io.BytesIO):
    """A body as urllib3 hands it out."""

    def stream(self, **_options: object) -> Iterator[bytes]:
        yield self.read()


def response(status: int, body: Fields | bytes) -> AWSResponse:
    """An HTTP response in the protocol that SQS speaks today."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = HTTPHeaders.from_dict({"content-type": "application/x-amz-json-1.0", "x-amzn-requestid": "request"})
    made: AWSResponse = AWSResponse("https://sqs", status, headers, _Raw(content))
    return made


def error_response(code: str, status: int, message: str = "as AWS says") -> AWSResponse:
    """An error in AWS's own envelope."""
    return response(status, {"__type": f"com.amazonaws.sqs#{code}", "message": message})


class WiredSqs:
    """A client whose every request is answered by a function.

    Args:
        answer: Given the operation's name and the request's fields, what comes back: a response, or, where there is
            none, what botocore raises.
        attempts: How often botocore tries.
    """

    def __init__(self, answer: Callable[[str, Fields], Answer], *, attempts: int = 1) -> None:
        self._answer = answer
        self.client: BotoSQSClient = boto3.client(
            "sqs",
            region_name="us-east-1",
            config=Config(retries={"mode": "standard", "total_max_attempts": attempts}),
        )
        self.client.meta.events.register_last("before-send.sqs", self._reply)  # type: ignore[arg-type]  # what it returns is sent back

    def _reply(self, request: AWSRequest, **_event: object) -> AWSResponse:
        operation = request.headers["X-Amz-Target"]
        name = (operation.decode() if isinstance(operation, bytes) else operation).removeprefix("AmazonSQS.")
        answered = self._answer(name, json.loads(request.body))
        if isinstance(answered, Exception):
            raise answered
        return answered
