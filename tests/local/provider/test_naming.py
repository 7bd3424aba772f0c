import re

import pytest
from pulumi.runtime.proto.provider_pb2 import CheckRequest

from local.provider.naming import Naming, NamingRefused

Options = CheckRequest.AutonamingOptions
PLAIN = Naming(longest=20)


def test_a_name_is_the_pulumi_name_and_seven_digits() -> None:
    assert re.fullmatch(r"jobs-[0-9a-f]{7}", PLAIN.automatic("jobs", b"seed", None, {}))


def test_the_seed_decides_so_that_a_preview_and_its_update_agree() -> None:
    assert PLAIN.automatic("jobs", b"seed", None, {}) == PLAIN.automatic("jobs", b"seed", None, {})
    assert PLAIN.automatic("jobs", b"seed", None, {}) != PLAIN.automatic("jobs", b"other", None, {})


def test_the_suffix_comes_last_and_does_not_count() -> None:
    fifo = Naming(longest=12, suffix=lambda inputs: ".fifo" if inputs.get("fifoQueue") else "")
    assert fifo.automatic("jobs", b"seed", None, {"fifoQueue": True}).endswith(".fifo")
    assert not fifo.automatic("jobs", b"seed", None, {}).endswith(".fifo")


def test_too_long_a_name_is_refused_with_its_length() -> None:
    with pytest.raises(NamingRefused, match="has 38 characters and AWS takes 20"):
        PLAIN.automatic("j" * 30, b"seed", None, {})


def test_the_projects_own_naming_is_followed() -> None:
    propose = Options(mode=Options.PROPOSE, proposed_name="team-jobs")
    enforce = Options(mode=Options.ENFORCE, proposed_name="t" * 30)
    assert PLAIN.automatic("jobs", b"seed", propose, {}) == "team-jobs"
    assert PLAIN.automatic("jobs", b"seed", enforce, {}) == "t" * 30
    with pytest.raises(NamingRefused, match="disabled"):
        PLAIN.automatic("jobs", b"seed", Options(mode=Options.DISABLE), {})


def test_a_prefix_gives_names_that_never_repeat() -> None:
    names = {PLAIN.prefixed("jobs-", {}) for _ in range(50)}
    assert len(names) == 50
    assert all(re.fullmatch(r"jobs-\d{18}[0-9a-f]{8}", name) for name in names)
