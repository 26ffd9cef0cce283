"""The helpers load fast: nothing heavy is imported before a lesson needs it."""

import json
import subprocess
import sys

from tests.notebook_tools import ROOT

# What lessons 0 to 4 import; loading TensorFlow or pandas there would cost seconds and 500 MB.
LIGHT = (
    *("digits", "reader", "trace", "figures", "replay", "checks", "course"),
    "sequences",
    "report",
)
HEAVY = ("tensorflow", "keras", "tf_keras", "jax", "torch", "pandas", "sklearn", "scipy", "mlxtend")

SCOPE = ("tracing", "torch_modules", "keras_models", "files", "view", "doctor", "why")

LOOK = f"""
import importlib, json, sys
seen = {{}}
for name in ("rnnscope", *("rnnscope." + name for name in {SCOPE})):
    importlib.import_module(name)
    if "matplotlib" in sys.modules or "helpers" in sys.modules:
        seen["matplotlib or the course"] = name
for name in ["helpers." + name for name in {LIGHT}]:
    importlib.import_module(name)
    for heavy in {(*HEAVY, "matplotlib")}:
        if heavy in sys.modules:
            seen.setdefault(heavy, name)
print(json.dumps(seen))
"""


def test_importing_helpers_and_rnnscope_loads_nothing_heavy():
    done = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {}, "imported by: " + done.stdout
