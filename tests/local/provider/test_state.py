import json

from local.provider.configuration import Configuration, read_configuration
from local.provider.properties import UNKNOWN, Value
from local.provider.state import imported_inputs, outputs, previewed, refreshed_inputs
from local.provider.table import RESOURCES

QUEUE = RESOURCES["aws:sqs/queue:Queue"]
ROLE = RESOURCES["aws:iam/role:Role"]
POLICY = RESOURCES["aws:sqs/queuePolicy:QueuePolicy"]


def configuration(**settings: Value) -> Configuration:
    return read_configuration({"region": "us-east-1", **settings}, {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})


def test_a_new_resources_preview_knows_its_inputs_and_nothing_that_aws_makes() -> None:
    inputs: dict[str, Value] = {"name": "jobs", "region": "us-east-1", "tagsAll": {}, "visibilityTimeoutSeconds": 300}
    foretold = previewed(QUEUE, inputs, {})
    assert foretold["visibilityTimeoutSeconds"] == 300
    assert foretold["delaySeconds"] == 0
    assert {name for name, value in foretold.items() if value is UNKNOWN} == {
        "arn",
        "url",
        "policy",
        "redrivePolicy",
        "redriveAllowPolicy",
        "sqsManagedSseEnabled",
        "kmsDataKeyReusePeriodSeconds",
        "deduplicationScope",
        "fifoThroughputLimit",
    }


def test_an_updates_preview_keeps_what_an_update_does_not_change() -> None:
    foretold = previewed(
        QUEUE, {"name": "jobs", "delaySeconds": 5}, {"name": "jobs", "arn": "arn:x", "delaySeconds": 0}
    )
    assert foretold["arn"] == "arn:x"
    assert foretold["delaySeconds"] == 5
    assert UNKNOWN not in foretold.values()


def test_outputs_keep_the_programs_form_of_an_equivalent_document() -> None:
    stated = '{"Statement": [{"Effect": "Allow", "Action": "a"}]}'
    reported = '{"Statement":[{"Action":["a"],"Effect":"Allow"}]}'
    assert outputs(POLICY, {"policy": reported}, {"policy": stated}, configuration())["policy"] == stated
    changed = reported.replace("Allow", "Deny")
    assert outputs(POLICY, {"policy": changed}, {"policy": stated}, configuration())["policy"] == changed


def test_outputs_tell_own_tags_from_default_ones() -> None:
    settings = configuration(defaultTags={"tags": {"team": "x"}})
    found = outputs(QUEUE, {"tagsAll": {"team": "x", "a": "b", "aws:internal": "y"}}, {}, settings)
    assert found["tags"] == {"a": "b"}
    assert found["tagsAll"] == {"team": "x", "a": "b"}
    assert "tags" not in outputs(QUEUE, {"tagsAll": {"team": "x"}}, {}, settings)


def test_outputs_remember_what_aws_does_not_know() -> None:
    assert outputs(ROLE, {}, {"forceDetachPolicies": True}, configuration())["forceDetachPolicies"] is True
    assert outputs(ROLE, {}, {}, configuration())["forceDetachPolicies"] is False
    assert outputs(QUEUE, {"name": "jobs-1"}, {"namePrefix": "jobs-"}, configuration())["namePrefix"] == "jobs-"


def test_a_region_of_its_own_stays() -> None:
    assert outputs(QUEUE, {}, {"region": "eu-west-1"}, configuration())["region"] == "eu-west-1"
    assert outputs(QUEUE, {}, {}, configuration())["region"] == "us-east-1"


def test_a_refresh_updates_the_inputs_that_there_are_and_adds_none() -> None:
    old: dict[str, Value] = {
        "name": "jobs",
        "redrivePolicy": '{"maxReceiveCount": 3}',
        "tags": {"a": "b"},
        "visibilityTimeoutSeconds": 30,
        "__defaults": ["visibilityTimeoutSeconds"],
    }
    found: dict[str, Value] = {
        "name": "jobs",
        "redrivePolicy": '{"maxReceiveCount":3}',
        "policy": "{}",
        "visibilityTimeoutSeconds": 77,
    }
    assert refreshed_inputs(QUEUE, old, found) == {
        "name": "jobs",
        "redrivePolicy": '{"maxReceiveCount": 3}',
        "visibilityTimeoutSeconds": 77,
        "__defaults": [],
    }


def test_an_import_takes_what_a_program_would_have_given() -> None:
    found: dict[str, Value] = {
        "arn": "arn:x",
        "delaySeconds": 0,
        "fifoQueue": False,
        "name": "jobs",
        "receiveWaitTimeSeconds": 20,
        "region": "us-east-1",
        "tagsAll": {},
        "visibilityTimeoutSeconds": 30,
    }
    assert imported_inputs(QUEUE, found) == {
        "name": "jobs",
        "receiveWaitTimeSeconds": 20,
        "region": "us-east-1",
        "__defaults": [],
    }


def test_an_imported_role_keeps_what_is_required() -> None:
    trust = json.dumps({"Statement": []})
    inputs = imported_inputs(ROLE, {"assumeRolePolicy": trust, "path": "/", "maxSessionDuration": 7200, "name": "r"})
    assert inputs == {"assumeRolePolicy": trust, "maxSessionDuration": 7200, "name": "r", "__defaults": []}
