"""The RNN, GRU, LSTM and minGRU cell in NumPy, forward and backward: the lessons' reference.

Sizes have three names that never mix: time steps, features (the size of one input), units (the
width of the state). The batch comes first. Weights are laid out as Keras keeps them, so
``layer.get_weights()`` can be given wherever ``weights`` is asked for; the gates' columns lie in
the order i, f, c, o (LSTM), z, r, h (GRU, with Keras's default ``reset_after=True``) and z, h
(minGRU, which has no recurrent kernel: `helpers.reader.MinGRU`).
float32 stays float32 and float64 stays float64; whole numbers and lists are read as floats.
Inputs and states must be finite: a nan would spread over all that comes after it.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rnnscope import validation
from rnnscope.validation import BLOCKS, Weights


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
    a = validation.floats(a, "a", finite=False)
    with np.errstate(over="ignore"):  # far below 0 exp(-a) becomes infinite, and 1 / that is 0
        return 1 / (1 + np.exp(-a))


def softmax(a):
    """Turn logits (..., classes) into beliefs that sum to 1 along the last axis.

    Where a logit is nan or +inf, so are all beliefs beside it: nan.
    """
    a = validation.floats(a, "a", finite=False)
    if a.ndim == 0 or a.shape[-1] == 0:
        raise ValueError(f"a has shape {a.shape}: give logits (..., classes), at least one.")
    with np.errstate(invalid="ignore"):
        e = np.exp(a - a.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)


def rnn_step(x_t, h, weights, activation=np.tanh):
    """One step of the plain RNN: x_t (batch, features), h (batch, units) -> the new h."""
    x_t, (h,), (W, U, b) = validation.one_step("rnn", x_t, {"h": h}, weights)
    return activation(x_t @ W + h @ U + b)


def gru_gates(x_t, h, weights, activation=np.tanh, recurrent_activation=sigmoid, reset_after=True):
    """Update gate z, reset gate r and candidate of one GRU step, each (batch, units).

    The reset gate works after the product with the recurrent kernel (``reset_after=True``), which
    is why the bias has two rows, b for the input and d for the recurrent side. The GRU of the
    first paper resets h before the product (``reset_after=False``); its d is zero.
    """
    x_t, (h,), weights = validation.one_step("gru", x_t, {"h": h}, weights)
    return _gru_gates(x_t, h, weights, activation, recurrent_activation, reset_after)


def _gru_gates(
    x_t,
    h,
    weights,
    activation=np.tanh,
    recurrent_activation=sigmoid,
    reset_after=True,
    change=lambda made: made,
):
    W, U, (b, d) = weights
    x_z, x_r, x_h = np.split(x_t @ W + b, 3, axis=-1)
    h_z, h_r, h_h = np.split(h @ U + d, 3, axis=-1)
    z, r = recurrent_activation(x_z + h_z), recurrent_activation(x_r + h_r)
    gates = change({"z": z, "r": r})  # before the candidate, which comes of r
    r = gates["r"]
    if reset_after:
        candidate = activation(x_h + r * h_h)
    else:
        U_h, d_h = np.split(U, 3, axis=1)[2], np.split(d, 3)[2]
        candidate = activation(x_h + (r * h) @ U_h + d_h)
    return gates["z"], r, change({"candidate": candidate})["candidate"]


def gru_state(h, z, candidate):
    """Make the GRU's new h: z says how much of the old one stays."""
    return z * h + (1 - z) * candidate


def gru_step(x_t, h, weights):
    """One step of the GRU: x_t (batch, features), h (batch, units) -> the new h."""
    x_t, (h,), weights = validation.one_step("gru", x_t, {"h": h}, weights)
    z, _, candidate = _gru_gates(x_t, h, weights)
    return gru_state(h, z, candidate)


def lstm_gates(x_t, h, weights, activation=np.tanh, recurrent_activation=sigmoid):
    """Input gate i, forget gate f, candidate and output gate o of one LSTM step, (batch, units)."""
    x_t, (h,), (W, U, b) = validation.one_step("lstm", x_t, {"h": h}, weights)
    return _lstm_gates(x_t @ W + h @ U + b, activation, recurrent_activation)


