"""The command lines of tools and benchmarks: what is wrong is refused before anything happens.

Each refusal is one sentence and exit code 2. What a tool has not made, it never takes away.
"""

import argparse
import errno
import os
import re
import runpy
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import pytest

from helpers import digits
from helpers.course import LESSONS
from tests.notebook_tools import ROOT
from tools import arguments, try_elsewhere

TOOLS = sorted([*(ROOT / "tools").glob("*.py"), *(ROOT / "benchmarks").glob("*.py")])
SCRIPTS = [path for path in TOOLS if "__main__" in path.read_text(encoding="utf-8")]
NAME = "01_the_hammered_iron_sheet"
LESSON = ROOT / "notebooks" / f"{NAME}.ipynb"


def run(script, *line, monkeypatch, capsys):
    """Run a script with a command line, in this process; return its exit code and its words."""
    path = next(path for path in SCRIPTS if path.stem == script)
    monkeypatch.setattr(sys, "argv", [str(path), *map(str, line)])
    monkeypatch.syspath_prepend(path.parent)  # as Python does for the script that it runs
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(path), run_name="__main__")
    said = capsys.readouterr()
    return ended.value.code, said.out + said.err


@pytest.fixture
def refused(monkeypatch, capsys):
    def check(script, *line, says):
        code, said = run(script, *line, monkeypatch=monkeypatch, capsys=capsys)
        assert code == 2, said
        last = said.strip().splitlines()[-1]
        assert says in last and "error: " in last and "Traceback" not in said, said

    return check


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_help_needs_no_tensorflow(path):
    """Whoever asks what a script does gets an answer at once, also where little is installed."""
    source = (
        "import runpy, sys\n"
        "for name in ('tensorflow', 'keras', 'jax', 'torch'): sys.modules[name] = None\n"
        f"sys.argv = [{str(path)!r}, '--help']; sys.path.insert(0, {str(path.parent)!r})\n"
        f"runpy.run_path({str(path)!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, timeout=120, cwd="/"
    )
    assert done.returncode == 0, done.stderr
    first = re.search(r'"""(.*)', path.read_text(encoding="utf-8"))[1].strip()
    assert first in done.stdout


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_an_option_that_is_none_is_refused(path, refused):
    refused(path.stem, "--no-such-option", says="")


