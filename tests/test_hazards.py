"""What happens around lessons: full disks, read-only folders, killed kernels, cells out of order.

docs/faults.md lists these with all others; what needs a browser is in test_browser.py.
"""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import figures, reader
from helpers.figures import base
from helpers.replay import Replay
from tests.notebook_tools import ROOT

FAULTS = {
    "disk full": (errno.ENOSPC, "No space left on device"),
    "read-only": (errno.EROFS, "Read-only file system"),
    "no permission": (errno.EACCES, "Permission denied"),
}


# --- a disk that takes nothing --------------------------------------------------------------------


class Full:
    """A file that takes a few bytes and then no more, as a full disk does."""

    def __init__(self, file, fault):
        self.file, self.fault = file, fault

    def write(self, data):
        self.file.write(bytes(data)[:50])
        raise OSError(*self.fault)

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
        return Full(path_open(path, mode, *args, **kwargs), fault)

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


# --- what is old, or not there --------------------------------------------------------------------

OLD = """
import json, sys, types
import IPython.display
import helpers.replay as module
from rnnscope import player
from helpers.figures import Frames
from helpers.figures.frames import png
import numpy as np
picture = png(np.zeros((8, 8, 4), np.uint8), 8)
replay = module.Replay(Frames([picture, picture], ["one", "two"], 8, 8, "title"), start=1)
shown = []
IPython.display.display = lambda faces, **how: shown.append(sorted(faces))
replay._ipython_display_()
print(json.dumps([player.LIVE, shown, replay.step]))
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
