"""Bring arrays of pixels and labels, in any of the forms that MNIST comes in, into the course's.

Each function gives back what can be understood in one way only, or raises a ValueError that names
the array, what is wrong with it, and what to do.
"""

import math

import numpy as np

from helpers import judge

SIDE = 28
PIXELS = SIDE * SIDE
CHUNK = 5000  # pictures that are converted at a time: 60,000 of float64 take 376 MB
NEARLY = 1e-6  # how far rounding may carry a float beyond 0 or 1


def labels(array, name):
    """Turn labels into the digits 0 to 9.

    Parameters
    ----------
    array : numbers or text (n,), (n, 1) or (1, n); one-hot (n, 10); QMNIST's table (n, 8)
    name : str, what the error calls them

    Returns
    -------
    uint8 array (n,)

    Raises
    ------
    ValueError
        They are something else, or other numbers than 0 to 9.
    """
    if array.dtype.kind in "SU":
        array = _numbers(array, name)
    if array.ndim == 2 and 1 in array.shape:
        array = array.reshape(-1)
    elif array.ndim == 2 and (classes := _classes(array)) is not None:
        array = classes
    if array.dtype.kind in "iuf" and array.size and (array.min(), array.max()) == (1, 10):
        raise ValueError(f"{name} goes from 1 to 10. Save labels % 10, if 10 stands for the 0.")
    try:
        return judge.labels(array, len(array) if array.ndim else 0, name).astype(np.uint8)
    except TypeError as error:  # a fault of a file, and not of a call
        raise ValueError(str(error)) from error


def images(array, name, n):
    """Turn n pictures into uint8, bright ink on dark paper where that is how they come.

    Parameters
    ----------
    array : numbers (n, 28, 28), (n, 784), with a channel axis, or with the pictures last
        0 to 255, or 0 to 1.
    name : str, what the error calls them
    n : int, how many labels there are

    Returns
    -------
    uint8 array (n, 28, 28)

    Raises
    ------
    ValueError
        They are of another shape or number, or their pixels have another range.
    """
    if array.dtype.kind not in "buif":
        raise ValueError(
            f"{name} holds {array.dtype}, no numbers. Save the pixels as uint8, 0 to 255."
        )
    array = _pictures_first(array, name, n)
    factor = _factor(array, name)
    result = np.empty((n, SIDE, SIDE), np.uint8)
    for start in range(0, n, CHUNK):
        part = array[start : start + CHUNK].reshape(-1, SIDE, SIDE)
        if part.dtype.kind == "f":
            part = np.rint(part.astype(np.float32) * factor).clip(0, 255)
            result[start : start + CHUNK] = part
        else:
            result[start : start + CHUNK] = part.astype(np.uint8) * np.uint8(factor)
    return result


def _numbers(array, name):
    try:
        return array.astype(np.int64)
    except ValueError:
        example = str(array.reshape(-1)[0]) if array.size else ""
        raise ValueError(
            f"{name} holds text such as {example!r}; labels are digits, 0 to 9."
        ) from None


def _classes(array):
    """Return the digits that a table of labels stands for, or None where it stands for none."""
    if array.shape[0] == 10 != array.shape[1]:
        array = array.T
    if array.shape[1] == 10 and ((array == 0) | (array == 1)).all() and (array.sum(1) == 1).all():
        return array.argmax(1)
    # QMNIST's columns: the digit, where and by whom it was written, NIST's own class code, ...
    if array.shape[1] == 8 and np.array_equal(array[:, 4], array[:, 0] + 30):
        return array[:, 0]
    return None


def _pictures_first(array, name, n):
    """Return the pictures as (n, 28, 28) or (n, 784); the number of labels says which axis is n."""
    given = array.shape
    if array.ndim == 2 and given == (PIXELS, n) and n != PIXELS:
        array = array.T  # MATLAB's way: a picture is a column
    elif array.ndim in (3, 4) and given[:2] == (SIDE, SIDE) and given[-1] == n:
        array = np.moveaxis(array, -1, 0)
    if array.ndim == 4:
        array = _without_channels(array, name)
    if array.ndim > 1 and array.shape[1:] in ((PIXELS,), (SIDE, SIDE)):
        if len(array) != n:
            raise ValueError(
                f"{name} holds {len(array):,} pictures, but there are {n:,} labels to them. Save "
                "as many labels as pictures, in the same order."
            )
        return array
    side = math.isqrt(given[1]) if array.ndim == 2 else 0
    size = f"{side} x {side}" if side and side * side == given[1] else None
    size = f"{array.shape[1]} x {array.shape[2]}" if array.ndim == 3 else size
    known = {
        "8 x 8": " Those of scikit-learn's load_digits are not MNIST.",
        "32 x 32": " Take a padded border off with images[:, 2:-2, 2:-2].",
    }.get(size, "")
    what = f", pictures of {size} pixels" if size else ""
    raise ValueError(
        f"{name} has the shape {given}{what}; the course reads (n, 28, 28) or (n, 784).{known}"
    )


def _without_channels(array, name):
    """Drop the axis of channels, first or last, where it holds one grey or the same three times."""
    for axis in (3, 1):
        if array.shape[axis] not in (1, 3):
            continue
        first, *others = np.moveaxis(array, axis, 0)
        if all(np.array_equal(first, other) for other in others):
            return first
        raise ValueError(f"{name} holds colours. Save one grey a pixel: images.mean({axis}).")
    return array


def _factor(array, name):
    """Return what the pixels must be multiplied by, 1 or 255, judged by where they reach."""
    if not array.size:
        raise ValueError(f"{name} holds no pictures.")
    low, high = array.min(), array.max()  # nan, if there is one
    if array.dtype.kind == "b":
        low, high, array = int(low), int(high), array.view(np.uint8)
    if array.dtype.kind == "f" and not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(f"{name} holds nan or infinity. Save finite pixels, 0 to 255.")
    if low == high:
        raise ValueError(f"{name} is blank: every pixel is {low:g}. Save it anew from its source.")
    if low >= -NEARLY and high <= 1 + NEARLY:
        return 255
    # A little beyond 1 is no 0 to 255: read so, it would be black, and nobody would be told.
    if low >= -NEARLY and 128 <= high <= 255 * (1 + NEARLY):
        return 1
    if low < 0:
        cure = "Save (images - images.min()) / (images.max() - images.min())."
        if array.dtype == np.int8:
            cure = "Save images.view('uint8'), if 255 became -1."
    elif 255 < high <= 65535:
        cure = "Save images // 257, if they are of 16 bits."
    else:
        cure = "Save images / images.max()."
    raise ValueError(f"{name} has pixels from {low:g} to {high:g}, not 0 to 255 or 0 to 1. {cure}")
