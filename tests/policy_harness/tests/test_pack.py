from collections.abc import Mapping

import pytest
from google.protobuf.json_format import MessageToDict
from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from tests.policy_harness.configuration import ConfigurationRefusedError
from tests.policy_harness.declared import UNKNOWN, Declared, secret
from tests.policy_harness.plugin import NewPack

TYPE = "test:index:Thing"


def _at_most(args: ResourceValidationArgs, report: ReportViolation) -> None:
    limit = args.get_config()["limit"]
    if args.props["size"] > limit:
        report(f"size is {args.props['size']}, the limit is {limit}", None)


def _cut(args: ResourceValidationArgs) -> Mapping[str, object] | None:
    if args.props["size"] <= args.get_config()["limit"]:
        return None
    return {**{name: args.props[name] for name in args.props}, "size": args.get_config()["limit"]}


def _at_most_policy() -> ResourceValidationPolicy:
    return ResourceValidationPolicy(
        name="at-most",
        description="Things are small.",
        validate=_at_most,
        remediate=_cut,  # type: ignore[arg-type]  # the SDK's types ask for an awaitable and its code does not
        enforcement_level=EnforcementLevel.MANDATORY,
        severity=Severity.HIGH,
        config_schema=PolicyConfigSchema(properties={"limit": {"type": "integer", "minimum": 1, "default": 5}}),
    )


def _thing(name: str = "thing", **properties: object) -> Declared:
    return Declared(TYPE, name, properties)


def test_a_violation_carries_what_the_engine_shows(policy_pack: NewPack) -> None:
    (violation,) = policy_pack(_at_most_policy()).preview([_thing(size=6), _thing("small", size=5)]).violations
    assert (violation.policy, violation.resource) == ("at-most", "thing")
    assert violation.message == "size is 6.0, the limit is 5.0"  # the protocol knows floats alone
    assert (violation.level, violation.severity) == ("mandatory", "high")


def test_an_unknown_value_is_undecided_and_no_violation(policy_pack: NewPack) -> None:
    outcome = policy_pack(_at_most_policy()).preview([_thing(size=UNKNOWN)])
    assert outcome.violations == ()
    (told,) = outcome.undecided
    assert (told.policy, told.level) == ("at-most", "advisory")
    assert ".size can't be known" in told.message


def test_configuration_wins_over_defaults(policy_pack: NewPack) -> None:
    pack = policy_pack(_at_most_policy(), configuration={"at-most": {"limit": 10, "enforcementLevel": "advisory"}})
    assert pack.preview([_thing(size=6)]).violations == ()
    (violation,) = pack.preview([_thing(size=11)]).violations
    assert violation.level == "advisory"


def test_values_alone_leave_the_level_as_it_is(policy_pack: NewPack) -> None:
    (violation,) = (
        policy_pack(_at_most_policy(), configuration={"at-most": {"limit": 1}}).preview([_thing(size=2)]).violations
    )
    assert violation.level == "mandatory"


@pytest.mark.parametrize("configuration", [{"all": "disabled"}, {"at-most": "disabled"}])
def test_a_disabled_policy_is_not_asked(policy_pack: NewPack, configuration: dict[str, str]) -> None:
    assert policy_pack(_at_most_policy(), configuration=configuration).preview([_thing(size=6)]).violations == ()


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        ({"at-most": {"limit": 0}}, "at-most: limit: 0"),
        ({"at-most": {"limit": "x"}}, "at-most: limit: 'x'"),
        ({"at-most": "severe"}, "'severe' is not a valid enforcement level"),
    ],
)
def test_a_configuration_that_the_engine_refuses_is_refused(
    policy_pack: NewPack, configuration: dict[str, "str | dict[str, object]"], words: str
) -> None:
    with pytest.raises(ConfigurationRefusedError, match=words):
        policy_pack(_at_most_policy(), configuration=configuration)


def test_properties_are_mended_only_where_the_level_says_so(policy_pack: NewPack) -> None:
    large = _thing(size=6, kept=[1, {"deep": "x"}])
    assert policy_pack(_at_most_policy()).remediated(large) == large.properties
    mending = policy_pack(_at_most_policy(), configuration={"at-most": "remediate"})
    assert mending.remediated(large) == {"size": 5, "kept": [1, {"deep": "x"}]}
    assert mending.remediated(_thing(size=4)) == {"size": 4}


def test_a_policy_reads_a_secret_as_its_value(policy_pack: NewPack) -> None:
    (violation,) = policy_pack(_at_most_policy()).preview([_thing(size=secret(7))]).violations
    assert "size is 7.0" in violation.message


def test_properties_are_behind_proxies(policy_pack: NewPack) -> None:
    seen: list[bool] = []

    def look(args: ResourceValidationArgs, report: ReportViolation) -> None:
        del report
        seen.extend([isinstance(args.props, dict), isinstance(args.props["members"], list)])

    looking = ResourceValidationPolicy(name="look", description="Look.", validate=look)
    policy_pack(looking).preview([_thing(members=["a"])])
    assert seen == [False, False]


def test_a_policy_on_the_stack_sees_outputs_sources_and_protection(policy_pack: NewPack) -> None:
    def look(args: StackValidationArgs, report: ReportViolation) -> None:
        first, second = args.resources
        assert second.props["id"] == "second-id"
        assert [one.urn for one in second.property_dependencies["of"]] == [first.urn]
        report(f"{first.opts.protect} {second.opts.protect}", second.urn)

    looking = StackValidationPolicy(name="look", description="Look.", validate=look)
    first = Declared(TYPE, "first", {}, protect=True)
    second = Declared(TYPE, "second", {"of": UNKNOWN}, outputs={"id": "second-id"}, sources={"of": ["first"]})
    (violation,) = policy_pack(looking, stack="prod").preview([first, second]).violations
    assert (violation.resource, violation.message) == ("second", "True False")


def test_what_a_pack_says_of_itself(policy_pack: NewPack) -> None:
    (info,) = policy_pack(_at_most_policy()).info.policies
    assert (info.name, info.description) == ("at-most", "Things are small.")
    assert MessageToDict(info.configSchema.properties)["limit"]["default"] == 5


def test_two_policies_of_one_name_are_refused(policy_pack: NewPack) -> None:
    with pytest.raises(ValueError, match="at-most stands for several"):
        policy_pack(_at_most_policy(), _at_most_policy())
