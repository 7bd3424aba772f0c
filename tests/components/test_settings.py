import pytest

from components.settings import SettingsError, StackSettings, parse_settings

ACCOUNT = "123456789012"
GOOD: dict[str, object] = {
    "environment": "dev",
    "accountId": ACCOUNT,
    "region": "us-east-1",
    "vpcId": "vpc-0a1b2c3d4e5f60718",
    "vpcEndpointId": "vpce-0a1b2c3d4e5f60718",
    "uploadsBucket": "retainwise-uploads",
    "deployerArns": f'["arn:aws:iam::{ACCOUNT}:role/deployer"]',
}


def _parse(**changed: object) -> StackSettings:
    values = {key: value for key, value in {**GOOD, **changed}.items() if value is not None}
    return parse_settings(values, project="retainwise", allowed_account_ids=[ACCOUNT])


def test_the_required_keys_alone_give_the_defaults() -> None:
    settings = _parse()
    assert settings.queue_timing.visibility_timeout_seconds == 300
    assert settings.deployer_arns == (f"arn:aws:iam::{ACCOUNT}:role/deployer",)
    assert not settings.break_glass_arns


def test_text_from_the_stack_file_becomes_the_type_it_stands_for() -> None:
    settings = _parse(maxReceiveCount="5", enableSqs="false", tags='{"Team": "churn"}')
    assert settings.max_receive_count == 5
    assert settings.enable_sqs is False
    assert settings.all_tags("retainwise")["Team"] == "churn"


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("environment", "qa", "local, dev, staging, prod"),
        ("vpcId", "vpc-XYZ", "vpc- and 8 or 17 hexadecimal digits"),
        ("vpcId", "vpc-0a1b2c3d4e5f6071", "vpc- and 8 or 17 hexadecimal digits"),
        ("vpcEndpointId", "", "shut everybody out"),
        ("accountId", "12345", "twelve digits"),
        ("region", "nowhere", "us-east-1"),
        ("uploadsBucket", "Has_Capitals", "lower-case"),
        ("deployerArns", "[]", "at least one"),
        ("deployerArns", "not json", "a list"),
        ("deployerArns", f'["arn:aws:iam::{ACCOUNT}:role/*"]', "a list"),
        ("maxReceiveCount", "0", "1 to 1000"),
        ("maxReceiveCount", "three", "a whole number"),
        ("visibilityTimeoutSeconds", "43201", "43200"),
        ("dlqMessageRetentionSeconds", "345600", "more than the queue's own retention"),
        ("kmsKeyArn", "alias/mine", "arn:aws:kms"),
        ("oldestMessageAgeAlarmSeconds", "1", "60 to 1209600"),
        ("enableSqs", "perhaps", "true or false"),
        ("tags", '["a"]', "a map"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key_itself_and_what_is_allowed(key: str, value: str, allowed: str) -> None:
    with pytest.raises(SettingsError) as caught:
        _parse(**{key: value})
    message = str(caught.value)
    assert f":{key} is " in message
    assert allowed in message


@pytest.mark.parametrize("key", [key for key in GOOD if key != "region"])
def test_a_missing_key_is_named(key: str) -> None:
    with pytest.raises(SettingsError, match=f"retainwise:{key} is not set; it must be"):
        _parse(**{key: None})


def test_a_missing_region_is_named_as_the_providers_setting() -> None:
    with pytest.raises(SettingsError, match="aws:region is not set"):
        _parse(region=None)


def test_a_misspelt_key_is_refused_with_the_keys_there_are() -> None:
    with pytest.raises(SettingsError, match=r"retainwise:maxRecieveCount is not a setting.*maxReceiveCount"):
        _parse(maxRecieveCount="3")


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        _parse(environment="qa", vpcId="x")
    assert "environment" in str(caught.value)
    assert "vpcId" in str(caught.value)


def test_a_principal_of_another_account_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"retainwise:\w+Arns holds .* not of account"):
        _parse(operatorArns='["arn:aws:iam::999988887777:role/operator"]')


@pytest.mark.parametrize("allowed", [None, [], ["999988887777"], [ACCOUNT, "999988887777"]])
def test_credentials_of_other_accounts_must_be_shut_out_by_the_provider(allowed: object) -> None:
    with pytest.raises(SettingsError, match="aws:allowedAccountIds"):
        parse_settings(GOOD, project="retainwise", allowed_account_ids=allowed)


def test_an_account_id_that_the_cli_stored_as_a_number_is_the_same() -> None:
    assert parse_settings(GOOD, project="retainwise", allowed_account_ids=[int(ACCOUNT)]).account_id == ACCOUNT


@pytest.mark.parametrize(
    ("environment", "protect", "expected"),
    [("prod", None, True), ("dev", None, False), ("prod", "false", False), ("dev", "true", True)],
)
def test_production_protects_its_queues_unless_told_otherwise(
    environment: str, protect: str | None, *, expected: bool
) -> None:
    assert _parse(environment=environment, protect=protect).protects_queues is expected
