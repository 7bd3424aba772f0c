"""What is taken for a secret, and what is not. The keys here are made up; their forms are their issuers'."""

import json

import pytest

from policies.stack.secret_signs import secret_in
from policies.stack.tasks import NO_PLAIN_SECRET
from tests.policies.cases_stack import task
from tests.policies.judging import judged
from tests.policies.sound import Sound
from tests.policy_harness.declared import UNKNOWN, Declared
from tests.policy_harness.pack import PackUnderTest

HEX = "9f86d081884c7d659a2feaa0c55ad015"
BASE64 = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKE"
LETTERS = "q8Zt3Kx1Vb7Nm2Lp9Rw4Ys6Td0Hf5Jg8Uc3Ea"


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("X", "AKIA" + "IOSFODNN7EXAMPLE", "an AWS access key"),
        ("X", "key=ASIA" + "IOSFODNN7EXAMPLE;", "an AWS access key"),
        ("X", "-----BEGIN RSA PRIVATE KEY-----\nMIIE", "a private key"),
        ("X", "-----BEGIN PRIVATE KEY-----", "a private key"),
        ("DATABASE_URL", "postgresql+psycopg://worker:s3cret@db:5432/shop", "a URL with a password"),
        ("BROKER", "redis://:s3cret@cache:6379/0", "a URL with a password"),
        ("X", "Server=db;User=sa;Password=s3cret;", "a connection string with a password"),
        ("X", "host=db user=worker password=s3cret", "a connection string with a password"),
        ("X", "AccountName=a;AccountKey=abc==;EndpointSuffix=core.windows.net", "a connection string with a password"),
        ("X", "ghp_" + LETTERS[:36], "a GitHub token"),
        ("X", "github_pat_" + LETTERS[:22] + "_x", "a GitHub token"),
        ("X", "glpat-" + LETTERS[:20], "a GitLab token"),
        ("X", "xoxb-123456789012-" + LETTERS[:12], "a Slack token"),
        ("X", "https://hooks.slack.com/services/T0A/B0B/" + LETTERS[:24], "a Slack token"),
        ("X", "sk_live_" + LETTERS[:24], "a Stripe key"),
        ("X", "AIza" + LETTERS[:35], "a Google API key"),
        ("X", "SG." + LETTERS[:22] + "." + LETTERS, "a SendGrid key"),
        ("X", "SK" + HEX, "a Twilio key"),
        ("X", "npm_" + LETTERS[:36], "an npm token"),
        ("X", "sk-proj-" + LETTERS, "a key of a language model's API"),
        ("X", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc", "a JSON web token"),
        ("AWS_SECRET_ACCESS_KEY", "placeholder", "a credential of AWS"),
        ("DB_PASSWORD", "hunter2", "a password or secret, by its name,"),
        ("MYSQLPASSWORD", "12345678", "a password or secret, by its name,"),
        ("dbPassword", "hunter2", "a password or secret, by its name,"),
        ("DB_PASS", "hunter2", "a password or secret, by its name,"),
        ("CLIENT_SECRET", BASE64, "a password or secret, by its name,"),
        ("spring.datasource.password", "hunter2", "a password or secret, by its name,"),
        ("API_TOKEN", HEX, "a key or token, by its name,"),
        ("STRIPE_KEY", BASE64, "a key or token, by its name,"),
        ("SIGNING_KEY", LETTERS, "a key or token, by its name,"),
        ("API_TOKEN", "0a1b2c3d-1111-2222-3333-444455556666", "a key or token, by its name,"),
        ("ACCESS_TOKEN", "pfx_" + LETTERS[:20], "a key or token, by its name,"),
        ("DB_PASSWORD", "$up3rS3cret!", "a password or secret, by its name,"),
        ("DB_PASSWORD", "{Tr0ub4dor&3}", "a password or secret, by its name,"),
        ("DB_PASSWORD", "*k3Jf9sQ2*", "a password or secret, by its name,"),
        ("DB_PASSWORD", "<h4nter2", "a password or secret, by its name,"),
        ("DB_PASSWORD", "/Xk3Jf9sQ2LmPq7Z", "a password or secret, by its name,"),
        ("KMS_PASSWORD", "hunter2xx", "a password or secret, by its name,"),
        ("PUBLIC_API_PASSWORD", "hunter2xx", "a password or secret, by its name,"),
        ("PUBLIC_SECRET", "hunter2xx", "a password or secret, by its name,"),
        ("SETTINGS", '{"user": "shop", "password": "hunter2"}', "a password or secret, by its name in JSON,"),
        ("SETTINGS", '[{"db": {"clientSecret": "hunter2"}}]', "a password or secret, by its name in JSON,"),
        ("COMMAND", "worker --password=hunter2 --verbose", "an option with a password"),
        ("COMMAND", "worker --db-password hunter2", "an option with a password"),
        ("X", "redis://:$up3rS3cret@cache:6379/0", "a URL with a password"),
        ("SESSION_SALT", "b1946ac92492d2347c6235b4d2611184", "a key or token, by its name,"),
    ],
)
def test_a_secret_is_told_by_its_form_or_its_name(name: str, value: str, kind: str) -> None:
    assert secret_in(name, value) == kind


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_REGION", "us-east-1"),
        ("PREDICTIONS_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/retainwise-prod-predictions"),
        ("ENABLE_SQS_PARAMETER", "/retainwise/prod/enable-sqs"),
        ("DATABASE_URL", "sqlite:///predictions.sqlite3"),
        ("DATABASE_URL", "postgresql://worker@db:5432/shop?sslmode=require"),
        ("DATABASE_URL", "postgresql://worker:${PASSWORD}@db/shop"),
        ("CALLBACK", "http://host:8080/path@2x.png"),
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "${DB_PASSWORD}"),
        ("DB_PASSWORD", "$DB_PASSWORD"),
        ("DB_PASSWORD", "{{ db_password }}"),
        ("DB_PASSWORD", "{{resolve:secretsmanager:db:SecretString:password}}"),
        ("DB_PASSWORD", "<from the vault>"),
        ("DB_PASSWORD", "********"),
        ("DB_PASSWORD", "/retainwise/prod/db"),
        ("DB_PASSWORD", "/run/secrets/db"),
        ("SETTINGS", '{"user": "shop", "password": "${DB_PASSWORD}", "password_min_length": "12"}'),
        ("SETTINGS", "[" * 100_000),
        ("COMMAND", "worker --password=$DB_PASSWORD --password-file=/run/secrets/db"),
        ("COMMAND", "worker --password-stdin --verbose --password --verbose"),
        ("SECRET_MANAGER", "aws"),
        ("SECRETS_MANAGER", "aws"),
        ("PASSWORD_RESET_TEMPLATE", "reset-mail"),
        ("PASSWORD_RESET_TOKEN_TTL", "3600"),
        ("AUTH_PUBLIC_KEY", "AAAAC3NzaC1lZDI1NTE5AAAAIH" + LETTERS),
        ("PUBLIC_KEY", "AAAAC3NzaC1lZDI1NTE5AAAAIH" + LETTERS),
        ("KMS_KEY", "0a1b2c3d-1111-2222-3333-444455556666"),
        ("DB_PASSWORD", "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"),
        ("DB_PASSWORD_ARN", "arn:aws:ssm:us-east-1:123456789012:parameter/db"),
        ("DB_PASSWORD_FILE", "/run/secrets/db"),
        ("DB_PASSWORD_PARAMETER", "retainwise-prod-db"),
        ("DB_SECRET", "retainwise/prod/database"),
        ("PASSWORD_MIN_LENGTH", "12"),
        ("PASSWORD_RESET_ENABLED", "true"),
        ("REQUIRE_PASSWORD", "true"),
        ("SECRETS_BACKEND", "secretsmanager"),
        ("PWD", "/app"),
        ("TOKEN_TTL", "3600"),
        ("TOKEN_HEADER", "X-Auth-Token"),
        ("IDEMPOTENCY_KEY_FIELD", "prediction_id"),
        ("PARTITION_KEY", "tenant"),
        ("KMS_KEY_ID", "0a1b2c3d-1111-2222-3333-444455556666"),
        ("SSH_PUBLIC_KEY", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH" + LETTERS),
        ("API_TOKEN", "shop-prod-worker"),
        ("KEYCLOAK_URL", "https://id.example.org/realms/shop"),
        ("GIT_COMMIT", "9f86d081884c7d659a2feaa0c55ad015aabbccdd"),
        ("IMAGE_DIGEST", f"sha256:{HEX}{HEX}"),
        ("TRACE_ID", HEX),
        ("MONKEY", "capuchin"),
        ("S3_KEY", "uploads/2024/file1.csv"),
        ("MODEL_KEY", "models/bgnbd-v2.json"),
        ("SORT_KEY", "created_at_2024_v1"),
        ("AUTH_DOMAIN", "shop-users-01.auth.us-east-1.amazoncognito.com"),
        ("AUTH_CLASS", "PredictionsWorkerAuthorizer2"),
        ("TOKEN_AUDIENCE", "predictionsworker01"),
    ],
)
def test_what_is_no_secret_passes(name: str, value: str) -> None:
    assert secret_in(name, value) is None


