"""What images, labels, weights, counts and paths must be: the one place where each is judged.

Every function here gives back what was understood, or raises a ValueError or TypeError that names
the argument, what is wrong with it, and what to do. What can be read in one way only is read; what
could mean two things is refused.
"""

import math
import os
from pathlib import Path

import numpy as np

ROUNDING = 1e-6  # of whoever divided by 255


def images(images, name="images", *, time_steps=None, features=None, least=0, uint8=False):
    """Judge a set of images.

    Parameters
    ----------
    images : (n, time steps, features)
        uint8 or other whole numbers from 0 to 255, bool, or floats from 0 to 1.
    name : str
        What the error calls them.
    time_steps, features : int, optional
        What they must have; by default they may have any.
    least : int
        How many there must be at least.
    uint8 : bool
        Refuse floats: the caller needs pixels from 0 to 255.

    Returns
    -------
    ndarray (n, time steps, features)
        uint8 from 0 to 255, or float32 from 0 to 1; `rows` makes float32 of both.
    """
    array = _numbers(images, name, "images")
    wanted = f"(n, {time_steps or 'time steps'}, {features or 'features'})"
    if array.ndim != 3 or 0 in array.shape[1:]:
        raise ValueError(
            f"{name} {_has(name)} the shape {array.shape}: give {wanted}."
            + _shape_advice(array.shape, name, features)
        )
    if len(array) < least:
        raise ValueError(
            f"{name} {_has(name)} the shape {array.shape}: give at least {_words(least)}, as "
            f"{wanted}."
        )
    _check_sizes(array.shape, name, time_steps, features)
    return _pixels(array, name, uint8)


def image(image, name="image", *, features=None, uint8=False):
    """Judge one image (time steps, features), otherwise like `images`."""
    array = _numbers(image, name, "an image")
    if array.ndim != 2 or 0 in array.shape:
        advice = " For several images there are predict and accuracy." * (array.ndim == 3)
        raise ValueError(
            f"{name} {_has(name)} the shape {array.shape}: give one image, (time steps, "
            f"{features or 'features'})." + (advice or _shape_advice(array.shape, name, features))
        )
    if features is not None:
        _check_sizes((1, *array.shape), name, None, features)
    elif side := _side_if_flattened(array.shape):
        raise ValueError(
            f"{name} {_has(name)} the shape {array.shape}, which looks like {len(array)} flattened "
            f"images: give {name}.reshape(-1, {side}, {side}). If it is one image, give "
            f"{name}[np.newaxis]."
        )
    return _pixels(array, name, uint8)


def rows(pixels):
    """Make float32 from 0 to 1 of what `images` or `image` gave back: the rows that are read."""
    return np.divide(pixels, 255, dtype=np.float32) if pixels.dtype == np.uint8 else pixels


def labels(labels, n, name="labels", *, most=9):
    """Judge the labels of n images.

    Parameters
    ----------
    labels : (n,) or (n, 1), from 0 to 9
        Whole numbers; floats may hold them.
    n : int
        How many images there are.
    name : str
        What the error calls them.
    most : int
        The largest that a label may be.

    Returns
    -------
    int64 ndarray (n,)
    """
    array = _numbers(labels, name, "labels")
    first = name.split()[0]
    if array.ndim == 2 and array.shape[1] > 1:
        argmax = f" For one-hot labels: {first}.argmax(axis=1)." * (len(array) == n)
        raise ValueError(
            f"{name} {_has(name)} the shape {array.shape}: give one digit for each image, ({n},)."
            + argmax
        )
    if array.shape not in ((n,), (n, 1)):
        raise ValueError(
            f"{name} {_has(name)} the shape {array.shape}: give as many labels as images, one "
            f"digit for each, ({n},)."
        )
    if array.dtype == bool:
        raise TypeError(
            f"{name} {_are(name)} bool, True and False: give the digits themselves, whole numbers "
            "from 0 to 9."
        )
    array = array.reshape(n)
    if np.isnan(array).any():
        raise ValueError(
            f"{name} {_has(name)} nan, where a digit is missing: leave those images out."
        )
    if n and not ((array >= 0) & (array <= most) & (array == np.floor(array))).all():
        raise ValueError(
            f"{name} must be whole numbers from 0 to {most}; they are {array.dtype} from "
            f"{array.min()} to {array.max()}."
        )
    return array.astype(np.int64)


