"""What becomes of every prediction: the record that decides, whatever messages say."""

from app.store.database import open_database
from app.store.outbox import Outbox
from app.store.outbox_records import Backlog, OutboxEntry, OutboxLease, Postponed
from app.store.predictions import PredictionStore
from app.store.records import Claim, ClaimRefusal, NewPrediction, Prediction, Rejection, State
from app.store.recovery import RecoveryStore, Swept
from app.store.rejections import RejectionStore
from app.store.transactions import Grouped

__all__ = [
    "Backlog",
    "Claim",
    "ClaimRefusal",
    "Grouped",
    "NewPrediction",
    "Outbox",
    "OutboxEntry",
    "OutboxLease",
    "Postponed",
    "Prediction",
    "PredictionStore",
    "RecoveryStore",
    "Rejection",
    "RejectionStore",
    "State",
    "Swept",
    "open_database",
]
