"""The command lines of tools and benchmarks: what is wrong is refused before anything happens.

Each refusal is one sentence and exit code 2. What a tool has not made, it never takes away.
"""

import runpy
import subprocess
import sys

import pytest

from tests.notebook_tools import ROOT

TOOLS = sorted([*(ROOT / "tools").glob("*.py"), *(ROOT / "benchmarks").glob("*.py")])
SCRIPTS = [path for path in TOOLS if "__main__" in path.read_text(encoding="utf-8")]
HELP = """
import ast, contextlib, io, runpy, sys
from pathlib import Path
for name in ("tensorflow", "keras", "jax", "torch"): sys.modules[name] = None
for path in sys.argv[1:]:
    sys.path[0] = str(Path(path).parent)
    for option, code in (("--help", 0), ("--no-such-option", 2)):
        sys.argv, said = [path, option], io.StringIO()
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                runpy.run_path(path, run_name="__main__")
        except SystemExit as ended:
            assert ended.code == code, (path, said.getvalue())
        else:
            raise AssertionError(path)
        first = ast.get_docstring(ast.parse(Path(path).read_text())).splitlines()[0]
        assert code or first in said.getvalue(), path
"""


def test_help_needs_no_tensorflow_and_an_unknown_option_is_refused():
    """Whoever asks what a script does gets an answer at once, also where little is installed."""
    done = subprocess.run([sys.executable, "-c", HELP, *map(str, SCRIPTS)], cwd=ROOT, timeout=120,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture
def refused(monkeypatch, capsys):
    """Run a script with a command line, in this process, that it has to refuse."""

    def check(script, *line, says):
        path = next(path for path in SCRIPTS if path.stem == script)
        monkeypatch.setattr(sys, "argv", [str(path), *map(str, line)])
        monkeypatch.syspath_prepend(path.parent)  # as Python does for the script that it runs
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(path), run_name="__main__")
        captured = capsys.readouterr()
        said = captured.out + captured.err
        assert ended.value.code == 2, said
        last = said.strip().splitlines()[-1]
        assert says in last and "error: " in last and "Traceback" not in said, said

    return check


LINES = [
    ("build_site", ("--only", "1", "hammerd"), "no lesson 'hammerd': the lessons are 0 to 9"),
    ("build_site", ("--out", f"{__file__}/below"), "is a file: name a folder"),
    ("build_site", ("--out", ROOT / "notebooks"), "holds files that no build has put there"),
    ("take_along", ("--site", ROOT / "docs"), "run tools/build_site.py first"),
    ("format_notebooks", (ROOT / "README.md",), "there is no notebook"),
    ("stamp", ("--check", "--replay"), "choose one"),
    ("compare_cells", ("--epochs", "two"), "'two' is no whole number of 1 or more"),
    ("ingredients", ("--only", "magic"), "there is no change 'magic'"),
    ("train_reader", ("--record", "replay"), "results/replay.json is of `python benchmarks/rep"),
    ("train_shipped", ("--out", __file__), "is there already"),
]


@pytest.mark.parametrize(("script", "line", "says"), LINES, ids=lambda part: str(part)[:40])
def test_a_wrong_argument_is_refused_in_a_sentence(script, line, says, refused):
    refused(script, *line, says=says)
