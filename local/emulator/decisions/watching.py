"""Sees every decision where MiniStack makes it, and logs it before the request is answered.

Decisions are made in three places: `enforce` weighs the policies of caller and resource, SQS's handlers ask the queue's
policy once more (for a root user it is the only time), and `evaluate_trust_policy` says who may take a role. Requests
whose signature fails are nobody's, so nothing is decided about them; CloudTrail does not log them either.
"""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from ministack.core import iam_actions, iam_evaluator
from ministack.services import sqs

from local.emulator import internals, origin
from local.emulator.decisions import callers, errors, statements
from local.emulator.decisions.decision import Decision, Verdict
from local.emulator.decisions.event import REFUSALS, Answer, Request, event
from local.emulator.decisions.log import DecisionLog
from local.emulator.internals import Stored
from local.emulator.seams import wrap

Message = dict[str, Any]
"""An ASGI message."""
Send = Callable[[Message], Awaitable[None]]

_VERDICTS: Final = {"Deny": Verdict.EXPLICIT_DENY, "ImplicitDeny": Verdict.IMPLICIT_DENY}


@dataclass
class Watched:
    """One request, from its arrival until its decisions are logged.

    Args:
        scope: Its ASGI scope.
        log: Where its decisions are kept.
        operation: The API's operation, once it is known.
        decisions: What has been decided so far.
    """

    scope: Message
    log: DecisionLog
    operation: str | None = None
    decisions: list[Decision] = field(default_factory=list)
    _start: Message | None = None

    def sending(self, send: Send) -> Send:
        """Wraps ASGI's send, so that the decisions are in the log before the client has its answer.

        Args:
            send: The one to wrap.
        """

        async def logging_first(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= HTTPStatus.BAD_REQUEST:
                self._start = message  # held back until its body says what is wrong
                return
            if self._start is not None:
                start, self._start = self._start, None
                self.write(errors.answer(start, message.get("body", b"")))
                await send(start)
            elif message["type"] == "http.response.start":
                self.write(errors.answer(message))
            await send(message)

        return logging_first

    def write(self, answer: Answer) -> None:
        """Logs what has been decided; what is decided later, if anything, is logged by the next call.

        Args:
            answer: How the request was answered.
        """
        decided, self.decisions = self.decisions, []
        if not decided:
            return
        refused = [one for one in decided if one.verdict is not Verdict.ALLOWED]
        if not refused and answer.error_code in REFUSALS:
            # Refused by what is not a policy, such as the owner's account being the only one that may do it.
            decided[-1] = replace(decided[-1], verdict=Verdict.IMPLICIT_DENY, by=())
            refused = decided[-1:]
        fine = Answer(answer.time, answer.request_id) if refused else answer
        request = self._request()
        events = [event(one, request, answer if one in refused else fine) for one in decided]
        self.log.append(json.dumps(one, separators=(",", ":")).encode() + b"\n" for one in events)

    def _request(self) -> Request:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in self.scope["headers"]}
        return Request(
            method=self.scope["method"],
            operation=self.operation,
            user_agent=headers.get("user-agent", ""),
            host=headers.get("host", ""),
            address=(self.scope.get("client") or ("127.0.0.1",))[0],
            through_vpc_endpoint=origin.is_through_vpc_endpoint(),
            tls=headers.get("x-forwarded-proto") == "https",
        )


_watched: ContextVar[Watched | None] = ContextVar("watched", default=None)
_contexts: ContextVar[list[iam_evaluator.EvalContext] | None] = ContextVar("contexts", default=None)


@contextmanager
def watching(scope: Message, log: DecisionLog) -> Iterator[Watched]:
    """Watches over a request; what it has decided is logged at the end at the latest, even if nobody waits for it.

    Args:
        scope: Its ASGI scope, with the headers that MiniStack sees.
        log: Where its decisions are kept.
    """
    watched = Watched(scope, log)
    token = _watched.set(watched)
    try:
        yield watched
    finally:
        _watched.reset(token)
        if watched.decisions:
            watched.write(Answer(datetime.now(UTC)))


def note_trust(
    context: iam_evaluator.EvalContext,
    document: object,
    allows: Callable[[object], bool],
    *,
    trusted: bool,
    caller: callers.Caller | None = None,
) -> None:
    """Notes what a role's trust policy said to somebody who wants to take the role.

    Args:
        context: The request as MiniStack evaluates it.
        document: The trust policy.
        allows: Whether a document lets the caller take the role.
        trusted: Whether this one did.
        caller: Who it is, where no decision about it has been made before.
    """
    watched = _watched.get()
    if watched is None:
        return
    matched = tuple(statements.of_trust(document, context.resource_arn, allows))
    denied = any(one.effect == "Deny" for one in matched)
    verdict = Verdict.ALLOWED if trusted else Verdict.EXPLICIT_DENY if denied else Verdict.IMPLICIT_DENY
    by = statements.deciding(verdict, matched)
    if caller is None and watched.decisions:
        last = watched.decisions.pop()
        watched.decisions.append(replace(last, verdict=verdict, by=(*last.by, *by) if trusted else by))
    elif caller is not None:
        watched.decisions.append(
            Decision("sts", context.action, context.resource_arn, context.region, caller, verdict, by)
        )


