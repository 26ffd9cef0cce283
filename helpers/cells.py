"""The RNN, GRU and LSTM cell in NumPy, forward and backward: the lessons' reference.

Sizes have three names that never mix: time steps, features (the size of one input), units (the
width of the state). The batch comes first. Weights are laid out as Keras keeps them, so
``layer.get_weights()`` can be given wherever ``weights`` is asked for; the gates' columns lie in
the order i, f, c, o (LSTM) and z, r, h (GRU, with Keras's default ``reset_after=True``).
float32 stays float32 and float64 stays float64; whole numbers and lists are read as floats.
Inputs and states must be finite: a nan would spread over all that comes after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
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


class Gradients(NamedTuple):
    """The loss's gradient by the input and by each of the weights, in their shapes."""

    x: np.ndarray
    kernel: np.ndarray
    recurrent_kernel: np.ndarray
    bias: np.ndarray


@dataclass(frozen=True)
class History:
    """All that a cell made, each (batch, time steps, units); None where the cell has no such thing.

    ``initial_state`` is the state before the first step: (h,), or (h, c) for the LSTM.
    ``apart`` says what set the run apart from the plain cell, such as a mask; "" for nothing.
    """

    initial_state: tuple[np.ndarray, ...]
    h: np.ndarray
    c: np.ndarray | None = None
    i: np.ndarray | None = None
    f: np.ndarray | None = None
    candidate: np.ndarray | None = None
    o: np.ndarray | None = None
    z: np.ndarray | None = None
    r: np.ndarray | None = None
    apart: str = ""


# --- the equations -----------------------------------------------------------------------------


def sigmoid(a):
    """Squash to 0..1, entry by entry: 1 / (1 + exp(-a)), right however large ``a``."""
    a = judge.floats(a, "a", finite=False)
    with np.errstate(over="ignore"):  # far below 0 exp(-a) becomes infinite, and 1 / that is 0
        return 1 / (1 + np.exp(-a))


def softmax(a):
    """Turn logits (..., classes) into beliefs that sum to 1 along the last axis.

    Where a logit is nan or +inf, so are all beliefs beside it: nan.
    """
    a = judge.floats(a, "a", finite=False)
    if a.ndim == 0 or a.shape[-1] == 0:
        raise ValueError(f"a has shape {a.shape}: give logits (..., classes), at least one.")
    with np.errstate(invalid="ignore"):
        e = np.exp(a - a.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)


def rnn_step(x_t, h, weights, activation=np.tanh):
    """One step of the plain RNN: x_t (batch, features), h (batch, units) -> the new h."""
    x_t, (h,), (W, U, b) = _checked_step("rnn", x_t, {"h": h}, weights)
    return _rnn_state(x_t @ W + b, h, U, activation)


def _rnn_state(from_x, h, U, activation):
    return activation(from_x + h @ U)


def gru_gates(x_t, h, weights, activation=np.tanh, recurrent_activation=sigmoid, reset_after=True):
    """Update gate z, reset gate r and candidate of one GRU step, each (batch, units).

    The reset gate works after the product with the recurrent kernel (``reset_after=True``), which
    is why the bias has two rows, b for the input and d for the recurrent side. The GRU of the
    first paper resets h before the product (``reset_after=False``); its d is zero.
    """
    x_t, (h,), (W, U, (b, d)) = _checked_step("gru", x_t, {"h": h}, weights)
    return _gru_gates(x_t @ W + b, h, U, d, activation, recurrent_activation, reset_after)


def _gru_gates(from_x, h, U, d, activation, recurrent_activation, reset_after):
    x_z, x_r, x_h = np.split(from_x, 3, axis=-1)
    h_z, h_r, h_h = np.split(h @ U + d, 3, axis=-1)
    z = recurrent_activation(x_z + h_z)
    r = recurrent_activation(x_r + h_r)
    if reset_after:
        candidate = activation(x_h + r * h_h)
    else:
        U_h, d_h = np.split(U, 3, axis=1)[2], np.split(d, 3)[2]
        candidate = activation(x_h + (r * h) @ U_h + d_h)
    return z, r, candidate


