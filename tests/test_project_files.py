"""The files that speak for the project on GitHub: changes, citation, what an issue asks for."""

import re
import tomllib

import yaml

from helpers import address
from tests.notebook_tools import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def test_the_changelog_names_this_version_in_the_usual_form():
    heads = re.findall(r"^## (.*)$", CHANGES, re.MULTILINE)
    assert heads[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", head) for head in heads[1:])
    newest = heads[1].split("]")[0].strip("[") if heads[1:] else None
    unreleased = re.search(r"^What becomes (\S+),", CHANGES, re.MULTILINE)
    assert PROJECT["version"] in (newest, unreleased and unreleased[1])


def test_the_citation_is_of_this_version_and_this_repository():
    assert CITATION["cff-version"] == "1.2.0"
    assert str(CITATION["version"]) == PROJECT["version"]
    assert CITATION["repository-code"] == address.repository()
    assert CITATION["url"] == address.page()
    assert " AND ".join(CITATION["license"]) == PROJECT["license"]
    assert CITATION["keywords"] == PROJECT["keywords"]
    assert CITATION["message"] and CITATION["title"] and CITATION["type"] == "software"


def test_the_files_that_workers_begin_with_are_there():
    import conftest

    files = [
        p.relative_to(ROOT).as_posix() for p in (*ROOT.glob("tests/*"), *ROOT.glob("*/*.ipynb"))
    ]
    for start in conftest.LONG:
        assert any(name.startswith(start) for name in files), start
