"""The files that speak for the project on GitHub: changes, citation, what an issue asks for."""

import re
import tomllib

import pytest
import yaml

from helpers import address
from tests.notebook_tools import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
# https://keepachangelog.com: the kinds of change, in this order.
KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


def test_the_changelog_names_this_version_in_the_usual_form():
    heads = re.findall(r"^## (.*)$", CHANGES, re.MULTILINE)
    assert heads[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", head) for head in heads[1:])
    newest = heads[1].split("]")[0].strip("[") if heads[1:] else None
    unreleased = re.search(r"^What becomes (\S+),", CHANGES, re.MULTILINE)
    assert PROJECT["version"] in (newest, unreleased and unreleased[1])


def test_the_kinds_of_change_come_in_order_and_none_is_empty():
    for part in re.split(r"^## ", CHANGES, flags=re.MULTILINE)[1:]:
        kinds = re.findall(r"^### (.*)\n\n- ", part, re.MULTILINE)
        assert kinds and kinds == [kind for kind in KINDS if kind in kinds]
        assert part.count("\n### ") == len(kinds)


def test_the_changelogs_links_lead_to_files():
    links = re.findall(r"\]\((?!https?:)([^)#]+)", CHANGES)
    assert links and all((ROOT / link).is_file() for link in links)


def test_the_citation_is_of_this_version_and_this_repository():
    assert CITATION["cff-version"] == "1.2.0"
    assert str(CITATION["version"]) == PROJECT["version"]
    assert CITATION["repository-code"] == address.repository()
    assert CITATION["url"] == address.page()
    assert " AND ".join(CITATION["license"]) == PROJECT["license"]
    assert CITATION["keywords"] == PROJECT["keywords"]
    assert CITATION["message"] and CITATION["title"] and CITATION["type"] == "software"


def test_the_citation_names_whom_the_licence_names_and_no_one_else():
    [holder] = re.findall(r"Copyright \(c\) \d+ (.*)", (ROOT / "LICENSE").read_text())
    assert CITATION["authors"] == [{"name": holder}]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_is_one_that_github_takes(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.stem == "config":
        assert form == {"blank_issues_enabled": True}
        return
    assert set(form) <= {"name", "description", "title", "labels", "body"}
    assert form["name"] and form["description"]
    ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert len(ids) == len(set(ids)) and ids
    for part in form["body"]:
        assert part["type"] in ("markdown", "input", "textarea", "dropdown")
        if part["type"] == "markdown":
            assert set(part["attributes"]) == {"value"}
        else:
            assert part["attributes"]["label"]
        options = part["attributes"].get("options", [])
        assert bool(options) == (part["type"] == "dropdown") and len(options) == len(set(options))


def test_a_reader_is_asked_where_they_stumbled():
    form = yaml.safe_load((FORMS[0].parent / "stumbled.yml").read_text(encoding="utf-8"))
    assert form["name"] == "Where did you stumble?"
    required = [part["id"] for part in form["body"] if part.get("validations", {}).get("required")]
    assert required == ["where", "thought"]


def test_readme_and_contributing_lead_to_the_guide():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in ("docs/teaching.md", "docs/sheet.md", "docs/glossary.md", "CHANGELOG.md"):
        assert f"]({name})" in readme
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert "tools/glossary.py" in contributing and "tools/timetable.py" in contributing
    assert not re.search(r"^(<<<<<<<|>>>>>>>|=======)", contributing, re.MULTILINE)


def test_the_files_that_workers_begin_with_are_there():
    import conftest

    files = [
        p.relative_to(ROOT).as_posix() for p in (*ROOT.glob("tests/*"), *ROOT.glob("*/*.ipynb"))
    ]
    for start in conftest.LONG:
        assert any(name.startswith(start) for name in files), start
