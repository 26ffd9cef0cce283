"""pyproject.toml, constraints.txt and environment.yml say the same about versions."""

import os
import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.notebook_tools import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = [*PROJECT["dependency-groups"]["dev"], *PROJECT["dependency-groups"]["site"]]
# dev includes site by an entry that is a table, not a requirement.
WANTED = [*PROJECT["project"]["dependencies"], *(one for one in GROUPS if isinstance(one, str))]
PYTHONS = ["3.11", "3.12", "3.13"]


def pins():
    """Return the lines of constraints.txt, parsed."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


def test_every_constraint_is_one_version_without_an_address():
    for pin in pins():
        assert pin.url is None, f"{pin} has an address"
        assert re.fullmatch(r"==[^,*]+", str(pin.specifier)), f"{pin} is not one version"
    assert "://" not in (ROOT / "constraints.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("wanted", WANTED)
def test_constraints_satisfy_the_bounds(wanted, python):
    requirement = Requirement(wanted)
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    found = [
        pin
        for pin in pins()
        if canonicalize_name(pin.name) == canonicalize_name(requirement.name)
        and (pin.marker is None or pin.marker.evaluate(environment))
    ]
    assert len(found) == 1, f"{requirement.name}: {len(found)} versions for Python {python}"
    version = str(found[0].specifier).removeprefix("==")
    assert requirement.specifier.contains(version, prereleases=True), (
        f"constraints.txt has {found[0]}, pyproject.toml wants {wanted}: "
        "run uv run python tools/constraints.py"
    )


def test_bounds_end_before_the_next_release_that_may_break():
    for wanted in WANTED:
        operators = {part.operator for part in Requirement(wanted).specifier}
        assert operators == {">=", "<"}, f"{wanted} needs a lower and an upper bound"


def test_conda_and_binder_install_this_repository_with_the_constraints():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["name"] == PROJECT["project"]["name"]
    assert environment["channels"] == ["conda-forge"]
    python, pip, from_pip = environment["dependencies"]
    assert pip == "pip" and from_pip == {"pip": ["-c constraints.txt", "-e ."]}
    name, version = python.split("=")
    assert name == "python" and version in PYTHONS
    assert SpecifierSet(PROJECT["project"]["requires-python"]).contains(version)
    assert all(
        SpecifierSet(PROJECT["project"]["requires-python"]).contains(python) for python in PYTHONS
    )


def test_binder_installs_the_same_with_the_small_tensorflow():
    folder = ROOT / "binder"
    environment = yaml.safe_load((folder / "environment.yml").read_text(encoding="utf-8"))
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["dependencies"] == conda["dependencies"][:2]
    lines = (folder / "packages.txt").read_text(encoding="utf-8").splitlines()
    listed = {line for line in lines if not line.startswith("#")}
    names = {Requirement(one).name for one in PROJECT["project"]["dependencies"]}
    tensorflow = next(str(pin.specifier) for pin in pins() if pin.name == "tensorflow")
    assert listed == names - {"tensorflow", "tf-keras", "jupyterlab"} | {
        f"tensorflow-cpu{tensorflow}"
    }
    build = (folder / "postBuild").read_text(encoding="utf-8")
    for command in (
        'pip install -c "$mine" -r binder/packages.txt',
        'pip install -c "$mine" --no-deps tf-keras',
        "pip install --no-deps -e .",
    ):
        assert command in build
    assert os.access(folder / "postBuild", os.X_OK) or os.name == "nt"
