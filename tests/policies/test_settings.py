from datetime import date

import pytest
from pydantic import Field

from policies.settings import RuleSettings, SettingsError, config_schema, parse_rule_settings

URN = "urn:pulumi:dev::retainwise::aws:sqs/queue:Queue::predictions-dlq"
REASON = "the vendor's queue is older than this rule"


class Limited(RuleSettings):
    """One figure beside the exemptions."""

    most_seconds: int = Field(default=60, ge=1)


def parsed(**given: object) -> Limited:
    return parse_rule_settings("limited", Limited, given)


def test_defaults_stand_where_nothing_is_configured() -> None:
    assert parsed() == Limited(most_seconds=60, exemptions=())


def test_numbers_may_come_as_floats() -> None:
    assert parsed(mostSeconds=90.0).most_seconds == 90


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"mostSeconds": 0}, "limited.*mostSeconds is 0"),
        ({"mostSeconds": 1.5}, "mostSeconds is 1.5"),
        ({"mostSecond": 90}, "mostSecond is 90"),
        ({"exemptions": [{"resource": "x", "expires": "2027-01-31"}]}, r"exemptions.0.reason"),
        ({"exemptions": [{"resource": "x", "expires": "2027-01-31", "reason": "because"}]}, r"exemptions.0.reason"),
        ({"exemptions": [{"resource": "x", "expires": "2027-01-31", "reason": " " * 10}]}, r"exemptions.0.reason"),
        ({"exemptions": [{"resource": "", "expires": "2027-01-31", "reason": REASON}]}, r"exemptions.0.resource"),
        ({"exemptions": [{"resource": "x", "expires": "2027-02-30", "reason": REASON}]}, r"exemptions.0.expires"),
    ],
)
def test_what_is_not_allowed_is_refused_by_rule_and_key(given: dict[str, object], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        parse_rule_settings("limited", Limited, given)


@pytest.mark.parametrize("resource", ["predictions-dlq", "*-dlq", URN, "urn:pulumi:dev::*"])
def test_an_exemption_counts_through_its_last_day(resource: str) -> None:
    settings = parsed(exemptions=[{"resource": resource, "expires": "2027-01-31", "reason": REASON}])
    assert settings.exempts(URN, date(2027, 1, 31))
    assert settings.ended(URN, date(2027, 1, 31)) is None
    assert not settings.exempts(URN, date(2027, 2, 1))
    assert settings.ended(URN, date(2027, 2, 1)) == settings.exemptions[0]


@pytest.mark.parametrize("of", ["predictions-dlq", "another"])
def test_an_exemption_of_more_than_a_year_is_refused_of_whatever_resource(of: str) -> None:
    settings = parsed(exemptions=[{"resource": of, "expires": "2027-01-31", "reason": REASON}])
    assert settings.exempts(URN, date(2026, 1, 30)) is (of == "predictions-dlq")
    with pytest.raises(SettingsError, match=f"exemption of '{of}'.*expire on 2027-01-31; 2027-01-30 is the last day"):
        settings.exempts(URN, date(2026, 1, 29))


def test_an_exemption_is_for_the_resource_it_names_alone() -> None:
    settings = parsed(exemptions=[{"resource": "predictions", "expires": "2027-01-31", "reason": REASON}])
    assert not settings.exempts(URN, date(2027, 1, 1))


def test_an_ended_exemption_does_not_undo_one_that_counts() -> None:
    settings = parsed(
        exemptions=[
            {"resource": "*", "expires": "2026-01-31", "reason": REASON},
            {"resource": "*", "expires": "2027-01-31", "reason": REASON},
        ]
    )
    assert settings.exempts(URN, date(2026, 6, 1))


def test_the_schema_stands_by_itself() -> None:
    schema = config_schema(Limited)
    assert set(schema.properties) == {"mostSeconds", "exemptions"}
    assert "$ref" not in str(schema.properties)
    assert schema.properties["exemptions"]["items"]["required"] == ["resource", "reason", "expires"]
    assert not schema.required
