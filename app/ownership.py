"""Whether a message says what the store says: whose prediction it is, of which upload, at which path.

The shape of a path proves nothing; the record made at the upload decides.
"""

from app.message import PredictionSQSMessage
from app.reasons import Reason
from app.store import Prediction


def difference_from_record(message: PredictionSQSMessage, prediction: Prediction) -> tuple[Reason, str] | None:
    """The first thing in which a message differs from its prediction's record, as a code and in words; or None.

    The words do not tell what the record holds: they are read by whoever looks at the refused message.
    """
    if message.user_id != prediction.user_id:
        return Reason.NOT_THE_OWNER, "the prediction does not belong to the message's user"
    if message.upload_id != prediction.upload_id:
        return Reason.NOT_THE_UPLOAD, "the prediction is not made from the message's upload"
    if message.s3_file_path != prediction.s3_file_path:
        return Reason.NOT_THE_PATH, "the path is not the one recorded for the prediction"
    return None
