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
LINES = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
PINS = [Requirement(line) for line in LINES if line.strip() and not line.startswith("#")]


def test_every_constraint_is_one_version_without_an_address():
    for pin in PINS:
        assert pin.url is None, f"{pin} has an address"
        assert re.fullmatch(r"==[^,*]+", str(pin.specifier)), f"{pin} is not one version"
    assert "://" not in "".join(LINES)


@pytest.mark.parametrize("python", PYTHONS)
def test_constraints_satisfy_the_bounds(python):
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    for requirement in map(Requirement, WANTED):
        found = [
            str(pin.specifier).removeprefix("==") for pin in PINS
            if canonicalize_name(pin.name) == canonicalize_name(requirement.name)
            and (pin.marker is None or pin.marker.evaluate(environment))
        ]  # fmt: skip
        assert len(found) == 1, f"{requirement.name}: {len(found)} versions for Python {python}"
        assert requirement.specifier.contains(found[0], prereleases=True), (
            f"{requirement} against {found[0]}; run: uv run python tools/constraints.py"
        )
        # A bound ends before the next release that may break.
        assert {part.operator for part in requirement.specifier} == {">=", "<"}, requirement


def test_conda_and_binder_install_this_repository_with_the_constraints():
    conda, binder = (
        yaml.safe_load((ROOT / folder / "environment.yml").read_text(encoding="utf-8"))
        for folder in (".", "binder")
    )
    assert conda["name"] == PROJECT["project"]["name"] and conda["channels"] == ["conda-forge"]
    python, pip, from_pip = conda["dependencies"]
    assert pip == "pip" and from_pip == {"pip": ["-c constraints.txt", "-e ."]}
    assert binder["dependencies"] == [python, pip] and python.removeprefix("python=") in PYTHONS
    wanted = SpecifierSet(PROJECT["project"]["requires-python"])
    assert all(wanted.contains(version) for version in PYTHONS)


def test_binder_installs_the_same_with_the_small_tensorflow():
    lines = (ROOT / "binder" / "packages.txt").read_text(encoding="utf-8").splitlines()
    listed = {line for line in lines if not line.startswith("#")}
    names = {Requirement(one).name for one in PROJECT["project"]["dependencies"]}
    tensorflow = next(str(pin.specifier) for pin in PINS if pin.name == "tensorflow")
    names -= {"tensorflow", "tf-keras", "jupyterlab"}
    assert listed == names | {f"tensorflow-cpu{tensorflow}"}
    build = ROOT / "binder" / "postBuild"
    for command in ('-c "$mine" -r binder/packages.txt', '-c "$mine" --no-deps tf-keras',
                    "--no-deps -e ."):  # fmt: skip
        assert f"pip install {command}" in build.read_text(encoding="utf-8")
    assert os.access(build, os.X_OK) or os.name == "nt"