def gru_state(h, z, candidate):
    """Make the GRU's new h: z says how much of the old one stays."""
    return z * h + (1 - z) * candidate


def gru_step(x_t, h, weights):
    """One step of the GRU: x_t (batch, features), h (batch, units) -> the new h."""
    x_t, (h,), weights = _checked_step("gru", x_t, {"h": h}, weights)
    z, _, candidate = gru_gates(x_t, h, weights)
    return gru_state(h, z, candidate)


def lstm_gates(x_t, h, weights, activation=np.tanh, recurrent_activation=sigmoid):
    """Input gate i, forget gate f, candidate and output gate o of one LSTM step, (batch, units)."""
    x_t, (h,), (W, U, b) = _checked_step("lstm", x_t, {"h": h}, weights)
    return _lstm_gates(x_t @ W + b, h, U, activation, recurrent_activation)


def _lstm_gates(from_x, h, U, activation, recurrent_activation):
    a_i, a_f, a_c, a_o = np.split(from_x + h @ U, 4, axis=-1)
    i = recurrent_activation(a_i)
    f = recurrent_activation(a_f)
    candidate = activation(a_c)
    o = recurrent_activation(a_o)
    return i, f, candidate, o


def lstm_state(c, i, f, candidate, o, activation=np.tanh):
    """Make the LSTM's new pair (h, c): f and i make c, then o makes h from it."""
    c = f * c + i * candidate
    h = o * activation(c)
    return h, c


def lstm_step(x_t, h, c, weights):
    """One step of the LSTM: x_t (batch, features), h and c (batch, units) -> the new (h, c)."""
    x_t, (h, c), weights = _checked_step("lstm", x_t, {"h": h, "c": c}, weights)
    return lstm_state(c, *lstm_gates(x_t, h, weights))


# --- many steps --------------------------------------------------------------------------------


def unroll(
    cell,
    x,
    weights,
    initial_state=None,
    *,
    mask=None,
    activation=np.tanh,
    recurrent_activation=sigmoid,
    reset_after=True,
    change=None,
):
    """Run a cell over whole sequences and keep everything it makes.

    Parameters
    ----------
    cell : "rnn", "gru" or "lstm"
    x : (batch, time steps, features)
    weights : Weights, or ``layer.get_weights()``
    initial_state : h (batch, units), or the pair (h, c) for the LSTM; zeros when not given
    mask : bool (batch, time steps), optional
        False where a step is padding: h and c stay what they were, and the gates, which have no
        say, are nan.
    activation, recurrent_activation : functions of an array
        What makes the candidate (the RNN's h) and the gates; Keras's defaults.
    reset_after : bool
        The GRU's form, see ``gru_gates``.
    change : function, optional
        Is given what each step made before the state comes of it, as {"i": (batch, units), ...}
        (the RNN's h, the GRU's z, r, candidate), and gives back what to use in its place.

    Returns
    -------
    History
        An LSTM keeps six numbers a unit and step: give thousands of sequences in pieces.

    Examples
    --------
    >>> weights = random_weights("lstm", features=20, units=7, seed=0)
    >>> unroll("lstm", np.zeros((3, 28, 20)), weights).h.shape
    (3, 28, 7)
    """
    weights = as_weights(cell, weights)
    x = _checked_sequences(x, weights, finite=mask is None)
    if mask is not None:
        mask = _checked_mask(mask, x)
        judge.floats(x[mask], "x")  # a step that is not read may hold anything
    first = _checked_initial_state(cell, initial_state, x, weights)
    functions = _checked_functions(cell, activation, recurrent_activation, reset_after)
    steps = [made for _, made in _steps(cell, x, weights, first, functions, mask, change)]
    kept = {name: np.stack([made[name] for made in steps], axis=1) for name in steps[0]}
    apart = _apart(cell, functions, mask, change)
    return History(initial_state=first, apart=apart, **kept)


