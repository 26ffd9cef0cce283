"""The files that speak for the project: versions, what is installed, what is published."""

import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpers import address
from tests.notebook_tools import ROOT


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


WHOLE = tomllib.loads(read("pyproject.toml"))
PROJECT = WHOLE["project"]
PROJECT["dependencies"].remove("rnnscope")  # lies beside
PINS = [Requirement(line) for line in read("constraints.txt").splitlines() if line[:1] not in "#"]


def test_changelog_and_citation_are_of_this_version_and_this_repository():
    citation = yaml.safe_load(read("CITATION.cff"))
    assert str(citation["version"]) == PROJECT["version"] and PROJECT["version"] in read(
        "CHANGELOG.md"
    )
    assert citation["repository-code"] == address.repository()
    assert " AND ".join(citation["license"]) == PROJECT["license"]


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_constraints_are_one_version_each_within_the_bounds(python):
    groups = WHOLE["dependency-groups"]
    wanted = [*PROJECT["dependencies"], *groups["dev"], *groups["site"]]
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    for requirement in (Requirement(one) for one in wanted if isinstance(one, str)):
        [pin] = [
            pin
            for pin in PINS
            if canonicalize_name(pin.name) == canonicalize_name(requirement.name)
            and (pin.marker is None or pin.marker.evaluate(environment))
        ]
        version = re.fullmatch(r"==([^,*]+)", str(pin.specifier))[1]
        assert requirement.specifier.contains(version, prereleases=True), (
            f"{requirement} against {version}; run the command at its head"
        )
        # A bound ends before the next release that may break.
        assert {part.operator for part in requirement.specifier} == {">=", "<"}, requirement


def test_binder_installs_the_same_with_the_small_tensorflow():
    lines = read("binder/packages.txt").splitlines()
    names = {Requirement(one).name for one in PROJECT["dependencies"]}
    tensorflow = next(str(pin.specifier) for pin in PINS if pin.name == "tensorflow")
    names -= {"tensorflow", "tf-keras", "jupyterlab"}
    listed = {line for line in lines if not line.startswith("#")}
    assert listed == names | {f"tensorflow-cpu{tensorflow}"}
