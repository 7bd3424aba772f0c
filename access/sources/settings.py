"""Who is who in one environment, from `Pulumi.<stack>.yaml`: the same file that the deployment reads."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from access.sources.errors import SourceError

_PARTITION_OF_REGION_PREFIX = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


@dataclass(frozen=True)
class Settings:
    """One environment's account, network and people.

    Args:
        prefix: What the names of all that the stack makes begin with, `<project>-<environment>-`.
        account_id: The account, twelve digits.
        region: The region.
        vpc_id: The VPC that messages are touched from; None where there is none.
        vpc_endpoint_id: SQS's interface endpoint in it; None where the stack makes it.
        deployer_arns: Who deploys.
        break_glass_arns: Who may purge and delete in an emergency.
        operator_arns: Who looks after the dead-letter queue.
        uploads_bucket: The bucket of uploads and results; None where none is named.
        kms_key_arn: The key that the queues are encrypted with; None for SQS's own.
    """

    prefix: str
    account_id: str
    region: str
    vpc_id: str | None = None
    vpc_endpoint_id: str | None = None
    deployer_arns: tuple[str, ...] = ()
    break_glass_arns: tuple[str, ...] = ()
    operator_arns: tuple[str, ...] = ()
    uploads_bucket: str | None = None
    kms_key_arn: str | None = None

    @property
    def partition(self) -> str:
        """`aws`, or the partition that the region belongs to (China, GovCloud)."""
        found = (name for prefix, name in _PARTITION_OF_REGION_PREFIX.items() if self.region.startswith(prefix))
        return next(found, "aws")

    def queue_arn(self, name: str, region: str | None = None) -> str:
        """The ARN of a queue of this account, by default in this region."""
        return f"arn:{self.partition}:sqs:{region or self.region}:{self.account_id}:{name}"

    def iam_arn(self, kind: str, name: str, path: str = "/") -> str:
        """The ARN of a role or a policy of this account."""
        return f"arn:{self.partition}:iam::{self.account_id}:{kind}{path}{name}"

    def label(self, name: str) -> str:
        """A name without what tells one environment from another."""
        return name.removeprefix(self.prefix) or name

    def labelled(self, resource: str) -> str:
        """A text with labels in the place of what differs by environment: account, region, network, names, bucket."""
        project, _, environment = self.prefix.strip("-").rpartition("-")
        labels = {
            f":::{self.uploads_bucket}/": ":::{uploads}/",
            f"/{project}/{environment}/": "/{project}/{environment}/",
            self.prefix: "{project}-{environment}-",
            self.account_id: "{account}",
            self.region: "{region}",
            self.vpc_endpoint_id: "{vpc endpoint}",
            self.vpc_id: "{vpc}",
        }
        for text, label in labels.items():
            resource = resource.replace(text, label) if text else resource
        return resource


def project_name(project: Path) -> str:
    """The name that a project's `Pulumi.yaml` gives it.

    Args:
        project: The folder.

    Raises:
        SourceError: When the file is missing or malformed, or names none.
    """
    return _text(_mapping(project / "Pulumi.yaml"), "name", project / "Pulumi.yaml")


def load_settings(project: Path, stack: str, given: Mapping[str, str | tuple[str, ...] | None]) -> Settings:
    """Read a stack's settings.

    Args:
        project: The folder with `Pulumi.yaml` and `Pulumi.<stack>.yaml`.
        stack: The stack's name, without organisation and project.
        given: What takes the file's place, by the fields' names; None and empty tuples take no place.

    Raises:
        SourceError: When a file is missing or malformed, or says nothing of what is needed.
    """
    name = project_name(project)
    path = project / f"Pulumi.{stack}.yaml"
    values = _mapping(path).get("config")
    config = values if isinstance(values, Mapping) else {}

    def one(key: str) -> str | None:
        value = config.get(f"{name}:{key}")
        return None if value is None else str(value)

    def many(key: str) -> tuple[str, ...]:
        value = config.get(f"{name}:{key}") or ()
        if isinstance(value, str) or not isinstance(value, (list, tuple)):
            raise SourceError(f"{name}:{key} in {path} is {value!r}; it is a list of ARNs")
        return tuple(str(each) for each in value)

    found = Settings(
        prefix=f"{name}-{_text(config, f'{name}:environment', path)}-",
        account_id=str(given.get("account_id") or _text(config, f"{name}:accountId", path)),
        region=str(given.get("region") or _text(config, "aws:region", path)),
        vpc_id=one("vpcId"),
        vpc_endpoint_id=one("vpcEndpointId"),
        deployer_arns=many("deployerArns"),
        break_glass_arns=many("breakGlassArns"),
        operator_arns=many("operatorArns"),
        uploads_bucket=one("uploadsBucket"),
        kms_key_arn=one("kmsKeyArn"),
    )
    return replace(found, **{field: value for field, value in given.items() if value})  # type: ignore[arg-type]  # fields by name


def _mapping(path: Path) -> Mapping[str, object]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        there = ", ".join(sorted(one.name for one in path.parent.glob("Pulumi*.yaml"))) or "none"
        raise SourceError(
            f"{path} does not exist; it says who is who in the stack. There are: {there}. Name the stack by --stack and"
            f" the folder by --project"
        ) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise SourceError(f"{path} cannot be read: {error}") from None
    if not isinstance(found, Mapping):
        raise SourceError(f"{path} is no map of settings")
    return found


def _text(values: Mapping[str, object], key: str, path: Path) -> str:
    if (value := values.get(key)) is None:
        raise SourceError(f"{path} does not set {key}")
    return str(value)
