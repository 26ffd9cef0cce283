"""What the cells ask of their inputs: weights, sequences, states and masks that fit each other.

Each function gives back what `helpers.cells` computes with, or raises a ValueError or TypeError
that names the argument, its shape, and what to give.
"""

from typing import NamedTuple

import numpy as np

from helpers import judge

BLOCKS = {"rnn": ("h",), "gru": ("z", "r", "candidate"), "lstm": ("i", "f", "candidate", "o")}
"""What each block of ``units`` columns of a kernel makes, in Keras's order."""


class Weights(NamedTuple):
    """A cell's three arrays, with k = 1 (RNN), 3 (GRU) or 4 (LSTM) blocks of columns.

    kernel is (features, k * units), recurrent_kernel (units, k * units), bias (k * units,); the
    GRU's bias is (2, 3 * units): one row for the input, one for the recurrent side.
    """

    kernel: np.ndarray
    recurrent_kernel: np.ndarray
    bias: np.ndarray


def as_weights(cell, weights):
    """Take Weights or ``layer.get_weights()`` and check that the three arrays fit each other."""
    k = len(BLOCKS[judge.choice(cell, "cell", BLOCKS)])
    if not isinstance(weights, Weights):
        weights = _three_arrays(cell, weights)
    weights = [
        judge.floats(array, name, finite=name != "bias")  # pin's gates lie at an infinite bias
        for name, array in zip(Weights._fields, weights, strict=True)
    ]
    if np.isnan(weights[2]).any():
        raise ValueError("bias has numbers that are nan: all that is made of them would be lost.")
    kernel, recurrent_kernel, bias = weights
    width = "units" if k == 1 else f"{k} * units"
    if kernel.ndim != 2 or recurrent_kernel.ndim != 2:
        raise ValueError(
            f"kernel {kernel.shape} and recurrent_kernel {recurrent_kernel.shape} need two axes "
            f"each: (features, {width}) and (units, {width})."
        )
    units = len(recurrent_kernel)
    for name, array, expected in (
        ("recurrent_kernel", recurrent_kernel, (units, k * units)),
        ("kernel", kernel, (len(kernel), k * units)),
        ("bias", bias, (2, k * units) if cell == "gru" else (k * units,)),
    ):
        if array.shape != expected:
            raise ValueError(
                f"{name} has shape {array.shape}, but the cell {cell!r} with {units} units (the "
                f"rows of recurrent_kernel) has {width} = {k * units} columns: give {expected}."
                + _likely_reason(cell, k, recurrent_kernel, bias)
            )
    return Weights(kernel, recurrent_kernel, bias)


def _three_arrays(cell, weights):
    """Take the three arrays out of what somebody gave for them, or say what to give."""
    if hasattr(weights, "cell_weights") and not isinstance(weights, type):  # a reader's
        if weights.cell != cell:
            raise ValueError(f"weights are those of the cell {weights.cell!r}, not {cell!r}.")
        return weights.cell_weights
    if judge.is_model(weights) or not isinstance(weights, list | tuple):
        raise TypeError(
            f"weights is {judge.what(weights)}: give the cell's three arrays, as "
            "layer.get_weights() of a Keras layer gives them, or cells.Weights."
        )
    if len(weights) != 3:
        raise ValueError(
            f"weights holds {len(weights)} arrays, but a cell has three: kernel, recurrent_kernel "
            "and bias (Keras's get_weights() gives them where use_bias=True)."
        )
    return weights


def _likely_reason(cell, k, recurrent_kernel, bias):
    rows, columns = recurrent_kernel.shape
    if k > 1 and rows == k * columns:
        return " PyTorch keeps both kernels the other way round: transpose them with .T."
    for other, blocks in BLOCKS.items():
        if other != cell and columns == len(blocks) * rows:
            return f" This recurrent_kernel is that of the cell {other!r}."
    if cell == "gru" and bias.ndim == 1:
        return " A bias of one row comes from reset_after=False; here the GRU is reset_after=True."
    return ""


def as_units(silenced, units):
    """Take numbers of units, or a mask of all of them, as an array of numbers."""
    if isinstance(silenced, set | frozenset | range):
        silenced = sorted(silenced)
    numbers = np.atleast_1d(judge.array(silenced, "silenced units"))
    if numbers.shape == (units,) and numbers.dtype == bool:
        return np.flatnonzero(numbers)
    if not numbers.size:
        return np.zeros(0, int)
    whole = numbers.dtype.kind in "iuf" and (numbers == np.floor(numbers)).all()
    if numbers.ndim != 1 or not whole:
        raise ValueError(
            f"The silenced units are {judge.what(silenced)}: give their numbers, 0 to {units - 1}, "
            f"such as [3, 5], or a mask, bool of shape ({units},)."
        )
    if wrong := [int(unit) for unit in numbers if not 0 <= unit < units]:
        raise ValueError(f"There is no unit {wrong[0]}: the units are 0 to {units - 1}.")
    if len(numbers) == units > len(set(numbers)) and set(numbers) <= {0, 1}:
        raise ValueError(
            "The silenced units are given as 0 and 1, one for each unit: a mask must be bool, "
            "mask.astype(bool)."
        )
    return numbers.astype(int)


