"""The workflows: what the first page and the monthly run say of the tests is so."""

import re

import pytest
import yaml

from tests.notebook_tools import ROOT

WORKFLOWS = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in (ROOT / ".github" / "workflows").glob("*.yml")
}
README = (ROOT / "README.md").read_text(encoding="utf-8")
# The command that a reader is told to test with.
[TEST] = re.findall(r"^(uv run pytest)$", README, re.MULTILINE)


def steps(workflow, job):
    return [step for step in WORKFLOWS[workflow]["jobs"][job]["steps"] if "run" in step]


def runs(workflow, job):
    return [step["run"] for step in steps(workflow, job)]


@pytest.mark.parametrize(("workflow", "job"), [("pages", "build"), ("elsewhere", "newest")])
def test_everything_is_tested_by_the_readmes_command_and_nothing_skipped(workflow, job):
    told = runs(workflow, job)
    assert told[:2] == ["pip install uv", TEST]
    tests = steps(workflow, job)[1]
    assert tests["env"]["SHEET_REQUIRE_BROWSER"] == "1"
    assert "if" not in tests and "continue-on-error" not in tests


def test_only_what_was_tested_in_the_same_place_says_so_and_only_that_is_published():
    told = runs("pages", "build")
    tested, built = (
        told.index("uv run pytest"),
        next(n for n, one in enumerate(told) if "build_site" in one),
    )
    assert told[built].startswith("uv run python tools/build_site.py --tested") and tested < built
    packed = told.index("uv run python tools/take_along.py")
    assert built < packed < told.index("uv run pytest tests/test_site.py")
    assert WORKFLOWS["pages"]["jobs"]["publish"]["needs"] == "build"


def test_once_a_month_the_newest_versions_are_tried_and_a_failure_opens_an_issue():
    on = WORKFLOWS["elsewhere"][True]  # YAML reads the word `on` as true
    [schedule] = on["schedule"]
    assert re.fullmatch(r"\d+ \d+ \d+ \* \*", schedule["cron"])
    newest = WORKFLOWS["elsewhere"]["jobs"]["newest"]
    assert "-c constraints" not in str(newest) and "UV_" not in str(newest)
    [step] = [step for step in newest["steps"] if step.get("id") == "moved"]
    assert "uv run python tools/constraints.py && git diff" in step["run"]
    tell = WORKFLOWS["elsewhere"]["jobs"]["tell"]
    assert set(tell["needs"]) == {"lessons", "newest"}
    assert tell["permissions"] == {"issues": "write"}
    assert "always()" in tell["if"] and "!= 'success'" in tell["if"]
    [step] = tell["steps"]
    assert "gh issue create" in step["run"] and "gh issue comment" in step["run"]
    assert step["env"]["MOVED"] == "${{ needs.newest.outputs.moved }}"
    assert newest["outputs"]["moved"] == "${{ steps.moved.outputs.table }}"
    # What comes from outside reaches the shell as a variable, never as its own text.
    assert "${{" not in step["run"]


def test_contributing_tells_of_the_monthly_run():
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert re.search(r"[Oo]nce a month .* newest versions", contributing)
