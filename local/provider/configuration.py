"""The provider's settings: from `aws:…` in the stack's configuration, an explicit provider, and the environment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from local.provider.endpoint import loopback
from local.provider.properties import Value, Values
from local.provider.tags import TagSettings
from local.provider.values import known_text, text_map, texts

SERVICES = ("sqs", "iam", "cloudwatch", "ec2", "ecs", "sts")
"""The services that the plugin calls, by the names that `aws:endpoints` gives them."""

_ATTEMPTS = 5
_UNSERVED = {
    "assumeRoles": "start pulumi with the credentials of the role itself (the local stack hands them out by role)",
    "assumeRoleWithWebIdentity": "start pulumi with the credentials of the role itself",
}


class ConfigurationRefused(ValueError):  # noqa: N818 - it says what was decided
    """The configuration cannot be used.

    Args:
        key: The configuration key at fault, as `region`.
        reason: What is wrong, and what to do.
    """

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"aws:{key}: {reason}")
        self.key = key
        self.reason = reason


@dataclass(frozen=True)
class Configuration:
    """A provider's settings, read and checked.

    Args:
        region: The region of resources that state none.
        endpoints: The loopback endpoint by service, for each of `SERVICES`.
        tags: Default and ignored tags.
        allowed_accounts: Accounts that may be deployed to; empty for any.
        forbidden_accounts: Accounts that may not.
        access_key: Access key id; None for what boto3 finds in the environment.
        secret_key: Secret access key, beside `access_key`.
        token: Session token, beside `access_key`.
        profile: Profile of the shared AWS files; None for boto3's choice.
        attempts: How often a throttled or failed call is tried in all.
    """

    region: str
    endpoints: Mapping[str, str]
    tags: TagSettings
    allowed_accounts: tuple[str, ...] = ()
    forbidden_accounts: tuple[str, ...] = ()
    access_key: str | None = None
    secret_key: str | None = None
    token: str | None = None
    profile: str | None = None
    attempts: int = _ATTEMPTS

    def endpoint(self, service: str) -> str:
        """Give a service's endpoint.

        Args:
            service: One of `SERVICES`.

        Returns:
            The endpoint's URL.
        """
        return self.endpoints[service]

    def check_account(self, account_id: str) -> None:
        """Refuse an account that the configuration does not allow, before anything is changed.

        Args:
            account_id: The account that the credentials belong to.

        Raises:
            ConfigurationRefused: The account is not among the allowed ones, or among the forbidden ones.
        """
        if self.allowed_accounts and account_id not in self.allowed_accounts:
            raise ConfigurationRefused(
                "allowedAccountIds",
                f"the credentials belong to account {account_id}, and the configuration allows only "
                f"{', '.join(self.allowed_accounts)}; nothing was changed. Use that account's credentials, or correct "
                "aws:allowedAccountIds",
            )
        if account_id in self.forbidden_accounts:
            raise ConfigurationRefused(
                "forbiddenAccountIds",
                f"the credentials belong to account {account_id}, which the configuration forbids (it forbids "
                f"{', '.join(self.forbidden_accounts)}); nothing was changed. Use another account's credentials",
            )


def region_of(inputs: Values, environment: Mapping[str, str]) -> str | None:
    """Find the region.

    Args:
        inputs: The provider's inputs.
        environment: Environment variables.

    Returns:
        `aws:region`, else AWS_REGION, else AWS_DEFAULT_REGION, else None.
    """
    stated = known_text(inputs, "region")
    return stated or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or None


def read_configuration(inputs: Values, environment: Mapping[str, str]) -> Configuration:
    """Read the provider's inputs.

    Args:
        inputs: The provider's inputs; nested ones as values or, as SDKs send them, as JSON text.
        environment: Environment variables.

    Returns:
        The settings.

    Raises:
        ConfigurationRefused: The region is missing, or a setting is one that the local provider does not serve.
        EndpointRefused: An endpoint is not on this machine.
    """
    settings = {name: _unpacked(name, value) for name, value in inputs.items()}
    for name, advice in _UNSERVED.items():
        if settings.get(name):
            raise ConfigurationRefused(name, f"the local AWS provider does not serve it; {advice}")
    region = region_of(settings, environment)
    if region is None:
        raise ConfigurationRefused(
            "region", "no region is configured; set it by `pulumi config set aws:region us-east-1` or AWS_REGION"
        )
    return Configuration(
        region=region,
        endpoints=_endpoints(settings.get("endpoints"), environment),
        tags=_tags(settings),
        allowed_accounts=tuple(texts(settings, "allowedAccountIds")),
        forbidden_accounts=tuple(texts(settings, "forbiddenAccountIds")),
        access_key=known_text(settings, "accessKey"),
        secret_key=known_text(settings, "secretKey"),
        token=known_text(settings, "token"),
        profile=known_text(settings, "profile"),
        attempts=_attempts(settings.get("maxRetries")),
    )


def _unpacked(name: str, value: Value) -> Value:
    """Unpack a nested setting that came as JSON text, and account ids that YAML read as numbers."""
    if isinstance(value, str) and value.lstrip()[:1] in {"[", "{"}:
        try:
            unpacked: Value = json.loads(value)
        except json.JSONDecodeError as error:
            raise ConfigurationRefused(name, f"{value!r} is not valid JSON: {error.msg}") from error
        value = unpacked
    if name.endswith("AccountIds") and isinstance(value, list):
        return [f"{item:012d}" if isinstance(item, int) else item for item in value]
    return value


def _endpoints(stated: Value, environment: Mapping[str, str]) -> dict[str, str]:
    entries = stated if isinstance(stated, list) else [stated]
    configured: dict[str, Value] = {}
    for entry in entries:
        configured.update(entry if isinstance(entry, dict) else {})
    return {service: _endpoint(service, configured, environment) for service in SERVICES}


def _endpoint(service: str, configured: Values, environment: Mapping[str, str]) -> str:
    sources = {
        f"aws:endpoints ({service})": known_text(configured, service),
        f"AWS_ENDPOINT_URL_{service.upper()}": environment.get(f"AWS_ENDPOINT_URL_{service.upper()}"),
        "AWS_ENDPOINT_URL": environment.get("AWS_ENDPOINT_URL"),
    }
    for source, url in sources.items():
        if url:
            return loopback(url, source)
    raise ConfigurationRefused(
        "endpoints",
        f"no endpoint is configured for {service}; the local AWS provider never calls AWS itself. "
        'Start the local stack and set AWS_ENDPOINT_URL (`eval "$(make -s env)"`), or set aws:endpoints',
    )


def _tags(settings: Values) -> TagSettings:
    defaults, ignored = settings.get("defaultTags"), settings.get("ignoreTags")
    return TagSettings(
        defaults=text_map(defaults, "tags") if isinstance(defaults, dict) else {},
        ignored_keys=frozenset(texts(ignored, "keys")) if isinstance(ignored, dict) else frozenset(),
        ignored_prefixes=tuple(texts(ignored, "keyPrefixes")) if isinstance(ignored, dict) else (),
    )


def _attempts(retries: Value) -> int:
    if isinstance(retries, str) and retries.isdecimal():
        retries = int(retries)
    return max(1, retries) if isinstance(retries, int) and not isinstance(retries, bool) else _ATTEMPTS
