"""Why a message was not worked on, or a prediction did not succeed: stable codes for logs, tables and alarms."""

from enum import StrEnum


class Reason(StrEnum):
    """One code for each way that something can go wrong. Codes are never renamed or given a second meaning."""

    # The message itself is refused. The prediction that it names, if any, is left as it is.
    BODY_TOO_LARGE = "body-too-large"
    NOT_JSON = "not-json"
    DUPLICATE_KEY = "duplicate-key"
    INVALID_FIELDS = "invalid-fields"
    TIMESTAMP_AHEAD = "timestamp-ahead"
    TIMESTAMP_TOO_OLD = "timestamp-too-old"
    UNKNOWN_PREDICTION = "unknown-prediction"
    NOT_THE_OWNER = "not-the-owner"
    NOT_THE_UPLOAD = "not-the-upload"
    NOT_THE_PATH = "not-the-path"

    # The prediction itself cannot succeed.
    UPLOAD_MISSING = "upload-missing"
    UPLOAD_TOO_LARGE = "upload-too-large"
    UNUSABLE_FILE = "unusable-file"
    GAVE_UP = "gave-up"

    # It may succeed later.
    STORE_UNAVAILABLE = "store-unavailable"
    UPLOAD_UNAVAILABLE = "upload-unavailable"
    RESULT_UNAVAILABLE = "result-unavailable"
    UNEXPECTED_ERROR = "unexpected-error"
    TIMED_OUT = "timed-out"
    IN_OTHER_HANDS = "in-other-hands"
    LEASE_LOST = "lease-lost"
    SHUTDOWN = "shutdown"
