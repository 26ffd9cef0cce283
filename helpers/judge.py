"""What images, labels, weights, sequences, counts and paths must be: each is judged here, once.

Every function gives back what was understood, or raises a ValueError or TypeError that names the
argument, what is wrong with it, and what to do. What can be read in one way only is read; what
could mean two things is refused. Public functions judge what they are given; what they call
inside does not judge it again.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from rnnscope.validation import (  # noqa: F401 - some are here for those who call judge
    ablation,
    array,
    cell_weights,
    choice,
    count,
    floats,
    functions,
    initial_state,
    is_model,
    numeric,
    path,
    what,
)

ROUNDING = 1e-6  # how far a division may carry a share beyond 0 or 1

# --- single values ------------------------------------------------------------------------------


def digit(value):
    """Judge one digit, 0 to 9, and return it as int."""
    return count(value, "digit", 0, 9)


def seed(value):
    """Judge a seed, and return it as int."""
    return count(value, "seed", 0, 2**32 - 1)


def number(value, name, low=None, high=None):
    """Judge one finite number, and return it as float."""
    found = array(value, name)
    if found.ndim or found.dtype.kind not in "iuf":
        raise TypeError(f"{name} is {what(value)}: give a number.")
    return float(numbers(found, name, low=low, high=high))


def above_zero(value, name):
    """Judge one finite number above 0, such as a learning rate, and return it as float."""
    found = array(value, name)
    if found.ndim or found.dtype.kind not in "iuf" or not 0 < found < np.inf:
        raise ValueError(f"{name} is {what(value)}: give a number above 0.")
    return float(value)


def text(value, name, empty=True):
    """Judge a text."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is {what(value)}: give a text.")
    if not empty and not value.strip():
        raise ValueError(f"{name} is empty: give a text.")
    return value


# --- several values -----------------------------------------------------------------------------


def items(values, name):
    """Judge a list or another collection, and return it as a list."""
    try:
        if not isinstance(values, str | bytes):
            return list(values)
    except TypeError:
        pass
    raise TypeError(f"{name} is {what(values)}: give a list.")


def texts(values, name, n, of):
    """Judge `n` texts, one for each `of`; a number among them is written out."""
    found = items(values, name)
    for value in found:
        if not isinstance(value, str | int | float | np.number):
            raise TypeError(f"{name} holds {what(value)}: give one text for each {of}.")
    if len(found) != n:
        raise ValueError(
            f"{name} must hold one text for each {of}, {n} in all; it has {len(found)}."
        )
    return [str(value) for value in found]


def named(values, name):
    """Judge a mapping of names, at least one, and return it as a dict."""
    if not isinstance(values, Mapping):
        raise TypeError(f"{name} is {what(values)}: give a dictionary with a name for each.")
    if not values:
        raise ValueError(f"{name} is empty: there is nothing to show.")
    return {text(key, f"each name in {name}", empty=False): value for key, value in values.items()}


# --- arrays of any shape ------------------------------------------------------------------------


def numbers(values, name, *axes, low=None, high=None, finite=True):
    """Judge an array of a certain shape, such as a picture draws, and return it as float64.

    Parameters
    ----------
    values : array-like
    name : str
        The argument's, for the refusal.
    *axes : str, or (str, int)
        What each axis counts, and how many there must be of it; at least one in any case.
    low, high : float, optional
        Where the values must lie.
    finite : bool
        Whether nan and infinity are refused.
    """
    said = [f"{axis[1]} {axis[0]}" if isinstance(axis, tuple) else axis for axis in axes]
    sizes = [axis[1] if isinstance(axis, tuple) else None for axis in axes]
    found = numeric(values, name, "float64")
    if not found.size or not _fits(found.shape, sizes):
        wanted = f"({', '.join(said)}{',' * (len(said) == 1)})"
        raise ValueError(f"{name} has the shape {found.shape}: give {wanted}.")
    found = found.astype(float)
    if finite and not np.isfinite(found).all():
        place = tuple(int(n) for n in np.argwhere(~np.isfinite(found))[0])
        raise ValueError(
            f"{name} must be finite numbers; at {list(place)} stands {found[place]:g}."
        )
    if low is not None and np.nanmin(found) < low - ROUNDING:
        raise ValueError(f"{name} must be at least {low:g}; there is {np.nanmin(found):.4g}.")
    if high is not None and np.nanmax(found) > high + ROUNDING:
        raise ValueError(f"{name} must be at most {high:g}; there is {np.nanmax(found):.4g}.")
    return found