def digit(value, name="digit"):
    """Judge one digit, 0 to 9, and return it as int."""
    if not _is_whole(value) or not 0 <= value <= 9:
        raise ValueError(f"{name} is {what(value)}: give a whole number from 0 to 9.")
    return int(value)


def pair(pair, name):
    """Judge a pair (images, labels) as a pair alone; its two parts are still to be judged."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise TypeError(
            f"{name} is {what(pair)}: give a pair, {name}=(images, labels), or leave it out."
        )
    return tuple(pair)


def weights(weights, name="weights"):
    """Judge a reader's weights (`helpers.reader.ReaderWeights`): what they are, and all numbers.

    Whether the cell's three arrays fit each other is for `helpers.cells.as_weights` to say.
    """
    parts = ("cell", "cell_weights", "head_kernel", "head_bias")
    if isinstance(weights, type) or not all(hasattr(weights, part) for part in parts):
        cure = "give a reader's weights, as shipped(), load(path) or weights_of(model) give them."
        if is_model(weights):
            cure = (
                "give its numbers, weights_of(model). A network of other layers answers by itself, "
                "with model.predict."
            )
        elif isinstance(weights, str | os.PathLike):
            cure = "give what load(path) makes of the file."
        raise TypeError(f"{name} is {what(weights)}: {cure}")
    units = len(weights.cell_weights[1])
    for part, expected in (("head_kernel", (units, 10)), ("head_bias", (10,))):
        found = floats(getattr(weights, part), part)
        if found.shape != expected:
            raise ValueError(
                f"{part} has shape {found.shape}, but {units} units and 10 digits ask for "
                f"{expected}."
            )
    return weights


def model(model, name="model"):
    """Judge a Keras model that reads images, and return its (time steps or None, features)."""
    if not hasattr(model, "input_shape") or isinstance(model, type):
        advice = "give a Keras model, from build_reader or to_keras."
        if hasattr(model, "cell_weights") and not isinstance(model, type):
            advice = "give a Keras model, to_keras(weights)."
        elif is_model(model):
            advice = "it has no input shape yet. Let it begin with keras.layers.Input((28, 28))."
        raise TypeError(f"{name} is {what(model)}: {advice}")
    shape = model.input_shape
    if not isinstance(shape, tuple) or len(shape) != 3:
        raise ValueError(
            f"{name} reads input of shape {shape}, but images are (n, time steps, features): give "
            "a model with one input, such as keras.layers.Input((28, 28))."
        )
    return shape[1:]


def count(value, name, *, least=1):
    """Judge a whole number of at least `least`, and return it as int."""
    if not _is_whole(value) or value < least:
        raise ValueError(f"{name} is {what(value)}: give a whole number of at least {least}.")
    return int(value)


def seed(value, name="seed"):
    """Judge a seed, and return it as int."""
    if not _is_whole(value) or not 0 <= value < 2**32:
        raise ValueError(f"{name} is {what(value)}: give a whole number from 0 to 2**32 - 1.")
    return int(value)


def above_zero(value, name):
    """Judge one finite number above 0, such as a learning rate, and return it as float."""
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not number or np.iscomplexobj(value) or not 0 < value < math.inf:
        raise ValueError(f"{name} is {what(value)}: give a number above 0.")
    return float(value)


def choice(value, name, choices):
    """Judge a name that must be one of some names."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} is {what(value)}: choose one of {', '.join(map(repr, choices))}.")
    return value


