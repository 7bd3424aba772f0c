"""The report for programs: every cell, whole."""

import json

from access.matrix.cells import Cell, Matrix
from access.report.findings import Report
from access.request import Request


def as_json(report: Report) -> str:
    """A report as JSON.

    Keys: `stack`, `source`, `good`; `callers`, `origins` and `queues`, each with `label` and what it is here; `cells`,
    each with `queue`, `caller`, `principal`, `action`, `origin`, `allowed`, `reason` and `by`, a list of `policy` and
    `statement`; `elsewhere`, what the stack's roles are granted beside its queues; `notes`; `invariants`, each with
    `name`, `sentence`, `verdict`, `told` and `counterexample`, a list of requests with `principal`, `action`,
    `resource` and `context`; `differences` and `usage`, null where they were not asked for.
    """
    matrix = report.matrix
    document = {
        "stack": report.stack,
        "source": report.source,
        "good": report.is_good,
        "queues": [{"label": one.label, "resource": one.resource, "title": one.title} for one in matrix.targets],
        "callers": [
            {"label": one.label, "principal": one.detail, "policies_assumed": one.assumed} for one in matrix.callers
        ],
        "origins": [{"label": one.label, "meaning": one.detail} for one in matrix.origins],
        "cells": _cells(matrix),
        "elsewhere": [
            {"caller": one.caller, "action": one.action, "resource": one.resource, "by": one.by}
            for one in matrix.elsewhere
        ],
        "notes": list(report.notes),
        "differences": None
        if report.differences is None
        else [
            {
                "queue": one.target,
                "caller": one.caller,
                "action": one.action,
                "origins": list(one.origins),
                "allowed": one.allowed,
                "by": one.by,
            }
            for one in report.differences
        ],
        "invariants": [
            {
                "name": one.name,
                "sentence": one.sentence,
                "verdict": one.verdict.value,
                "told": one.told,
                "counterexample": [_request(request) for request in one.counterexample],
            }
            for one in report.proofs
        ],
        "usage": None
        if report.usage is None
        else [
            {
                "role": one.role_arn,
                "calls": one.calls,
                "unused": [str(grant) for grant in one.unused],
                "refused": [str(refusal) for refusal in one.refused],
            }
            for one in report.usage
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _request(request: Request) -> dict[str, object]:
    principal = request.principal
    return {
        "principal": {"kind": principal.kind.value, "arn": principal.arn, "acts_for": principal.issuer_arn},
        "action": request.action,
        "resource": request.resource,
        "context": {key: list(values) for key, values in sorted(request.facts.items()) if ":" in key},
    }


def _cells(matrix: Matrix) -> list[dict[str, object]]:
    return [_cell(one) for one in matrix.cells]


def _cell(cell: Cell) -> dict[str, object]:
    return {
        "queue": cell.target.label,
        "caller": cell.caller.label,
        "principal": cell.caller.detail,
        "action": cell.action,
        "origin": cell.origin.label,
        "allowed": cell.allowed,
        "reason": cell.decision.reason.value,
        "by": [{"policy": one.policy, "statement": one.label} for one in cell.decision.by],
    }
