from local.provider.properties import UNKNOWN
from local.provider.tags import TagSettings, as_list, change

SETTINGS = TagSettings(
    defaults={"project": "retainwise", "team": "platform"},
    ignored_keys=frozenset({"cost"}),
    ignored_prefixes=("auto:",),
)


def test_all_tags_are_the_default_ones_overridden_by_the_resources_own() -> None:
    assert SETTINGS.all_tags({"team": "data", "x": "1"}) == {"project": "retainwise", "team": "data", "x": "1"}
    assert SETTINGS.all_tags(None) == {"project": "retainwise", "team": "platform"}


def test_all_tags_are_unknown_if_one_is() -> None:
    assert SETTINGS.all_tags({"of": UNKNOWN}) is UNKNOWN
    assert SETTINGS.all_tags(UNKNOWN) is UNKNOWN


def test_ignored_tags_and_awss_own_are_neither_shown_nor_set() -> None:
    assert SETTINGS.seen({"cost": "1", "auto:x": "2", "aws:cloudformation:stack": "3", "team": "data"}) == {
        "team": "data"
    }
    assert SETTINGS.all_tags({"cost": "1", "auto:x": "2"}) == SETTINGS.defaults


def test_own_tags_are_those_that_no_default_explains() -> None:
    seen = {"project": "retainwise", "team": "data", "stray": "1"}
    assert SETTINGS.own(seen, None) == {"team": "data", "stray": "1"}


def test_a_tag_stated_like_a_default_stays_the_resources_own() -> None:
    assert SETTINGS.own({"project": "retainwise"}, {"project": "retainwise"}) == {"project": "retainwise"}


def test_a_change_puts_on_what_differs_and_takes_off_what_is_gone() -> None:
    assert change({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "9", "d": "4"}) == ({"b": "9", "d": "4"}, ["c"])


def test_tags_as_iam_takes_them() -> None:
    assert as_list({"b": "2", "a": "1"}) == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
