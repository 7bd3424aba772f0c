"""The forms of the ARNs that callers have, and of account ids.

Source: IAM user guide, "IAM identifiers" and "Principal".
"""

import re
from typing import Final

_IAM: Final = r"arn:(?P<partition>[^:*?]+):iam::(?P<account>\d{12}):"
_STS: Final = r"arn:(?P<partition>[^:*?]+):sts::(?P<account>\d{12}):"
_PATH: Final = r"(?P<path>([^:*?]*/)?)"
_NAME: Final = r"(?P<name>[^/:*?]+)"

ACCOUNT: Final = re.compile(r"\d{12}", re.ASCII)
ROOT: Final = re.compile(f"{_IAM}root", re.ASCII)
ROLE: Final = re.compile(f"{_IAM}role/{_PATH}{_NAME}", re.ASCII)
USER: Final = re.compile(f"{_IAM}user/{_PATH}{_NAME}", re.ASCII)
SESSION: Final = re.compile(rf"{_STS}assumed-role/{_NAME}/(?P<session>[^/:*?]+)", re.ASCII)
FEDERATED_USER: Final = re.compile(f"{_STS}federated-user/{_NAME}", re.ASCII)
