import pytest

from local.emulator.decisions.personal import without_users


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("arn:aws:s3:::uploads/user_2abC/1b2c.csv", "arn:aws:s3:::uploads/user_redacted/1b2c.csv"),
        ("arn:aws:s3:::uploads/results/user_2abC/1b2c-1.csv", "arn:aws:s3:::uploads/results/user_redacted/1b2c-1.csv"),
        ("arn:aws:s3:::uploads/user_odd.name-of_somebody", "arn:aws:s3:::uploads/user_redacted"),
        (
            'on resource: "arn:aws:s3:::uploads/user_2abC" because',
            'on resource: "arn:aws:s3:::uploads/user_redacted" because',
        ),
        ("arn:aws:sqs:us-east-1:123456789012:predictions", "arn:aws:sqs:us-east-1:123456789012:predictions"),
    ],
)
def test_users_are_taken_out_and_nothing_else(text: str, left: str) -> None:
    assert without_users(text) == left
