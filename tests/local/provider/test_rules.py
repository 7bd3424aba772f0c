import pytest

from local.provider.rules import arn, json_object, period


@pytest.mark.parametrize(
    "value",
    [
        "arn:aws:sns:us-east-1:123456789012:on-call",
        "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
        "arn:aws-cn:iam::123456789012:role/x",
        "arn:aws:automate:us-east-1:ec2:stop",
        "arn:aws:s3:::bucket/key",
    ],
)
def test_arns_of_every_form_pass(value: str) -> None:
    assert arn(value) is None


@pytest.mark.parametrize("value", ["topic", "arn:aws:sns", "arn:aws:sns:us-east-1:42:x", "arn:aws:iam::123456789012:"])
def test_what_is_no_arn_is_told_the_form(value: str) -> None:
    assert "has the form arn:<partition>" in str(arn(value))


def test_periods() -> None:
    assert all(period(seconds) is None for seconds in (10, 20, 30, 60, 3600))
    assert all(period(seconds) for seconds in (0, -60, 5, 45, 61))


def test_json_objects() -> None:
    assert json_object("{}") is None
    assert "not a JSON object" in str(json_object("[]"))
    assert "not valid JSON" in str(json_object(""))