def counts(values, name, *axes, low=0, high=None):
    """Judge whole numbers, and return them as integers; the parameters are those of `numbers`."""
    found = numbers(values, name, *axes, low=low, high=high)
    if (found != np.rint(found)).any():
        wrong = found[found != np.rint(found)][0]
        raise ValueError(f"{name} must be whole numbers; one of them is {wrong:g}.")
    return np.rint(found).astype(int)


# --- images and labels --------------------------------------------------------------------------


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
    found = numeric(images, name, "uint8")
    if found.ndim != 3 or 0 in found.shape[1:] or len(found) < least:
        few = f" at least {least}, as" * (found.ndim == 3 and len(found) < least)
        wanted = f"(n, {time_steps or 'time steps'}, {features or 'features'})"
        raise ValueError(
            f"{name} has the shape {found.shape}: give{few} {wanted}."
            + _shape_advice(found.shape, name, features)
        )
    _check_sizes(found.shape, name, time_steps, features)
    return _pixels(found, name, uint8)


def image(image, name="image", *, features=None):
    """Judge one image (time steps, features), otherwise like `images`."""
    found = numeric(image, name, "uint8")
    if found.ndim != 2 or 0 in found.shape:
        advice = " For several images there are predict and accuracy." * (found.ndim == 3)
        raise ValueError(
            f"{name} has the shape {found.shape}: give one image, (time steps, "
            f"{features or 'features'})." + (advice or _shape_advice(found.shape, name, features))
        )
    if features is not None:
        _check_sizes(found.shape, name, None, features)
    elif found.shape[1] == 784:
        raise ValueError(
            f"{name} has the shape {found.shape}, which looks like {len(found)} flattened "
            f"images: give {name}.reshape(-1, 28, 28). If it is one image, give "
            f"{name}[np.newaxis]."
        )
    return _pixels(found, name, False)


def rows(pixels):
    """Make float32 from 0 to 1 of what `images` or `image` gave back: the rows that are read."""
    return np.divide(pixels, 255, dtype=np.float32) if pixels.dtype == np.uint8 else pixels


def labels(labels, n, name="labels", *, most=9):
    """Judge the labels of n images.

    Parameters
    ----------
    labels : (n,) or (n, 1)
        Whole numbers from 0; floats may hold them.
    n : int
        How many images there are.
    name : str
        What the error calls them.
    most : int or None
        The largest that a label may be; None for any.

    Returns
    -------
    int64 ndarray (n,)
    """
    found = numeric(labels, name, "int")
    if found.shape not in ((n,), (n, 1)):
        one_hot = found.ndim == 2 and len(found) == n
        raise ValueError(
            f"{name} has the shape {found.shape}: give as many labels as images, one "
            f"digit for each, ({n},)."
            + f" For one-hot labels: {name.split()[0]}.argmax(axis=1)."
            * one_hot
        )
    if found.dtype == bool:
        raise TypeError(f"{name} is bool, True and False: give whole numbers from 0.")
    found = found.reshape(n)
    if np.isnan(found).any():
        raise ValueError(f"{name} has nan, where a digit is missing: leave those images out.")
    top = np.inf if most is None else most
    if n and not ((found >= 0) & (found <= top) & (found == np.floor(found))).all():
        raise ValueError(
            f"{name} must be whole numbers from 0{f' to {most}' if most is not None else ''}; they "
            f"are {found.dtype} from {found.min()} to {found.max()}."
        )
    return found.astype(np.int64)


