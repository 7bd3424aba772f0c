"""Where MiniStack decides, and what is noted there.

Decisions are made in three places: `enforce` weighs the policies of caller and resource, SQS's handlers ask the queue's
policy once more (for a root user it is the only time), and `evaluate_trust_policy` says who may take a role. A request
whose signature fails is nobody's: nothing is decided about it, and CloudTrail does not log it either.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from ministack.core import iam_actions, iam_evaluator
from ministack.services import sqs

from local.emulator import internals
from local.emulator.decisions import callers, statements, watching
from local.emulator.decisions.decision import Decider, Decision, Verdict
from local.emulator.internals import Stored
from local.emulator.move_tasks.forwarding import is_forwarded
from local.emulator.seams import wrap

_VERDICTS: Final = {"Deny": Verdict.EXPLICIT_DENY, "ImplicitDeny": Verdict.IMPLICIT_DENY}

_contexts: ContextVar[list[iam_evaluator.EvalContext] | None] = ContextVar("contexts", default=None)


@contextmanager
def _evaluated() -> Iterator[list[iam_evaluator.EvalContext]]:
    """Collects the requests as MiniStack's evaluator sees them: all condition keys stand in there."""
    contexts: list[iam_evaluator.EvalContext] = []
    token = _contexts.set(contexts)
    try:
        yield contexts
    finally:
        _contexts.reset(token)


def _noting_contexts(original: Callable[..., object]) -> Callable[..., object]:
    def evaluate(ctx: iam_evaluator.EvalContext, policies: object, *limits: object) -> object:
        contexts = _contexts.get()
        if contexts is not None:
            contexts.append(ctx)
        return original(ctx, policies, *limits)

    return evaluate


def _noting_operation(original: Callable[..., str | None]) -> Callable[..., str | None]:
    def extract_iam_action(  # noqa: PLR0913, PLR0917 - MiniStack's signature
        service: str, method: str, path: str, headers: Stored, body: bytes, query_params: Stored
    ) -> str | None:
        action = original(service, method, path, headers, body, query_params)
        watched = watching.current()
        if watched is not None and action is not None:
            watched.operation = action.split(":", 1)[1]
        return action

    return extract_iam_action


def _noting_decisions(original: Callable[..., Any]) -> Callable[..., object]:
    def enforce(  # noqa: PLR0913, PLR0917 - MiniStack's signature
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: Stored | None = None,
    ) -> object:
        with _evaluated() as contexts:
            denied = original(access_key_id, iam_action, service, region, resource_arn, service_context)
        watched = watching.current()
        if watched is None or (isinstance(denied, iam_evaluator.AuthError) and access_key_id):
            return denied
        verdict = Verdict.ALLOWED
        if denied is not None:  # of an anonymous caller there is an AuthError, without a decision
            verdict = _VERDICTS.get(getattr(denied, "decision", ""), Verdict.IMPLICIT_DENY)
        by: tuple[Decider, ...] = ()
        if contexts and verdict.effect:
            by = (
                *statements.of_caller(contexts[0], access_key_id, verdict.effect),
                *statements.of_resource(contexts[0], service, verdict.effect),
            )
        caller = callers.behind(access_key_id)
        if is_forwarded():
            caller = callers.forwarded_by(service, caller)
        watched.decisions.append(Decision(service, iam_action, resource_arn, region, caller, verdict, by))
        return denied

    return enforce


def _refused(denies: Iterable[Decider]) -> tuple[Verdict, tuple[Decider, ...]]:
    """The verdict of a refusal, and the statements that decided it."""
    by = tuple(denies)
    return (Verdict.EXPLICIT_DENY if by else Verdict.IMPLICIT_DENY), by


def _noting_queue_policies(original: Callable[..., None]) -> Callable[..., None]:
    def enforce_queue_policy(q: Stored, iam_action: str) -> None:
        with _evaluated() as contexts:
            try:
                original(q, iam_action)
            except internals.QueueError:
                watched = watching.current()
                if watched is not None and contexts:
                    watched.amend(*_refused(statements.of_resource(contexts[0], "sqs", "Deny")))
                raise

    return enforce_queue_policy


def _noting_trust(original: Callable[..., bool]) -> Callable[..., bool]:
    def evaluate_trust_policy(trust_doc: object, caller_arn: str, ctx: iam_evaluator.EvalContext | None = None) -> bool:
        trusted = original(trust_doc, caller_arn, ctx)
        watched = watching.current()
        if ctx is not None and watched is not None and watched.decisions:
            earlier = watched.decisions[-1].by
            verdict, by = _trust(trust_doc, ctx.resource_arn, lambda one: original(one, caller_arn, ctx), trusted)
            watched.amend(verdict, (*earlier, *by) if trusted else by)
        return trusted

    return evaluate_trust_policy


def _trust(
    document: object,
    role_arn: str,
    allows: Callable[[object], bool],
    trusted: bool,  # noqa: FBT001 - what `allows` has said of the whole document
) -> tuple[Verdict, tuple[Decider, ...]]:
    if trusted:
        return Verdict.ALLOWED, tuple(statements.of_trust(document, role_arn, "Allow", allows))
    return _refused(statements.of_trust(document, role_arn, "Deny", allows))


def note_service_trust(
    context: iam_evaluator.EvalContext, document: object, allows: Callable[[object], bool], *, trusted: bool
) -> None:
    """Notes what a role's trust policy said to an AWS service that wants to take the role.

    Args:
        context: The request as MiniStack's evaluator would see it.
        document: The trust policy.
        allows: Whether a document lets the service take the role.
        trusted: Whether this one did.
    """
    watched = watching.current()
    if watched is not None:
        verdict, by = _trust(document, context.resource_arn, allows, trusted)
        caller = callers.service(context.principal_arn)
        decision = Decision("sts", context.action, context.resource_arn, context.region, caller, verdict, by)
        watched.decisions.append(decision)


def install() -> None:
    """Makes MiniStack's decisions noted. Comes before the parts of the layer that change them: they then wrap this.

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
