"""Read the digits that MNIST_NPZ names: an npz as Keras's, or the four idx files of MNIST."""

import gzip
import io
import math

import numpy as np

from helpers import judge
from rnnscope.npz import MAX_BYTES, UNREADABLE, read_npz

# Each array of the set, by Keras's name, and MNIST's own file of it.
IDX = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
KEYS = tuple(IDX)
LEAST = (800, 200)  # digits to train on and to test on; lesson 6 works with no fewer
SAVE = "np.savez_compressed('mnist.npz', x_train=..., y_train=..., x_test=..., y_test=...)"

# What often lies under the name of a file that was fetched.
_OTHERS = {
    b"version https://git-lfs": "it is a pointer of Git LFS. Run: git lfs pull",
    b"<": "it is a web page: the download went wrong. Fetch it again.",
}


def find(path):
    """Return the files that hold the set a path names, as a tuple: one npz, or four idx.

    Parameters
    ----------
    path : pathlib.Path
        Of an npz, of a folder with mnist.npz or the four idx files, or of one of these.

    Raises
    ------
    FileNotFoundError
        There is no such file or folder.
    ValueError
        The folder holds no set.
    """
    if path.is_file() and "idx" not in path.name:
        return (path,)
    if not (path.is_file() or path.is_dir()):
        raise FileNotFoundError(path)
    folder = path if path.is_dir() else path.parent
    if path.is_dir() and (folder / "mnist.npz").is_file():
        return (folder / "mnist.npz",)
    found = [
        next((file for file in (folder / name, folder / f"{name}.gz") if file.is_file()), None)
        for name in IDX.values()
    ]
    if None in found:
        missing = list(IDX.values())[found.index(None)]
        raise ValueError(
            f"{folder} has no {missing} or {missing}.gz. Give the path of an npz, or of the "
            f"folder with MNIST's four files, {', '.join(IDX.values())}."
        )
    return tuple(found)


def read(files):
    """Read the set that `find` found.

    Returns
    -------
    list of x_train, y_train, x_test, y_test
        uint8 (n, 28, 28) and (n,)

    Raises
    ------
    OSError
        A file cannot be opened.
    ValueError or TypeError
        A file is damaged or another one, an array is not what it should be, or the set is too
        small for the lessons.
    """
    if len(files) == 4:
        return _judged({key: _idx(file) for key, file in zip(KEYS, files, strict=True)})
    try:
        arrays = read_npz(files[0])
    except ValueError as error:
        raise ValueError(
            _what_it_is(files[0]) or f"{error}. Fetch it again, or save it with {SAVE}."
        ) from error
    if missing := [key for key in KEYS if key not in arrays]:
        held = ", ".join(arrays) or "nothing"
        raise ValueError(f"it lacks {missing[0]} and holds {held}. Save it with {SAVE}.")
    return _judged(arrays)


def _idx(path):
    """Read an idx file: two zeros, 8 for uint8, the number of axes, their lengths, the numbers."""
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(MAX_BYTES)
        if data[:3] != b"\0\0\x08":
            raise ValueError("it is no idx file of uint8")
        shape = np.frombuffer(data, ">u4", data[3], 4).tolist()
        numbers = np.frombuffer(data, np.uint8, offset=4 + 4 * data[3])
        if numbers.size != math.prod(shape):
            raise ValueError(f"it holds {numbers.size:,} numbers where its head says {shape}")
        return numbers.reshape(shape)
    except (IndexError, *UNREADABLE) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        reason = _what_it_is(path) or f"it is damaged, or another file ({error}). Fetch it again."
        raise ValueError(f"of {path.name}: {reason}") from error


def _what_it_is(path):
    """Say what a file is that is often taken for another; None where that is not known."""
    with path.open("rb") as file:
        start = file.read(99).lstrip()
    if not start:
        return "it is empty. Fetch it again."
    return next((what for magic, what in _OTHERS.items() if start.startswith(magic)), None)


def _judged(arrays):
    """See that a set is one that the lessons can use."""
    result = []
    for part, least in zip(("train", "test"), LEAST, strict=True):
        images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if images.shape[1:] != (28, 28):
            raise ValueError(
                f"x_{part} has the shape {images.shape}; the course reads (n, 28, 28). Flattened "
                "pictures become so with images.reshape(-1, 28, 28)."
            )
        images = judge.images(images, f"x_{part}", uint8=True)
        labels = judge.labels(labels, len(images), f"y_{part}").astype(np.uint8)
        if len(labels) < least:
            raise ValueError(
                f"x_{part} has {len(labels):,} digits. The lessons need {LEAST[0]} to train on "
                f"and {LEAST[1]} to test on: add some."
            )
        # Lesson 6 sets the last tenth of those to train on aside.
        last = labels[-len(labels) // 10 :] if part == "train" else labels
        if missing := [digit for digit in range(10) if digit not in last]:
            where = "the last tenth of y_train" if part == "train" else "y_test"
            raise ValueError(
                f"in {where} there is no {missing[0]}. The lessons need digits of every kind, in "
                "mixed order: add some of each, and mix pictures and labels alike."
            )
        result += [images, labels]
    return result