SOUND = Sound("x")


def test_the_message_names_the_variable_and_never_the_value() -> None:
    (message,) = judged(NO_PLAIN_SECRET, task(SOUND, ("DB_PASSWORD", "hunter2"), ("AWS_REGION", "us-east-1")))
    assert "container worker gets a password or secret, by its name, in plain text as DB_PASSWORD" in message
    assert "hunter2" not in message


def test_definitions_given_as_one_object_or_as_objects_are_read_too() -> None:
    container = {"name": "worker", "environment": [{"name": "DB_PASSWORD", "value": "hunter2"}]}
    for definitions in (json.dumps(container), [container], container):
        assert judged(NO_PLAIN_SECRET, Declared(task(SOUND).type_token, "x", {"containerDefinitions": definitions}))


def test_every_variable_is_told() -> None:
    told = judged(NO_PLAIN_SECRET, task(SOUND, ("DB_PASSWORD", "hunter2"), ("MAIL_PASSWORD", "hunter2")))
    assert len(told) == 2


def test_a_variable_that_is_known_to_be_no_secret_passes() -> None:
    assert judged(NO_PLAIN_SECRET, task(SOUND, ("DB_PASSWORD", "hunter2")), notSecret=["DB_*"]) == []


@pytest.mark.parametrize("definitions", ["[]", "[{}]", '[{"environment": null}]', '[{"environment": [{}]}]', "{}", "3"])
def test_odd_definitions_hold_no_secret(definitions: str) -> None:
    assert judged(NO_PLAIN_SECRET, Declared(task(SOUND).type_token, "x", {"containerDefinitions": definitions})) == []


def test_definitions_that_cannot_be_read_are_told_and_unknown_ones_left_in_doubt() -> None:
    (message,) = judged(NO_PLAIN_SECRET, Declared(task(SOUND).type_token, "x", {"containerDefinitions": "["}))
    assert "cannot be read" in message
    outcome = PackUnderTest([NO_PLAIN_SECRET.as_policy()]).preview(
        [Declared(task(SOUND).type_token, "x", {"containerDefinitions": UNKNOWN})]
    )
    assert outcome.violations == ()
    assert "containerDefinitions" in outcome.undecided[0].message
