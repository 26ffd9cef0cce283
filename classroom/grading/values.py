"""What passes between a student's process and the judge, as JSON: numbers, texts, lists, arrays.

Nothing else passes. What a student's process sends is data when it arrives, whatever it was there:
no code of theirs, no object that equals everything, no pickle.
"""

import collections
import itertools
import types

import numpy as np

MANY = 10_001  # parts of one list
DEEP = 12
LONG = 2_000  # letters of one text
LARGE = 200_000  # numbers of one array
TYPES = [np.dtype(name).str for name in ("?", *np.typecodes["AllInteger"], "e", "f", "d")]
# What the check of lesson 6 looks at in a Keras network.
SEEN = (
    *("__name__", "activation", "built", "input_shape", "layers", "name", "output_shape"),
    *("return_sequences", "stateful", "units"),
)


class BadValueError(ValueError):
    """What arrived is no value of this kind: the student's process has been tampered with."""


def encode(value, depth=0):
    """Return a value as what JSON can hold; what cannot be read becomes the name of its class."""
    try:
        return _encode(value, depth)
    except Exception:  # an object of the student's that does not like to be looked at
        return {"is": "object", "class": type(value).__name__, "has": {}}


def _encode(value, depth):
    if value is ...:
        return {"is": "..."}
    if hasattr(type(value), "detach"):  # PyTorch's: off the tape, off the GPU
        value = value.detach().cpu()
    if hasattr(type(value), "__array__"):
        return _array(np.asarray(value), isinstance(value, np.generic), depth)
    if value is None or isinstance(value, bool | int | float | str):
        return _plain(value)
    if hasattr(type(value), "as_integer_ratio"):  # a fraction, a decimal number
        return float(value)
    if depth < DEEP and isinstance(value, collections.abc.Iterable) and not _is_network(value):
        kinds = (dict, tuple, set, frozenset)
        kind = next((kind for kind in kinds if isinstance(value, kind)), list).__name__
        parts = itertools.islice(value.items() if kind == "dict" else value, MANY)
        fields = getattr(type(value), "_fields", None)
        return {"is": kind, "fields": fields, "parts": [encode(part, depth + 1) for part in parts]}
    return _object(value, depth)


def _object(value, depth):
    has = {name: getattr(value, name) for name in SEEN if depth < DEEP and hasattr(value, name)}
    has = {name: encode(part, depth + 1) for name, part in has.items()}
    return {"is": "object", "class": type(value).__name__, "has": has}


def _plain(value):
    """Return a number or a text as Python's own, also where it is of a class of the student's."""
    if isinstance(value, str):
        return str.__str__(value)[:LONG]
    if isinstance(value, int) and not isinstance(value, bool):
        value = int(value)
        return value if value.bit_length() < 1000 else {"is": "object", "class": "int", "has": {}}
    return float(value) if isinstance(value, float) else value


def _array(array, is_number, depth):
    if array.size > LARGE:
        return {"is": "object", "class": "ndarray", "has": {}}
    if array.dtype.name == "bfloat16":
        array = array.astype(np.float32)
    if is_number or array.dtype.str not in TYPES:
        return encode(array.tolist(), depth + 1)
    parts = array.ravel().tolist()
    return {"is": "array", "type": array.dtype.str, "shape": array.shape, "parts": parts}


def _is_network(value):
    return isinstance(value, type | bytes) or hasattr(type(value), "get_config")


def decode(sent):
    """Return the value that was sent, made anew from plain types.

    Raises BadValueError for what `encode` does not send.
    """
    try:
        return _decode(sent)
    except Exception as error:
        raise BadValueError(f"{type(error).__name__} in what came") from error


def _decode(sent):
    if sent is None or isinstance(sent, bool | int | float | str):
        return sent
    kind = sent["is"]
    if kind == "...":
        return ...
    if kind == "object":
        name = "".join(sign for sign in sent["class"][:100] if sign.isalnum() or sign == "_")
        made = types.new_class(name or "object")()
        for name in set(SEEN) & set(sent["has"]):
            setattr(made, name, _decode(sent["has"][name]))
        return made
    if kind == "array":
        return np.array(sent["parts"], TYPES[TYPES.index(sent["type"])]).reshape(sent["shape"])
    parts = [_decode(part) for part in sent["parts"][:MANY]]
    if kind == "tuple" and sent["fields"]:
        return collections.namedtuple("Named", sent["fields"])(*parts)
    kinds = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset, "dict": dict}
    return kinds[kind](parts)
