import pytest

import app.settings
from app.settings import Settings, SettingsError

QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/retainwise-prod-predictions"


def test_what_the_container_is_given_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREDICTIONS_QUEUE_URL", QUEUE_URL)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("ENABLE_SQS", "true")
    settings = Settings.from_environment()
    assert settings.is_sqs_enabled
    assert settings.sqs_queue_name == "retainwise-prod-predictions"
    assert settings.region == "us-east-1"


def test_without_any_variable_nothing_is_published() -> None:
    settings = Settings.from_environment()
    assert not settings.is_sqs_enabled
    assert settings.sqs_queue_name is None


@pytest.mark.parametrize("off", ["false", "False", "0", "no", "off"])
def test_enable_sqs_switches_off(monkeypatch: pytest.MonkeyPatch, off: str) -> None:
    monkeypatch.setenv("PREDICTIONS_QUEUE_URL", QUEUE_URL)
    monkeypatch.setenv("ENABLE_SQS", off)
    assert not Settings.from_environment().is_sqs_enabled


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREDICTIONS_QUEUE_URL", "")
    monkeypatch.setenv("WORKER_CONCURRENCY", "")
    assert Settings.from_environment().worker_concurrency == 2


def test_the_region_may_come_from_botos_own_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert Settings.from_environment().region == "eu-west-1"
    monkeypatch.setenv("AWS_REGION", "us-gov-west-1")
    assert Settings.from_environment().region == "us-gov-west-1"


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("PREDICTIONS_QUEUE_URL", "retainwise-prod-predictions", "https://sqs.<region>.amazonaws.com/"),
        ("PREDICTIONS_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/1234/q", "12-digit account"),
        ("PREDICTIONS_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/q.fifo", "standard queue"),
        ("PREDICTIONS_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/q?x=1", "queue name"),
        ("PREDICTIONS_QUEUE_URL", "http://sqs.us-east-1.amazonaws.com/123456789012/q", "https://"),
        ("PREDICTIONS_QUEUE_URL", "https://u:p@h/123456789012/q", "queue name"),
        ("PREDICTIONS_QUEUE_URL", "https://[/123456789012/q", "queue name"),
        ("AWS_REGION", "mars", "us-east-1"),
        ("METRICS", "statsd", "emf"),
        ("METRICS_PORT", "0", "1 to 65535"),
        ("METRICS_ADDRESS", "localhost", "127.0.0.1"),
        ("METRICS_PERIOD_SECONDS", "0", "1 to 3600"),
        ("METRICS_NAMESPACE", "AWS/SQS", "do not begin with AWS/"),
        ("METRICS_NAMESPACE", "a b", "1 to 255"),
        ("ENABLE_SQS", "maybe", "true or false"),
        ("ENABLE_SQS_PARAMETER", "a b", "/retainwise/prod/enable-sqs"),
        ("KILL_SWITCH_CACHE_SECONDS", "nan", "1 to 300"),
        ("UPLOADS_BUCKET", "My_Bucket", "bucket's name"),
        ("UPLOAD_MAX_BYTES", "0", "104857600"),
        ("MESSAGE_MAX_AGE_SECONDS", "-1", "2419200"),
        ("WORKER_CONCURRENCY", "0", "1 to 64"),
        ("WORKER_CONCURRENCY", "2.5", "1 to 64"),
        ("WORKER_POLL_SECONDS", "21", "0 to 20"),
        ("WORKER_SHUTDOWN_SECONDS", "121", "0 to 120"),
        ("AT_RISK_BELOW", "1.5", "0 to 1"),
    ],
)
def test_a_wrong_value_is_told_with_its_variable_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment()
    told = str(caught.value)
    assert told.startswith(f"{name} is {value!r}: ")
    assert allowed in told
    assert "\n" not in told


def test_all_wrong_values_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "mars")
    monkeypatch.setenv("WORKER_CONCURRENCY", "many")
    with pytest.raises(SettingsError, match=r"AWS_REGION.*WORKER_CONCURRENCY"):
        Settings.from_environment()


@pytest.mark.parametrize("url", ["mysql://me:hunter2@host/db", "hunter2"])
def test_a_database_url_is_never_shown(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(SettingsError, match=r"DATABASE_URL.*sqlite:///<file>") as caught:
        Settings.from_environment()
    assert "hunter2" not in str(caught.value)


def test_a_good_database_url_does_not_leak_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://me:hunter2@host/db")
    settings = Settings.from_environment()
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in settings.model_dump_json()


def test_plain_http_is_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREDICTIONS_QUEUE_URL", "http://127.0.0.1:4590/123456789012/predictions")
    assert Settings.from_environment().sqs_queue_name == "predictions"


@pytest.mark.parametrize(
    ("attribute", "variable"),
    [("queue_url", "PREDICTIONS_QUEUE_URL"), ("region", "AWS_REGION"), ("bucket", "UPLOADS_BUCKET")],
)
def test_what_is_needed_and_missing_is_named(attribute: str, variable: str) -> None:
    with pytest.raises(SettingsError, match=f"{variable} is not set"):
        getattr(Settings.from_environment(), attribute)


def test_the_modules_settings_are_read_when_first_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    app.settings.load_settings.cache_clear()
    monkeypatch.setenv("WORKER_CONCURRENCY", "7")
    try:
        first = app.settings.settings
        monkeypatch.setenv("WORKER_CONCURRENCY", "8")
        assert first.worker_concurrency == 7
        assert app.settings.settings is first
    finally:
        app.settings.load_settings.cache_clear()


def test_other_attributes_of_the_module_do_not_exist() -> None:
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = app.settings.nothing_of_the_kind


@pytest.mark.parametrize(
    ("environment", "goes_to"),
    [
        ({}, "none"),
        ({"ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/abc"}, "emf"),
        ({"ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/abc", "METRICS": "none"}, "none"),
        ({"ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/abc", "METRICS": "prometheus"}, "prometheus"),
        ({"METRICS": "emf"}, "emf"),
    ],
)
def test_metrics_go_to_cloudwatch_where_ecs_runs_this(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], goes_to: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert Settings.from_environment().metrics_go_to == goes_to


def test_prometheus_is_answered_on_this_machine_only_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(Settings.from_environment().metrics_address) == "127.0.0.1"
    monkeypatch.setenv("METRICS_ADDRESS", "0.0.0.0")  # noqa: S104 - that is what is asked for
    assert str(Settings.from_environment().metrics_address) == "0.0.0.0"  # noqa: S104 - as above