def _lstm_gates(sums, activation=np.tanh, recurrent_activation=sigmoid):
    a_i, a_f, a_c, a_o = np.split(sums, 4, axis=-1)
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
    x_t, (h, c), (W, U, b) = validation.one_step("lstm", x_t, {"h": h, "c": c}, weights)
    return lstm_state(c, *_lstm_gates(x_t @ W + h @ U + b))


def _mingru_gates(x_t, weights, recurrent_activation=sigmoid):
    a_z, candidate = np.split(x_t @ weights.kernel + weights.bias, 2, axis=-1)
    return recurrent_activation(a_z), candidate


def mingru_state(h, z, candidate):
    """Make the minGRU's new h: z says how much is written, as its paper has it (not as the GRU)."""
    return (1 - z) * h + z * candidate


def mingru_step(x_t, h, weights):
    """One step of the minGRU: x_t (batch, features), h (batch, units) -> the new h.

    Gate and candidate read x_t alone, not the old h.
    """
    x_t, (h,), weights = validation.one_step("mingru", x_t, {"h": h}, weights)
    return mingru_state(h, *_mingru_gates(x_t, weights))


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
    cell : "rnn", "gru", "lstm" or "mingru"
    x : (batch, time steps, features)
    weights : Weights, or ``layer.get_weights()``
    initial_state : h (batch, units), or the pair (h, c) for the LSTM; zeros when not given
    mask : bool (batch, time steps), optional
        False where a step is padding: h and c stay what they were, and the gates, which have no
        say, are nan.
    activation, recurrent_activation : functions of an array
        What makes the candidate (the RNN's h) and the gates; Keras's defaults. The minGRU's
        candidate goes through no function.
    reset_after : bool
        The GRU's form, see ``gru_gates``.
    change : function, optional
        Is given what each step made before the state comes of it, as {"i": (batch, units), ...}
        (the RNN's h; the GRU's z and r, then its candidate), and gives back what to use instead.

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
    weights = validation.cell_weights(cell, weights)
    x, mask = validation.sequences(x, weights, mask)
    first = validation.initial_state(cell, initial_state, x, weights)
    functions = validation.functions(cell, activation, recurrent_activation, reset_after)
    return run(cell, x, weights, first, functions, mask, change)


def run(cell, x, weights, first, functions, mask=None, change=None):
    """Do as `unroll`, for what has been judged: ``first`` and ``functions`` as `given` gives them.

    Returns
    -------
    History
    """
    made = [made for _, made in steps(cell, x, weights, first, functions, mask, change)]
    kept = {name: np.stack([step[name] for step in made], axis=1) for name in made[0]}
    return History(initial_state=first, apart=_apart(cell, functions, mask, change), **kept)


def run_beside(cell, x, h, weights, first, functions, mask=None):
    """Do as `run` where a model's own h after every step is known: all steps at once.

    Each step begins in the model's h, so rounding does not grow from one to the next. ``h`` (batch,
    time steps, units) is held already where the mask is False; the one that comes back is what
    each single step makes.

    Returns
    -------
    History
    """
    W, U, b = weights
    before = _states_before(first[0], h)
    if cell == "rnn":
        made = {"h": functions["activation"](x @ W + before @ U + b)}
    elif cell == "gru":
        made = dict(zip(BLOCKS["gru"], _gru_gates(x, before, weights, **functions), strict=True))
        made["h"] = gru_state(before, made["z"], made["candidate"])
    else:
        activation, projection = functions["activation"], functions.get("projection")
        gates = _lstm_gates(x @ W + before @ U + b, activation, functions["recurrent_activation"])
        made = dict(zip(BLOCKS["lstm"], gates, strict=True))
        made["c"] = _cell_states(first[1], made["f"], made["i"] * made["candidate"], mask)
        made["h"] = made["o"] * activation(made["c"])
        if projection is not None:
            made["h"] = made["h"] @ projection
    if mask is not None:
        held = {"h": h, "c": made.get("c")}
        made = {
            name: np.where(mask[..., np.newaxis], value, held.get(name, np.nan)).astype(h.dtype)
            for name, value in made.items()
        }
    return History(initial_state=first, **made)


def _cell_states(c, f, written, mask):
    """Make the LSTM's c after every step of what its gates keep and what they let in."""
    if mask is not None:  # a step that is not read keeps all, and lets nothing in
        f, written = (np.where(mask[..., np.newaxis], a, n) for a, n in ((f, 1), (written, 0)))
    made = np.empty_like(written)
    for t in range(made.shape[1]):
        made[:, t] = c = f[:, t] * c + written[:, t]
    return made


def last_state(cell, x, weights, initial_state=None):
    """Run a cell over whole sequences and keep the last state alone: h (batch, units), or (h, c).

    Its parameters are the first four of `unroll`. Thousands of sequences fit, as no step is kept.
    """
    weights = validation.cell_weights(cell, weights)
    x, _ = validation.sequences(x, weights)
    state = last(cell, x, weights, validation.initial_state(cell, initial_state, x, weights))
    return state if cell == "lstm" else state[0]


def last(cell, x, weights, first, change=None):
    """Do as `last_state`, for what has been judged; the state comes back as a tuple."""
    functions = validation.functions(cell, np.tanh, sigmoid, True)
    for state, _ in steps(cell, x, weights, first, functions, change=change):  # noqa: B007
        pass
    return state


def steps(cell, x, weights, state, functions, mask=None, change=None):
    """Make the steps one after another: the state after each, and everything made on the way."""
    dtype = np.result_type(x, *weights, *state)  # of everything that is made
    weights = Weights(*(array.astype(dtype, copy=False) for array in weights))
    state = tuple(part.astype(dtype, copy=False) for part in state)
    x = x.astype(dtype, copy=False)
    makers = {"rnn": _rnn, "gru": _gru, "lstm": _lstm, "mingru": _mingru}
    step = makers[cell](weights, **functions)
    for t in range(x.shape[1]):
        before = state
        state, made = step(x[:, t], *state, change=change or (lambda made: made))
        if mask is not None:
            state, made = _masked(mask[:, t, np.newaxis], before, state, made)
        yield state, made


def _rnn(weights, activation):
    """Make the function that takes one step: the new state, and what is made on the way, by name.

    x_t, h and a 1 stand side by side, the kernels and the bias on top of each other: one product
    makes the sums x_t @ W + h @ U + b.
    """
    W_U_b = np.vstack(weights)

    def step(x_t, h, change):
        made = change({"h": activation(_with_one(x_t, h) @ W_U_b)})
        return (made["h"],), made

    return step


def _gru(weights, **functions):
    def step(x_t, h, change):
        gates = _gru_gates(x_t, h, weights, **functions, change=change)
        made = dict(zip(BLOCKS["gru"], gates, strict=True))
        h = gru_state(h, made["z"], made["candidate"])
        return (h,), {**made, "h": h}

    return step


def _lstm(weights, activation, recurrent_activation, projection=None):
    W_U_b = np.vstack(weights)

    def step(x_t, h, c, change):
        gates = _lstm_gates(_with_one(x_t, h) @ W_U_b, activation, recurrent_activation)
        made = change(dict(zip(BLOCKS["lstm"], gates, strict=True)))
        h, c = lstm_state(c, **made, activation=activation)
        if projection is not None:  # PyTorch's proj_size: h is narrower than c
            h = h @ projection
        return (h, c), {**made, "c": c, "h": h}

    return step


def _mingru(weights, recurrent_activation):
    def step(x_t, h, change):
        gates = _mingru_gates(x_t, weights, recurrent_activation)
        made = change(dict(zip(BLOCKS["mingru"], gates, strict=True)))
        h = mingru_state(h, **made)
        return (h,), {**made, "h": h}

    return step


def _with_one(x_t, h):
    return np.concatenate([x_t, h, np.ones((len(h), 1), h.dtype)], axis=1)


def _masked(read, before, state, made):
    """Where a step is padding (``read`` (batch, 1) is False), the state stays; gates become nan."""
    state = tuple(np.where(read, new, old) for new, old in zip(state, before, strict=True))
    made = {name: np.where(read, value, value.dtype.type(np.nan)) for name, value in made.items()}
    return state, {**made, **dict(zip(("h", "c"), state, strict=False))}


def backward(cell, x, weights, history, d_h):
    """Backpropagation through time: the gradients of a loss by x and by the weights.

    Parameters
    ----------
    cell, x, weights : what ``unroll`` was given
    history : History
        What ``unroll`` gave back for them.
    d_h : (batch, time steps, units)
        The gradient of the loss by every h_t as the loss reads it: zero at each step that it does
        not read. What reaches h_t through later steps is added here.

    Returns
    -------
    Gradients
    """
    weights = validation.cell_weights(cell, weights)
    x, _ = validation.sequences(x, weights)
    _check_history(cell, history)
    d_h = validation.floats(d_h, "d_h", weights.kernel.dtype)
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
    if cell == "mingru":
        d_a_recurrent = d_a[..., :0]  # no sum reads the old state
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
        elif cell == "mingru":
            d_a[:, t], d_kept = _mingru_step_back(d_h_t, h_before[:, t], **made)
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


_READ_BACK = {**BLOCKS, "lstm": ("c", *BLOCKS["lstm"])}


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


def _mingru_step_back(d_h, h_before, z, candidate):
    """Gradients by the sums of the two blocks, and by the h that 1 - z keeps."""
    d_a_z = d_h * (candidate - h_before) * z * (1 - z)
    return np.concatenate([d_a_z, d_h * z], axis=1), d_h * (1 - z)


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
    blocks = len(BLOCKS[validation.choice(cell, "cell", BLOCKS)])
    features, units = validation.count(features, "features"), validation.count(units, "units")
    rng = np.random.default_rng(validation.count(seed, "seed", least=0))
    return Weights(
        kernel=rng.normal(0, np.sqrt(2 / (features + units)), (features, blocks * units)),
        recurrent_kernel=rng.normal(
            0, np.sqrt(1 / units), (units, 0 if cell == "mingru" else blocks * units)
        ),
        bias=rng.normal(0, 0.5, (2, blocks * units) if cell == "gru" else blocks * units),
    )


def pin(cell, units, ablate):
    """Make a change for `unroll` with which gates stay pinned and silenced units stay at 0.

    Parameters
    ----------
    cell : "rnn", "gru", "lstm" or "mingru"
    units : int
        How many the cell has.
    ablate : dict
        {"f": 1.0} pins a gate (i, f, o of the LSTM; z, r of the GRU; z of the minGRU) at 0 (shut)
        to 1 (open); {"units": [3, 5]} names units whose h (and c) is 0 after every step, by their
        numbers or by a mask, bool (units,).

    Returns
    -------
    function
        As ``change`` of `unroll`.
    """
    gates = validation.pinned(cell, ablate)
    silenced = validation.units(ablate.get("units", ()), validation.count(units, "units"))

    def change(made):
        changed = {}
        for name, value in made.items():
            value = np.full_like(value, gates[name]) if name in gates else value.copy()
            # With all gates shut and no candidate nothing is left of it; the minGRU's z shut keeps.
            value[:, silenced] = cell == "mingru" and name == "z"
            changed[name] = value
        return changed

    return change


# --- what a run was -----------------------------------------------------------------------------


def _apart(cell, functions, mask, change):
    """Say what sets a run apart from the plain cell, of which alone `backward` is."""
    said = ["a mask"] * (mask is not None) + ["a change of what it made"] * (change is not None)
    if functions.get("activation", np.tanh) is not np.tanh:
        said.append("another activation")
    if functions.get("recurrent_activation", sigmoid) is not sigmoid:
        said.append("another recurrent activation")
    if not functions.get("reset_after", True):
        said.append("reset_after=False")
    return ", ".join(said)


def _check_history(cell, history):
    if not isinstance(history, History):
        raise TypeError(f"history is {validation.what(history)}: give what unroll gave back.")
    others = cell == "mingru" and history.r is not None  # a GRU's
    if others or any(getattr(history, name) is None for name in _READ_BACK[cell]):
        raise ValueError(f"history is that of another cell: give what unroll({cell!r}, ...) gave.")
    if history.apart:
        raise ValueError(
            f"history was made with {history.apart}: backward has the gradients of the plain cell "
            "alone."
        )
