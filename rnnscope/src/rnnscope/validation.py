"""What cells and networks may be given: counts, paths, arrays, weights, states, units.

Every function gives back what was understood, or raises a ValueError or TypeError that names the
argument, what is wrong with it, and what to do. What could mean two things is refused. Public
functions judge what they are given; what they call inside does not judge it again.
"""

import operator
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np


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


def choice(value, name, choices):
    """Judge a name that must be one of some names."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} is {what(value)}: choose one of {', '.join(map(repr, choices))}.")
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


def numeric(value, name, dtype):
    """Read an array of numbers, bool among them; `dtype` is what the refusal proposes."""
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
            "give rnnscope.from_torch a state_dict."
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


def sequence(x, shape, dtype, vocabulary=None, name="x"):
    """Judge one sequence for a network, or a batch of them.

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
    ndarray (batch, ...)
        Of that dtype; one sequence becomes a batch of one.
    """
    if dtype == "string":
        raise ValueError(
            "The network takes text itself (a TextVectorization layer in it). Give the part after "
            "that layer, and that layer's numbers: keras.Model(layer.output, model.output)."
        )
    x = _batch(numeric(x, name, "float32"), shape, name)
    if not np.isfinite(x).all():
        where = tuple(int(axis[0]) for axis in np.nonzero(~np.isfinite(x)))
        raise ValueError(
            f"{name} holds {x[where]} at {where}: fill in or leave out what is missing."
        )
    if (vocabulary or np.dtype(dtype).kind in "iu") and (x != np.round(x)).any():
        raise ValueError(f"{name} holds fractions, but the network takes whole numbers.")
    if vocabulary is not None and (x.min() < 0 or x.max() >= vocabulary[1]):
        layer, rows = vocabulary
        raise ValueError(
            f"{name} holds whole numbers from {int(x.min())} to {int(x.max())}, but the layer "
            f"{layer!r} knows 0 to {rows - 1}: encode with the vocabulary that the model was "
            "trained with."
        )
    return x.astype(dtype)


def _batch(x, shape, name):
    """Add the axes that one sequence may lack: the batch's, and that of one feature."""
    found = x[..., np.newaxis] if x.ndim == len(shape) - 1 and shape[-1] == 1 else x
    found = found[np.newaxis] if found.ndim == len(shape) else found
    fits = found.ndim == len(shape) + 1 and found.size
    if fits and all(size in (None, n) for size, n in zip(shape, found.shape[1:], strict=True)):
        return found
    sizes = [str(size) if size is not None else "any number" for size in shape]
    if shape and shape[0] is None:
        sizes[0] = "time steps"
    swapped = len(shape) == x.ndim == 2 and all(
        size in (None, n) for size, n in zip(shape, x.T.shape, strict=True)
    )
    raise ValueError(
        f"{name} has shape {x.shape}, but the network takes one array of shape "
        f"({', '.join(sizes)}{',' * (len(sizes) == 1)}), or a batch of such."
        + f" Its axes look swapped: give {name}.T."
        * swapped
    )


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
