from pathlib import Path

import pytest

from access.sources import Settings, SourceError, load_settings

FILE = """
config:
  aws:region: eu-central-1
  shop:environment: dev
  shop:accountId: "123456789012"
  shop:vpcId: vpc-1
  shop:vpcEndpointId: vpce-1
  shop:deployerArns:
    - arn:aws:iam::123456789012:role/deployer
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(FILE)
    return tmp_path


def test_the_stacks_own_file_says_who_is_who(project: Path) -> None:
    assert load_settings(project, "dev", {}) == Settings(
        prefix="shop-dev-",
        account_id="123456789012",
        region="eu-central-1",
        vpc_id="vpc-1",
        vpc_endpoint_id="vpce-1",
        deployer_arns=("arn:aws:iam::123456789012:role/deployer",),
    )


def test_what_is_given_takes_the_files_place_and_nothing_given_does_not(project: Path) -> None:
    given = {"region": "us-east-1", "vpc_id": None, "operator_arns": ("arn:one",), "deployer_arns": ()}
    found = load_settings(project, "dev", given)
    assert (found.region, found.vpc_id, found.operator_arns) == ("us-east-1", "vpc-1", ("arn:one",))
    assert found.deployer_arns == ("arn:aws:iam::123456789012:role/deployer",)


@pytest.mark.parametrize(
    ("region", "partition"), [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_arns_are_those_of_the_regions_partition(project: Path, region: str, partition: str) -> None:
    found = load_settings(project, "dev", {"region": region})
    assert found.queue_arn("q") == f"arn:{partition}:sqs:{region}:123456789012:q"
    assert found.iam_arn("role", "r", "/x/") == f"arn:{partition}:iam::123456789012:role/x/r"


def test_labels_leave_out_the_environment(project: Path) -> None:
    found = load_settings(project, "dev", {})
    assert [found.label(name) for name in ("shop-dev-orders", "other", "shop-dev-")] == ["orders", "other", "shop-dev-"]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("Pulumi.dev.yaml", FILE.replace("  shop:accountId", "  x"), "Pulumi.dev.yaml does not set shop:accountId"),
        ("Pulumi.dev.yaml", FILE.replace("  aws:region", "  x"), "Pulumi.dev.yaml does not set aws:region"),
        ("Pulumi.dev.yaml", "config: {", "Pulumi.dev.yaml cannot be read"),
        ("Pulumi.dev.yaml", "text", "Pulumi.dev.yaml is no map"),
        ("Pulumi.yaml", "runtime: python", "Pulumi.yaml does not set name"),
        (
            "Pulumi.dev.yaml",
            f"{FILE}  shop:operatorArns: arn:one\n",
            "shop:operatorArns in .* is 'arn:one'; it is a list of ARNs",
        ),
    ],
)
def test_a_file_that_says_too_little_is_told_by_name(project: Path, name: str, text: str, words: str) -> None:
    (project / name).write_text(text)
    with pytest.raises(SourceError, match=words):
        load_settings(project, "dev", {})


def test_a_stack_without_a_file_is_told_which_there_are(project: Path) -> None:
    with pytest.raises(SourceError, match=r"Pulumi.prod.yaml does not exist.*There are: Pulumi.dev.yaml, Pulumi.yaml"):
        load_settings(project, "prod", {})
