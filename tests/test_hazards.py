"""A disk that is full, or takes nothing: no work is lost.

docs/faults.md lists these with all others; what needs a browser is in test_browser.py.
"""

import errno
from pathlib import Path

import pytest

from helpers import reader

FAULTS = {
    "disk full": (errno.ENOSPC, "No space left on device"),
    "read-only": (errno.EROFS, "Read-only file system"),
    "no permission": (errno.EACCES, "Permission denied"),
}


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
