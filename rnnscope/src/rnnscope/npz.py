"""Read an npz, NumPy's file of arrays: nothing is unpickled, and damage is found."""

import errno
import gzip
import struct
import tokenize
import zipfile
import zlib

import numpy as np

MAX_BYTES = 1_000_000_000  # MNIST as int64 has 440 MB

# What NumPy raises of a file that holds no arrays, or broken ones: gzip, zlib and zip each fail in
# their own ways, and an array's header is read as Python.
UNREADABLE = (
    *(ValueError, TypeError, KeyError, OSError, EOFError, NotImplementedError, RuntimeError),
    *(SyntaxError, tokenize.TokenError, struct.error, zlib.error),
    *(zipfile.BadZipFile, gzip.BadGzipFile),
    *(() if zipfile.lzma is None else (zipfile.lzma.LZMAError,)),
)


def read_npz(path):
    """Read all arrays of an npz, as {name: array}.

    Parameters
    ----------
    path : path or open binary file

    Raises
    ------
    ValueError
        The file is no npz, an array of it is damaged or pickled, or it is far too large.
    OSError
        The file cannot be opened.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
            if size > MAX_BYTES:
                raise ValueError(f"it unpacks to {size:,} bytes")
            if damaged := archive.testzip():  # NumPy looks at no checksum of what it does not need
                raise ValueError(f"{damaged} is damaged")
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        if any(not isinstance(array, np.ndarray) for array in arrays.values()):
            raise ValueError("it is a zip of other files")
        return arrays
    except UNREADABLE as error:
        # The disk's own; "invalid argument" is a place before the file's start, named in the file.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        reason = " ".join(str(error).split()).rstrip(".")
        raise ValueError(f"it is no npz, or a damaged one ({reason})") from error
