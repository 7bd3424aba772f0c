import pytest

from local.provider.endpoint import EndpointRefused, loopback


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:4590",
        "http://127.8.9.10:1",
        "http://localhost:4566",
        "http://sqs.localhost:4566",
        "https://[::1]:4590",
    ],
)
def test_this_machine_is_let_through(url: str) -> None:
    assert loopback(url, "AWS_ENDPOINT_URL") == url


def test_a_trailing_slash_goes() -> None:
    assert loopback("http://127.0.0.1:4590/", "AWS_ENDPOINT_URL") == "http://127.0.0.1:4590"


@pytest.mark.parametrize(
    "url",
    [
        "https://sqs.us-east-1.amazonaws.com",
        "http://10.0.0.1:4590",
        "http://0.0.0.0:4590",
        "http://127.0.0.1.example.com",
        "http://localhost@example.com",
        "http://notlocalhost:80",
        "http://[2001:db8::1]:80",
    ],
)
def test_another_machine_is_refused_by_name(url: str) -> None:
    with pytest.raises(EndpointRefused, match="is not this machine") as refusal:
        loopback(url, "aws:endpoints (sqs)")
    assert "aws:endpoints (sqs)" in str(refusal.value)
    assert url in str(refusal.value)


@pytest.mark.parametrize(
    "url", ["127.0.0.1:4590", "ftp://127.0.0.1", "http://", "http://127.0.0.1:port", "http://[::1"]
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(EndpointRefused, match=r"not an http or https URL|not a URL"):
        loopback(url, "AWS_ENDPOINT_URL")
