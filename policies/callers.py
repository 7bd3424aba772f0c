"""How a configuration names callers and accounts."""

from typing import Annotated, TypeAlias

from pydantic import Field

CallerArn: TypeAlias = Annotated[str, Field(pattern=r"^arn:[a-z-]+:iam::[0-9]{12}:(root|(role|user)/[^*?$]+)$")]
"""A role's, a user's or the root user's ARN, in full. A session is named by its role."""

AccountId: TypeAlias = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
"""An account's twelve digits."""