def last_state(cell, x, weights, initial_state=None):
    """Run a cell over whole sequences and keep the last state alone: h (batch, units), or (h, c).

    Its parameters are the first four of `unroll`. Thousands of sequences fit, as no step is kept.
    """
    weights = as_weights(cell, weights)
    x = _checked_sequences(x, weights)
    first = _checked_initial_state(cell, initial_state, x, weights)
    functions = _checked_functions(cell, np.tanh, sigmoid, True)
    for state, _ in _steps(cell, x, weights, first, functions):  # noqa: B007 - the last one counts
        pass
    return state if cell == "lstm" else state[0]


def _steps(cell, x, weights, state, functions, mask=None, change=None):
    """Make the steps one after another: the state after each, and everything made on the way."""
    dtype = np.result_type(x, *weights, *state)  # of everything that is made
    W, U, bias = (array.astype(dtype, copy=False) for array in weights)
    state = tuple(part.astype(dtype, copy=False) for part in state)
    b, d = bias if cell == "gru" else (bias, None)
    batch, time_steps, features = x.shape
    # What the input adds does not wait for the state: one product for all steps, steps in front.
    rows = x.swapaxes(0, 1).reshape(time_steps * batch, features).astype(dtype, copy=False)
    from_x = (rows @ W + b).reshape(time_steps, batch, W.shape[1])
    for t in range(time_steps):
        before = state
        state, made = _step(cell, from_x[t], state, U, d, functions, change)
        if mask is not None:
            state, made = _masked(mask[:, t, np.newaxis], before, state, made)
        yield state, made


def _step(cell, from_x, state, U, d, functions, change):
    """One step of any cell: the new state, and everything made on the way, by name."""
    change = change or (lambda made: made)
    h, *c = state
    if cell == "rnn":
        made = change({"h": _rnn_state(from_x, h, U, **functions)})
        return (made["h"],), made
    if cell == "gru":
        gates = _gru_gates(from_x, h, U, d, **functions)
        made = change(dict(zip(BLOCKS["gru"], gates, strict=True)))
        h = gru_state(h, made["z"], made["candidate"])
        return (h,), {**made, "h": h}
    gates = _lstm_gates(from_x, h, U, **functions)
    made = change(dict(zip(BLOCKS["lstm"], gates, strict=True)))
    h, c = lstm_state(*c, **made, activation=functions["activation"])
    return (h, c), {**made, "c": c, "h": h}


def _masked(read, before, state, made):
    """Where a step is padding (``read`` (batch, 1) is False), the state stays; gates become nan."""
    state = tuple(np.where(read, new, old) for new, old in zip(state, before, strict=True))
    made = {name: np.where(read, value, value.dtype.type(np.nan)) for name, value in made.items()}
    return state, {**made, **dict(zip(("h", "c"), state, strict=False))}


def backward(cell, x, weights, history, d_h):
    """Backpropagation through time: the gradients of a loss by x and by the weights.

    Parameters
    ----------
    cell, x, weights : what ``unroll`` was given (weights from ``pin`` too)
    history : History
        What ``unroll`` gave back for them.
    d_h : (batch, time steps, units)
        The gradient of the loss by every h_t as the loss reads it: zero at each step that it does
        not read. What reaches h_t through later steps is added here.

    Returns
    -------
    Gradients
    """
    weights = as_weights(cell, weights)
    x = _checked_sequences(x, weights)
    _check_history(cell, history)
    d_h = judge.floats(d_h, "d_h", weights.kernel.dtype)
    for name, array in (("history.h", history.h), ("d_h", d_h)):
        expected = (*x.shape[:2], len(weights.recurrent_kernel))
        if array.shape != expected:
            raise ValueError(
                f"{name} has shape {array.shape}, but x {x.shape} and weights ask for {expected}, "
                "that is (batch, time steps, units). For a loss that reads the last h alone, fill "
                "d_h[:, -1] and leave the steps before at zero."
            )
    h_before = _states_before(history.initial_state[0], history.h)
    c_before = _states_before(history.initial_state[1], history.c) if cell == "lstm" else None
    # The gradient by the sums x_t @ kernel + h @ recurrent_kernel + bias, all blocks of columns.
    # The GRU's two sides differ, as its reset gate stands between the recurrent side and the sum.
    d_a = np.zeros((*x.shape[:2], weights.kernel.shape[1]), np.result_type(x, weights.kernel, d_h))
    d_a_recurrent = np.zeros_like(d_a) if cell == "gru" else d_a
    d_from_later, d_kept, d_c = 0, 0, 0
    for t in reversed(range(x.shape[1])):
        made = {name: getattr(history, name)[:, t] for name in _READ_BACK[cell]}
        d_h_t = d_h[:, t] + d_from_later
        if cell == "rnn":
            d_a[:, t] = d_h_t * (1 - made["h"] ** 2)
        elif cell == "gru":
            d_a[:, t], d_a_recurrent[:, t], d_kept = _gru_step_back(
                d_h_t, h_before[:, t], weights, **made
            )
        else:
            d_a[:, t], d_c = _lstm_step_back(d_h_t, d_c, c_before[:, t], **made)
        d_from_later = d_a_recurrent[:, t] @ weights.recurrent_kernel.T + d_kept
    over_batch_and_time = ([0, 1], [0, 1])
    d_bias = d_a.sum(axis=(0, 1))
    return Gradients(
        x=d_a @ weights.kernel.T,
        kernel=np.tensordot(x, d_a, over_batch_and_time),
        recurrent_kernel=np.tensordot(h_before, d_a_recurrent, over_batch_and_time),
        bias=np.stack([d_bias, d_a_recurrent.sum(axis=(0, 1))]) if cell == "gru" else d_bias,
    )


