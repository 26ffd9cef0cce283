"""The helpers load fast: nothing heavy is imported before a lesson needs it."""

import json
import subprocess
import sys

from tests.notebook_tools import ROOT

# What lessons 0 to 4 import; loading TensorFlow or pandas there would cost seconds and 500 MB.
LIGHT = (
    *("digits", "reader", "network", "trace", "figures", "replay", "checks", "course"),
    "sequences",
    "report",
)
HEAVY = ("tensorflow", "keras", "tf_keras", "jax", "torch", "pandas", "sklearn", "scipy", "mlxtend")

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
