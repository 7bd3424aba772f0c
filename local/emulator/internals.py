"""Every private name of MiniStack that the layer reads, in one place, looked up (and so checked) at start.

MiniStack's stores and helpers are private by their names; it offers no other way in-process. What the layer replaces,
rather than reads, is stated where it is replaced (`seams.wrap`).
"""

from collections.abc import Callable, MutableMapping
from typing import Any, Protocol

from ministack.core import iam_evaluator
from ministack.services import cloudwatch, ec2, iam, sqs, sts

from local.emulator.seams import private

Stored = dict[str, Any]
"""A record of MiniStack's: a queue, a message, a role, an alarm, a datapoint."""


class Store(Protocol):
    """MiniStack's dictionaries by account and region: as mappings they show the current request's scope."""

    def get(self, key: object, default: Any = None) -> Any:  # noqa: ANN401 - what is stored differs by store
        """Gives what the current scope holds under a key."""

    def get_scoped(self, account_id: str, region: str | None, key: str) -> Any:  # noqa: ANN401 - as above
        """Gives what an account (and region) holds under a key."""

    def all_items(self) -> list[tuple[tuple[str, str, Any], Any]]:
        """Lists ((account, region, key), record) over all accounts."""


roles: Store = private(iam, "_roles")
users: Store = private(iam, "_users")
user_inline_policies: Store = private(iam, "_user_inline_policies")
groups: MutableMapping[str, Stored] = private(iam, "_groups")
"""Of the current account, by name."""
group_inline_policies: Store = private(iam, "_group_inline_policies")
sts_sessions: MutableMapping[str, Stored] = private(sts, "_sessions")
"""By access key."""
managed_document: Callable[[str, str], object] = private(iam_evaluator, "_resolve_managed_policy_document")
"""(policy ARN, account): the document of its default version."""
resource_policy: Callable[[str, str], tuple[object, str] | None] = private(iam_evaluator, "_resource_policy")
"""(service, resource ARN): the resource's own policy and its owner's account, if it has one."""
first_match: Callable[[object, object, str], object | None] = private(iam_evaluator, "_first_match")
"""(context, parsed statements, effect): the first of them that matches."""
managed_policy_exists: Callable[[str], bool] = private(iam, "_policy_exists")
iam_error: Callable[..., object] = private(iam, "_error")
new_session_key: Callable[[], str] = private(iam, "_gen_session_access_key")
new_secret: Callable[[], str] = private(iam, "_gen_secret")
new_session_token: Callable[[], str] = private(iam, "_gen_session_token")
names_service: Callable[[object, str], bool] = private(iam_evaluator, "_service_principal_matches")

queues: Store = private(sqs, "_queues")
find_queue: Callable[..., Stored] = private(sqs, "_get_q")
"""(url, action=None): the queue, checked against its policy if an action is given; else QueueError."""
find_queue_by_arn: Callable[[str], Stored | None] = private(sqs, "_queue_by_arn")
drop_expired: Callable[[Stored], None] = private(sqs, "_expire_retained")
complete_message: Callable[[Stored], None] = private(sqs, "_ensure_msg_fields")
send_message: Callable[[Stored, str], Stored] = private(sqs, "_act_send_message")
"""(parameters, queue URL): the answer; before call_counts counts such calls."""
xml_answer: Callable[[int, str, str], tuple[int, dict[str, str], bytes]] = private(sqs, "_xml_resp")
"""(HTTP status, root element, what is in it)."""
QueueError: type[Exception] = private(sqs, "_Err")
"""(code, message, HTTP status): what a handler raises to refuse."""

metrics: MutableMapping[tuple[str, str, str], list[Stored]] = private(cloudwatch, "_metrics")
"""Of the current scope, by (namespace, metric, dimensions)."""
metric_points: Callable[[tuple[str, str, str]], list[Stored]] = private(cloudwatch, "_metric_bucket")
dimensions_key: Callable[[dict[str, str]], str] = private(cloudwatch, "_dims_key")
statistics: Callable[[list[Stored]], dict[str, float]] = private(cloudwatch, "_calc_stats")
statistic: Callable[[dict[str, float], str, list[Stored]], float | None] = private(cloudwatch, "_stat_value")
alarms: Store = private(cloudwatch, "_alarms")
record_history: Callable[[str, str, str, str], None] = private(cloudwatch, "_record_history")
dispatch_alarm_actions: Callable[[Stored, str, str, str], None] = private(cloudwatch, "_dispatch_alarm_actions")
evaluate_parent_alarms: Callable[[Stored], None] = private(cloudwatch, "_evaluate_parent_alarms")

create_vpc: Callable[[dict[str, list[str]]], object] = private(ec2, "_create_vpc")
create_subnet: Callable[[dict[str, list[str]]], object] = private(ec2, "_create_subnet")
create_vpc_endpoint: Callable[[dict[str, list[str]]], object] = private(ec2, "_create_vpc_endpoint")
vpc_endpoints: MutableMapping[str, Stored] = private(ec2, "_vpc_endpoints")
