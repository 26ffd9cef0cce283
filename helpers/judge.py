"""What images, labels, weights, sequences, counts and paths must be: each is judged here, once.

Every function gives back what was understood, or raises a ValueError or TypeError that names the
argument, what is wrong with it, and what to do. What can be read in one way only is read; what
could mean two things is refused. Public functions judge what they are given; what they call
inside does not judge it again.
"""

import operator
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROUNDING = 1e-6  # how far a division may carry a share beyond 0 or 1

# --- single values ------------------------------------------------------------------------------


def count(value, name, least=1, most=None):
    """Judge a whole number from `least` to `most`, both included, and return it as int."""
    try:
        found = operator.index(value)
    except TypeError:
        found = None
    whole = found is not None and not isinstance(value, bool | np.bool_)
    if not whole or found < least or (most is not None and found > most):
        wanted = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name} is {what(value)}: give a whole number {wanted}.")
    return found


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


def choice(value, name, choices):
    """Judge a name that must be one of some names."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} is {what(value)}: choose one of {', '.join(map(repr, choices))}.")
    return value


def text(value, name, empty=True):
    """Judge a text."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is {what(value)}: give a text.")
    if not empty and not value.strip():
        raise ValueError(f"{name} is empty: give a text.")
    return value


def path(path, name="path"):
    """Judge a path: quotes around it (Windows's ``set`` keeps them) go, and ~ becomes the home.

    Returns
    -------
    pathlib.Path
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"{name} is {what(path)}: give the path of a file, as text or a Path.")
    text = os.fsdecode(path).strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1].strip()
    if not text or "\0" in text:
        raise ValueError(f"{name} is {str(path)!r}: give the path of a file.")
    return Path(os.path.expanduser(text))  # noqa: PTH111 - Path's raises for an unknown ~name


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


def array(value, name):
    """Read anything array-like as an ndarray, or say why it cannot be read."""
    if np.ma.isMaskedArray(value):
        if np.ma.is_masked(value):
            raise ValueError(
                f"{name} has masked entries, whose values are unknown: leave them out, or "
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
    # A file from another computer may hold its bytes the other way round.
    return found if found.dtype.isnative else found.astype(found.dtype.newbyteorder("="))


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
            f"{name} has numbers that are not finite (nan or infinite): all that is made "
            "of them would be lost. Look where they come from."
        )
    return found


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
    found = _numbers(values, name, "float64")
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
    found = _numbers(images, name, "uint8")
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
    found = _numbers(image, name, "uint8")
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
    found = _numbers(labels, name, "int")
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


def _numbers(value, name, dtype):
    found = array(value, name)
    if found.dtype.kind in "biuf":
        return found
    raise TypeError(_no_numbers(value, found, name, dtype))


def _no_numbers(value, found, name, dtype):
    if found.ndim == 0:
        batches = type(value).__name__.endswith(("Dataset", "DataLoader"))
        of = ", those that it is made of" * batches
        return f"{name} is {what(value)}: give a NumPy array of numbers{of}."
    if found.dtype.kind == "c":
        return f"{name} is complex numbers: give real ones."
    return (
        f"{name} is of the type {found.dtype}: give numbers. Where they are written as "
        f"text or kept as objects, np.array({name.split()[0]}).astype({dtype!r}) makes them."
    )


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


# --- a cell's weights and what it reads ---------------------------------------------------------

BLOCKS = {
    "rnn": ("h",),
    "gru": ("z", "r", "candidate"),
    "lstm": ("i", "f", "candidate", "o"),
    "mingru": ("z", "candidate"),
}
"""What each block of ``units`` columns of a kernel makes, in Keras's order."""


class Weights(NamedTuple):
    """A cell's three arrays, with k = 1 (RNN), 2 (minGRU), 3 (GRU) or 4 (LSTM) blocks of columns.

    kernel is (features, k * units), recurrent_kernel (units, k * units), bias (k * units,); the
    GRU's bias is (2, 3 * units): one row for the input, one for the recurrent side. The minGRU has
    no recurrent weights: its recurrent_kernel is (units, 0).
    """

    kernel: np.ndarray
    recurrent_kernel: np.ndarray
    bias: np.ndarray


