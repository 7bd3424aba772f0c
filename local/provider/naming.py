"""Names that the provider makes: from the resource's Pulumi name, or from a prefix."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from pulumi.runtime.proto.provider_pb2 import CheckRequest

from local.provider.properties import Values

_RANDOM_DIGITS = 7
_sequence = itertools.count(1)


class NamingRefused(ValueError):  # noqa: N818 - it says what was decided
    """No name can be made; the message says why and what to do."""


def no_suffix(_inputs: Values) -> str:
    """Give no suffix, as most types need none.

    Returns:
        An empty string.
    """
    return ""


@dataclass(frozen=True)
class Naming:
    """How a resource type is named when its program gives no name.

    Args:
        longest: The most characters that the official provider's automatic names may have, the suffix not counted.
        suffix: What AWS wants at the end of the name, as `.fifo`, given the inputs.
    """

    longest: int
    suffix: Callable[[Values], str] = no_suffix

    def automatic(self, name: str, seed: bytes, options: CheckRequest.AutonamingOptions | None, inputs: Values) -> str:
        """Make the name of a resource whose program gives none.

        Args:
            name: The resource's Pulumi name.
            seed: The engine's random seed for it; the same seed gives the same name.
            options: What `pulumi:autonaming` in the configuration says; None if it says nothing.
            inputs: The resource's inputs.

        Returns:
            `<name>-<7 hex digits>` and the suffix, or what the options propose.

        Raises:
            NamingRefused: The name would be too long, or automatic naming is switched off.
        """
        if options is None:
            digits = sha256(seed or datetime.now(UTC).isoformat().encode()).hexdigest()[:_RANDOM_DIGITS]
            proposed = f"{name}-{digits}"
        elif options.mode == CheckRequest.AutonamingOptions.DISABLE:
            raise NamingRefused("automatic naming is disabled (pulumi:autonaming) and no name is given; give one")
        elif options.mode == CheckRequest.AutonamingOptions.ENFORCE:
            return options.proposed_name
        else:
            proposed = options.proposed_name
        if len(proposed) > self.longest:
            raise NamingRefused(
                f"the automatic name {proposed!r} has {len(proposed)} characters and AWS takes {self.longest}; "
                "give a shorter name"
            )
        return proposed + self.suffix(inputs)

    def prefixed(self, prefix: str, inputs: Values) -> str:
        """Make a name from `namePrefix`, when the resource is created.

        Args:
            prefix: What the name begins with.
            inputs: The resource's inputs.

        Returns:
            The prefix, 26 characters of time and count that are unique to this process and moment, and the suffix.
        """
        moment = datetime.now(UTC).strftime("%Y%m%d%H%M%S%f")[:18]
        return f"{prefix}{moment}{next(_sequence):08x}{self.suffix(inputs)}"
