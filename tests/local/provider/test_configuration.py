import json
from collections.abc import Mapping

import pytest

from local.provider.configuration import Configuration, ConfigurationRefused, read_configuration
from local.provider.endpoint import EndpointRefused
from local.provider.properties import Value

ENVIRONMENT = {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:4590"}


def read(environment: Mapping[str, str] = ENVIRONMENT, **settings: Value) -> Configuration:
    return read_configuration(settings, environment)


def test_the_region_is_the_configurations_then_the_environments() -> None:
    endpoint = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4590"}
    assert read(region="us-west-2").region == "us-west-2"
    assert read({**ENVIRONMENT, "AWS_DEFAULT_REGION": "eu-north-1"}).region == "eu-west-1"
    assert read({**endpoint, "AWS_DEFAULT_REGION": "eu-north-1"}).region == "eu-north-1"
    with pytest.raises(ConfigurationRefused, match="no region is configured") as refusal:
        read(endpoint)
    assert refusal.value.key == "region"


def test_an_endpoint_is_the_configurations_then_the_services_then_the_common_one() -> None:
    environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL_IAM": "http://127.0.0.1:2"}
    configuration = read(environment, endpoints='[{"sqs": "http://127.0.0.1:1"}]')
    assert configuration.endpoint("sqs") == "http://127.0.0.1:1"
    assert configuration.endpoint("iam") == "http://127.0.0.1:2"
    assert configuration.endpoint("cloudwatch") == "http://127.0.0.1:4590"


def test_without_an_endpoint_nothing_is_called() -> None:
    with pytest.raises(ConfigurationRefused, match="no endpoint is configured for sqs"):
        read({"AWS_REGION": "eu-west-1"})


@pytest.mark.parametrize("service", ["sqs", "iam", "cloudwatch", "sts"])
def test_one_foreign_endpoint_is_enough_to_refuse(service: str) -> None:
    with pytest.raises(EndpointRefused, match=rf"aws:endpoints \({service}\)"):
        read(endpoints=[{service: "https://example.com"}])


@pytest.mark.parametrize("form", ['["123456789012"]', ["123456789012"], [123456789012]])
def test_the_wrong_account_is_refused_by_both_names(form: Value) -> None:
    configuration = read(allowedAccountIds=form)
    configuration.check_account("123456789012")
    with pytest.raises(ConfigurationRefused, match=r"999988887777.*123456789012") as refusal:
        configuration.check_account("999988887777")
    assert refusal.value.key == "allowedAccountIds"


def test_a_forbidden_account_is_refused() -> None:
    configuration = read(forbiddenAccountIds=["999988887777"])
    configuration.check_account("123456789012")
    with pytest.raises(ConfigurationRefused, match="999988887777, which the configuration forbids"):
        configuration.check_account("999988887777")


def test_default_and_ignored_tags_are_read_in_both_forms() -> None:
    default: Value = {"tags": {"team": "x"}}
    ignored: Value = {"keys": ["cost"], "keyPrefixes": ["auto:"]}
    for form in (lambda value: value, json.dumps):
        default, ignored = form(default), form(ignored)
        tags = read(defaultTags=default, ignoreTags=ignored).tags
        assert tags.defaults == {"team": "x"}
        assert tags.ignored_keys == {"cost"}
        assert tags.ignored_prefixes == ("auto:",)


def test_broken_json_names_its_key() -> None:
    with pytest.raises(ConfigurationRefused, match=r"aws:defaultTags: .*not valid JSON"):
        read(defaultTags="{tags")


def test_assuming_a_role_is_refused_since_it_would_not_happen() -> None:
    with pytest.raises(ConfigurationRefused, match="assumeRoles"):
        read(assumeRoles=[{"roleArn": "arn:aws:iam::123456789012:role/x"}])


def test_credentials_and_attempts_are_passed_on() -> None:
    given: dict[str, Value] = {"accessKey": "a", "secretKey": "b", "token": "c", "profile": "p", "maxRetries": "7"}
    configuration = read_configuration(given, ENVIRONMENT)
    assert (configuration.access_key, configuration.secret_key, configuration.token) == ("a", "b", "c")
    assert (configuration.profile, configuration.attempts) == ("p", 7)
    assert read().attempts == 5
