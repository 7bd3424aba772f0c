"""The service without AWS: what it answers, refuses and foretells by itself."""

import json
from collections.abc import Callable, Mapping

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from local.provider.properties import UNKNOWN, Value, decode, encode
from tests.local.provider.plugin import Plugin, urn, words

QUEUE = "aws:sqs/queue:Queue"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
LOCAL = {"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the protocol's mark of a secret

Start = Callable[[Mapping[str, str]], Plugin]


def test_it_introduces_itself_as_the_plugin_it_stands_in_for(plugin: Plugin) -> None:
    answer = plugin.stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    assert answer.accept_secrets
    assert answer.supports_autonaming_configuration
    assert not answer.accept_outputs
    assert plugin.stub.GetPluginInfo(Empty()).version == "7.51.1"
    assert json.loads(plugin.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)["name"] == "aws"
    assert plugin.stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1")) == Empty()
    assert plugin.stub.GetMapping(provider_pb2.GetMappingRequest(key="terraform")).provider == ""
    assert not plugin.stub.GetMappings(provider_pb2.GetMappingsRequest(key="terraform")).providers


def test_a_providers_configuration_takes_its_region_from_the_environment_and_never_the_endpoint(
    plugin_in: Start,
) -> None:
    answer = plugin_in(LOCAL).stub.CheckConfig(provider_pb2.CheckRequest(news=encode({"version": "7.51.1"})))
    assert decode(answer.inputs).values == {"version": "7.51.1", "region": "us-east-1"}


@pytest.mark.parametrize(
    ("environment", "settings", "key", "said"),
    [
        ({}, {}, "region", "no region is configured"),
        ({"AWS_REGION": "us-east-1"}, {}, "endpoints", "no endpoint is configured"),
        ({**LOCAL, "AWS_ENDPOINT_URL": "https://sqs.us-east-1.amazonaws.com"}, {}, "endpoints", "not this machine"),
        (LOCAL, {"endpoints": '[{"sqs": "https://example.com"}]'}, "endpoints", "aws:endpoints (sqs)"),
        (LOCAL, {"defaultTags": "{"}, "defaultTags", "not valid JSON"),
    ],
)
def test_a_wrong_configuration_is_refused_twice(
    plugin_in: Start, environment: dict[str, str], settings: dict[str, str], key: str, said: str
) -> None:
    plugin = plugin_in(environment)
    (failure,) = plugin.stub.CheckConfig(provider_pb2.CheckRequest(news=encode({**settings}))).failures
    assert failure.property == key
    assert said in failure.reason
    with pytest.raises(grpc.RpcError) as refusal:
        plugin.configure({**settings})
    assert said in words(refusal.value)


def test_a_configuration_that_is_not_known_yet_is_left_to_the_update(plugin_in: Start) -> None:
    answer = plugin_in({}).stub.CheckConfig(provider_pb2.CheckRequest(news=encode({"region": UNKNOWN})))
    assert not answer.failures


def test_a_providers_change_never_replaces_it(plugin: Plugin) -> None:
    old, new = encode({"region": "us-east-1", "profile": "a"}), encode({"region": "us-west-2", "profile": "a"})
    answer = plugin.stub.DiffConfig(provider_pb2.DiffRequest(old_inputs=old, news=new))
    assert (list(answer.diffs), list(answer.replaces)) == (["region"], [])
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    same = plugin.stub.DiffConfig(provider_pb2.DiffRequest(old_inputs=old, news=old))
    assert same.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_nothing_is_done_before_the_configuration(plugin_in: Start) -> None:
    with pytest.raises(grpc.RpcError, match="not configured yet"):
        plugin_in(LOCAL).make(QUEUE, {"name": "jobs"})


def test_a_preview_never_calls_aws(plugin: Plugin) -> None:
    inputs = plugin.check(QUEUE, {"name": "jobs", "visibilityTimeoutSeconds": 300})
    made = plugin.create(QUEUE, inputs, preview=True)
    assert made.id == ""
    assert made.outputs["url"] is UNKNOWN
    assert made.outputs["arn"] is UNKNOWN
    assert made.outputs["name"] == "jobs"
    updated = plugin.update(QUEUE, "url", {"url": "url", "arn": "arn"}, inputs, preview=True)
    assert (updated["url"], updated["visibilityTimeoutSeconds"]) == ("url", 300)


def test_unknown_inputs_stay_unknown_through_a_preview(plugin: Plugin) -> None:
    inputs = plugin.check(ATTACHMENT, {"role": UNKNOWN, "policyArn": UNKNOWN})
    outputs = plugin.create(ATTACHMENT, inputs, preview=True).outputs
    assert outputs == {"role": UNKNOWN, "policyArn": UNKNOWN}


def test_secrets_stay_secret_and_so_does_tags_all(plugin: Plugin) -> None:
    news = ParseDict({"name": "jobs", "tags": {SIGNATURE: SECRET, "value": {"key": "s"}}}, Struct())
    inputs = plugin.stub.Check(provider_pb2.CheckRequest(urn=urn(QUEUE), type=QUEUE, name="it", news=news)).inputs
    assert decode(inputs).secrets == {"tags", "tagsAll"}
    created = plugin.stub.Create(
        provider_pb2.CreateRequest(urn=urn(QUEUE), type=QUEUE, name="it", properties=inputs, preview=True)
    )
    assert decode(created.properties).secrets == {"tags", "tagsAll"}


def test_failed_checks_name_the_property(plugin: Plugin) -> None:
    failures = plugin.failures(QUEUE, {"name": "jobs", "visibilityTimeoutSeconds": 50000})
    assert failures == {"visibilityTimeoutSeconds": "50000 is out of range; allowed are 0 to 43200 seconds (12 hours)"}


def test_a_diff_tells_changes_replacements_and_what_stays(plugin: Plugin) -> None:
    olds: dict[str, Value] = {"name": "jobs", "region": "us-east-1", "delaySeconds": 0, "tagsAll": {}}
    same = plugin.check(QUEUE, {"name": "jobs"})
    found = plugin.diff(QUEUE, "url", {**same, **olds}, same)
    assert found.changes == provider_pb2.DiffResponse.DIFF_NONE
    assert list(found.stables) == ["fifoQueue", "name", "namePrefix", "region"]
    other = plugin.check(QUEUE, {"name": "other", "delaySeconds": 5})
    found = plugin.diff(QUEUE, "url", {**same, **olds}, other)
    assert found.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(found.diffs) == ["delaySeconds", "name"]
    assert list(found.replaces) == ["name"]
    assert found.deleteBeforeReplace
    assert found.hasDetailedDiff
    assert found.detailedDiff["name"].kind == provider_pb2.PropertyDiff.UPDATE_REPLACE
    assert "name" not in found.stables


def test_an_unserved_type_is_refused_with_the_way_to_add_it(plugin: Plugin) -> None:
    with pytest.raises(grpc.RpcError) as refusal:
        plugin.check("aws:s3/bucket:Bucket", {})
    assert 'does not serve aws:s3/bucket:Bucket ("it")' in words(refusal.value)
    assert "local/provider/resources" in words(refusal.value)
    assert refusal.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_type_is_found_in_the_urn_of_an_older_engine(plugin: Plugin) -> None:
    answer = plugin.stub.Check(provider_pb2.CheckRequest(urn=urn(QUEUE, "jobs"), news=Struct(), randomSeed=b"s"))
    assert str(decode(answer.inputs).values["name"]).startswith("jobs-")


def test_functions_methods_components_and_parameters_are_refused_in_words(plugin: Plugin) -> None:
    for call, said in (
        (lambda: plugin.stub.Invoke(provider_pb2.InvokeRequest(tok="aws:index/getRegion:getRegion")), "no functions"),
        (lambda: plugin.stub.Call(provider_pb2.CallRequest(tok="aws:x")), "no methods"),
        (lambda: plugin.stub.Construct(provider_pb2.ConstructRequest(type="aws:x")), "no components"),
        (lambda: plugin.stub.Parameterize(provider_pb2.ParameterizeRequest()), "no parameters"),
        (lambda: list(plugin.stub.List(provider_pb2.ListRequest(token=QUEUE))), "does not list"),
    ):
        with pytest.raises(grpc.RpcError) as refusal:
            call()
        assert said in words(refusal.value)
        assert refusal.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_an_asset_is_refused_as_the_programs_mistake(plugin: Plugin) -> None:
    asset = ParseDict({"policy": {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "x"}}, Struct())
    with pytest.raises(grpc.RpcError) as refusal:
        plugin.stub.Check(provider_pb2.CheckRequest(urn=urn(QUEUE), type=QUEUE, name="it", news=asset))
    assert "policy is an asset" in words(refusal.value)
    assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_an_aws_that_does_not_answer_is_named_with_the_resource(plugin: Plugin) -> None:
    with pytest.raises(grpc.RpcError) as refusal:
        plugin.make(QUEUE, {"name": "jobs"}, name="work")
    assert f'creating {QUEUE} "work": Could not connect to the endpoint URL' in words(refusal.value)
    assert "Is the local AWS running?" in words(refusal.value)


def test_after_a_cancel_nothing_new_begins(plugin: Plugin) -> None:
    inputs = plugin.check(QUEUE, {"name": "jobs"})
    plugin.stub.Cancel(Empty())
    with pytest.raises(grpc.RpcError) as refusal:
        plugin.create(QUEUE, inputs)
    assert "was cancelled" in words(refusal.value)
    assert refusal.value.code() is grpc.StatusCode.CANCELLED
    assert plugin.create(QUEUE, inputs, preview=True).outputs["name"] == "jobs"
