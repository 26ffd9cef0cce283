"""What passes between a student's process and the judge: numbers, texts, lists and arrays as JSON.

Nothing else passes. What a student's process sends is data when it arrives, whatever it was there:
no code of theirs, no object that equals everything, no pickle.
"""

import base64
import collections
import decimal
import fractions
import itertools
import math
import types

MANY = 10_001  # parts of one list, as in helpers.checks.results
DEEP = 12
LONG = 2_000  # signs of one text: no answer is longer, and patterns are slow on a million
BYTES = 2**22  # of one array

_KINDS = "biufc"


class BadValueError(ValueError):
    """What arrived is no value of this kind: the student's process has been tampered with."""


# --- there, in the student's process --------------------------------------------------------------


def encode(value, depth=0):
    """Return a value as what JSON can hold. What cannot be read becomes the name of its class."""
    try:
        return _encode(value, depth)
    except Exception:  # an object of the student's that does not like to be looked at
        return _opaque(value)


def _encode(value, depth):
    import numpy as np

    if value is None or value is ...:
        return None if value is None else {"is": "..."}
    if depth > DEEP:
        return _opaque(value)
    if isinstance(value, np.generic):
        return _array(np.asarray(value), "scalar")
    if isinstance(value, bool):
        return bool(value)
    if isinstance(value, int):
        number = int(value)
        return number if number.bit_length() < 1000 else _opaque(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        text = str(value)
        return {"is": "text", "text": text if len(text) <= LONG else text[:LONG]}
    if isinstance(value, complex):
        return {"is": "complex", "parts": [value.real, value.imag]}
    if isinstance(value, fractions.Fraction):
        return {"is": "fraction", "parts": [value.numerator, value.denominator]}
    if isinstance(value, decimal.Decimal):
        return {"is": "decimal", "text": str(value)}
    if hasattr(type(value), "__array__") or hasattr(type(value), "detach"):
        return _any_array(value, depth)
    if isinstance(value, dict):
        pairs = itertools.islice(value.items(), MANY)
        return {
            "is": "dict",
            "parts": [[encode(k, depth + 1), encode(v, depth + 1)] for k, v in pairs],
        }
    if isinstance(value, tuple) and hasattr(type(value), "_fields"):
        return {"is": "named", "names": list(type(value)._fields), "parts": _parts(value, depth)}
    for kind in (list, tuple, set, frozenset):
        if isinstance(value, kind):
            return {"is": kind.__name__.removeprefix("frozen"), "parts": _parts(value, depth)}
    if isinstance(value, collections.abc.Set):
        return {"is": "set", "parts": _parts(value, depth)}
    if isinstance(value, collections.abc.Iterable) and not isinstance(value, bytes | type):
        return {"is": "list", "parts": _parts(value, depth)}
    return _opaque(value, depth)


def _parts(value, depth):
    return [encode(part, depth + 1) for part in itertools.islice(iter(value), MANY)]


def _any_array(value, depth):
    import numpy as np

    for step in ("detach", "cpu"):  # PyTorch's: off the tape, off the GPU
        if hasattr(type(value), step):
            value = getattr(value, step)()
    try:
        array = np.asarray(value)
    except TypeError:  # PyTorch's bfloat16 has no way to NumPy but this
        array = np.asarray(value.float())
    if array.dtype == object:
        return {"is": "objects", "shape": list(array.shape), "parts": _parts(array.ravel(), depth)}
    return _array(array, "array")


def _array(array, kind):
    import numpy as np

    name = array.dtype.name
    if array.nbytes > BYTES or not (array.dtype.kind in _KINDS + "U" or name == "bfloat16"):
        return _opaque(array)
    if array.dtype.kind != "U" and name != "bfloat16":
        name = array.dtype.newbyteorder("<").str
        array = array.astype(name)
    if array.dtype.kind == "U":
        return {
            "is": "texts",
            "shape": list(array.shape),
            "parts": [str(t)[:LONG] for t in array.ravel()[:MANY]],
        }
    data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    return {"is": kind, "type": name, "shape": list(array.shape), "data": data}


def _opaque(value, depth=DEEP):
    """Return the name of a thing's class, whether it can be called, and its numbers by name."""
    made, attributes = {}, {}
    try:
        attributes = dict(vars(value)) if depth < DEEP and not callable(value) else {}
    except Exception:
        attributes = {}
    for name, part in itertools.islice(attributes.items(), 20):
        if isinstance(name, str) and name.isidentifier() and not name.startswith("_"):
            made[name] = encode(part, depth + 1)
    return {"is": "object", "class": type(value).__name__[:100], "parts": made}


# --- here, where it is judged ---------------------------------------------------------------------


def decode(sent, depth=0):
    """Return the value that was sent, made anew from plain types.

    Raises BadValueError for what `encode` does not send.
    """
    try:
        return _decode(sent, depth)
    except BadValueError:
        raise
    except Exception as error:
        raise BadValueError(f"{type(error).__name__} in what came") from error


def _decode(sent, depth):
    import numpy as np

    if sent is None or isinstance(sent, bool | int | float):
        return sent
    if not isinstance(sent, dict) or depth > DEEP + 1:
        raise BadValueError("no value")
    kind = sent.get("is")
    if kind == "...":
        return ...
    if kind == "text":
        return _text(sent["text"])
    if kind == "complex":
        return complex(*map(float, sent["parts"]))
    if kind == "fraction":
        return fractions.Fraction(*map(int, sent["parts"]))
    if kind == "decimal":
        number = decimal.Decimal(_text(sent["text"])[:100])
        if number.is_finite() and abs(number.adjusted()) > 400:
            raise BadValueError("a number without an end")
        return number
    if kind == "object":
        return _object(sent, depth)
    if kind in ("array", "scalar"):
        return _as_array(sent)
    parts = sent["parts"]
    if not isinstance(parts, list) or len(parts) > MANY:
        raise BadValueError("no list, or too long a one")
    if kind == "dict":
        return {_key(decode(k, depth + 1)): decode(v, depth + 1) for k, v in parts}
    if kind == "texts":
        return np.array([_text(part) for part in parts]).reshape(_shape(sent))
    parts = [decode(part, depth + 1) for part in parts]
    if kind == "list":
        return parts
    if kind == "tuple":
        return tuple(parts)
    if kind == "set":
        return set(map(_key, parts))
    if kind == "named":
        return collections.namedtuple("Named", map(_name, sent["names"]))(*parts)
    if kind == "objects":
        array = np.empty(len(parts), object)
        array[:] = parts
        return array.reshape(_shape(sent))
    raise BadValueError(f"unknown kind {str(kind)[:20]}")


def _text(text):
    if not isinstance(text, str) or len(text) > LONG:
        raise BadValueError("no text, or too long a one")
    return text


def _name(name):
    if not _text(name).isidentifier() or name.startswith("_"):
        raise BadValueError("no name")
    return name


def _key(value):
    hash(value)  # a TypeError, where it cannot be one
    return value


def _shape(sent):
    shape = tuple(sent["shape"])
    if len(shape) > 32 or not all(type(n) is int and 0 <= n <= BYTES for n in shape):
        raise BadValueError("no shape")
    return shape


def _as_array(sent):
    import numpy as np

    name, shape = _text(sent["type"]), _shape(sent)
    if name == "bfloat16":
        import ml_dtypes

        dtype = np.dtype(ml_dtypes.bfloat16)
    else:
        dtype = np.dtype(name)
        if dtype.kind not in _KINDS or dtype.itemsize > 16 or dtype.names or dtype.shape:
            raise BadValueError("no numbers")
    data = base64.b64decode(sent["data"], validate=True)
    if len(data) > BYTES or len(data) != math.prod(shape) * dtype.itemsize:
        raise BadValueError("an array of another size")
    array = np.frombuffer(data, dtype).reshape(shape).copy()
    return array[()] if sent["is"] == "scalar" and array.ndim == 0 else array


def _object(sent, depth):
    """Return an empty object whose class has that name, with the attributes that came."""
    name = "".join(sign for sign in _text(sent["class"]) if sign.isalnum() or sign == "_")
    made = types.new_class(name or "object")()
    for attribute, part in list(sent["parts"].items())[:20]:
        setattr(made, _name(attribute), decode(part, depth + 1))
    return made
