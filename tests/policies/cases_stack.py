"""Cases of the rules on a stack's resources of whatever kind."""

import json
from dataclasses import replace

from tests.policies.case import Case
from tests.policies.sound import LEFT_OUT, Sound, changed
from tests.policy_harness.declared import Declared

KEPT_ELSEWHERE = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/database-AbCdEf"


def task(sound: Sound, *environment: tuple[str, str], name: str = "worker") -> Declared:
    """A task definition of one container with these environment variables, and a secret that is kept elsewhere."""
    container = {
        "name": "worker",
        "image": "worker:1",
        "environment": [{"name": variable, "value": value} for variable, value in environment],
        "secrets": [{"name": "DATABASE_PASSWORD", "valueFrom": KEPT_ELSEWHERE}],
    }
    return Declared(
        "aws:ecs/taskDefinition:TaskDefinition",
        f"{sound.prefix}-task",
        {"family": sound.aws_name(name), "containerDefinitions": json.dumps([container]), "tags": sound.tags},
    )


def _secret_case(prefix: str, says: str, variable: str, secret: str, *, innocent: str) -> Case:
    sound = Sound(prefix)
    return sound.case(
        "container-has-no-plain-secret",
        kept=(task(sound, (variable, innocent)),),
        broken=(task(sound, (variable, secret)),),
        at="task",
        says=f"container worker gets {says} in plain text as {variable}",
    )


def _protection() -> tuple[Case, ...]:
    sound = Sound("fleeting", "prod")
    return (
        sound.case(
            "production-is-protected",
            broken=tuple(
                replace(one, protect=False) if one.name == "fleeting-queue" else one for one in sound.everything()
            ),
            at="queue",
            says="set protect to true",
        ),
    )


def _names() -> tuple[Case, ...]:
    rule, plain, unnamed = "name-carries-environment", Sound("envless"), Sound("untitled")
    return (
        plain.case(
            rule,
            broken=changed(plain.everything(), "oldest-message-age", name="retainwise-oldest-message-age"),
            at="oldest-message-age",
            says="its name is retainwise-oldest-message-age; begin it with retainwise-local-",
        ),
        unnamed.case(
            rule,
            broken=changed(unnamed.everything(), "dlq-not-empty", name=LEFT_OUT),
            at="dlq-not-empty",
            says="with retainwise-local-",
        ),
    )


CASES = (
    *_protection(),
    *_names(),
    _secret_case(
        "password", "a password or secret, by its name,", "DATABASE_PASSWORD", "hunter2", innocent=KEPT_ELSEWHERE
    ),
    _secret_case(
        "address",
        "a URL with a password",
        "DATABASE_URL",
        "postgresql+psycopg://worker:s3cr3t@db.internal/shop",
        innocent="postgresql+psycopg://worker@db.internal/shop",
    ),
    _secret_case(
        "token",
        "a key or token, by its name,",
        "API_TOKEN",
        "9f86d081884c7d659a2feaa0c55ad015",
        innocent="shop-prod-worker",
    ),
    _secret_case("accesskey", "an AWS access key", "UPLOADER", f"AKIA{'IOSFODNN7EXAMPLE'}", innocent="batch"),
)