def _pixels(array, name, uint8):
    """Give uint8 from 0 to 255 or float32 from 0 to 1; refuse what may be on another scale."""
    if array.dtype == bool:
        return array * np.uint8(255)
    low, high = (array.min(), array.max()) if array.size else (0, 0)
    first, reach = name.split()[0], f"{name} has values from {low:.3g} to {high:.3g}"
    if array.dtype.kind != "f":
        if low < 0 or high > 255:
            raise ValueError(f"{reach}: give whole numbers from 0 to 255, or floats from 0 to 1.")
        if high == 1:
            raise ValueError(
                f"{reach}, whole numbers: that may be paper and ink, or 0..255 and nearly all "
                f"paper. If 1 is ink, give {first} * 255."
            )
        return array.astype(np.uint8, copy=False)
    if uint8:
        back = f"({first} * 255)" if high <= 1 + ROUNDING else first
        raise TypeError(
            f"{name} has the type {array.dtype}: give uint8, 0 to 255, as load_digits() "
            f"does; {back}.round().astype('uint8') makes them. They are scaled to 0..1 on their "
            "way into the model."
        )
    if not (low >= -ROUNDING and high <= 1 + ROUNDING):  # nan neither
        cure = "divide by 255, or give the uint8 image itself."
        if low < 0:
            cure = f"if they lie in -1..1, give ({first} + 1) / 2."
        elif np.isnan(low):
            cure = "leave out what is missing."
        raise ValueError(f"{reach}, and floats must lie in 0..1: {cure}")
    if 0 < high <= (1 + ROUNDING) / 255:
        raise ValueError(
            f"{reach}, less ink than uint8 can hold: they may have been divided by 255 twice. If "
            f"so, give {first} * 255."
        )
    return array.astype(np.float32, copy=False)


def _check_sizes(shape, name, time_steps, features):
    if features in (None, shape[-1]) and time_steps in (None, shape[-2]):
        return
    if time_steps is None:
        raise ValueError(
            f"The reader reads rows of {features} features: {name} must have the shape "
            f"({'n, ' * (len(shape) == 3)}time steps, {features}), not {shape}."
        )
    swapped = " Time steps and features are swapped." * (shape[1:] == (features, time_steps))
    raise ValueError(
        f"{name} has the shape {shape}, that is {shape[1]} time steps of {shape[2]} "
        f"features, but the model reads (n, {time_steps}, {features}).{swapped}"
    )


def _shape_advice(shape, name, features):
    name, width = name.split()[0], features or 28
    if len(shape) == 4:
        place = "[:, 0]" if shape[1] == 1 else "[..., 0]"
        return f" Of one channel take {name}{place}; colours must be made grey first."
    if len(shape) in (1, 2) and shape[-1] > width and shape[-1] % width == 0:
        return (
            f" Flattened pixels become rows with {name}.reshape(-1, {shape[-1] // width}, {width})."
        )
    return f" A single image needs the axis of the batch: {name}[np.newaxis]." * (len(shape) == 2)


# --- what a network reads -----------------------------------------------------------------------


def _fits(found, wanted):
    """Whether a shape is the wanted one, in which None stands for any number."""
    return len(found) == len(wanted) and all(
        size in (None, n) for size, n in zip(wanted, found, strict=True)
    )


# --- readers, models and traces -----------------------------------------------------------------


def weights(weights, name="weights"):
    """Judge a reader's weights (`helpers.reader.ReaderWeights`): what they are, and all numbers."""
    parts = ("cell", "cell_weights", "head_kernel", "head_bias")
    if isinstance(weights, type) or not all(hasattr(weights, part) for part in parts):
        raise TypeError(
            f"{name} is {what(weights)}: give a reader's weights, as shipped(), load(path) or "
            "weights_of(model) give them. A network of other layers answers by model.predict."
        )
    width = len(cell_weights(weights.cell, weights.cell_weights).recurrent_kernel)
    for part, expected in (("head_kernel", (width, 10)), ("head_bias", (10,))):
        found = floats(getattr(weights, part), part)
        if found.shape != expected:
            raise ValueError(
                f"{part} has shape {found.shape}, but {width} units and 10 digits ask for "
                f"{expected}."
            )
    return weights


def model(model, name="model"):
    """Judge a Keras model that reads images, and return its (time steps or None, features)."""
    if not hasattr(model, "input_shape") or isinstance(model, type):
        raise TypeError(
            f"{name} is {what(model)}: give a Keras model that begins with "
            "keras.layers.Input((28, 28)), as build_reader and to_keras(weights) make it."
        )
    shape = model.input_shape
    if not isinstance(shape, tuple) or len(shape) != 3:
        raise ValueError(
            f"{name} reads input of shape {shape}, but images are (n, time steps, features): give "
            "a model with one input, such as keras.layers.Input((28, 28))."
        )
    return shape[1:]