LINES = [
    ("build_site", ("--only", "12"), "there is no lesson '12': the lessons are 0 to 9"),
    ("build_site", ("--only", "1", "hammerd"), "there is no lesson 'hammerd'"),
    ("build_site", ("--only", "-1"), "there is no lesson '-1'"),
    ("build_site", ("--only", "1.0"), "there is no lesson '1.0'"),
    ("build_site", ("--only", ""), "there is no lesson ''"),
    ("build_site", ("--only",), "expected at least one argument"),
    ("build_site", ("--onl", "1"), "unrecognized arguments"),
    ("build_site", ("--out", ""), "an empty path names nothing"),
    ("build_site", ("--out", __file__), "is a file: name a folder"),
    ("build_site", ("--out", f"{__file__}/below"), "is a file: name a folder"),
    ("build_site", ("--out", ROOT), "holds files that no build has put there"),
    ("build_site", ("--out", ROOT / "notebooks"), "holds files that no build has put there"),
    ("format_notebooks", ("no.ipynb",), "there is no notebook no.ipynb"),
    ("format_notebooks", (ROOT / "notebooks",), "is a folder: name a notebook"),
    ("format_notebooks", (ROOT / "README.md",), "must end in .ipynb"),
    ("format_notebooks", ("--check", "--execute"), "choose one"),
    ("stamp", ("--check", "--replay"), "choose one"),
    ("screenshot", ("no.ipynb", "/tmp"), "there is no notebook no.ipynb"),
    ("screenshot", (LESSON, __file__), "is a file: name a folder"),
    ("screenshot", (ROOT / "README.md", "/tmp"), "must end in .ipynb"),
    ("screenshot", (LESSON, "/tmp", "--width", "0"), "'0' is no whole number from 300 to 8000"),
    ("screenshot", (LESSON, "/tmp", "--timeout", "nan"), "'nan' is no number above 0"),
    ("try_elsewhere", ("mars",), "invalid choice"),
    ("try_elsewhere", ("colab", "12"), "there is no lesson '12'"),
    ("try_elsewhere", ("colab", "--keep", __file__), "is a file: name a folder"),
    ("try_elsewhere", ("colab", "--keep", ROOT), "is no environment that this tool has made"),
    ("constraints", ("now",), "unrecognized arguments"),
    ("compare_cells", ("--seeds", "0"), "'0' is no whole number of 1 or more"),
    ("compare_cells", ("--epochs", "two"), "'two' is no whole number of 1 or more"),
    ("compare_cells", ("--peak", "0"), "'0' is no number above 0"),
    ("compare_cells", ("--peak=-1",), "'-1' is no number above 0"),
    ("compare_cells", ("--peak", "inf"), "'inf' is no number above 0"),
    ("compare_cells", ("--cells",), "expected at least one argument"),
    ("compare_cells", ("--cells", "cnn"), "invalid choice"),
    ("compare_cells", ("--save", __file__), "is there already"),
    ("compare_cells", ("--save", "/no/such/folder/a.json"), "there is no folder"),
    ("import_time", ("--rounds", "0"), "'0' is no whole number of 1 or more"),
    ("menu_latency", ("--changes", "0"), "'0' is no whole number of 1 or more"),
    ("replay_latency", ("--rounds", "0"), "'0' is no whole number of 1 or more"),
    ("train_reader", ("--seeds", "0"), "'0' is no whole number of 1 or more"),
    ("against_pytorch", ("--rounds", "0"), "'0' is no whole number of 1 or more"),
    ("against_pytorch", ("--torch-python", "/no/python"), "there is no program /no/python"),
    ("gpu", ("--peak-tflops", "0", "1"), "'0' is no number above 0"),
    ("gpu", ("--peak-tflops", "67"), "expected 2 arguments"),
    ("gpu", ("--batch", "60001"), "'60001' is no whole number from 1 to 60000"),
    ("gpu", ("--precision", "float8"), "invalid choice"),
    ("ingredients", ("--only", "magic"), "there is no change 'magic'"),
    ("ingredients", ("--keep", ROOT), "is a folder: name a file"),
    ("ingredients", ("--keep", "/no/such/folder/a.json"), "there is no folder"),
    ("ingredients", ("--keep", __file__), "holds no runs of this script, or is damaged"),
    ("time_to_accuracy", ("--first-seed=-1",), "'-1' is no whole number from 0 to"),
    ("time_to_accuracy", ("--first-seed", "4294967296"), "is no whole number from 0 to"),
    ("train_reader", ("--first-seed", "4294967296"), "is no whole number from 0 to"),
    ("train_reader", ("--first-seed", "2147483646"), "3 seeds from 2147483646 on go beyond"),
    ("time_to_accuracy", ("--first-seed", "2147483646"), "go beyond the last one, 2147483647"),
    ("train_pixels", ("--keep", __file__), "is a file: name a folder"),
    ("train_pixels", ("--seed", "4294967296"), "is no whole number from 0 to"),
    ("train_pixels", ("--batch", "60000"), "is no whole number from 1 to 48000"),
    ("record", ("magic",), "there is no benchmark 'magic'"),
    ("train_shipped", (), "is there already"),
    ("train_shipped", ("--epochs", "0"), "'0' is no whole number of 1 or more"),
    ("train_shipped", ("--seed=-1",), "is no whole number from 0 to"),
    ("train_shipped", ("--out", "/tmp/no-such-weights.txt"), "must end in .npz"),
]


@pytest.mark.parametrize(("script", "line", "says"), LINES, ids=lambda part: str(part)[:40])
def test_a_wrong_argument_is_refused_in_a_sentence(script, line, says, refused):
    refused(script, *line, says=says)


@pytest.mark.parametrize("script", ["screenshot", "menu_latency", "replay_latency"])
@pytest.mark.parametrize("there", ["none", "a wrong path"])
def test_without_a_browser_the_reason_is_said(script, there, refused, monkeypatch):
    from tests import browser_tools

    line = [LESSON, "/tmp"] if script == "screenshot" else []
    if there == "none":
        monkeypatch.setattr(browser_tools, "find_chromium", lambda: None)
        refused(script, *line, says="no Chromium or Chrome found")
    else:
        monkeypatch.setenv("CHROMIUM", "/no/such/browser")
        refused(script, *line, says="CHROMIUM=/no/such/browser: there is no such program")


NEED_MNIST = {
    "train_reader": lambda folder: ["--data", "full"],
    "train_shipped": lambda folder: ["--out", folder / "w.npz"],
    "train_pixels": lambda folder: ["--out", folder / "w.npz"],
    "ingredients": lambda folder: ["--keep", folder / "runs.json"],
    "time_to_accuracy": lambda folder: [],
    "beyond_the_cells": lambda folder: [],
}


