"""How a secret is told from any other text: by its form, or by its name and how random it looks.

The forms are those that issuers publish for their keys, so that scanners can find them.
"""

import re
from collections.abc import Iterator, Mapping

from policies.reading.values import NotJsonError, from_json, members

_STAND_IN = r"(?:\$\{[^{}]*\}|\$\([^()]*\)|\$[A-Z_][A-Z0-9_]*|\{\{.*?\}\}|\{(?:[a-z_]*|[A-Z_]*)\}|<[A-Za-z _-]+>|\*+)"
"""What a secret is still to be put in for: a variable, a template's field, words in angles, asterisks."""

_FORMS = {
    "an AWS access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a private key": r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY",
    "a URL with a password": rf"\b[a-z][a-z0-9+.-]*://[^\s:/@?#]*:(?!{_STAND_IN}+@)[^\s/@?#]+@",
    "a connection string with a password": (
        r"(?:^|[;\s&?])(?i:password|passwd|pwd|accountkey|sharedaccesskey)="
        rf"(?!{_STAND_IN}+(?:[;\s&]|$))[^;\s&]+"
    ),
    "an option with a password": (
        r"(?<!\S)--?[\w-]*(?i:password|passwd|passphrase)(?:=|\s+)"
        rf"(?!-|/|arn:|{_STAND_IN}+(?:\s|$))\S+"
    ),
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22})",
    "a GitLab token": r"\bglpat-[\w-]{20}",
    "a Slack token": r"\bxox[abeoprs]-[\w-]{10}|hooks\.slack\.com/services/T\w+/B\w+/\w+",
    "a Stripe key": r"\b[rs]k_live_[A-Za-z0-9]{16}",
    "a Google API key": r"\bAIza[\w-]{35}",
    "a SendGrid key": r"\bSG\.[\w-]{16,}\.[\w-]{32}",
    "a Twilio key": r"\bSK[0-9a-f]{32}\b",
    "an npm token": r"\bnpm_[A-Za-z0-9]{36}",
    "a PyPI token": r"\bpypi-AgE[\w-]{16}",
    "a Docker token": r"\bdckr_pat_[\w-]{20}",
    "a Hugging Face token": r"\bhf_[A-Za-z0-9]{30}",
    "a Vault token": r"\bhv[bs]\.[\w-]{20}",
    "a key of a language model's API": r"\bsk-(?:proj-|ant-|or-)?[\w-]{32}",
    "a JSON web token": r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.",
}
_COMPILED = {words: re.compile(form) for words, form in _FORMS.items()}

_SECRET_NAME = re.compile(r"PASSWORD|PASSWD|PASSPHRASE|(^|_)(PWD|PASS)(_|$)|SECRET(?!S)|CREDENTIAL")
_KEY_NAME = re.compile(r"TOKEN|KEY|AUTH|SALT|SIGNATURE")
_ABOUT_ONE = re.compile(
    r"_(ARN|NAME|PATH|FILE|DIR|URL|URI|ID|PARAMETER|REGION|HOST|PORT|TTL|TIMEOUT|SECONDS|MINUTES|HOURS|DAYS|EXPIRY|LENGTH"
    r"|SIZE|COUNT|LIMIT|ENABLED|DISABLED|REQUIRED|POLICY|VERSION|TYPE|MODE|ALGORITHM|HEADER|FIELD|COLUMN|PREFIX|SUFFIX"
    r"|MANAGER|BACKEND|PROVIDER|STORE|ENGINE|TEMPLATE)$"
)
"""How a name ends that is about a secret and not its own: `DB_PASSWORD_FILE`."""

_OPEN_KEY = re.compile(r"(^|_)(PUBLIC|KMS)_KEY$")
"""Keys that open nothing: one that all may see, and what KMS calls a key that it keeps."""

_NAMES_OF_ECS_8 = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "ECS_ENGINE_AUTH_DATA"})
"""What Security Hub's ECS.8 looks for."""

_REFERENCE = re.compile(rf"arn:aws[\w-]*:[a-z0-9-]+:\S+|https?://\S+|{_STAND_IN}+")
"""What only says where a secret is: an ARN, a URL, or what stands in for it."""

_SWITCH = re.compile(r"true|false|yes|no|on|off|none|null|enabled|disabled|[\d.]{1,3}", re.IGNORECASE)
_LETTERS_AND_DIGITS = re.compile(r"(?=.*\d)(?=.*[A-Za-z])\S{16,}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CHANGE = re.compile(r"(?<=[a-z])[^a-z]|(?<=[A-Z])[^A-Z]|(?<=\d)\D")
_SHORTEST_JUMBLE = 12
_LETTERS_PER_CHANGE = 4
"""Random text changes between small letters, capitals and digits every other character; names do so between words."""


def secret_in(name: str, value: str) -> str | None:
    """What kind of secret an environment variable carries.

    Args:
        name: The variable's name.
        value: Its value.

    Returns:
        In words that do not quote the value; None where it is no secret, or says only where one is.
    """
    upper = re.sub(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z0-9]+", "_", name).upper()
    if found := next((words for words, form in _COMPILED.items() if form.search(value)), None):
        return found
    if not value or _SWITCH.fullmatch(value):
        return None
    if upper in _NAMES_OF_ECS_8:
        return "a credential of AWS"
    if _ABOUT_ONE.search(upper) or _REFERENCE.fullmatch(value):
        return None
    if (tree := _structure(value)) is not None:
        return "a password or secret, by its name in JSON," if any(secret_in(*one) for one in _texts(tree)) else None
    return _by_name(upper, value)


def _by_name(name: str, value: str) -> str | None:
    if _SECRET_NAME.search(name) and not _is_path_of_words(value):
        return "a password or secret, by its name,"
    return "a key or token, by its name," if _is_key(name) and _is_random(value) else None


def _is_key(name: str) -> bool:
    return _KEY_NAME.search(name) is not None and not _OPEN_KEY.search(name)


def _structure(value: str) -> object:
    """A JSON object or list; None where the value is neither."""
    if not value.lstrip().startswith(("{", "[")):
        return None
    try:
        return from_json(value)
    except NotJsonError:
        return None


def _texts(tree: object) -> Iterator[tuple[str, str]]:
    """Every text with a name in a JSON object or list, however deep."""
    rest = [tree]
    for one in rest:
        if isinstance(one, Mapping):
            yield from ((str(name), value) for name, value in one.items() if isinstance(value, str))
            rest.extend(one.values())
        else:
            rest.extend(members(one))


def _is_path_of_words(value: str) -> bool:
    """Whether it reads as where a secret is kept, such as `shop/prod/database`."""
    return "/" in value and not _is_random(value)


def _is_random(value: str) -> bool:
    """Whether a value reads as made by chance: one long piece of it is a jumble of letters and digits."""
    if _UUID.fullmatch(value):
        return True
    longest = max(re.split(r"[-_./:=]", value), key=len)
    jumbled = len(_CHANGE.findall(longest)) * _LETTERS_PER_CHANGE >= len(longest)
    return _LETTERS_AND_DIGITS.fullmatch(value) is not None and len(longest) >= _SHORTEST_JUMBLE and jumbled