def _noting_operation(original: Callable[..., str | None]) -> Callable[..., str | None]:
    def extract_iam_action(  # noqa: PLR0913, PLR0917 - MiniStack's signature
        service: str, method: str, path: str, headers: Stored, body: bytes, query_params: Stored
    ) -> str | None:
        action = original(service, method, path, headers, body, query_params)
        watched = _watched.get()
        if watched is not None and action is not None:
            watched.operation = action.split(":", 1)[1]
        return action

    return extract_iam_action


def _noting_contexts(original: Callable[..., object]) -> Callable[..., object]:
    def evaluate(ctx: iam_evaluator.EvalContext, policies: object, *limits: object) -> object:
        contexts = _contexts.get()
        if contexts is not None:
            contexts.append(ctx)
        return original(ctx, policies, *limits)

    return evaluate


def _noting_decisions(original: Callable[..., Any]) -> Callable[..., object]:
    def enforce(  # noqa: PLR0913, PLR0917 - MiniStack's signature
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: Stored | None = None,
    ) -> object:
        contexts: list[iam_evaluator.EvalContext] = []
        token = _contexts.set(contexts)
        try:
            denied = original(access_key_id, iam_action, service, region, resource_arn, service_context)
        finally:
            _contexts.reset(token)
        watched = _watched.get()
        if watched is None or (isinstance(denied, iam_evaluator.AuthError) and access_key_id):
            return denied
        verdict = Verdict.ALLOWED
        if denied is not None:
            verdict = _VERDICTS.get(getattr(denied, "decision", ""), Verdict.IMPLICIT_DENY)
        by = statements.deciding(verdict, _matched(contexts[0], access_key_id, service)) if contexts else ()
        caller = callers.behind(access_key_id)
        watched.decisions.append(Decision(service, iam_action, resource_arn, region, caller, verdict, by))
        return denied

    return enforce


def _matched(context: iam_evaluator.EvalContext, access_key_id: str, service: str) -> Iterator[Any]:
    yield from statements.of_caller(context, access_key_id)
    yield from statements.of_resource(context, service)


def _noting_queue_policies(original: Callable[..., None]) -> Callable[..., None]:
    def enforce_queue_policy(q: Stored, iam_action: str) -> None:
        contexts: list[iam_evaluator.EvalContext] = []
        token = _contexts.set(contexts)
        try:
            original(q, iam_action)
        except internals.QueueError:
            watched = _watched.get()
            if watched is not None and watched.decisions and contexts:
                matched = tuple(statements.of_resource(contexts[0], "sqs"))
                denied = any(one.effect == "Deny" for one in matched)
                verdict = Verdict.EXPLICIT_DENY if denied else Verdict.IMPLICIT_DENY
                last = watched.decisions.pop()
                watched.decisions.append(replace(last, verdict=verdict, by=statements.deciding(verdict, matched)))
            raise
        finally:
            _contexts.reset(token)

    return enforce_queue_policy


def _noting_trust(original: Callable[..., bool]) -> Callable[..., bool]:
    def evaluate_trust_policy(trust_doc: object, caller_arn: str, ctx: iam_evaluator.EvalContext | None = None) -> bool:
        trusted = original(trust_doc, caller_arn, ctx)
        if ctx is not None:
            note_trust(ctx, trust_doc, lambda document: original(document, caller_arn, ctx), trusted=trusted)
        return trusted

    return evaluate_trust_policy


def install() -> None:
    """Makes MiniStack's decisions seen. Comes before the parts of the layer that change them, which then wrap this.

    Raises:
        SeamError: The installed MiniStack is another one than this was written against.
    """
    request = ("service", "method", "path", "headers", "body", "query_params")
    wrap(iam_actions, "extract_iam_action", request, _noting_operation)
    wrap(iam_evaluator, "evaluate", ("ctx", "policies", "limits"), _noting_contexts)
    call = ("access_key_id", "iam_action", "service", "region", "resource_arn", "service_context")
    wrap(iam_evaluator, "enforce", call, _noting_decisions)
    wrap(sqs, "_enforce_queue_policy", ("q", "iam_action"), _noting_queue_policies)
    wrap(iam_evaluator, "evaluate_trust_policy", ("trust_doc", "caller_arn", "ctx"), _noting_trust)
