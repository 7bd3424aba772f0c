import pytest
from pulumi_policy import EnforcementLevel, ResourceValidationArgs, ResourceValidationPolicy, StackValidationPolicy

from policies import RULES, ResourceRule
from policies.queues import QUEUE


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_is_mandatory_and_says_what_to_do(rule: ResourceRule) -> None:
    policy = rule.as_policy()
    assert isinstance(policy, ResourceValidationPolicy | StackValidationPolicy)
    assert policy.enforcement_level is EnforcementLevel.MANDATORY
    assert policy.description
    assert policy.remediation_steps
    assert policy.severity is not None


def test_names_are_unique() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_a_rule_looks_only_at_its_own_types_and_reports_what_it_finds() -> None:
    rule = next(rule for rule in RULES if isinstance(rule, ResourceRule) and QUEUE in rule.types)
    reported: list[str] = []

    def report(message: str, _urn: str | None = None) -> None:
        reported.append(message)

    validate = rule.as_policy().validate
    assert callable(validate)
    properties = {"redrivePolicy": '{"maxReceiveCount": 0}'}
    for resource_type in ("aws:s3/bucket:Bucket", QUEUE):
        args = ResourceValidationArgs(resource_type, properties, "urn", "name", None, None)  # type: ignore[arg-type]  # no rule reads options
        validate(args, report)
        assert bool(reported) == (resource_type == QUEUE)
