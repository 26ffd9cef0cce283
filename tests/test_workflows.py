"""The workflows: only what was tested is published, and the monthly run tells of a failure."""

import pytest
import yaml

from tests.notebook_tools import ROOT

WORKFLOWS = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    for path in (ROOT / ".github" / "workflows").glob("*.yml")
}


def steps(workflow, job):
    return [step for step in WORKFLOWS[workflow][job]["steps"] if "run" in step]


@pytest.mark.parametrize(("workflow", "job"), [("pages", "build"), ("elsewhere", "newest")])
def test_everything_is_tested_and_nothing_skipped(workflow, job):
    [tests] = [step for step in steps(workflow, job) if step["run"] == "bash .ci/run"]
    assert "if" not in tests and "continue-on-error" not in tests
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "export SHEET_SKIP_NOTHING=1" in script and "pytest -m deep" in script


def test_only_what_was_tested_in_the_same_place_says_so_and_only_that_is_published():
    told = [step["run"].split(" --")[0] for step in steps("pages", "build")]
    order = [told.index(one) for one in ("bash .ci/run", "uv run python tools/build_site.py",
                                         "uv run python tools/take_along.py")]  # fmt: skip
    assert order == sorted(order) and "test_site.py" in told[-2]
    assert WORKFLOWS["pages"]["publish"]["needs"] == "build"


def test_a_failure_of_the_monthly_run_opens_an_issue_with_what_has_moved():
    newest, tell = WORKFLOWS["elsewhere"]["newest"], WORKFLOWS["elsewhere"]["tell"]
    [moved] = [step["run"] for step in newest["steps"] if step.get("id") == "moved"]
    assert "uv run python tools/constraints.py && git diff" in moved
    assert "-c constraints" not in str(newest) and "UV_" not in str(newest)
    assert set(tell["needs"]) == {"lessons", "newest"} and "!= 'success'" in tell["if"]
    [step] = tell["steps"]
    assert step["env"]["MOVED"] == "${{ needs.newest.outputs.moved }}"
    # What comes from outside reaches the shell as a variable, never as its own text.
    assert "gh issue create" in step["run"] and "${{" not in step["run"]