def floats(value, name, default=np.float64, *, finite=True):
    """Judge an array of any shape that is computed with.

    Returns
    -------
    ndarray
        float32 and float64 as they are; half precision becomes float32, in which sums are still
        right; whole numbers and bool become `default`.
    """
    found = array(value, name)
    if found.dtype.kind in "biu":
        return found.astype(default)
    if found.dtype.itemsize == 2 and found.dtype.name in ("float16", "bfloat16"):
        found = found.astype(np.float32)
    if found.dtype.kind != "f":
        raise TypeError(_no_numbers(value, found, name, "float64"))
    if finite and not np.isfinite(found).all():
        raise ValueError(
            f"{name} {_has(name)} numbers that are not finite (nan or infinite): all that is made "
            "of them would be lost. Look where they come from."
        )
    return found


def path(path, name="path"):
    """Judge a path: quotes around it (Windows's ``set`` keeps them) go, and ~ becomes the home.

    Returns
    -------
    pathlib.Path
    """
    if not isinstance(path, str | os.PathLike) or isinstance(path, bytes):
        raise TypeError(f"{name} is {what(path)}: give the path of a file, as text or a Path.")
    text = os.fspath(path)
    if isinstance(text, bytes):
        text = os.fsdecode(text)
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1].strip()
    if not text or "\0" in text:
        raise ValueError(f"{name} is {str(path)!r}: give the path of a file.")
    return Path(os.path.expanduser(text))  # noqa: PTH111 - Path's raises for an unknown ~name


# --- what the judgements share ------------------------------------------------------------------


def array(value, name):
    """Read anything array-like as an ndarray, or say why it cannot be read."""
    if np.ma.isMaskedArray(value):
        if np.ma.is_masked(value):
            raise ValueError(
                f"{name} {_has(name)} masked entries, whose values are unknown: leave them out, or "
                f"fill them with {name.split()[0]}.filled(...)."
            )
        value = value.data
    try:
        found = np.asarray(value)
    except Exception as error:  # each library has its own way to refuse
        reason = " ".join(str(error).split())
        raise ValueError(
            f"{name} cannot be read as an array of numbers: give a NumPy array, all rows of the "
            f"same length. ({reason})"
        ) from error
    # What a file from another computer holds the other way round: float32 is one type from here.
    return found if found.dtype.isnative else found.astype(found.dtype.newbyteorder("="))


def _numbers(value, name, kind):
    found = array(value, name)
    if found.dtype.kind in "biuf":
        return found
    raise TypeError(_no_numbers(value, found, name, "int" if kind == "labels" else "uint8"))


def _no_numbers(value, found, name, dtype):
    if found.ndim == 0 and type(value).__name__.endswith(("Dataset", "DataLoader")):
        return (
            f"{name} is {what(value)}, which gives batches: give the arrays that it is made of. "
            "Keras's own model.fit and model.evaluate take batches."
        )
    if found.ndim == 0:
        return f"{name} is {what(value)}: give a NumPy array of numbers."
    if found.dtype.kind == "c":
        return f"{name} {_are(name)} complex numbers: give real ones."
    first = name.split()[0]
    first = first if hasattr(value, "astype") else f"np.array({first})"
    return (
        f"{name} {_are(name)} of the type {found.dtype}: give numbers. Where they are written as "
        f"text or kept as objects, {first}.astype({dtype!r}) makes numbers of them."
    )