def cell_weights(cell, weights):
    """Judge Weights or ``layer.get_weights()``: three arrays that fit each other."""
    k = len(BLOCKS[choice(cell, "cell", BLOCKS)])
    if not isinstance(weights, Weights):
        weights = _three_arrays(cell, weights)
    weights = Weights(*map(floats, weights, Weights._fields))
    kernel, recurrent_kernel, _ = weights
    width = "units" if k == 1 else f"{k} * units"
    if kernel.ndim != 2 or recurrent_kernel.ndim != 2:
        raise ValueError(
            f"kernel {kernel.shape} and recurrent_kernel {recurrent_kernel.shape} need two axes "
            f"each: (features, {width}) and (units, {width})."
        )
    rows, columns = recurrent_kernel.shape
    units = columns if rows == k * columns else rows  # the other way round, as PyTorch keeps it
    turned = len(kernel) == k * units != kernel.shape[1]
    expected = (
        (kernel.shape[1] if turned else len(kernel), k * units),
        (units, 0 if cell == "mingru" else k * units),
        (2, k * units) if cell == "gru" else (k * units,),
    )
    for name, array, shape in zip(Weights._fields, weights, expected, strict=True):
        if array.shape != shape:
            raise ValueError(
                f"{name} has shape {array.shape}, but the cell {cell!r} with {units} units has "
                f"{width} = {k * units} columns: give {shape}."
                + _likely_reason(cell, array, shape, recurrent_kernel)
            )
    return weights


def _three_arrays(cell, weights):
    """Take the three arrays out of what somebody gave for them, or say what to give."""
    if hasattr(weights, "cell_weights") and not isinstance(weights, type):  # a reader's
        if weights.cell != cell:
            raise ValueError(f"weights are those of the cell {weights.cell!r}, not {cell!r}.")
        return weights.cell_weights
    if is_model(weights) or not isinstance(weights, list | tuple):
        raise TypeError(
            f"weights is {what(weights)}: give the cell's three arrays, layer.get_weights() of a "
            "Keras layer."
        )
    if cell == "mingru" and len(weights) == 2:  # those of its Keras layer
        kernel, bias = floats(weights[0], "kernel"), floats(weights[1], "bias")
        units = bias.shape[-1] // 2 if bias.ndim else 0
        return kernel, np.zeros((units, 0), kernel.dtype), bias
    if len(weights) != 3:
        raise ValueError(
            f"weights holds {len(weights)} arrays, but a cell has three: kernel, recurrent_kernel "
            "and bias (Keras's get_weights() gives them where use_bias=True)."
        )
    return weights


def _likely_reason(cell, array, shape, recurrent_kernel):
    if array.ndim == 2 and array.T.shape == shape:
        order = " and the GRU's blocks in another order, r before z" * (cell == "gru")
        return (
            f" PyTorch keeps both kernels the other way round{order}: transpose them with .T, or "
            "give helpers.network.from_torch a state_dict."
        )
    rows, columns = recurrent_kernel.shape
    for other, blocks in BLOCKS.items():
        if other != cell and columns == len(blocks) * rows:
            return f" This recurrent_kernel is that of the cell {other!r}."
    if cell == "gru" and array.ndim == 1:
        return " A bias of one row comes from reset_after=False; here the GRU is reset_after=True."
    return ""


def units(silenced, units):
    """Judge numbers of units, or a mask of all of them, and return their numbers."""
    if isinstance(silenced, set | frozenset | range):
        silenced = sorted(silenced)
    found = np.atleast_1d(array(silenced, "units"))
    if found.dtype == bool and found.shape == (units,):
        return np.flatnonzero(found)
    whole = found.ndim == 1 and found.dtype.kind in "iuf" and (found == np.floor(found)).all()
    once = whole and len(set(found)) == len(found)  # else it may be a mask of 0 and 1
    if found.size and not (once and found.min() >= 0 and found.max() < units):
        raise ValueError(
            f"The units to silence are {what(silenced)}: give their numbers, 0 to {units - 1}, "
            f"such as [3, 5], or a mask, bool of shape ({units},)."
        )
    return found.astype(int)


def ablation(ablate):
    """Judge what is to be changed in a cell or a network, as a mapping alone."""
    if not isinstance(ablate, Mapping):
        raise TypeError(
            f'ablate is {what(ablate)}: give a dict, such as {{"f": 1.0}} or {{"units": [3, 5]}}.'
        )
    return ablate


