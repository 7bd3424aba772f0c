"""Cases that can be tried on the local stack: their requests carry what a real one does, and nothing else."""

from collections.abc import Mapping
from random import Random
from typing import Final

from local.emulator import account
from tests.access.differential.case import Caller, Case, Kind, Part
from tests.access.differential.generation import vocabulary
from tests.access.differential.generation.cases import ELEMENTS, GRANTS, MIXED, Policies
from tests.access.differential.generation.requests import Drawn, caller_keys
from tests.access.differential.generation.statements import policy
from tests.access.differential.generation.vocabulary import ACCOUNT, ALL_KEYS

SAME_POLICIES: Final = 6
"""How many requests in a row meet the same policies: laying policies takes longer than asking."""

ACTIONS: Final = (
    "sqs:SendMessage",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibility",
    "sqs:GetQueueAttributes",
    "sqs:ListQueueTags",
    "sqs:SetQueueAttributes",
    *["sqs:TagQueue"] * 3,  # the only one with a key of several values
)
TAGS: Final[Mapping[str, str]] = {"worker": "jobs", "producer": "ops", "alice": "Jobs"}
"""The tag `team` of each role and user that has it, by name."""
QUEUE_TAG: Final = "jobs"
"""Each queue's."""
NEW_TAGS: Final[Mapping[str, str]] = {"stage": "live", "owner": "jobs"}
"""What a request to tag a queue says."""
CALLERS: Final = (*vocabulary.SESSIONS, *vocabulary.USERS)
UNKNOWN_BEFOREHAND: Final = frozenset({"aws:userid", "aws:CurrentTime", "aws:EpochTime", "aws:TokenIssueTime"})
"""Keys whose values the account or the clock decides."""
KEYS: Final = {name: key for name, key in ALL_KEYS.items() if name not in UNKNOWN_BEFOREHAND}


def sendable_case(number: int) -> Case:
    """The case of this number. Six in a row share their policies, which are drawn near the first one's request."""
    shared = Random(f"policies {number // SAME_POLICIES}")  # noqa: S311 - to be repeated, not to be secret
    central = _request(shared.choice(CALLERS), shared)
    policies = {part: documents for part, documents in _policies(central, shared).items() if documents}
    rng = Random(f"request {number}")  # noqa: S311 - as above
    drawn = _request(central.caller, rng) if number % SAME_POLICIES else central
    return Case(f"{number}", drawn.caller, drawn.action, drawn.resource, ACCOUNT, drawn.context, policies)


def context(caller: Caller, action: str, *, through_endpoint: bool, plain: bool) -> dict[str, tuple[str, ...]]:
    """The condition keys that AWS would give a request.

    Source: IAM user guide, "AWS global condition context keys".
    """
    said = {
        "aws:RequestedRegion": account.REGION,
        "aws:ResourceAccount": ACCOUNT,
        "aws:SecureTransport": str(not plain).lower(),
        "aws:ViaAWSService": "false",
    }
    if through_endpoint:
        said |= {
            "aws:SourceVpc": account.VPC_ID,
            "aws:SourceVpce": account.VPC_ENDPOINT_ID,
            "aws:VpcSourceIp": account.VPC_SOURCE_IP,
        }
    else:
        said |= {"aws:SourceIp": "127.0.0.1"}
    if caller.kind is Kind.ROLE_SESSION:
        said |= {"aws:MultiFactorAuthPresent": "false"}
    if (name := owner_name(caller)) in TAGS:
        said |= {"aws:PrincipalTag/team": TAGS[name]}
    said |= {"aws:ResourceTag/team": QUEUE_TAG}
    several = {"aws:TagKeys": tuple(NEW_TAGS)} if action == "sqs:TagQueue" else {}
    return caller_keys(caller) | {name: (value,) for name, value in said.items()} | several


def owner_name(caller: Caller) -> str:
    """The name of the role or user that a caller's policies and tags are attached to."""
    return (caller.issuer_arn or caller.arn).rsplit("/", 1)[-1]


def _request(caller: Caller, rng: Random) -> Drawn:
    action = rng.choice(ACTIONS)
    resource = vocabulary.QUEUE if rng.random() < 0.8 else vocabulary.DEAD_LETTERS
    carried = context(caller, action, through_endpoint=rng.random() < 0.5, plain=rng.random() < 0.3)
    return Drawn(caller, action, resource, carried, KEYS)


def _policies(drawn: Drawn, rng: Random) -> Policies:
    """Policies that the local stack knows: the queue's, the caller's own, its boundary, its session's."""
    habits = rng.choice((MIXED, MIXED, GRANTS))
    chances = {
        Part.RESOURCE: 0.9,
        Part.BOUNDARY: 0.2,
        Part.SESSION: 0.2 * (drawn.caller.kind is Kind.ROLE_SESSION),
    }
    own = rng.choice((0, 1, 1, 2))
    laid = {
        part: (policy(part, drawn, habits if part is Part.RESOURCE else ELEMENTS, rng),)
        for part, chance in chances.items()
        if rng.random() < chance
    }
    return {**laid, Part.IDENTITY: tuple(policy(Part.IDENTITY, drawn, habits, rng) for _ in range(own))}