def _pixels(array, name, uint8):
    """Give uint8 from 0 to 255 or float32 from 0 to 1; refuse what may be on another scale."""
    first = name.split()[0]
    if array.dtype == bool:
        return array * np.uint8(255)
    low, high = (array.min(), array.max()) if array.size else (0, 0)
    if array.dtype.kind != "f":
        if low < 0 or high > 255:
            raise ValueError(
                f"{name} {_has(name)} values from {low} to {high}: give whole numbers from 0 to "
                "255, or floats from 0 to 1."
            )
        if high == 1:
            raise ValueError(
                f"{name} {_has(name)} whole numbers and none above 1: that may be paper and ink, "
                f"or 0..255 and nearly all paper. If 1 is ink, give {first} * 255."
            )
        return array.astype(np.uint8, copy=False)
    if uint8:
        cure = ""
        if low >= 0 and high <= 255:
            back = f"({first} * 255)" if high <= 1 + ROUNDING else first
            cure = f" {back}.round().astype('uint8') makes them."
        raise TypeError(
            f"{name} {_has(name)} the type {array.dtype}: give uint8, 0 to 255, as load_digits() "
            f"does. They are scaled to 0..1 on their way into the model.{cure}"
        )
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(
            f"Float images must lie in 0..1; {name} {_has(name)} values that are nan or infinite."
        )
    if low < -ROUNDING or high > 1 + ROUNDING:
        cure = "Divide by 255, or give the uint8 image itself."
        if low < -ROUNDING:
            cure = f"Bring them there; if they lie in -1..1, with ({first} + 1) / 2."
        raise ValueError(
            f"Float images must lie in 0..1; {name} {_has(name)} values from {low:.3g} to "
            f"{high:.3g}. {cure}"
        )
    if 0 < high <= (1 + ROUNDING) / 255:
        raise ValueError(
            f"{name} {_has(name)} no value above {high:.3g}, which is less ink than uint8 can "
            f"hold: they may have been divided by 255 twice. If so, give {first} * 255."
        )
    return array.astype(np.float32, copy=False)


def _check_sizes(shape, name, time_steps, features):
    if features in (None, shape[2]) and time_steps in (None, shape[1]):
        return
    if time_steps is None:
        raise ValueError(
            f"The reader reads rows of {features} features: {name} must have the shape "
            f"(n, time steps, {features}), not {shape}."
        )
    swapped = " Time steps and features are swapped." * (shape[1:] == (features, time_steps))
    raise ValueError(
        f"{name} {_has(name)} the shape {shape}, that is {shape[1]} time steps of {shape[2]} "
        f"features, but the model reads (n, {time_steps}, {features}).{swapped}"
    )


def _side_if_flattened(shape):
    """Return the side of n square images if (H, W) is rather they, flattened; else 0."""
    height, width = shape
    side = math.isqrt(width)
    many = side >= 8 and height > 4 * width  # no picture is so narrow
    return side if side**2 == width and (side == 28 or many) else 0


def _shape_advice(shape, name, features):
    name = name.split()[0]
    last = shape[-1] if shape else 0
    if len(shape) == 4 and last == 1:
        return f" Drop the channel axis with {name}[..., 0]."
    if len(shape) == 4 and shape[1] == 1:
        return f" Drop the channel axis with {name}[:, 0]."
    if len(shape) == 4 and last in (3, 4):
        return " They have colours: make them grey first, one number for each pixel."
    if len(shape) in (1, 2) and last > (features or 28) and last % (features or 28) == 0:
        height, width = last // (features or 28), features or 28
        return f" Flattened pixels become rows with {name}.reshape(-1, {height}, {width})."
    if len(shape) == 2:
        return f" A single image needs the axis of the batch: {name}[np.newaxis]."
    return ""


def _is_whole(value):
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def is_model(value):
    """Whether it is a Keras model or layer, without importing Keras to ask."""
    return hasattr(value, "get_weights") and not isinstance(value, type)


def what(value):
    """Say what something is, in a few words, however large it is."""
    if value is None:
        return "None"
    if isinstance(value, str | bytes | int | float | os.PathLike):
        text = repr(os.fspath(value) if isinstance(value, os.PathLike) else value)
        return text if len(text) < 60 else f"{text[:57]}..."
    if isinstance(value, type):
        return f"the class {value.__name__} itself"
    if hasattr(value, "shape") and isinstance(value.shape, tuple):
        return f"an array of shape {value.shape}"
    kind = type(value).__name__
    return f"a{'n' * (kind[0] in 'aeiouAEIOU' or kind == 'LSTM')} {kind}"


def _has(name):
    return "have" if _many(name) else "has"


def _are(name):
    return "are" if _many(name) else "is"


def _many(name):
    words = name.split()
    return words[0].endswith("s") or words[-1].endswith("s")


def _words(number):
    return "one" if number == 1 else str(number)
