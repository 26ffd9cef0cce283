"""Lesson 4: one step of the LSTM's backward pass, and weights that come from PyTorch."""

import numpy as np

from helpers.cells import random_weights, sigmoid
from helpers.checks.verdicts import Case, Exercise, Wrong


def _slope(c):
    return 1 - np.tanh(c) ** 2


def _at_the_sheet(d_h, d_c, c, o):
    """Give the gradient by the new c: what comes from later, and what comes through h."""
    return d_c + d_h * o * _slope(c)


def _to_the_gates(d_c, c_before, i, f, candidate):
    """Give d_i, d_f, d_candidate and d_c_before."""
    return d_c * candidate, d_c * c_before, d_c * i, d_c * f


def _step_back(at_the_sheet=_at_the_sheet, to_the_gates=_to_the_gates, squash=np.tanh):
    def step_back(d_h, d_c, c_before, i, f, candidate, o):
        c = f * c_before + i * candidate
        d_c = at_the_sheet(d_h, d_c, c, o)
        d_i, d_f, d_candidate, d_c_before = to_the_gates(d_c, c_before, i, f, candidate)
        return d_i, d_f, d_candidate, d_h * squash(c), d_c_before

    return step_back


def _slope_of_the_old_sheet(d_h, d_c, c_before, i, f, candidate, o):
    d_c = d_c + d_h * o * _slope(c_before)
    d_i, d_f, d_candidate, d_before = _to_the_gates(d_c, c_before, i, f, candidate)
    return d_i, d_f, d_candidate, d_h * np.tanh(f * c_before + i * candidate), d_before


def _back_cases():
    cases = []
    for seed, (batch, units) in enumerate([(3, 5), (4, 2)]):
        rng = np.random.default_rng(seed)
        d_h, d_c, c_before = rng.normal(size=(3, batch, units))
        i, f, o = sigmoid(rng.normal(size=(3, batch, units)))
        candidate = np.tanh(rng.normal(size=(batch, units)))
        arguments = (d_h, d_c, c_before, i, f, candidate, o)
        cases.append(Case(arguments, {"batch": batch, "units": units}))
    return cases


_AT_THE_SHEET = (
    (
        lambda d_h, d_c, c, o: d_h * o * _slope(c),
        "the gradient that comes from later steps is left out: add d_c to what comes through h.",
    ),
    (
        lambda d_h, d_c, c, o: d_c,
        "what comes through h is left out: add d_h * o * (1 - tanh(c)**2) to d_c.",
    ),
    (
        lambda d_h, d_c, c, o: d_c + d_h * o,
        "the slope of tanh is missing: h = o * tanh(c), so d_h reaches c times o * (1 - "
        "tanh(c)**2).",
    ),
    (
        lambda d_h, d_c, c, o: d_c + d_h * _slope(c),
        "the output gate is missing on the way from h to c: h = o * tanh(c), so multiply by o.",
    ),
    (
        lambda d_h, d_c, c, o: d_c + d_h * o * np.tanh(c),
        "on the way from h to c stands the slope of tanh, 1 - tanh(c)**2, not tanh itself.",
    ),
    (
        lambda d_h, d_c, c, o: (d_c + d_h * o) * _slope(c),
        "d_c comes along the sheet, not through tanh: only what comes from h is multiplied by the "
        "slope.",
    ),
    (
        lambda d_h, d_c, c, o: d_c + d_h * o * (1 - c**2),
        "the slope is 1 - tanh(c)**2: the square is that of tanh(c), not of c.",
    ),
    (
        lambda d_h, d_c, c, o: (d_c + d_h) * o * _slope(c),
        "the gradient from later steps reaches c directly: only d_h goes through the output gate "
        "and tanh.",
    ),
)
_TO_THE_GATES = (
    (
        lambda d_c, c_before, i, f, g: (d_c * g, d_c * c_before, d_c * i, d_c),
        "d_c_before skips the forget gate: the old c was multiplied by f, so its gradient is too.",
    ),
    (
        lambda d_c, c_before, i, f, g: (d_c * g, d_c * c_before, d_c * i, d_c * (1 - f)),
        "the forget gate works the wrong way round: at 1 it keeps all of the gradient, as it keeps "
        "all of the old c.",
    ),
    (
        lambda d_c, c_before, i, f, g: (d_c * i, d_c * c_before, d_c * g, d_c * f),
        "i and candidate have changed places: in a product, each one's gradient is multiplied by "
        "the other.",
    ),
    (
        lambda d_c, c_before, i, f, g: (d_c * g, d_c * f, d_c * i, d_c * c_before),
        "f and the old c have changed places: in a product, each one's gradient is multiplied by "
        "the other.",
    ),
    (
        lambda d_c, c_before, i, f, g: (d_c * i, d_c * f, d_c * g, d_c * c_before),
        "each gradient is multiplied by its own number: in a product, it is multiplied by the "
        "other one.",
    ),
    (
        lambda d_c, c_before, i, f, g: (d_c * g, d_c * (f * c_before + i * g), d_c * i, d_c * f),
        "d_f has the new c in it: the forget gate multiplied the old one, c_before.",
    ),
)