def pinned(cell, ablate):
    """Judge the values at which gates are pinned, {"f": 1.0}: 0 (shut) to 1 (open)."""
    gates = {name: value for name, value in ablation(ablate).items() if name != "units"}
    known = [
        name for name in BLOCKS[choice(cell, "cell", BLOCKS)] if name not in ("h", "candidate")
    ]
    for gate, value in gates.items():
        if gate not in known:
            raise ValueError(
                f"ablate has {gate!r}, but {cell} has {'the gates ' * bool(known)}"
                f'{", ".join(known) or "no gates"}; "units" silences units.'
            )
        if not isinstance(value, int | float | np.integer | np.floating) or not 0 <= value <= 1:
            raise ValueError(
                f"ablate pins {gate!r} at {what(value)}: a gate is pinned at 0 (shut) to 1 (open)."
            )
    return gates


def functions(cell, activation, recurrent_activation, reset_after):
    """Judge what a cell computes with, and return those of the settings that it has."""
    found = {"activation": activation, "recurrent_activation": recurrent_activation}
    for name, function in found.items():
        try:
            made = np.shape(function(np.zeros((2, 3))))
        except Exception:  # whatever is given
            made = None
        if made != (2, 3):
            raise TypeError(
                f"{name} is {what(function)}: give a function that makes of an array one of the "
                "same shape, such as np.tanh."
            )
    if cell == "rnn":
        del found["recurrent_activation"]
    if cell == "mingru":
        del found["activation"]
    if cell == "gru":
        found["reset_after"] = reset_after
    return found


def one_step(cell, x_t, states, weights):
    """Judge what one step is given: x_t, the states by name, and the weights."""
    weights = cell_weights(cell, weights)
    features, width = len(weights.kernel), len(weights.recurrent_kernel)
    x_t = floats(x_t, "x_t", weights.kernel.dtype)
    if x_t.ndim not in (1, 2) or x_t.shape[-1] != features:
        raise ValueError(
            f"x_t has shape {x_t.shape}, but one step takes (batch, features) with {features} "
            "features (the rows of kernel); for whole sequences there is unroll."
        )
    return x_t, _states(states, (*x_t.shape[:-1], width), f"x_t {x_t.shape}", weights), weights


def _states(states, expected, beside, weights):
    states = {name: floats(state, name, weights.kernel.dtype) for name, state in states.items()}
    for name, state in states.items():
        if state.shape != expected:
            raise ValueError(
                f"{name} has shape {state.shape}, but {beside} and {expected[-1]} units ask for "
                f"{expected}, that is (batch, units): units is the width of the state, whatever "
                "the number of features."
            )
    return tuple(states.values())


def sequences(x, weights, mask=None):
    """Judge x (batch, time steps, features) and the mask of its steps, (batch, time steps)."""
    x = floats(x, "x", weights.kernel.dtype, finite=mask is None)
    features = len(weights.kernel)
    if x.ndim != 3 or x.shape[1] == 0:
        raise ValueError(
            f"x has shape {x.shape}: give (batch, time steps, features), with one step or more."
            + (" For a single sequence, add the batch axis: x[np.newaxis]." * (x.ndim == 2))
        )
    batch, time_steps, found = x.shape
    if found != features:
        swapped = {batch: "x.swapaxes(0, 2)", time_steps: "x.swapaxes(1, 2)"}.get(features)
        advice = f" Axes look swapped: give {swapped}." if swapped else ""
        raise ValueError(
            f"x has shape {x.shape}, that is batch {batch}, time steps {time_steps}, features "
            f"{found}, but the kernel has rows for {features} features.{advice}"
        )
    if mask is None:
        return x, None
    mask = array(mask, "mask")
    if mask.shape != x.shape[:2] or mask.dtype != bool:
        raise ValueError(
            f"mask is {mask.dtype} of shape {mask.shape}, but x {x.shape} asks for bool of shape "
            f"{x.shape[:2]}, that is (batch, time steps): True where a step is read."
        )
    floats(x[mask], "x")  # a step that is not read may hold anything
    return x, mask


