import json
from collections.abc import Callable

from tests.linters.accepted import accepted, not_accepted, not_needed
from tests.linters.declared import Resource
from tests.linters.documents import TRUST, documents, examples
from tests.linters.running import Linters, each

NewLinters = Callable[[], Linters]


def test_all_documents_are_clean_but_for_what_is_accepted_and_nothing_is_accepted_in_vain(
    linters: NewLinters, resources: list[Resource]
) -> None:
    read = {**documents(resources), **examples()}
    assert {"nobody-predictions-dlq-policy", f"everything-predictions-consumer-role{TRUST}", "reader"} <= set(read)
    findings = linters().parliament(read)
    entries = accepted("parliament")
    assert list(each(not_accepted(findings, entries))) == []
    assert not_needed(findings, entries) == []


BAD = [
    ("prod-predictions-queue-policy", {"Action": "sqs:SendMesage"}, "UNKNOWN_ACTION"),
    (
        "prod-predictions-queue-policy",
        {"Condition": {"StringEquals": {"aws:SourceVpcc": "vpc-1"}}},
        "UNKNOWN_CONDITION_FOR_ACTION",
    ),
    ("prod-predictions-dlq-policy", {"Sid": "Deny-it"}, "INVALID_SID"),
    ("prod-predictions-producer-policy", {"Resource": "*"}, "RESOURCE_STAR"),
    ("prod-predictions-consumer-policy", {"Resource": "arn:aws:s3:::bucket"}, "RESOURCE_MISMATCH"),
    ("prod-predictions-consumer-policy", {"Effect": "allow"}, "MALFORMED"),
    (f"prod-predictions-producer-role{TRUST}", {"Action": "sts:AssumeRoles"}, "UNKNOWN_ACTION"),
    ("deployer", {"Action": "iam:PutUserPolicy", "Resource": "*"}, "RESOURCE_STAR"),
]
"""A document, what is changed in its first statement, and the rule that finds it."""


def test_a_bad_document_is_found_whatever_is_accepted(linters: NewLinters, resources: list[Resource]) -> None:
    good, bad = {**documents(resources), **examples()}, {}
    for at, (name, change, _) in enumerate(BAD):
        document = json.loads(good[name])
        document["Statement"][0].update(change)
        bad[f"{at}-{name}"] = json.dumps(document)
    findings = not_accepted(linters().parliament(bad), accepted("parliament"))
    found = {(one.subject, one.rule) for one in findings}
    assert found >= {(f"{at}-{name}", rule) for at, (name, _, rule) in enumerate(BAD)}
