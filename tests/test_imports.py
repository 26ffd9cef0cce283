"""The helpers load fast, and import each other only along the line on which data flow."""

import ast
import json
import subprocess
import sys

import pytest

from tests.notebook_tools import ROOT

# What lessons 0 to 4 import; loading TensorFlow or pandas there would cost seconds and 500 MB.
LIGHT = (
    *("digits", "cells", "reader", "network", "trace", "figures", "replay", "checks", "course"),
    "sequences",
    "report",
)
HEAVY = ("tensorflow", "keras", "tf_keras", "jax", "torch", "pandas", "sklearn", "scipy", "mlxtend")

# In the order in which they stand on each other. `digits` comes after `trace`, as a reader tells it
# whether pictures of one's own can be read.
STATIONS = (
    *("judge", "writing", "npz", "controls", "projector", "cells", "reader"),
    *("network", "trace", "digits", "figures", "replay"),
)

LOOK = f"""
import importlib, json, sys
seen = {{}}
for name in {LIGHT}:
    importlib.import_module("helpers." + name)
    for heavy in {(*HEAVY, "matplotlib")}:
        if heavy in sys.modules:
            seen.setdefault(heavy, name)
print(json.dumps(seen))
"""


def test_importing_the_helpers_loads_nothing_heavy():
    done = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {}, "imported by (module of helpers): " + done.stdout


def imported_helpers(source: str) -> set[str]:
    """Names of the modules of helpers that a source imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith("helpers.")}


def sources(station):
    place = ROOT / "helpers" / station
    return sorted(place.glob("**/*.py")) if place.is_dir() else [place.with_suffix(".py")]


@pytest.mark.parametrize("station", STATIONS)
def test_no_station_imports_a_later_one_or_one_beside(station):
    before = set(STATIONS[: STATIONS.index(station) + 1])
    for path in sources(station):
        backwards = imported_helpers(path.read_text(encoding="utf-8")) - before
        assert not backwards, f"{path.relative_to(ROOT)} imports {backwards}"