_READ_BACK = {"rnn": ("h",), "gru": BLOCKS["gru"], "lstm": ("c", *BLOCKS["lstm"])}


def _gru_step_back(d_h, h_before, weights, z, r, candidate):
    """Gradients by the sums on the input side, on the recurrent side, and by the h that z keeps."""
    U_h = np.split(weights.recurrent_kernel, 3, axis=1)[2]
    recurrent_bias_h = np.split(weights.bias[1], 3)[2]
    d_a_h = d_h * (1 - z) * (1 - candidate**2)
    d_a_z = d_h * (h_before - candidate) * z * (1 - z)
    d_a_r = d_a_h * (h_before @ U_h + recurrent_bias_h) * r * (1 - r)
    d_a = np.concatenate([d_a_z, d_a_r, d_a_h], axis=1)
    d_a_recurrent = np.concatenate([d_a_z, d_a_r, d_a_h * r], axis=1)
    return d_a, d_a_recurrent, d_h * z


def _lstm_step_back(d_h, d_c, c_before, c, i, f, candidate, o):
    """Gradients by the sums of the four blocks, and by the cell state before the step."""
    d_c = d_c + d_h * o * (1 - np.tanh(c) ** 2)
    d_a_i = d_c * candidate * i * (1 - i)
    d_a_f = d_c * c_before * f * (1 - f)
    d_a_c = d_c * i * (1 - candidate**2)
    d_a_o = d_h * np.tanh(c) * o * (1 - o)
    return np.concatenate([d_a_i, d_a_f, d_a_c, d_a_o], axis=1), d_c * f


def _states_before(first, states):
    return np.concatenate([first[:, np.newaxis], states[:, :-1]], axis=1)


# --- weights -----------------------------------------------------------------------------------


def random_weights(cell, features, units, seed):
    """Weights (float64) for trying things out: Glorot's spread, and biases that are not zero."""
    blocks = len(BLOCKS[judge.choice(cell, "cell", BLOCKS)])
    features, units = judge.count(features, "features"), judge.count(units, "units")
    rng = np.random.default_rng(judge.count(seed, "seed", least=0))
    return Weights(
        kernel=rng.normal(0, np.sqrt(2 / (features + units)), (features, blocks * units)),
        recurrent_kernel=rng.normal(0, np.sqrt(1 / units), (units, blocks * units)),
        bias=rng.normal(0, 0.5, (2, blocks * units) if cell == "gru" else blocks * units),
    )


