"""The three calls in SQS's older protocol, as SDKs spoke before it took JSON."""

import urllib.request
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from local.emulator import account
from local.emulator.clients import Clients
from tests.local.emulator.cloud import Cloud, Queue
from tests.local.emulator.move_tasks.moving import dead_letter

pytestmark = pytest.mark.emulator


def by_query(clients: Clients, **parameters: str) -> ET.Element:
    """Ask as the SDKs did before SQS spoke JSON."""
    body = urlencode({"Version": "2012-11-05", **parameters})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    request = AWSRequest(method="POST", url=clients.endpoint_url + "/", data=body, headers=headers)
    credentials = clients.session.get_credentials()
    assert credentials is not None
    SigV4Auth(credentials, "sqs", account.REGION).add_auth(request)
    prepared = request.prepare()
    plain: Any = urllib.request.Request(  # noqa: S310 - the emulator's own URL
        prepared.url, data=body.encode(), headers=dict(prepared.headers.items()), method="POST"
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), KeepErrors())
    with opener.open(plain) as answer:
        return ET.fromstring(answer.read())  # noqa: S314 - the emulator's own answer


class KeepErrors(urllib.request.HTTPErrorProcessor):
    """Errors are answers too."""

    def http_response(self, _request: object, response: Any) -> Any:  # noqa: ANN401 - urllib's own types
        return response


XML = "{http://queue.amazonaws.com/doc/2012-11-05/}"


def test_the_older_protocol_does_the_same(cloud: Cloud, cloud_queue: Queue) -> None:
    dead_letter(cloud, cloud_queue, "one", "two")
    started = by_query(
        cloud.root,
        Action="StartMessageMoveTask",
        SourceArn=cloud_queue.dead_letter_arn,
        DestinationArn=cloud_queue.arn,
        MaxNumberOfMessagesPerSecond="1",
    )
    handle = started.findtext(f"{XML}StartMessageMoveTaskResult/{XML}TaskHandle")
    assert handle
    listed = by_query(cloud.root, Action="ListMessageMoveTasks", SourceArn=cloud_queue.dead_letter_arn, MaxResults="2")
    (entry,) = listed.findall(f"{XML}ListMessageMoveTasksResult/{XML}ListMessageMoveTasksResultEntry")
    told = {child.tag.removeprefix(XML): child.text for child in entry}
    assert told.pop("StartedTimestamp")
    assert told == {
        "TaskHandle": handle,
        "Status": "RUNNING",
        "SourceArn": cloud_queue.dead_letter_arn,
        "DestinationArn": cloud_queue.arn,
        "MaxNumberOfMessagesPerSecond": "1",
        "ApproximateNumberOfMessagesMoved": "0",
        "ApproximateNumberOfMessagesToMove": "2",
    }
    cancelled = by_query(cloud.root, Action="CancelMessageMoveTask", TaskHandle=handle)
    assert cancelled.findtext(f"{XML}CancelMessageMoveTaskResult/{XML}ApproximateNumberOfMessagesMoved") == "0"
    unknown = by_query(cloud.root, Action="CancelMessageMoveTask", TaskHandle="none")
    assert unknown.findtext(f"{XML}Error/{XML}Code") == "InvalidParameterValue"
