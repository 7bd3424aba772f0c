"""The handler that docs/publishing.md shows, as it stands there."""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import cast
from uuid import uuid4

import pytest
from botocore.exceptions import EndpointConnectionError
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError

from app.message import PredictionSQSMessage
from app.publishing import PublishCode, PublishResult
from local.paths import PROJECT
from tests.app.doubles.scene import OTHER, OWNER, Scene

PAGE = (PROJECT / "docs" / "publishing.md").read_text()
Handler = Callable[[str, dict[str, str], str], tuple[int, dict[str, str]]]


@pytest.fixture
def handler(scene: Scene) -> Handler:
    example = re.search(r"```python\n(.+?)```", PAGE, re.DOTALL)
    assert example
    names: dict[str, object] = {
        "PredictionSQSMessage": PredictionSQSMessage,
        "PublishCode": PublishCode,
        "ValidationError": ValidationError,
        "IntegrityError": IntegrityError,
        "suppress": suppress,
        "clock": scene.clock,
        "predictions": scene.predictions,
        "publisher": scene.publisher,
    }
    exec(example[1], names)  # noqa: S102 - the page's own example
    return cast("Handler", names["ask_for_prediction"])


def asked() -> dict[str, str]:
    upload_id = uuid4()
    return {
        "prediction_id": str(uuid4()),
        "upload_id": str(upload_id),
        "s3_file_path": f"s3://retainwise-uploads/{OWNER}/{upload_id}.csv",
    }


def test_a_request_is_accepted_once_however_often_it_comes(scene: Scene, handler: Handler) -> None:
    request = asked()
    first, again = handler(OWNER, request, "c-1"), handler(OWNER, request, "c-2")
    assert first == (
        202,
        {"code": "published", "message": PublishCode.PUBLISHED.text, "correlation_id": "c-1"},
    )
    assert (again[0], again[1]["code"]) == (202, "already-published")
    assert len(scene.sqs.messages) == 1


def test_it_is_accepted_while_sqs_is_down_and_sent_later(scene: Scene, handler: Handler) -> None:
    scene.sqs.faults["SendMessage"] = [EndpointConnectionError(endpoint_url="https://sqs")]
    status, told = handler(OWNER, asked(), "c-1")
    assert (status, told["code"]) == (202, "unavailable")
    assert scene.outbox.backlog().waiting == 1


def test_it_is_accepted_while_publishing_is_switched_off(scene: Scene, handler: Handler) -> None:
    scene.switch_value = "false"
    status, told = handler(OWNER, asked(), "c-1")
    assert (status, told["code"]) == (202, "disabled")
    assert scene.outbox.backlog().waiting == 1


def test_nobody_takes_over_another_users_prediction_or_hears_of_it(scene: Scene, handler: Handler) -> None:
    request = asked()
    handler(OWNER, request, "c-1")
    assert handler(OTHER, request, "c-2") == (
        422,
        {"code": "invalid", "message": PublishCode.INVALID.text, "correlation_id": "c-2"},
    )
    assert len(scene.predictions.find()) == 1


@pytest.mark.parametrize("wrong", [{"s3_file_path": "/etc/passwd"}, {"prediction_id": "1"}, {"state": "COMPLETED"}])
def test_what_is_not_valid_is_not_recorded(scene: Scene, handler: Handler, wrong: dict[str, str]) -> None:
    assert handler(OWNER, asked() | wrong, "c-1")[0] == 422
    assert not scene.predictions.find()


def test_a_request_cannot_say_whose_it_is(scene: Scene, handler: Handler) -> None:
    handler(OWNER, asked() | {"user_id": "user_2another"}, "c-1")
    assert [each.user_id for each in scene.predictions.find()] == [OWNER]


def test_every_code_has_a_status_and_advice_on_the_page_and_words_of_its_own() -> None:
    tables = [row.split("|")[1] for row in PAGE.splitlines() if row.startswith("| `")]
    named = [name for cell in tables for name in re.findall(r"`([a-z-]+)`", cell)]
    assert all(named.count(code.value) == 2 for code in PublishCode)
    assert len({code.text for code in PublishCode}) == len(PublishCode)
    assert all(PublishResult(uuid4(), code, "c").text == code.text for code in PublishCode)