def pin(cell, weights, gates: Mapping[str, float] | None = None, silenced=()):
    """Make weights with which gates stay pinned at a value, and silenced units stay at 0.

    A gate that reads nothing stands where its bias puts it, so the equations need no second form:
    its columns become 0 and its bias the value's logit (infinite for 0 and 1). A unit is silenced
    by shutting all its gates. ``unroll`` and ``backward`` take the result as any other weights.

    Parameters
    ----------
    cell : "rnn", "gru" or "lstm"
    weights : Weights, or ``layer.get_weights()``; they stay as they are
    gates : for instance {"f": 1.0}; i, f, o of the LSTM or z, r of the GRU, each 0 (shut) to 1
    silenced : numbers of the units whose h (and c) is 0 after every step, or a mask, bool (units,)
    """
    weights = Weights(*(array.copy() for array in as_weights(cell, weights)))
    units = len(weights.recurrent_kernel)
    known = [name for name in BLOCKS[cell] if name not in ("h", "candidate")]
    gates = {} if gates is None else gates
    if not isinstance(gates, Mapping):
        raise TypeError(f'gates is {judge.what(gates)}: give a dict, such as {{"f": 1.0}}.')
    for gate, value in gates.items():
        if gate not in known:
            raise ValueError(
                f"{cell} has no gate {gate!r}: it has {', '.join(known) if known else 'none'}."
            )
        if not isinstance(value, int | float | np.number) or not 0 <= value <= 1:
            raise ValueError(
                f"A gate is pinned at 0 (shut) to 1 (open), not at {judge.what(value)}."
            )
        _pin_block(weights, BLOCKS[cell].index(gate), range(units), value)
    silenced = _checked_units(silenced, units)
    for block, name in enumerate(BLOCKS[cell]):
        # A block made by tanh is 0 where its sum is 0; a gate is shut at the logit of 0.
        _pin_block(weights, block, silenced, None if name in ("h", "candidate") else 0)
    return weights


def _pin_block(weights, block, units, value):
    """Let some units' columns of one block read nothing; ``value`` None leaves the sum at 0."""
    columns = block * len(weights.recurrent_kernel) + np.asarray(units)
    for array in weights:
        array[..., columns] = 0
    if value is not None:
        with np.errstate(divide="ignore"):
            bias = weights.bias[0] if weights.bias.ndim == 2 else weights.bias
            bias[columns] = np.log(value) - np.log1p(-value)


# --- what is asked of shapes -------------------------------------------------------------------


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


def _checked_units(silenced, units):
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


def _checked_functions(cell, activation, recurrent_activation, reset_after):
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


def _apart(cell, functions, mask, change):
    """Say what sets a run apart from the plain cell, of which alone `backward` is."""
    said = ["a mask"] * (mask is not None) + ["a change of what it made"] * (change is not None)
    if functions["activation"] is not np.tanh:
        said.append("another activation")
    if functions.get("recurrent_activation", sigmoid) is not sigmoid:
        said.append("another recurrent activation")
    if not functions.get("reset_after", True):
        said.append("reset_after=False")
    return ", ".join(said)


def _check_history(cell, history):
    if not isinstance(history, History):
        raise TypeError(f"history is {judge.what(history)}: give what unroll gave back.")
    if any(getattr(history, name) is None for name in _READ_BACK[cell]):
        raise ValueError(f"history is that of another cell: give what unroll({cell!r}, ...) gave.")
    if history.apart:
        raise ValueError(
            f"history was made with {history.apart}: backward has the gradients of the plain cell "
            "alone."
        )


def _floating(array, weights, name):
    """Read as numbers with a fraction; whole numbers (a uint8 image) become the weights' kind."""
    return judge.floats(array, name, weights.kernel.dtype)


def _checked_step(cell, x_t, states, weights):
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


def _checked_sequences(x, weights, *, finite=True):
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


def _checked_mask(mask, x):
    mask = judge.array(mask, "mask")
    if mask.shape != x.shape[:2] or mask.dtype != bool:
        raise ValueError(
            f"mask is {mask.dtype} of shape {mask.shape}, but x {x.shape} asks for bool of shape "
            f"{x.shape[:2]}, that is (batch, time steps): True where a step is read."
        )
    return mask


def _checked_initial_state(cell, state, x, weights):
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
