"""What cases do not show of the rules on tags, names and protection."""

from dataclasses import replace

import pytest

from policies.reading.resource_types import COMPOSITE_ALARM, POLICY, QUEUE, ROLE, TASK_DEFINITION
from policies.stack.names import NAME_CARRIES_ENVIRONMENT
from policies.stack.protection import PROTECTED
from policies.stack.tags import REQUIRED_TAGS
from tests.policies.judging import judged
from tests.policies.sound import Sound
from tests.policy_harness.configuration import ConfigurationRefusedError
from tests.policy_harness.declared import UNKNOWN, Declared
from tests.policy_harness.pack import Outcome, PackUnderTest

TAGS = {"Project": "project", "Environment": "dev", "ManagedBy": "pulumi"}


def tagged(tags: object, **more: object) -> Declared:
    return Declared(QUEUE, "x", {"tags": tags, **more})


def test_default_tags_of_the_provider_count() -> None:
    assert judged(REQUIRED_TAGS, tagged({"Project": "p"}, tagsAll=TAGS)) == []


def test_an_empty_tag_is_none() -> None:
    (message,) = judged(REQUIRED_TAGS, tagged({**TAGS, "ManagedBy": ""}))
    assert message == "the tag ManagedBy is missing; add it"


def test_a_company_has_tags_and_environments_of_its_own() -> None:
    own = {"required": ["CostCenter", "Environment"], "environments": ["blue", "green"]}
    assert judged(REQUIRED_TAGS, tagged({"CostCenter": "1", "Environment": "green"}), **own) == []
    (message,) = judged(REQUIRED_TAGS, tagged({"CostCenter": "1", "Environment": "dev"}), **own)
    assert message == "the tag Environment is 'dev'; allowed are blue, green"


def _outcome(*resources: Declared) -> Outcome:
    return PackUnderTest([REQUIRED_TAGS.as_policy()]).preview(resources)


def test_an_unknown_tag_leaves_itself_in_doubt_and_the_others_are_told() -> None:
    outcome = _outcome(tagged({"Project": UNKNOWN, "Environment": "dev"}))
    assert [one.message for one in outcome.violations] == ["the tag ManagedBy is missing; add it"]
    assert "tags.Project" in outcome.undecided[0].message


def test_a_tag_beside_that_is_not_known_yet_is_nobodys_business() -> None:
    outcome = _outcome(tagged({**TAGS, "Owner": UNKNOWN}, tagsAll=UNKNOWN))
    assert (outcome.violations, outcome.undecided) == ((), ())


@pytest.mark.parametrize(
    ("type_token", "name"),
    [(QUEUE, "name"), (ROLE, "name"), (POLICY, "name"), (COMPOSITE_ALARM, "alarmName"), (TASK_DEFINITION, "family")],
)
def test_every_type_is_named_by_its_own_property(type_token: str, name: str) -> None:
    assert judged(NAME_CARRIES_ENVIRONMENT, Declared(type_token, "x", {name: "project-dev-x"})) == []
    (message,) = judged(NAME_CARRIES_ENVIRONMENT, Declared(type_token, "x", {name: "project-prod-x"}))
    assert message == "its name is project-prod-x; begin it with project-dev-"
    (message,) = judged(NAME_CARRIES_ENVIRONMENT, Declared(type_token, "x", {}))
    assert message.endswith("begin one with project-dev-")


def test_a_name_is_what_its_prefix_says_and_the_company_says_which() -> None:
    assert judged(NAME_CARRIES_ENVIRONMENT, Declared(QUEUE, "x", {"namePrefix": "project-dev-x"})) == []
    assert judged(NAME_CARRIES_ENVIRONMENT, Declared(QUEUE, "x", {"name": "dev/x"}), prefix="{stack}/") == []
    (message,) = judged(NAME_CARRIES_ENVIRONMENT, Declared(QUEUE, "x", {"name": "x"}), prefix="acme-")
    assert message == "its name is x; begin it with acme-"


def test_what_is_protected_and_where_is_configured() -> None:
    queue, role = Sound("x").queue(), Declared(ROLE, "x-role", {})
    assert judged(PROTECTED, queue, role) == []
    assert len(judged(PROTECTED, queue, role, environments=["dev"])) == 1
    (message,) = judged(PROTECTED, replace(queue, protect=True), role, environments=["dev"], types=[QUEUE, ROLE])
    assert message == "the engine would delete it in dev when the program no longer has it; set protect to true"


def test_what_cannot_be_protected_is_refused_with_what_can() -> None:
    with pytest.raises(ConfigurationRefusedError, match="aws:sqs/queue:Queue"):
        judged(PROTECTED, types=["aws:s3/bucket:Bucket"])
