"""Open an npz or an idx file, packed with gzip or not, and give back plain arrays.

Nothing is unpickled, and no file's promises of its size are believed.
"""

import contextlib
import gzip
import io
import math
import re
import struct
import tokenize
import zipfile
import zlib

import numpy as np

MAX_BYTES = 1_000_000_000  # MNIST as float64 has 440 MB, EMNIST's 280,000 digits have 220
SAVE = "np.savez_compressed('mnist.npz', x_train=..., y_train=..., x_test=..., y_test=...)"

_BROKEN = "it is no whole npz file ({}). Fetch or save it again."
# gzip, zlib and zip each fail in their own ways, and NumPy reads an array's header as Python.
_HEADER = (SyntaxError, tokenize.TokenError)
DAMAGE = (
    *(gzip.BadGzipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error),
    *(_HEADER if zipfile.lzma is None else (*_HEADER, zipfile.lzma.LZMAError)),
)
# What NumPy raises of a file that holds no arrays, or broken ones.
UNREADABLE = (ValueError, TypeError, KeyError, OSError, zipfile.BadZipFile, *DAMAGE)
_IDX_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}

# What a file that is neither npz nor idx begins with, what that is, and what to do.
_OTHERS = (
    (b"\x93NUMPY", "one array", f"Put pictures and labels into one file: {SAVE}."),
    (b"\x89HDF", "an HDF5 file", f"Open it with h5py, and save it with {SAVE}."),
    (b"MATLAB", "a file of MATLAB", f"Open it with scipy.io.loadmat, and save it with {SAVE}."),
    (b"PAR1", "a Parquet file", f"Open it with pandas, and save it with {SAVE}."),
    (b"\x80", "a pickle, which can run any code", "Take an npz or idx files instead."),
    (b"\x1f\x8b", "packed twice", "Unpack it once."),
    (b"\xfd7zXZ", "packed with xz", "Unpack it."),
    (b"BZh", "packed with bzip2", "Unpack it."),
    (b"7z\xbc\xaf", "packed with 7-Zip", "Unpack it."),
    (b"Rar!", "packed with RAR", "Unpack it."),
    (b"<", "a web page", "The download went wrong: fetch it again."),
    (b"version https://git-lfs", "a pointer of Git LFS", "Run: git lfs pull"),
)


@contextlib.contextmanager
def opened_npz(file):
    """Open an npz for a while: (names of its arrays, function that reads the array of a name).

    Raises
    ------
    ValueError
        The open file is no npz, an array of it is damaged or pickled, or it is far too large.
    """
    try:
        with zipfile.ZipFile(_unpacked(file)) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            if not any(info.filename.endswith(".npy") for info in members.values()):
                raise ValueError(
                    f"it is no npz, but a zip of other files ({', '.join(members)}). Unpack it, "
                    "and name what was in it."
                )

            def load(name):
                with archive.open(members[name]) as member:
                    return _npy(member, name)

            yield list(members), load
    except zipfile.BadZipFile as error:
        raise ValueError(_what_it_is(file) or _BROKEN.format(error)) from error
    except DAMAGE as error:
        raise ValueError(_BROKEN.format(error)) from error
    except OSError as error:
        if error.errno is not None:  # the disk's own, not bzip2's
            raise
        raise ValueError(_BROKEN.format(error)) from error


def read_idx(path):
    """Read the one array of an idx file; ValueError where it is none, or cut short."""
    with path.open("rb") as file:
        try:
            return _idx(_unpacked(file), path.name)
        except DAMAGE as error:
            raise ValueError(f"{path.name} is damaged ({error}). Fetch it again.") from error


def _idx(file, name):
    """Read an idx file: two zeros, the type, the number of axes, their lengths, the numbers."""
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in _IDX_TYPES or not head[3]:
        raise ValueError(f"{name} is no idx file, whatever its name says. Fetch it again.")
    dtype = np.dtype(_IDX_TYPES[head[2]])
    sizes = file.read(4 * head[3])
    if len(sizes) < 4 * head[3]:
        raise ValueError(f"{name} is cut short. Fetch it again.")
    shape = struct.unpack(f">{head[3]}I", sizes)
    return _numbers(file, shape, dtype, name)


def _npy(member, name):
    """Read one array of an npz, without pickle and without trust in its header."""
    try:
        version = np.lib.format.read_magic(member)
        if version == (1, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(member)
        elif version == (2, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_2_0(member)
        else:
            raise ValueError(f"its version {version} is unknown")
    except _HEADER as error:
        raise ValueError(_BROKEN.format(f"{name}: its header cannot be read")) from error
    except ValueError as error:
        text = " ".join(str(error).split())
        raise ValueError(_BROKEN.format(f"{name}: {text}")) from error
    if dtype.hasobject:
        raise ValueError(
            f"{name} is pickled, which can run any code, and was not opened. Save it as plain "
            f"numbers, for example with {name}.astype('uint8')."
        )
    array = _numbers(member, shape[::-1] if fortran else shape, dtype, name)
    return array.T if fortran else array


def _numbers(file, shape, dtype, name):
    size = math.prod(shape) * dtype.itemsize
    if size > MAX_BYTES:
        raise ValueError(f"{name} unpacks to {size:,} bytes, far more than MNIST")
    data = file.read(size + 1)  # one more, so that the end is reached and its checksum looked at
    if len(data) != size:
        fault = "is cut short" if len(data) < size else "is longer than it says"
        raise ValueError(f"{name} {fault}. Fetch or save it again.")
    return np.frombuffer(data, dtype).reshape(shape)


def _unpacked(file):
    """Return the open file, or what it holds where it is packed with gzip."""
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    if not packed:
        return file
    data = gzip.GzipFile(fileobj=file).read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError("it unpacks to far more than MNIST")
    return io.BytesIO(data)


def _what_it_is(file):
    """Say what a file is that is no npz, and what to do; None where that cannot be told."""
    file.seek(0)
    try:
        start = _unpacked(file).read(4096)
    except (OSError, EOFError, zlib.error):
        return None
    for magic, what, cure in _OTHERS:
        if start.lstrip().startswith(magic):
            return f"it is no npz, but {what}. {cure}"
    if len(start) > 3 and start[:2] == b"\0\0" and start[2] in _IDX_TYPES:
        return (
            "it is an idx file whose name does not say of what. Name it as MNIST does, for "
            "example train-images-idx3-ubyte, with the three others beside it."
        )
    if re.fullmatch(rb"[\x20-\x7e\s]+", start) and start.count(b",") > 9:
        return (
            "it is a table of text (CSV). Save it as an npz once, where the label comes first: "
            "table = np.loadtxt(file, delimiter=',', skiprows=1, dtype='uint8'); "
            "np.savez_compressed('mnist.npz', x=table[:, 1:], y=table[:, 0])."
        )
    return None
