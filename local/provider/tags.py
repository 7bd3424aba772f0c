"""Tags: a resource's own, the provider's default ones, and the union that AWS sees (`tagsAll`)."""

from dataclasses import dataclass, field
from typing import TypedDict

from local.provider.properties import UNKNOWN, Value
from local.provider.values import has_unknown


class Tag(TypedDict):
    """A tag as IAM and CloudWatch write it."""

    Key: str
    Value: str


@dataclass(frozen=True)
class TagSettings:
    """What the provider's configuration says about tags.

    Args:
        defaults: `defaultTags.tags`: put on every resource that takes tags; a resource's own tag of the same key wins.
        ignored_keys: `ignoreTags.keys`: tags that somebody else owns, neither shown nor changed.
        ignored_prefixes: `ignoreTags.keyPrefixes`: the same, by the beginning of the key.
    """

    defaults: dict[str, str] = field(default_factory=dict)
    ignored_keys: frozenset[str] = frozenset()
    ignored_prefixes: tuple[str, ...] = ()

    def all_tags(self, tags: Value) -> Value:
        """Merge a resource's own tags with the default ones.

        Args:
            tags: The resource's `tags`, or None.

        Returns:
            `tagsAll`; `UNKNOWN` when a tag is not known yet.
        """
        if has_unknown(tags):
            return UNKNOWN
        own = tags if isinstance(tags, dict) else {}
        return {key: value for key, value in {**self.defaults, **own}.items() if not self._ignores(key)}

    def seen(self, actual: dict[str, str]) -> dict[str, str]:
        """Leave out what is not the stack's business.

        Args:
            actual: The tags that AWS reports.

        Returns:
            The tags without ignored ones and without those AWS adds itself (`aws:…`, which nobody can change).
        """
        return {key: value for key, value in actual.items() if not (self._ignores(key) or key.startswith("aws:"))}

    def own(self, seen: dict[str, str], stated: Value) -> dict[str, str]:
        """Tell a resource's own tags from the default ones.

        Args:
            seen: The tags that `seen` returned.
            stated: The `tags` that the program states: a key stated there is the resource's own, default or not.

        Returns:
            `tags` as the official provider reports them.
        """
        kept = stated if isinstance(stated, dict) else {}
        return {key: value for key, value in seen.items() if key in kept or self.defaults.get(key) != value}

    def _ignores(self, key: str) -> bool:
        return key in self.ignored_keys or key.startswith(self.ignored_prefixes or ("\0",))


def as_list(tags: dict[str, str]) -> list[Tag]:
    """Write tags as IAM and CloudWatch take them.

    Args:
        tags: Tags by key.

    Returns:
        A list of `Key` and `Value`.
    """
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def change(old: dict[str, str], new: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Work out the calls that turn one set of tags into another.

    Args:
        old: The tags as they are.
        new: The tags as they should be.

    Returns:
        The tags to put on, and the keys to take off.
    """
    return {key: value for key, value in new.items() if old.get(key) != value}, sorted(set(old) - set(new))
