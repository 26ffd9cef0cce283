"""What a learner's function returns, read as NumPy arrays: from any library, in any wrapping."""

import itertools
from collections.abc import Iterable, Mapping, Set

import numpy as np

MANY = 10_000  # more than any exercise asks for; an iterator that goes on is taken to have no end
DEEP = 10  # and a list that holds itself has no bottom


class UnreadableError(Exception):
    """Carries the sentence about a result that cannot be read."""


def as_numpy(value):
    """Bring a tensor of any library to NumPy, or raise the library's own error."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value
    # PyTorch: off the tape, off the GPU. TensorFlow has a `cpu` too, and logs where it is used.
    if hasattr(type(value), "detach"):
        value = value.detach().cpu()
    try:
        return np.asarray(value)
    except TypeError:
        if hasattr(type(value), "float"):  # PyTorch's bfloat16 has no way to NumPy but this
            return np.asarray(value.float())
        raise


def is_array(value):
    """Tell whether a value is an array or a tensor, of whichever library.

    Its class is asked: there are objects, such as mocks, that claim to have everything.
    """
    return hasattr(type(value), "__array__") or hasattr(type(value), "detach")


def is_listed(value):
    """Tell whether a value yields its parts in order, one by one, and is no array, text or dict."""
    plain = isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping, Set))
    return plain and not is_array(value) and not isinstance(value, type)


def listed(value):
    """Turn a generator, a map, a zip and the like into a list; leave all else as it is."""
    if isinstance(value, (list, tuple)) or not is_listed(value):
        return value
    parts = list(itertools.islice(iter(value), MANY + 1))
    if len(parts) > MANY:
        raise UnreadableError(
            f"what your function returns (a {type(value).__name__}) does not end: give as many "
            "values as are asked for."
        )
    return parts


def holds(result, thing, depth=0):
    """Tell whether ``thing`` itself (``...`` or None) is a result, or stands in it."""
    if isinstance(result, (tuple, list)):
        return depth < DEEP and any(holds(part, thing, depth + 1) for part in result)
    if isinstance(result, np.ndarray) and result.dtype == object:
        return any(part is thing for part in result.flat)
    return result is thing


def parts(gives, result):
    """Read a result as arrays, as many as the function gives back.

    ``gives`` has the results' names, each with the names of its axes. A dict is read by these
    names; a list, or one array with a further axis in front, is as good as a tuple; and where a
    single number is asked, an array that holds one number is it.
    """
    (name, axes), *others = gives.items()
    if isinstance(result, Mapping):
        result = _by_name(gives, result)
    if others:
        if is_array(result):
            array = to_array(result)
            result = list(array) if array.ndim == 1 + len(axes) else [array]
        elif not isinstance(result, (tuple, list)):
            result = [result]
    else:
        several = isinstance(result, tuple) and _ndim(result) != len(axes)
        if several and len(result) == 1:
            raise UnreadableError(
                f"your function returns a tuple with {name} in it: take away the comma after "
                f"it, so that {name} comes back by itself."
            )
        result = result if several else [result]
    arrays = [to_array(part) for part in result]
    if not axes and not others and len(arrays) == 1 and arrays[0].size == 1:
        return [arrays[0].reshape(())]
    return arrays


def _by_name(gives, result):
    if not set(gives) <= set(result):
        keys = ", ".join(map(str, itertools.islice(result, 5))) or "nothing"
        raise UnreadableError(
            f"your function returns a dict that holds {keys}; it should return {', '.join(gives)}."
        )
    found = [result[name] for name in gives]
    return found if len(gives) > 1 else found[0]


def _ndim(result):
    try:
        return np.ndim(_nested(result))
    except Exception:  # its parts have different shapes, or are no numbers at all
        return None


def _nested(value, depth=0):
    """Turn every tensor and iterator inside a value into something that NumPy reads."""
    if depth > DEEP:
        raise TypeError
    if is_array(value):
        value = as_numpy(value)
        if value.dtype != object or value.ndim == 0:
            return value
    return [_nested(part, depth + 1) for part in listed(value)] if is_listed(value) else value


def to_array(part):
    """Read one result as an array of numbers, in its own precision."""
    kind = type(part).__name__
    try:
        array = np.asarray(_nested(part))
        if array.dtype.kind in "biuf" or array.dtype.name == "bfloat16":
            return array
        if array.dtype.kind == "O":  # fractions, decimals, integers of any length
            return array.astype(float)
    except UnreadableError:
        raise
    except Exception:  # whatever a library says of a tensor without numbers
        array = None
    if array is not None and array.dtype.kind in "US":
        raise UnreadableError(
            f"what your function returns (a {kind}) holds text: return the numbers themselves."
        )
    raise UnreadableError(
        f"what your function returns (a {kind}) cannot be read as an array of numbers whose rows "
        "have one length."
    )


def close(found, due):
    """Tell, entry by entry, whether found is due up to the rounding of found's own precision."""
    relative, absolute = 1e-5, 1e-6
    if due.dtype.kind in "iu":  # counts are right or wrong
        relative, absolute = 0, 1e-3
    elif found.dtype.name == "bfloat16":
        relative = absolute = 1e-2
    elif found.dtype.kind == "f" and found.dtype.itemsize < 8:
        relative = absolute = max(1e-5, 1.5 * float(np.finfo(found.dtype).eps))
    found, due = found.astype(float), due.astype(float)
    return np.isclose(found, due, rtol=relative, atol=absolute, equal_nan=True)


def equal(found, due):
    """Tell whether two arrays have one shape, and all entries close."""
    return found.shape == due.shape and bool(close(found, due).all())