LSTM_STEP_BACK = Exercise(
    name="lstm_step_back",
    takes=("d_h", "d_c", "c_before", "i", "f", "candidate", "o"),
    gives=dict.fromkeys(("d_i", "d_f", "d_candidate", "d_o", "d_c_before"), ("batch", "units")),
    right=_step_back(),
    cases=_back_cases(),
    wrong=[
        *(Wrong(_step_back(at_the_sheet=idea), sentence) for idea, sentence in _AT_THE_SHEET),
        *(Wrong(_step_back(to_the_gates=idea), sentence) for idea, sentence in _TO_THE_GATES),
        Wrong(
            _slope_of_the_old_sheet,
            "the slope is taken at the old sheet: h shows the new one, so it is 1 - tanh(c)**2.",
        ),
        Wrong(
            _step_back(squash=lambda c: c),
            "d_o has c in it, but the output gate multiplies tanh(c).",
        ),
        Wrong(
            lambda *a: tuple(np.array(_step_back()(*a))[[1, 0, 2, 3, 4]]),
            "all five are right, but d_f comes before d_i: return d_i, d_f, d_candidate, d_o, "
            "d_c_before.",
        ),
        Wrong(
            lambda *a: _step_back()(*a)[:4],
            "d_c_before is missing: it is what the step before needs.",
        ),
    ],
    look={
        "d_i": "the gradient by the new c first, then at what i is multiplied by",
        "d_f": "what f is multiplied by in the new c",
        "d_candidate": "what the candidate is multiplied by in the new c",
        "d_o": "h = o * tanh(c)",
        "d_c_before": "what the old c is multiplied by in the new c",
    },
    praise="back along the sheet the gradient is multiplied by the forget gate, as the dents were.",
)


# --- from PyTorch ------------------------------------------------------------------------------


def _from_pytorch(weight_ih, weight_hh, bias_ih, bias_hh):
    return weight_ih.T, weight_hh.T, bias_ih + bias_hh


def _pytorch_cases():
    cases = []
    for seed, (features, units) in enumerate([(3, 5), (7, 2)]):
        keras = random_weights("lstm", features, units, seed)
        bias = random_weights("lstm", features, units, seed + 10).bias
        arguments = (keras.kernel.T, keras.recurrent_kernel.T, keras.bias - bias, bias)
        sizes = {"features": features, "units": units, "4 * units": 4 * units}
        cases.append(Case(tuple(np.ascontiguousarray(array) for array in arguments), sizes))
    return cases


def _with_columns(order):
    """Sort the blocks of columns too, as somebody does who expects another order of the gates."""

    def convert(*arguments):
        return tuple(
            np.concatenate([np.split(array, 4, axis=-1)[block] for block in order], axis=-1)
            for array in _from_pytorch(*arguments)
        )

    return convert


FROM_PYTORCH = Exercise(
    name="from_pytorch",
    takes=("weight_ih", "weight_hh", "bias_ih", "bias_hh"),
    gives={
        "kernel": ("features", "4 * units"),
        "recurrent_kernel": ("units", "4 * units"),
        "bias": ("4 * units",),
    },
    right=_from_pytorch,
    cases=_pytorch_cases(),
    wrong=[
        Wrong(
            lambda w, u, b, d: (w.T, u.T, b),
            "the second bias is left out: PyTorch adds both, so Keras's one bias is their sum.",
        ),
        Wrong(
            lambda w, u, b, d: (w.T, u.T, d),
            "the first bias is left out: PyTorch adds both, so Keras's one bias is their sum.",
        ),
        Wrong(
            lambda w, u, b, d: (w.T, u.T, (b + d) / 2),
            "the biases are averaged: PyTorch adds both, so Keras's one bias is their sum.",
        ),
        Wrong(
            lambda w, u, b, d: (w.T, u.T, np.concatenate([b, d])),
            "the biases stand one behind the other: PyTorch adds both, so add them.",
        ),
        Wrong(
            lambda w, u, b, d: (w.T, u.T, np.stack([b, d])),
            "Keras's LSTM has one bias, not two rows: PyTorch adds both, so add them.",
        ),
        Wrong(
            lambda w, u, b, d: (w, u, b + d),
            "both kernels still stand as PyTorch keeps them, one row for each sum: transpose them.",
        ),
        Wrong(
            lambda w, u, b, d: (w.T, u, b + d),
            "the recurrent kernel still stands as PyTorch keeps it: transpose it too.",
        ),
        Wrong(
            lambda w, u, b, d: (w.reshape(w.shape[::-1]), u.reshape(u.shape[::-1]), b + d),
            "reshape keeps the order in which the numbers lie and mixes rows with columns: "
            "transpose with .T.",
        ),
        *(
            Wrong(
                _with_columns(order),
                "the blocks are sorted anew, but PyTorch's i, f, g, o is Keras's order already "
                "(its g is the candidate): leave them where they are.",
            )
            for order in ((0, 2, 1, 3), (0, 1, 3, 2), (0, 3, 1, 2), (1, 0, 2, 3))
        ),
    ],
    look={
        "kernel": "weight_ih, transposed",
        "recurrent_kernel": "weight_hh, transposed",
        "bias": "what PyTorch does with its two biases: it adds both",
    },
    praise="transposed, in the same order of gates, and two biases become one.",
)