def trace(value, name, *lstm):
    """Judge a reader's trace.

    Parameters
    ----------
    value : helpers.trace.Trace
    name : str
        The argument's, for the refusal.
    *lstm : str
        What the picture shows that only an LSTM has: i, f, candidate, o, c; h may be among them.
    """
    if not all(hasattr(value, part) for part in ("x", "belief")):
        raise TypeError(
            f"{name} is {what(value)}: give a Trace, as trace(weights, image) makes it."
        )
    steps = ("time steps", len(numbers(value.x, f"{name}.x", "time steps", "features")))
    numbers(value.belief, f"{name}.belief", steps, "classes", low=0, high=1)
    for part in lstm:
        if getattr(value, part, None) is None:
            raise ValueError(
                f"{name} must be the trace of an LSTM: this picture shows its {part}. "
                f"This is the trace of a {getattr(value, 'cell', 'network without it')!r}."
            )
        numbers(getattr(value, part), f"{name}.{part}", steps, "units")
    return value


def same_image(traces, name):
    """Judge that several traces, by their names, have read the same image."""
    first, *others = traces.items()
    for other, seen in others:
        if seen.x.shape != first[1].x.shape or not np.allclose(seen.x, first[1].x, atol=ROUNDING):
            raise ValueError(
                f"{name} must have read the same image: that of {other!r} is another one than that "
                f"of {first[0]!r} (shapes {seen.x.shape} and {first[1].x.shape})."
            )


# --- what a training is given -------------------------------------------------------------------


def answers(model, outputs):
    """Judge a model by its answers to some images, a list of arrays: one, of ten logits each."""
    if not model.trainable_variables:
        raise ValueError(
            "The model has no weights that can learn: all of its layers have trainable=False, or "
            "none of their own."
        )
    for layer in model._flatten_layers():
        if getattr(layer, "stateful", False):
            raise ValueError(
                f"The model's layer {layer.name!r} has stateful=True: it would begin each batch in "
                "the states that other digits have left. Leave it out; within one image every "
                "recurrent layer remembers."
            )
    if len(outputs) != 1:
        raise ValueError(
            f"The model has {len(outputs)} outputs: train_reader needs one, of ten logits. For "
            "others there are Keras's own compile and fit."
        )
    (logits,) = outputs
    if logits.ndim != 2 or logits.shape[1] != 10:
        shape = (None, *logits.shape[1:])
        cure = "end it with keras.layers.Dense(10)"
        if logits.ndim == 3:
            cure = "leave out return_sequences=True in its last recurrent layer"
        raise ValueError(
            f"The model answers with the shape {shape}, but ten digits need ten logits for each "
            f"image: {cure}."
        )
    if ((logits > 0) & (logits < 1)).all():
        raise ValueError(
            "All that the model answers lies between 0 and 1, as after softmax or sigmoid, and the "
            "loss does the softmax itself (from_logits=True): end it with Dense(10) alone."
        )


def callbacks(callbacks, kinds):
    """Judge callbacks for a training, ``kinds`` being keras.callbacks, and return a list."""
    callbacks = [callbacks] if isinstance(callbacks, kinds.Callback) else callbacks or ()
    if not isinstance(callbacks, list | tuple):
        raise TypeError(f"callbacks is {what(callbacks)}: give a list of Keras's callbacks.")
    for callback in callbacks:
        if not isinstance(callback, kinds.Callback):
            raise TypeError(
                f"callbacks holds {what(callback)}: give Keras's callbacks, each made by a call, "
                "such as keras.callbacks.TerminateOnNaN()."
            )
        if isinstance(callback, kinds.ReduceLROnPlateau | kinds.LearningRateScheduler):
            raise ValueError(
                f"callbacks holds {what(callback)}, which sets the learning rate, and here the "
                "schedule one_cycle does: leave it out, or train with compile and fit and a plain "
                "learning rate."
            )
        if isinstance(callback, kinds.BackupAndRestore):
            _check_backup(callback)
    return list(callbacks)


def _check_backup(callback):
    """Refuse a folder in which there is more: Keras deletes all of it at the end of a training."""
    folder = Path(callback.backup_dir)
    others = [found.name for found in folder.iterdir()] if folder.is_dir() else []
    others = sorted(name for name in others if not name.startswith(CHECKPOINT))
    if folder.is_file() or (others and callback.delete_checkpoint):
        raise ValueError(
            f"callbacks holds a BackupAndRestore of {folder}, in which there is more "
            f"({', '.join(others[:2]) or 'a file'}), and at the end of the training Keras deletes "
            "all of it: give a folder of its own, or delete_checkpoint=False."
        )


CHECKPOINT = ("latest.weights.h5", "training_metadata.json")
"""Beginnings of the names of what BackupAndRestore writes."""
