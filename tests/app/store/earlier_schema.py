"""The tables as the first version made them, before there was an outbox: databases of that form are in use."""

STATEMENTS = (
    """
    CREATE TABLE predictions (
        prediction_id UUID NOT NULL PRIMARY KEY,
        user_id VARCHAR(80) NOT NULL,
        upload_id UUID NOT NULL,
        s3_file_path VARCHAR(1100) NOT NULL,
        priority VARCHAR(10) NOT NULL,
        state VARCHAR(10) NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        published_at TIMESTAMP WITH TIME ZONE,
        message_id VARCHAR(100),
        attempt INTEGER NOT NULL,
        lease_until TIMESTAMP WITH TIME ZONE,
        finished_at TIMESTAMP WITH TIME ZONE,
        result_path VARCHAR(1100),
        summary JSON,
        failure_code VARCHAR(40),
        failure_reason TEXT,
        failed_message_id VARCHAR(100),
        CONSTRAINT predictions_state CHECK (state IN ('QUEUED', 'PROCESSING', 'COMPLETED', 'FAILED'))
    )
    """,
    "CREATE INDEX predictions_unpublished ON predictions (published_at, state, created_at)",
    "CREATE INDEX predictions_by_age ON predictions (created_at, prediction_id)",
    """
    CREATE TABLE rejections (
        message_id VARCHAR(100) NOT NULL PRIMARY KEY,
        code VARCHAR(40) NOT NULL,
        reason TEXT NOT NULL,
        prediction_id VARCHAR(100),
        receives INTEGER NOT NULL,
        first_at TIMESTAMP WITH TIME ZONE NOT NULL,
        last_at TIMESTAMP WITH TIME ZONE NOT NULL
    )
    """,
    "CREATE INDEX rejections_by_age ON rejections (last_at)",
)

WAITING, PUBLISHED, WORKED_ON = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
_COLUMNS = "prediction_id, user_id, upload_id, s3_file_path, priority, state, created_at, published_at, attempt"
ROWS = tuple(
    f"INSERT INTO predictions ({_COLUMNS}) VALUES ('{prediction_id}', 'user_a', '{prediction_id}', 's3://abc/k.csv',"  # noqa: S608 - constants
    f" 'normal', '{state}', '2026-02-01 12:00:00', {published_at}, 0)"
    for prediction_id, state, published_at in (
        (WAITING, "QUEUED", "NULL"),
        (PUBLISHED, "QUEUED", "'2026-02-01 12:00:01'"),
        (WORKED_ON, "PROCESSING", "NULL"),
    )
)


def for_sqlite(statement: str) -> str:
    """The same for SQLite, which has other names for the types and keeps UUIDs without hyphens."""
    for prediction_id in (WAITING, PUBLISHED, WORKED_ON):
        statement = statement.replace(prediction_id, prediction_id.replace("-", ""))
    return statement.replace("UUID", "CHAR(32)").replace("TIMESTAMP WITH TIME ZONE", "DATETIME")
