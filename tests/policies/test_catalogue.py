from local.paths import PROJECT
from policies import RULES
from policies.catalogue import page


def test_the_page_in_the_docs_is_what_the_rules_say_of_themselves() -> None:
    assert (PROJECT / "docs" / "policies.md").read_text() == page(RULES), (
        "the rules have changed: python -m policies.catalogue > docs/policies.md"
    )


def test_every_rule_has_a_section() -> None:
    text = page(RULES)
    for rule in RULES:
        assert f"### {rule.name}\n" in text
        assert rule.remediation in text
