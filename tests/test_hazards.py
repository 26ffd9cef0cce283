"""What happens around lessons: full disks, read-only folders, killed kernels, cells out of order.

docs/faults.md lists these with all others; what needs a browser is in test_browser.py.
"""

import ast
import builtins
import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from helpers import figures, reader
from helpers.figures import base
from helpers.replay import Replay
from tests.notebook_tools import (
    ROOT,
    lessons,
    name_of,
)

FAULTS = {
    "disk full": (errno.ENOSPC, "No space left on device"),
    "read-only": (errno.EROFS, "Read-only file system"),
    "no permission": (errno.EACCES, "Permission denied"),
}


# --- a disk that takes nothing --------------------------------------------------------------------


class Refuses:
    """A file that takes a few bytes and then no more, as a full disk does."""

    def __init__(self, file, fault):
        self.file, self.fault, self.room = file, fault, 100

    def write(self, data):
        self.room -= len(data)
        if self.room < 0:
            self.file.write(bytes(data)[:50])
            raise OSError(*self.fault)
        return self.file.write(data)

    def __getattr__(self, name):
        return getattr(self.file, name)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.file.close()


@pytest.fixture(params=FAULTS)
def full(request, monkeypatch):
    """Let no file be written to, from here on; return the system's word for it."""
    fault, path_open = FAULTS[request.param], Path.open

    def opened(path, mode="r", *args, **kwargs):
        if "r" in mode:
            return path_open(path, mode, *args, **kwargs)
        if request.param != "disk full":
            raise OSError(*fault, str(path))
        return Refuses(path_open(path, mode, *args, **kwargs), fault)

    monkeypatch.setattr(Path, "open", opened)
    return fault[1]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_reader_that_cannot_be_saved_costs_nothing(full, overwrite, tmp_path, monkeypatch):
    path, weights = tmp_path / "mine.npz", reader.shipped("rnn")
    if overwrite:
        with open(path, "wb") as file:  # noqa: PTH123 - Path.open refuses
            file.write(b"an earlier file")
    with pytest.raises(OSError, match="could not be written") as error:
        reader.save(path, weights, overwrite=overwrite)
    assert full in str(error.value) and str(path) in str(error.value)
    left = {each.name: each.read_bytes() for each in tmp_path.iterdir()}  # and no half of a file
    assert left == ({"mine.npz": b"an earlier file"} if overwrite else {})


def test_a_replay_that_cannot_be_saved_costs_nothing(full, tmp_path):
    with pytest.raises(OSError, match="could not be written") as error:
        a_replay().save(tmp_path / "mine.html")
    assert full in str(error.value) and "save the replay under another path" in str(error.value)
    assert not list(tmp_path.iterdir())


def a_replay():
    figure, (ax,) = base.new_figure(2, 1)
    (dot,) = ax.plot([0], [0], "o")
    return Replay(
        figures.make_frames(figure, [dot], lambda n: dot.set_xdata([n]), ["a", "b"], "two")
    )


# --- kernels --------------------------------------------------------------------------------------


@pytest.mark.deep
def test_a_kernel_that_is_killed_while_it_saves_leaves_the_earlier_file(tmp_path):
    """Killed at whatever moment: the file is the earlier one or the new one, never a part."""
    path = tmp_path / "mine.npz"
    reader.save(path, reader.shipped("rnn"))
    source = (
        "from helpers import reader\nw = reader.shipped('lstm')\nprint('ready', flush=True)\n"
        f"while True: reader.save({str(path)!r}, w, overwrite=True)"
    )
    for wait in (0.05, 0.2, 0.35):
        child = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, cwd=ROOT)
        assert child.stdout.readline() == b"ready\n"
        time.sleep(wait)
        child.kill()
        child.wait()
        assert reader.load(path).cell in ("rnn", "lstm")


# --- cells out of order ---------------------------------------------------------------------------


def code(path):
    """Return the lesson's code cells as plain Python (no magics)."""
    plain = TransformerManager().transform_cell
    cells = nbformat.read(path, as_version=4).cells
    return [plain(cell.source) for cell in cells if cell.cell_type == "code"]


def names(source):
    """Return the names that a cell binds, and those that it needs from elsewhere when it runs."""
    tree = ast.parse(source)
    scopes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Lambda)]
    inner = {id(part) for scope in scopes for part in ast.walk(scope) if part is not scope}
    bound, needed = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                bound.add(node.id)
            elif id(node) not in inner:
                needed.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return bound, needed - bound - set(dir(builtins)) - {"display", "get_ipython"}


@pytest.mark.parametrize("path", lessons(), ids=name_of)
def test_a_cell_run_too_early_asks_for_a_name_that_a_cell_above_gives(path):
    """The NameError then names it, and Run > Run All Above Selected Cell is the cure."""
    above = set()
    for number, source in enumerate(code(path)):
        bound, needed = names(source)
        assert needed <= above, f"code cell {number} needs {needed - above}: no cell above makes it"
        above |= bound


# --- what is old, or not there --------------------------------------------------------------------

OLD = """
import json, sys, types
import helpers.replay as module
from helpers.figures import Frames
from helpers.figures.frames import png
import numpy as np
picture = png(np.zeros((8, 8, 4), np.uint8), 8)
replay = module.Replay(Frames([picture, picture], ["one", "two"], 8, 8, "title"), start=1)
shown = []
module.display = lambda faces, **how: shown.append(sorted(faces))
replay._ipython_display_()
print(json.dumps([module.LIVE, shown, replay.step]))
"""


@pytest.mark.deep
@pytest.mark.parametrize("version", ["7.7.1", None])
def test_with_an_old_ipywidgets_or_none_a_replay_is_its_player(version, tmp_path):
    """Colab has 7.7.1: what the replay needs of 8 is not there, and the player plays anyway."""
    old = tmp_path / "ipywidgets"
    old.mkdir()
    body = f"__version__ = {version!r}" if version else "raise ImportError('not installed')"
    (old / "__init__.py").write_text(body, encoding="utf-8")
    (tmp_path / "anywidget.py").touch()
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", OLD], env=os.environ | {"PYTHONPATH": path}, cwd=tmp_path,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [False, [["image/png", "text/html", "text/plain"]], 1]
