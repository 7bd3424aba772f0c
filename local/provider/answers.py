"""How a call ends badly: gRPC errors in words, and the detail that keeps a half-made resource in the state."""

import logging
from collections.abc import Callable
from typing import NoReturn, TypeVar

import grpc
from google.protobuf import any_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from local.provider.errors import Incomplete, Refused
from local.provider.properties import UnsupportedValue, encode

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


def answered(context: grpc.ServicerContext, answer: Callable[[], _T]) -> _T:
    """Answer a call.

    Args:
        context: The call.
        answer: Makes the answer. What it refuses becomes a gRPC error; a fault of the plugin itself says that it is
            one, and its traceback goes to standard error, which the engine shows.

    Returns:
        The answer.
    """
    try:
        return answer()
    except Refused as error:
        context.abort(error.code, error.message)
    except UnsupportedValue as error:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        _log.exception("a fault in the local AWS provider")
        context.abort(grpc.StatusCode.INTERNAL, f"a fault in the local AWS provider: {type(error).__name__}: {error}")


def abort_incomplete(context: grpc.ServicerContext, error: Incomplete, secrets: frozenset[str]) -> NoReturn:
    """End a creation whose resource exists but is not whole: the engine keeps it and shows the reason.

    Args:
        context: The call.
        error: What exists and what failed.
        secrets: Names of the properties to mark as secret.
    """
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=error.identity,
            properties=encode(error.outputs, secrets),
            inputs=encode(error.inputs, secrets),
            reasons=[error.message],
        )
    )
    code: int = grpc.StatusCode.UNKNOWN.value[0]
    status = status_pb2.Status(code=code, message=error.message, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, error.message)
