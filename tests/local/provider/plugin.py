"""Speaks to the plugin as the engine does: over gRPC, with plain values in and out."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from local.provider.properties import Value, Values, decode, encode

NOTHING: Mapping[str, Value] = {}


class Answer(NamedTuple):
    """A resource as an answer gives it."""

    id: str
    outputs: dict[str, Value]


class Read(NamedTuple):
    """A read resource; the id is empty if there is none."""

    id: str
    outputs: dict[str, Value]
    inputs: dict[str, Value]


@dataclass(frozen=True)
class Plugin:
    """The engine's side of one plugin."""

    stub: provider_pb2_grpc.ResourceProviderStub

    def configure(self, settings: Values) -> None:
        self.stub.Configure(provider_pb2.ConfigureRequest(args=encode(settings), acceptSecrets=True))

    def check(self, token: str, news: Values, olds: Values = NOTHING, *, name: str = "it") -> dict[str, Value]:
        answer = self.stub.Check(
            provider_pb2.CheckRequest(
                urn=urn(token, name), type=token, name=name, olds=encode(olds), news=encode(news), randomSeed=b"seed"
            )
        )
        assert not answer.failures, answer.failures
        return decode(answer.inputs).values

    def failures(self, token: str, news: Values, *, name: str = "it") -> dict[str, str]:
        answer = self.stub.Check(
            provider_pb2.CheckRequest(urn=urn(token, name), type=token, name=name, news=encode(news))
        )
        return {failure.property: failure.reason for failure in answer.failures}

    def diff(self, token: str, identity: str, olds: Values, news: Values) -> provider_pb2.DiffResponse:
        request = provider_pb2.DiffRequest(
            urn=urn(token), type=token, name="it", id=identity, olds=encode(olds), news=encode(news)
        )
        found: provider_pb2.DiffResponse = self.stub.Diff(request)
        return found

    def create(self, token: str, inputs: Values, *, preview: bool = False, name: str = "it") -> Answer:
        answer = self.stub.Create(
            provider_pb2.CreateRequest(
                urn=urn(token, name), type=token, name=name, properties=encode(inputs), preview=preview
            )
        )
        return Answer(answer.id, decode(answer.properties).values)

    def make(self, token: str, news: Values, *, name: str = "it") -> Answer:
        return self.create(token, self.check(token, news, name=name), name=name)

    def read(self, token: str, identity: str, inputs: Values = NOTHING, outputs: Values = NOTHING) -> Read:
        answer = self.stub.Read(
            provider_pb2.ReadRequest(
                urn=urn(token),
                type=token,
                name="it",
                id=identity,
                inputs=encode(inputs),
                properties=encode(outputs),
            )
        )
        return Read(answer.id, decode(answer.properties).values, decode(answer.inputs).values)

    def update(
        self, token: str, identity: str, olds: Values, news: Values, *, preview: bool = False
    ) -> dict[str, Value]:
        answer = self.stub.Update(
            provider_pb2.UpdateRequest(
                urn=urn(token),
                type=token,
                name="it",
                id=identity,
                olds=encode(olds),
                news=encode(news),
                preview=preview,
            )
        )
        return decode(answer.properties).values

    def change(self, token: str, before: Answer, news: Values) -> dict[str, Value]:
        inputs = self.check(token, news)
        assert not self.diff(token, before.id, before.outputs, inputs).replaces
        return self.update(token, before.id, before.outputs, inputs)

    def delete(self, token: str, identity: str, outputs: Values = NOTHING) -> None:
        self.stub.Delete(
            provider_pb2.DeleteRequest(urn=urn(token), type=token, name="it", id=identity, properties=encode(outputs))
        )


def urn(token: str, name: str = "it") -> str:
    return f"urn:pulumi:local::retainwise::retainwise:index:WorkQueue${token}::{name}"


def words(error: grpc.RpcError) -> str:
    """The message of a call's error."""
    with suppress(AttributeError):
        return str(error.details())
    return str(error)
