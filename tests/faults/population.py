"""Who asks for what: predictions of many users, messages of an attacker, drawn from a seed; and what they must end in.

Every file has customers of its own, so that a result which belongs to somebody else, or to another attempt's file, is
told by its content.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from itertools import count as count_from
from pathlib import Path
from uuid import UUID

from app.message import MessageRefusedError, PredictionSQSMessage
from app.models import ChurnPredictor
from app.reasons import Reason
from app.store import NewPrediction
from app.uploads import upload_path
from tests.faults.injected import SLOW_PREFIX

SAMPLE = Path(__file__).parents[2] / "local" / "demo" / "sample" / "cdnow_customers.csv"
USERS = 40
TEMPLATES = 24
CUSTOMERS = 30


class Kind(StrEnum):
    """What kind of prediction it is."""

    HEALTHY = "healthy"
    SLOW = "slow"
    """Healthy, but its file takes longer to be read than a delivery stays hidden."""
    DOUBLED = "sent twice"
    """Healthy, and its message is sent a second time by somebody else; of every three, one is slow, too."""
    POISON = "poison file"
    GONE = "file gone"


class Forgery(StrEnum):
    """What an attacker with SendMessage rights sends: by the code that it must be refused with."""

    PATH = Reason.NOT_THE_PATH.value
    OWNER = Reason.NOT_THE_OWNER.value
    UPLOAD = Reason.NOT_THE_UPLOAD.value
    UNKNOWN = Reason.UNKNOWN_PREDICTION.value
    GARBAGE = Reason.NOT_JSON.value


SHARES = {Kind.SLOW: 0.03, Kind.DOUBLED: 0.06, Kind.POISON: 0.05, Kind.GONE: 0.03}
"""The rest is healthy."""
FORGED_SHARE = 0.05
"""How many forged messages there are, for each prediction."""
_POISONS = (
    b"ID,frequency,recency,T\n1,2,3\n",
    b"ID,frequency,recency,T\n",
    b"\xff\xfe\x00\x00",
    b"ID,frequency,recency,T\n1,two,3,4\n",
    b"",
    b"a,b\n1,2\n",
)
_EXPECTED_CODES = {Kind.POISON: Reason.UNUSABLE_FILE, Kind.GONE: Reason.UPLOAD_MISSING}


@dataclass(frozen=True)
class Asked:
    """One prediction that is asked for.

    Args:
        new: Its record.
        kind: What kind it is.
        content: Its file; None where there is none.
        result: What its result must hold; None where it must fail.
    """

    new: NewPrediction
    kind: Kind
    content: bytes | None
    result: bytes | None

    @property
    def failure_code(self) -> str | None:
        """The code that it must fail with; None where it must succeed."""
        return _EXPECTED_CODES[self.kind].value if self.kind in _EXPECTED_CODES else None

    @property
    def body(self) -> str:
        """A body that asks for it, as the publisher's would."""
        return _body(self.new)


@dataclass(frozen=True)
class Forged:
    """One message that an attacker sends.

    Args:
        body: Its body.
        forgery: What is wrong with it.
    """

    body: str
    forgery: Forgery


@dataclass(frozen=True)
class Population:
    """All that a run is asked for."""

    asked: Sequence[Asked]
    forged: Sequence[Forged]


def draw(count: int, seed: int, bucket: str) -> Population:
    """Draw a population.

    Args:
        count: How many predictions.
        seed: Where chance comes from: the same seed, the same population, ids included.
        bucket: Where the files lie.
    """
    chance = random.Random(seed)  # noqa: S311 - drawing tests, no secrets
    kinds = [kind for kind, share in SHARES.items() for _ in range(max(1, round(count * share)))]
    kinds += [Kind.HEALTHY] * (count - len(kinds))
    chance.shuffle(kinds)
    doubled = count_from(0)
    slow = [kind is Kind.SLOW or (kind is Kind.DOUBLED and next(doubled) % 3 == 0) for kind in kinds]
    asked = [_asked(kind, chance, bucket, is_slow=is_slow) for kind, is_slow in zip(kinds, slow, strict=True)]
    forged = [_forged(chance, asked) for _ in range(max(len(Forgery), round(count * FORGED_SHARE)))]
    return Population(asked, forged)


def _uuid(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def _asked(kind: Kind, chance: random.Random, bucket: str, *, is_slow: bool) -> Asked:
    number = chance.randrange(USERS)
    user = f"{SLOW_PREFIX if is_slow else 'user_fast'}{number}"
    prediction_id, upload_id = _uuid(chance), _uuid(chance)
    path = str(upload_path(bucket, user, upload_id))
    new = NewPrediction(prediction_id, user, upload_id, path, chance.choice(("low", "normal", "high")))
    if kind is Kind.GONE:
        return Asked(new, kind, None, None)
    if kind is Kind.POISON:
        return Asked(new, kind, chance.choice(_POISONS), None)
    histories, scores = _template(chance.randrange(TEMPLATES))
    return Asked(new, kind, _table(_HEADER, new, histories), _table("ID,probability_alive,at_risk", new, scores))


_HEADER = "ID,frequency,recency,T"


@cache
def _template(number: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Thirty customers of the sample, and what the model says of them: all but their ids."""
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()[1 + number * CUSTOMERS : 1 + (number + 1) * CUSTOMERS]
    content = "\n".join([_HEADER, *lines]).encode()
    scores = ChurnPredictor().predict(content, lambda: False).csv.decode().splitlines()[1:]
    return tuple(_but_id(line) for line in lines), tuple(_but_id(line) for line in scores)


def _but_id(line: str) -> str:
    return line.partition(",")[2]


def _table(header: str, new: NewPrediction, rows: Sequence[str]) -> bytes:
    lines = [f"{new.prediction_id}-{place},{row}" for place, row in enumerate(rows)]
    return ("\n".join([header, *lines]) + "\n").encode()


def _body(new: NewPrediction, **changes: str) -> str:
    fields = {
        "prediction_id": str(new.prediction_id),
        "user_id": new.user_id,
        "upload_id": str(new.upload_id),
        "s3_file_path": new.s3_file_path,
        "timestamp": datetime.now(UTC).isoformat(),
        "priority": new.priority,
    }
    return json.dumps(fields | changes)


def _forged(chance: random.Random, asked: Sequence[Asked]) -> Forged:
    forgery = chance.choice(list(Forgery))
    own, victim = (each.new for each in chance.sample(asked, 2))
    if forgery is Forgery.PATH:
        return Forged(_body(own, s3_file_path=victim.s3_file_path), forgery)
    if forgery is Forgery.OWNER:
        return Forged(_body(victim, user_id=f"user_attacker{chance.randrange(10**6)}"), forgery)
    if forgery is Forgery.UPLOAD:
        return Forged(_body(victim, upload_id=str(_uuid(chance))), forgery)
    if forgery is Forgery.UNKNOWN:
        return Forged(_body(victim, prediction_id=str(_uuid(chance))), forgery)
    return Forged(f"no message {chance.getrandbits(64):x}", forgery)


def prediction_named_in(body: str) -> UUID | None:
    """The prediction that a message's body asks for; None where it is no such message."""
    try:
        return PredictionSQSMessage.from_wire(body).prediction_id
    except MessageRefusedError:
        return None
