"""A disk that is full: no work is lost, and no half of a file is left."""

import errno
from pathlib import Path

import pytest

from helpers import reader


def until_full(path, data):
    """Write a few bytes and then no more, as a full disk does."""
    with path.open("wb") as file:
        file.write(data[:50])
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_reader_that_cannot_be_saved_costs_nothing(overwrite, tmp_path, monkeypatch):
    path, weights = tmp_path / "mine.npz", reader.shipped("rnn")
    if overwrite:
        path.write_bytes(b"an earlier file")
    monkeypatch.setattr(Path, "write_bytes", until_full)
    with pytest.raises(OSError, match="could not be written") as error:
        reader.save(path, weights, overwrite=overwrite)
    assert "No space left on device" in str(error.value) and str(path) in str(error.value)
    left = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    assert left == ({"mine.npz": b"an earlier file"} if overwrite else {})