def as_functions(cell, activation, recurrent_activation, reset_after):
    """Give those of the settings that the cell has."""
    functions = {"activation": activation, "recurrent_activation": recurrent_activation}
    for name, function in functions.items():
        try:
            made = np.shape(function(np.zeros((2, 3))))
        except Exception:  # whatever is given
            made = None
        if made != (2, 3):
            raise TypeError(
                f"{name} is {judge.what(function)}: give a function that makes of an array one of "
                "the same shape, such as np.tanh."
            )
    if cell == "rnn":
        del functions["recurrent_activation"]
    if cell == "gru":
        functions["reset_after"] = reset_after
    return functions


def _floating(array, weights, name):
    """Read as numbers with a fraction; whole numbers (a uint8 image) become the weights' kind."""
    return judge.floats(array, name, weights.kernel.dtype)


def as_step(cell, x_t, states, weights):
    """Take what one step is given: x_t, the states by name, and the weights, as floats that fit."""
    weights = as_weights(cell, weights)
    features, units = len(weights.kernel), len(weights.recurrent_kernel)
    x_t = _floating(x_t, weights, "x_t")
    if x_t.ndim not in (1, 2) or x_t.shape[-1] != features:
        swapped = x_t.ndim == 2 and x_t.shape[0] == features
        raise ValueError(
            f"x_t has shape {x_t.shape}, but one step takes (batch, features) with {features} "
            "features (the rows of kernel)."
            + (" Its axes look swapped: give x_t.T." if swapped else "")
            + (" For whole sequences there is unroll." if x_t.ndim == 3 else "")
        )
    states = {name: _floating(state, weights, name) for name, state in states.items()}
    _check_states(states, (*x_t.shape[:-1], units), f"x_t {x_t.shape}")
    return x_t, list(states.values()), weights


def _check_states(states, expected, beside):
    for name, state in states.items():
        if state.shape != expected:
            raise ValueError(
                f"{name} has shape {state.shape}, but {beside} and {expected[-1]} units ask for "
                f"{expected}, that is (batch, units): units is the width of the state, whatever "
                "the number of features."
            )


def as_sequences(x, weights, *, finite=True):
    """Take x (batch, time steps, features) as floats that fit the weights."""
    x = judge.floats(x, "x", weights.kernel.dtype, finite=finite)
    features = len(weights.kernel)
    if x.ndim != 3 or x.shape[1] == 0:
        raise ValueError(
            f"x has shape {x.shape}: give (batch, time steps, features), with one step or more."
            + (" For a single sequence, add the batch axis: x[np.newaxis]." * (x.ndim == 2))
        )
    batch, time_steps, found = x.shape
    if found != features:
        advice = ""
        if time_steps == features:
            advice = " Time steps and features look swapped: give x.swapaxes(1, 2)."
        elif batch == features:
            advice = " Batch and features look swapped: give x.swapaxes(0, 2)."
        raise ValueError(
            f"x has shape {x.shape}, that is batch {batch}, time steps {time_steps}, features "
            f"{found}, but the kernel has rows for {features} features.{advice}"
        )
    return x


def as_mask(mask, x):
    """Take a mask of the steps of x that are read, bool (batch, time steps)."""
    mask = judge.array(mask, "mask")
    if mask.shape != x.shape[:2] or mask.dtype != bool:
        raise ValueError(
            f"mask is {mask.dtype} of shape {mask.shape}, but x {x.shape} asks for bool of shape "
            f"{x.shape[:2]}, that is (batch, time steps): True where a step is read."
        )
    return mask


def as_initial_state(cell, state, x, weights):
    """Take the state before the first step as a tuple: (h,), or (h, c); zeros where it is None."""
    expected = (len(x), len(weights.recurrent_kernel))
    names = ("h", "c") if cell == "lstm" else ("h",)
    if state is None:
        return (np.zeros(expected, np.result_type(x, *weights)),) * len(names)
    if cell != "lstm" or not isinstance(state, list | tuple):
        found = judge.array(state, "initial_state")
        state = (found,) if found.ndim < 3 and cell != "lstm" else np.atleast_1d(found)
    if len(state) != len(names):
        raise ValueError(
            f"initial_state holds {len(state)} arrays, but the state of the cell {cell!r} is "
            f"{'the pair (h, c)' if cell == 'lstm' else 'h alone'}, each {expected} (batch, units)."
        )
    state = tuple(
        _floating(part, weights, f"{name} of initial_state")
        for name, part in zip(names, state, strict=True)
    )
    _check_states(dict(zip(names, state, strict=True)), expected, f"x {x.shape}")
    return state
