"""What holds for every workflow, whatever is added to them."""

import re
from collections import defaultdict

import pytest

from local.paths import PROJECT
from tests.workflows.reading import (
    GITHUB,
    Job,
    action,
    job,
    jobs,
    scripts,
    settings_stacks,
    texts,
    workflow,
    workflow_names,
)

PINNED = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
USES = re.compile(r"^\s*(?:- )?uses: (?!\./)(.+)$", re.MULTILINE)
MAY_WRITE = {"pull-request.yml:comment": "pull-requests", "drift.yml:tell": "issues"}
"""The jobs that may write something, and what."""
MAY_TAKE_A_ROLE = {"preview.yml:preview", "update.yml:update", "drift.yml:look"}

every_job = pytest.mark.parametrize("one", jobs(), ids=str)


def takes_a_role(one: Job) -> bool:
    return any(str(step.get("uses", "")).startswith("aws-actions/configure-aws-credentials@") for step in one.steps)


def test_every_action_is_pinned_by_its_commit_with_the_version_beside_it() -> None:
    used = [(name, uses) for name, text in texts() for uses in USES.findall(text)]
    assert used
    assert [one for one in used if not PINNED.match(one[1])] == []


def test_an_action_has_one_pin_wherever_it_is_used() -> None:
    pins = defaultdict(set)
    for _, text in texts():
        for uses in USES.findall(text):
            pins[uses.split("@")[0]].add(uses.split("@")[1])
    assert {name: found for name, found in pins.items() if len(found) > 1} == {}


@pytest.mark.parametrize("name", workflow_names())
def test_a_workflow_grants_nothing_of_itself(name: str) -> None:
    assert workflow(name)["permissions"] == {}


@every_job
def test_a_job_says_what_it_may_and_how_long(one: Job) -> None:
    assert one.permissions
    assert one.permissions["contents"] == "read"
    assert one.calls or 0 < one.content["timeout-minutes"] <= 60


@every_job
def test_only_the_jobs_that_tell_people_may_write_and_they_hold_no_role(one: Job) -> None:
    writes = {scope for scope, access in one.permissions.items() if access == "write" and scope != "id-token"}
    assert writes == ({MAY_WRITE[str(one)]} if str(one) in MAY_WRITE else set())
    if writes:
        assert "id-token" not in one.permissions
        assert not takes_a_role(one)


@every_job
def test_a_token_for_a_role_is_for_the_jobs_that_take_one_and_those_that_call_them(one: Job) -> None:
    allowed = str(one) in MAY_TAKE_A_ROLE or one.calls in {"preview.yml", "update.yml"}
    assert (one.permissions.get("id-token") == "write") is allowed
    assert takes_a_role(one) is (str(one) in MAY_TAKE_A_ROLE)


@every_job
def test_whoever_takes_a_role_stands_in_an_environment(one: Job) -> None:
    """The roles trust environments, and only `update` stands in one that deploys."""
    if takes_a_role(one):
        environment = one.content["environment"]
        assert re.fullmatch(r"\$\{\{ (inputs|matrix)\.stack \}\}(-read)?", environment)
        assert environment.endswith("-read") is (str(one) != "update.yml:update")


def test_no_key_is_stored() -> None:
    for name, text in texts():
        found = re.findall(r"secrets\.|aws-access-key-id|aws-secret-access-key|AKIA|PULUMI_ACCESS_TOKEN", text)
        assert not found, name


@pytest.mark.parametrize("name", workflow_names())
def test_no_workflow_runs_foreign_code_with_rights(name: str) -> None:
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(workflow(name)["on"])


@every_job
def test_no_checkout_leaves_the_token_behind(one: Job) -> None:
    for step in one.steps:
        if str(step.get("uses", "")).startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_no_expression_is_pasted_into_a_script() -> None:
    found = dict(scripts())
    assert found
    assert [where for where, script in found.items() if "${{" in script] == []


