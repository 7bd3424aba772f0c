import json
from collections.abc import Callable
from typing import Any

from tests.linters.accepted import accepted, not_accepted, not_needed
from tests.linters.declared import Resource
from tests.linters.running import Linters, each

NewLinters = Callable[[], Linters]


def document(**statement: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def role(name: str, principal: object, **more: Any) -> Resource:  # noqa: ANN401 - a statement's element has any form
    trust = document(Principal=principal, Action="sts:AssumeRole", **more)
    return Resource("aws:iam/role:Role", name, {"name": name, "assumeRolePolicy": trust})


GITHUB = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
BAD = [
    Resource("aws:sqs/queue:Queue", "in-plain-text", {"name": "q", "sqsManagedSseEnabled": False}),
    Resource("aws:sqs/queue:Queue", "under-awss-key", {"name": "q", "kmsMasterKeyId": "alias/aws/sqs"}),
    Resource(
        "aws:sqs/queuePolicy:QueuePolicy",
        "for-anybody",
        {"queueUrl": "q", "policy": document(Principal="*", Action="*", Resource="*")},
    ),
    Resource("aws:iam/policy:Policy", "all", {"name": "p", "policy": document(Action=["*"], Resource="*")}),
    Resource("aws:iam/policy:Policy", "all-of-iam", {"name": "p", "policy": document(Action="iam:*", Resource="*")}),
    role("for-anybody", {"AWS": "*"}),
    role("for-the-account", {"AWS": "arn:aws:iam::111111111111:root"}),
    role(
        "for-any-repository",
        {"Federated": GITHUB},
        Condition={"StringLike": {"token.actions.githubusercontent.com:sub": "*"}},
    ),
    *(
        Resource(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            name,
            {"role": "any", "policyArn": f"arn:aws:iam::aws:policy/{name}"},
        )
        for name in ("AdministratorAccess", "IAMFullAccess")
    ),
    Resource("aws:cloudwatch/metricAlarm:MetricAlarm", "silent", {"name": "a", "actionsEnabled": False}),
]


def test_the_stack_and_the_roles_are_clean_but_for_what_is_accepted_and_each_rule_can_fail(
    linters: NewLinters, resources: list[Resource], roles: list[Resource]
) -> None:
    """In one run, since checkov takes seconds to start."""
    found, in_vain = linters().checkov([*resources, *roles, *BAD])
    bad_names, entries = {one.name for one in BAD}, accepted("checkov")
    bad = [one for one in found if one.subject in bad_names]
    good = [one for one in found if one.subject not in bad_names]
    assert list(each(not_accepted(good, entries))) == []
    assert not_needed(good, entries) == []
    assert not_accepted(bad, entries) == bad
    assert {one.subject for one in bad} == bad_names
    assert {one.rule for one in bad} >= {one.rule for one in in_vain}