@pytest.mark.parametrize("script", NEED_MNIST)
def test_a_wrong_path_of_the_digits_is_said(script, refused, monkeypatch, tmp_path):
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path / "no.npz"))
    refused(script, *NEED_MNIST[script](tmp_path), says="the full MNIST is not here; set MNIST_NPZ")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("script", NEED_MNIST)
def test_other_digits_are_not_taken_for_mnist(script, refused, monkeypatch, tmp_path):
    """Those of one's own may be as many, and of the same form: what is said would not be true."""
    pixels, labels = np.zeros((60_000, 28, 28), np.uint8), np.zeros(60_000, np.uint8)
    found = digits.Digits(pixels, labels, pixels[:10_000], labels[:10_000], "Digits: one's own.")
    monkeypatch.setattr(digits, "load_digits", lambda: found)
    line = NEED_MNIST[script](tmp_path)
    refused(script, *line, says="these digits are not MNIST's 60,000 and 10,000 in their own order")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "fault", [PermissionError(errno.EACCES, "Permission denied"), OSError(errno.EROFS, "Read-only"),
              OSError(errno.ENOSPC, "No space left on device")], ids=lambda fault: fault.strerror
)  # fmt: skip
def test_a_place_that_cannot_be_written_to_is_refused(fault, refused, monkeypatch, tmp_path):
    def fail(*args, **kwargs):
        raise fault

    monkeypatch.setattr(tempfile, "TemporaryFile", fail)
    says = f"nothing can be written to {tmp_path} ({fault.strerror}): name another place"
    refused("build_site", "--only", "1", "--out", tmp_path / "new", says=says)
    refused("compare_cells", "--save", tmp_path / "new.json", says=says)


def test_uv_and_git_are_asked_for_by_name(refused, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    refused("constraints", says="uv is not on the PATH: pip install uv")
    refused("try_elsewhere", "colab", says="uv is not on the PATH")


def test_a_script_that_is_stopped_says_so_in_a_sentence():
    begun = "from tools.arguments import new_parser; new_parser('A script.')\nraise "
    ended = {
        error: subprocess.run([sys.executable, "-c", begun + error], cwd=ROOT, timeout=60,
                              capture_output=True, text=True)
        for error in ("KeyboardInterrupt", "KeyError('a fault')")
    }  # fmt: skip
    assert ended["KeyboardInterrupt"].stderr == "\nStopped by you.\n"
    assert "Traceback" in ended["KeyError('a fault')"].stderr
    assert all(done.returncode for done in ended.values())


# --- what is understood ---------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1", "01", NAME, f"{NAME}.ipynb"])
def test_a_lesson_goes_by_number_or_name(text):
    assert arguments.lesson(text) is LESSONS[1]


def test_lessons_come_in_their_order_and_once():
    chosen = [arguments.lesson(text) for text in ("4", "01", "04", "0")]
    assert [each.number for each in arguments.in_order(chosen)] == [0, 1, 4]


def test_home_is_understood_and_a_folder_may_be_new(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert arguments.folder("~/a/b") == tmp_path / "a" / "b"
    assert not list(tmp_path.iterdir()), "nothing is made before the work starts"
    with pytest.raises(argparse.ArgumentTypeError, match="there is no folder"):
        arguments.new_file("~/a/b.json")


# --- nothing of anybody's is lost -----------------------------------------------------------------


def test_a_text_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "README.md"
    path.write_text("as it was")
    path.chmod(0o640)

    class Full:
        def __init__(self, handle, *args, **kwargs):
            os.close(handle)

        def __enter__(self):
            return self

        def __exit__(self, *args):
            return False

        def write(self, text):
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdopen", Full)
        with pytest.raises(OSError, match="No space left"):
            arguments.write_text(path, "as it shall be")
    assert path.read_text() == "as it was" and [*tmp_path.iterdir()] == [path]
    arguments.write_text(path, "as it shall be\n")
    assert path.read_bytes() == b"as it shall be\n" and [*tmp_path.iterdir()] == [path]
    assert path.stat().st_mode & 0o777 == 0o640


def test_an_environment_of_somebody_else_is_left_alone(tmp_path):
    assert try_elsewhere.may_make(tmp_path / "new", "colab")
    assert try_elsewhere.may_make(tmp_path, "colab")
    (tmp_path / "pyvenv.cfg").touch()
    assert not try_elsewhere.may_make(tmp_path, "colab")
    (tmp_path / try_elsewhere.OURS).write_text("colab")
    assert try_elsewhere.may_make(tmp_path, "colab")
    assert not try_elsewhere.may_make(tmp_path, "binder")