def test_the_job_that_comments_runs_the_base_branchs_script_only() -> None:
    comment = job("pull-request.yml", "comment")
    assert comment.steps[0]["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert [step for step in comment.steps if str(step.get("uses", "")).startswith("./")] == []
    assert [step["run"].split()[:2] for step in comment.steps if "run" in step] == [
        ["python3", ".github/scripts/tell.py"]
    ]


def test_forks_get_no_preview_and_a_failed_check_still_gets_its_comment() -> None:
    preview, comment = job("pull-request.yml", "preview"), job("pull-request.yml", "comment")
    assert preview.content["if"].startswith("github.event.pull_request.head.repo.full_name == github.repository && ")
    assert comment.content["needs"] == "preview"
    assert comment.content["if"] == "${{ !cancelled() && needs.preview.result != 'skipped' }}"
    looked = job("preview.yml", "preview")
    for name in ("Compare who may do what with what is expected", "Keep the comparison for the comment"):
        assert looked.step(name)["if"] == "${{ !cancelled() }}"


def test_what_a_pull_request_expects_is_held_against_its_base_branch() -> None:
    """The merge commit has the base branch for its first parent, and both are there."""
    looked = job("preview.yml", "preview")
    assert looked.step("Check out")["with"]["fetch-depth"] == 2
    compared = looked.step("Compare who may do what with what is expected")
    assert compared["env"]["BASE"] == "${{ github.event_name == 'pull_request' && 'HEAD^1' || '' }}"


def test_what_changes_the_rules_has_owners() -> None:
    owned = [line.split()[0] for line in (GITHUB / "CODEOWNERS").read_text().splitlines() if line.startswith("/")]
    assert {"/.github/", "/access/", "/policies/"} <= set(owned)
    assert [one for one in owned if not list(PROJECT.glob(one.strip("/")))] == []


def test_what_is_merged_is_tested_then_goes_from_one_environment_to_the_next() -> None:
    deploy = workflow("deploy.yml")
    assert deploy["on"]["push"] == {"branches": ["main"]}
    assert {name: one.get("needs") for name, one in deploy["jobs"].items()} == {
        "test": None,
        "dev": "test",
        "staging": "dev",
        "prod": "staging",
    }
    assert deploy["jobs"]["dev"]["if"].startswith("github.ref == 'refs/heads/main' && ")
    for name in ("dev", "staging", "prod"):
        assert (job("deploy.yml", name).calls, deploy["jobs"][name]["with"]) == ("update.yml", {"stack": name})


def test_an_update_is_looked_at_first_and_never_cut_off() -> None:
    update = job("update.yml", "update")
    assert update.content["needs"] == "preview"
    assert update.content["environment"] == "${{ inputs.stack }}"
    assert update.content["concurrency"] == {"group": "update-${{ inputs.stack }}", "cancel-in-progress": False}
    assert workflow("deploy.yml")["concurrency"]["cancel-in-progress"] is False


def test_every_stack_is_previewed_deployed_and_watched() -> None:
    stacks = settings_stacks()
    assert set(job("pull-request.yml", "preview").content["strategy"]["matrix"]["stack"]) == stacks
    assert set(job("drift.yml", "look").content["strategy"]["matrix"]["stack"]) == stacks
    assert set(workflow("deploy.yml")["jobs"]) == {"test", *stacks}
    for told in (job("pull-request.yml", "comment").steps[-1]["run"], job("drift.yml", "tell").steps[-1]["run"]):
        assert set(told.split()[-3:]) == stacks


@pytest.mark.parametrize("where", ["preview.yml:preview", "update.yml:update", "drift.yml:look"])
def test_nothing_is_installed_while_a_session_is_held(where: str) -> None:
    steps = [str(step.get("uses", step.get("run"))) for step in job(*where.split(":")).steps]
    installs = steps.index("./.github/actions/pulumi")
    assert installs < next(at for at, step in enumerate(steps) if step.startswith("aws-actions/"))


def test_the_version_of_pulumi_stands_in_local_engine_alone() -> None:
    assert [name for name, text in texts() if re.search(r"\b3\.\d{2,3}\.\d+\b", text)] == []
    assert "install_pulumi.py" in str(action("pulumi"))