def initial_state(cell, state, x, weights):
    """Judge the state before the first step; return (h,), or (h, c), zeros where it is None."""
    expected = (len(x), len(weights.recurrent_kernel))
    names = ("h", "c") if cell == "lstm" else ("h",)
    if state is None:
        return (np.zeros(expected, np.result_type(x, *weights)),) * len(names)
    if cell != "lstm" or not isinstance(state, list | tuple):
        found = array(state, "initial_state")
        state = (found,) if found.ndim < 3 and cell != "lstm" else np.atleast_1d(found)
    if len(state) != len(names):
        raise ValueError(
            f"initial_state holds {len(state)} arrays, but the state of the cell {cell!r} is "
            f"{'the pair (h, c)' if cell == 'lstm' else 'h alone'}, each {expected} (batch, units)."
        )
    states = {f"{name} of initial_state": part for name, part in zip(names, state, strict=True)}
    return _states(states, expected, f"x {x.shape}", weights)


# --- what a network reads -----------------------------------------------------------------------


def sequence(x, shape, dtype, vocabulary=None):
    """Judge one sequence for a network.

    Parameters
    ----------
    x : ndarray, or what makes one
    shape : tuple of int or None
        Of one sequence, None where any number will do.
    dtype : str
        Of the network's input.
    vocabulary : (str, int), optional
        An embedding's name and its number of rows, where x holds whole numbers that it looks up.

    Returns
    -------
    ndarray
        Of that shape and dtype.
    """
    if dtype == "string":
        raise ValueError(
            "The network takes text itself (a TextVectorization layer in it). Trace the part after "
            "that layer, and give it that layer's numbers: keras.Model(layer.output, model.output)."
        )
    x = _in_shape(_numbers(x, "x", "float32"), shape)
    if not np.isfinite(x).all():
        where = tuple(int(axis[0]) for axis in np.nonzero(~np.isfinite(x)))
        raise ValueError(f"x holds {x[where]} at {where}: fill in or leave out what is missing.")
    if (vocabulary or np.dtype(dtype).kind in "iu") and (x != np.round(x)).any():
        raise ValueError("x holds fractions, but the network takes whole numbers.")
    if vocabulary is not None and (x.min() < 0 or x.max() >= vocabulary[1]):
        layer, rows = vocabulary
        raise ValueError(
            f"x holds whole numbers from {int(x.min())} to {int(x.max())}, but the layer {layer!r} "
            f"knows 0 to {rows - 1}: encode with the vocabulary that the model was trained with."
        )
    return x.astype(dtype)


def _in_shape(x, shape):
    """Bring one sequence to shape: it may be a batch of one, or lack the axis of one feature."""
    rank, last = len(shape), shape[-1] if shape else None
    if x.ndim == rank + 1 and len(x) == 1 and x.shape != shape:
        x = x[0]
    if x.ndim == rank - 1 and last == 1:
        x = x[..., np.newaxis]
    if x.ndim == rank + 1:
        raise ValueError(
            f"x has shape {x.shape}: trace reads one sequence at a time, {_one_of(shape)}. "
            "Give one of them, x[0]."
        )
    if 0 in x.shape or not _fits(x.shape, shape):
        swapped = rank == 2 and _fits(x.T.shape, shape)
        raise ValueError(
            f"x has shape {x.shape}, but the network takes {_one_of(shape)}."
            + (" Its axes look swapped: give x.T." if swapped else "")
        )
    return x


def _fits(found, wanted):
    """Whether a shape is the wanted one, in which None stands for any number."""
    return len(found) == len(wanted) and all(
        size in (None, n) for size, n in zip(wanted, found, strict=True)
    )


def _one_of(shape):
    """Say a sequence's shape: "one array of shape (time steps, 28)"."""
    if not shape:
        return "one number"
    sizes = [str(size) if size is not None else "any number" for size in shape]
    if shape[0] is None:
        sizes[0] = "time steps"
    end = "," if len(shape) == 1 else ""
    return f"one array of shape ({', '.join(sizes)}{end})"


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
    others = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    others = sorted(name for name in others if not name.startswith(CHECKPOINT))
    if folder.is_file() or (others and callback.delete_checkpoint):
        raise ValueError(
            f"callbacks holds a BackupAndRestore of {folder}, in which there is more "
            f"({', '.join(others[:2]) or 'a file'}), and at the end of the training Keras deletes "
            "all of it: give a folder of its own, or delete_checkpoint=False."
        )


CHECKPOINT = ("latest.weights.h5", "training_metadata.json")
"""Beginnings of the names of what BackupAndRestore writes."""


# --- words --------------------------------------------------------------------------------------


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
