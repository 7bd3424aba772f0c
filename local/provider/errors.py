"""Errors in words: which resource, which operation, and what AWS said."""

import grpc
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from local.provider.properties import Values


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault
    """A request that is answered with an error for the user.

    Args:
        message: What is wrong and what to do, complete in itself.
        code: The gRPC status code.
    """

    def __init__(self, message: str, code: grpc.StatusCode = grpc.StatusCode.UNKNOWN) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class Incomplete(Exception):  # noqa: N818 - it names the state that a creation left
    """A resource was created and something after that failed.

    The resource is kept in the state, with the error, rather than deleted again: the engine shows the error and
    finishes the resource with an update at the next deployment, while a clean-up could fail for the very reason that
    the step did, and would then leave an orphan that nobody knows of.

    Args:
        message: What failed.
        identity: The id of the resource, which exists.
        inputs: The inputs it was made with.
        outputs: What is known of it.
    """

    def __init__(self, message: str, identity: str, inputs: Values, outputs: Values) -> None:
        super().__init__(message)
        self.message = message
        self.identity = identity
        self.inputs = inputs
        self.outputs = outputs


def code_of(error: ClientError) -> str:
    """Give AWS's code of an error.

    Args:
        error: What AWS answered.

    Returns:
        The code, as `AccessDenied`.
    """
    return error.response.get("Error", {}).get("Code", "Unknown")


def in_words(error: BotoCoreError | ClientError) -> str:
    """Put an error of boto3 into words.

    Args:
        error: What boto3 raised.

    Returns:
        The API operation with AWS's own code and message, or what kept AWS from answering.
    """
    match error:
        case ClientError():
            message = error.response.get("Error", {}).get("Message", "") or "no message"
            return f"{error.operation_name}: {code_of(error)}: {message}"
        case EndpointConnectionError() | ConnectTimeoutError() | ReadTimeoutError():
            return f"{error} Is the local AWS running? `make up` starts it."
        case NoCredentialsError():
            return 'no AWS credentials were found; `eval "$(make -s env)"` sets those of the local deployer'
        case ParamValidationError():
            return f"the request is malformed: {error}"
        case _:
            return str(error)


def sentence(doing: str, token: str, name: str, reason: str) -> str:
    """Say which resource an error belongs to.

    Args:
        doing: The operation, as `creating`.
        token: The resource's type token.
        name: The resource's Pulumi name.
        reason: What went wrong.

    Returns:
        One sentence, as `creating aws:sqs/queue:Queue "jobs": CreateQueue: AccessDenied: …`.
    """
    return f'{doing} {token} "{name}": {reason}'
