"""What every rule has in common, shown on two small ones; and what the pack's own rules say of themselves."""

from collections.abc import Mapping
from datetime import date

import pytest
from google.protobuf.json_format import MessageToDict
from pulumi_policy import Severity
from pulumi_policy.proxy import UnknownValueError, unknown_checking_proxy

from policies import RULES
from policies.rule import Resource, ResourceRule, Stack, StackRule, Violations
from policies.settings import RuleSettings
from tests.policy_harness.declared import UNKNOWN, Declared
from tests.policy_harness.plugin import NewPack

THING = "test:index:Thing"
REASON = "older than this rule, gone by the spring"


class Limit(RuleSettings):
    """How large a thing may be."""

    limit: int = 5


def _small(resource: Resource, settings: Limit) -> Violations:
    if (size := float(str(resource.properties["size"]))) > settings.limit:
        yield f"size is {size:g}; make it {settings.limit} at most"


def _cut(resource: Resource, settings: Limit) -> Mapping[str, object] | None:
    return {"size": settings.limit} if float(str(resource.properties["size"])) > settings.limit else None


def _as_large_as_another(resource: Resource, stack: Stack, settings: RuleSettings) -> Violations:
    del settings
    others = [one.properties.get("size") for one in stack.of(THING) if one.urn != resource.urn]
    if resource.properties["size"] not in others:
        yield "nothing else is as large"


SMALL = ResourceRule(
    name="small",
    description="Things are small.",
    remediation="Cut them.",
    severity=Severity.LOW,
    controls=("CKV_TEST_1",),
    settings=Limit,
    types=frozenset({THING}),
    check=_small,
    remedy=_cut,
)
PAIRED = StackRule(
    name="paired",
    description="Things come in pairs.",
    remediation="Add another.",
    severity=Severity.HIGH,
    controls=(),
    settings=RuleSettings,
    types=frozenset({THING}),
    check=_as_large_as_another,
)


def thing(name: str, size: object) -> Declared:
    return Declared(THING, name, {"size": size})


def exempting(resource: str, expires: str) -> dict[str, object]:
    return {"exemptions": [{"resource": resource, "expires": expires, "reason": REASON}]}


def test_a_rule_judges_its_own_types_alone(policy_pack: NewPack) -> None:
    other = Declared("test:index:Other", "other", {"size": 6})
    (violation,) = policy_pack(SMALL.as_policy()).preview([other, thing("large", 6)]).violations
    assert (violation.policy, violation.resource) == ("small", "large")
    assert violation.message == "size is 6; make it 5 at most"
    assert (violation.level, violation.severity) == ("mandatory", "low")


def test_an_exempted_resource_is_let_pass_until_its_day_and_then_told_apart(policy_pack: NewPack) -> None:
    configuration = {"small": exempting("large", "2027-01-31"), "paired": exempting("large", "2027-01-31")}

    def told(day: date) -> list[str]:
        pack = policy_pack(SMALL.as_policy(lambda: day), PAIRED.as_policy(lambda: day), configuration=configuration)
        return [one.message for one in pack.preview([thing("large", 6)]).violations]

    assert told(date(2027, 1, 31)) == []
    one, other = told(date(2027, 2, 1))
    assert one.startswith("size is 6; make it 5 at most")
    for message in (one, other):
        assert f"its exemption, {REASON!r}, ended on 2027-01-31" in message


def test_what_is_unknown_of_one_resource_does_not_hide_another(policy_pack: NewPack) -> None:
    outcome = policy_pack(PAIRED.as_policy()).preview(
        [Declared(THING, "early", {"size": 1}), Declared(THING, "later", {"size": 1, "id": UNKNOWN}), thing("odd", 3)]
    )
    assert [one.resource for one in outcome.violations] == ["odd"]

    outcome = policy_pack(PAIRED.as_policy()).preview([thing("unknown", UNKNOWN), thing("hidden", UNKNOWN)])
    (undecided,) = outcome.undecided
    assert "unknown: string value at .size can't be known" in undecided.message
    assert "hidden: string value at .size can't be known" in undecided.message


def test_a_remedy_is_used_only_where_it_is_switched_on_and_not_on_the_exempted(policy_pack: NewPack) -> None:
    large = thing("large", 6)
    assert policy_pack(SMALL.as_policy()).remediated(large) == {"size": 6}
    switched_on = {"enforcementLevel": "remediate"}
    assert policy_pack(SMALL.as_policy(), configuration={"small": switched_on}).remediated(large) == {"size": 5}
    exempted = {"small": {**switched_on, **exempting("large", "2027-01-31")}}
    pack = policy_pack(SMALL.as_policy(lambda: date(2027, 1, 1)), configuration=exempted)
    assert pack.remediated(large) == {"size": 6}


def test_what_a_program_leaves_out_is_known_to_be_left_out() -> None:
    properties = unknown_checking_proxy({"left-out": UNKNOWN, "derived": UNKNOWN})
    planned = Resource(THING, "urn:pulumi:dev::p::t::n", properties, derived=frozenset({"derived"}))
    assert planned.given("left-out") is None
    assert planned.given("never-heard-of") is None
    with pytest.raises(UnknownValueError):
        planned.given("derived")


def test_a_resource_says_what_its_urn_says() -> None:
    resource = Resource(THING, "urn:pulumi:dev::retainwise::parent$test:index:Thing::jobs", {})
    assert (resource.stack, resource.project, resource.name) == ("dev", "retainwise", "jobs")


def test_every_rule_of_the_pack_tells_the_engine_what_it_is(policy_pack: NewPack) -> None:
    said = policy_pack(*(rule.as_policy() for rule in RULES)).info.policies
    assert [one.name for one in said] == [rule.name for rule in RULES]
    for one in said:
        assert one.description.endswith(".")
        assert one.remediation_steps.endswith(".")
        assert one.severity
        schema = MessageToDict(one.configSchema.properties)
        assert "exemptions" in schema
        assert all(setting["description"] for setting in schema.values())


def test_names_are_unique() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
