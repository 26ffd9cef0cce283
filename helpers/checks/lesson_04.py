"""Lesson 4: the LSTM's gates and step, its parameters, one step back, PyTorch's weights."""

import itertools

import numpy as np

from helpers.checks.verdicts import Case, Exercise, Wrong
from helpers.checks.weight_ideas import recurrent_left_out, step_cases, step_corners, weight_ideas
from rnnscope import cells
from rnnscope.cells import random_weights, sigmoid


def _squashed(*functions):
    """Make the gates with other functions in place of sigmoid, sigmoid, tanh, sigmoid."""

    def gates(x_t, h, weights):
        sums = x_t @ weights.kernel + h @ weights.recurrent_kernel + weights.bias
        return [f(a) for f, a in zip(functions, np.split(sums, 4, axis=-1), strict=True)]

    return gates


def _as_it_is(a):
    return a


def _forget_inverted(x_t, h, weights):
    i, f, candidate, o = cells.lstm_gates(x_t, h, weights)
    return i, 1 - f, candidate, o


FORGET_INVERTED = (
    "your forget gate works the wrong way round: at 1 it keeps all of the old cell state, at 0 it "
    "forgets all."
)

LSTM_GATE_IDEAS = [
    Wrong(
        _squashed(sigmoid, sigmoid, sigmoid, sigmoid),
        "the candidate goes through sigmoid: it is no gate but new content, from -1 to 1, so it "
        "goes through tanh.",
    ),
    Wrong(
        _squashed(np.tanh, np.tanh, np.tanh, np.tanh),
        "the gates go through tanh: a gate lies between 0 and 1, so i, f and o go through sigmoid.",
    ),
    Wrong(
        _squashed(_as_it_is, _as_it_is, _as_it_is, _as_it_is),
        "the sums are not squashed: i, f and o go through sigmoid, the candidate through tanh.",
    ),
    Wrong(
        _squashed(_as_it_is, _as_it_is, np.tanh, _as_it_is),
        "the gates are not squashed: i, f and o go through sigmoid.",
    ),
    Wrong(
        _squashed(sigmoid, sigmoid, _as_it_is, sigmoid),
        "the candidate is not squashed: it goes through tanh.",
    ),
    Wrong(_forget_inverted, FORGET_INVERTED),
    recurrent_left_out(cells.lstm_gates),
    *weight_ideas("lstm", cells.lstm_gates),
]


def _tanh_at(block, place):
    name = cells.BLOCKS["lstm"][block]
    return Wrong(
        _squashed(*(np.tanh if at == block else sigmoid for at in range(4))),
        f"tanh stands at the {place} block of columns, which is {name}: in Keras the third is the "
        "candidate, and tanh belongs there.",
    )


TANH_ELSEWHERE = [_tanh_at(1, "second"), _tanh_at(3, "fourth")]


def _returned_in_another_order():
    """Return the right four in another order (with the candidate third, columns may be why)."""
    names = cells.BLOCKS["lstm"]
    for blocks in itertools.permutations(range(4)):
        if blocks[2] != 2:
            yield Wrong(
                lambda x_t, h, w, blocks=blocks: [cells.lstm_gates(x_t, h, w)[b] for b in blocks],
                f"all four are right, but you return {', '.join(names[b] for b in blocks)}: return "
                "i, f, candidate, o.",
            )


LSTM_GATES = Exercise(
    name="lstm_gates",
    asks="the LSTM's i, f, candidate and o.",
    takes=("x_t", "h", "weights"),
    gives=dict.fromkeys(cells.BLOCKS["lstm"], ("batch", "units")),
    right=cells.lstm_gates,
    cases=step_cases("lstm", states=1),
    wrong=[*LSTM_GATE_IDEAS, _tanh_at(0, "first"), *TANH_ELSEWHERE, *_returned_in_another_order()],
    look={
        "i": "the line of i and the columns that it takes",
        "f": "the line of f and the columns that it takes",
        "candidate": "the candidate's line: the columns that it takes, and its tanh",
        "o": "the line of o and the columns that it takes",
    },
    praise="three gates between 0 and 1 and a candidate between -1 and 1.",
    corners=step_corners("lstm", states=1),
)


def _gates_from_c(x_t, h, c, weights):
    return cells.lstm_state(c, *cells.lstm_gates(x_t, c, weights))


def _o_from_new_c(x_t, h, c, weights):
    _, new_c = cells.lstm_step(x_t, h, c, weights)
    *_, o = cells.lstm_gates(x_t, new_c, weights)
    return o * np.tanh(new_c), new_c


def _o_from_new_h(x_t, h, c, weights):
    new_h, new_c = cells.lstm_step(x_t, h, c, weights)
    *_, o = cells.lstm_gates(x_t, new_h, weights)
    return o * np.tanh(new_c), new_c


# Each takes the right gates and the old c, and makes what is returned.
LSTM_STATE_IDEAS = [
    (
        lambda c, i, f, g, o: (o * (f * c + i * g), f * c + i * g),
        "h is o times c itself: c goes through tanh first, then the output gate lets it through.",
    ),
    (
        lambda c, i, f, g, o: (o * np.tanh(f * c + i * g), np.tanh(f * c + i * g)),
        "c is squashed before it is kept: only what is shown goes through tanh, c itself may grow.",
    ),
    (
        lambda c, i, f, g, o: (o * np.tanh(np.tanh(f * c + i * g)), np.tanh(f * c + i * g)),
        "c goes through tanh twice: c itself is not squashed, only what is shown of it.",
    ),
    (
        lambda c, i, f, g, o: (np.tanh(f * c + i * g), f * c + i * g),
        "the output gate is left out: it decides how much of tanh(c) shows in h.",
    ),
    (
        lambda c, i, f, g, o: (o * sigmoid(f * c + i * g), f * c + i * g),
        "c goes through sigmoid on its way to h: it goes through tanh.",
    ),
    (
        lambda c, i, f, g, o: (o, f * c + i * g),
        "you return the output gate in place of h: h is what the gate lets through of tanh(c).",
    ),
    (
        lambda c, i, f, g, o: (o * np.tanh(c), f * c + i * g),
        "h is made from the old c: make the new c first, then h from it.",
    ),
    (
        lambda c, i, f, g, o: (np.tanh(o * (f * c + i * g)), o * (f * c + i * g)),
        "the output gate goes into c: c comes from the forget and input gates alone, and the "
        "output gate makes h from it.",
    ),
    (
        lambda c, i, f, g, o: (o * np.tanh(o * (f * c + i * g)), o * (f * c + i * g)),
        "the output gate works on c and on h: c comes from the forget and input gates alone, and "
        "the output gate makes h from it.",
    ),
    (
        lambda c, i, f, g, o: (o * np.tanh(f * c + i * g),) * 2,
        "c is what the output gate lets through, the same as h: c comes from the forget and input "
        "gates alone.",
    ),
    (
        lambda c, i, f, g, o: cells.lstm_state(c, o, f, g, o),
        "the output gate lets the candidate into c: that is the input gate's work.",
    ),
    (
        lambda c, i, f, g, o: cells.lstm_state(c, 1 - f, f, g, o),
        "the candidate enters by 1 - f: the LSTM has an input gate i for it (it is the GRU that "
        "has one gate for both).",
    ),
    (
        lambda c, i, f, g, o: cells.lstm_state(c, i, 1, g, o),
        "the forget gate is left out: it says how much of the old c stays.",
    ),
    (
        lambda c, i, f, g, o: cells.lstm_state(c, 1, f, g, o),
        "the input gate is left out: it says how much of the candidate enters c.",
    ),
    (
        lambda c, i, f, g, o: cells.lstm_state(c, i, f, 1, o),
        "the candidate is left out: the input gate says how much of it enters c.",
    ),
    (
        lambda c, i, f, g, o: cells.lstm_state(0 * c, i, f, g, o),
        "the old c is not kept: what the forget gate leaves of it is a part of the new c.",
    ),
    (
        lambda c, i, f, g, o: cells.lstm_state(c, f, f, g, o),
        "the forget gate lets the candidate in: that is the input gate's work.",
    ),
    (
        lambda c, i, f, g, o: (o * np.tanh(f * c + i * g), c),
        "the c that you return is the old one: return the new c.",
    ),
    (
        lambda c, i, f, g, o: (f * c + i * g, o * np.tanh(f * c + i * g)),
        "both are right but change places: return h, c in this order.",
    ),
    (
        lambda c, i, f, g, o: o * np.tanh(f * c + i * g),
        "you return h alone: the next step needs c too, so return h, c.",
    ),
    (lambda c, i, f, g, o: f * c + i * g, "you return c alone: return h, c."),
    (
        lambda c, i, f, g, o: (o * np.tanh(f * c + i * g),) * 2 + (f * c + i * g,),
        "you return output, h and c, as a whole Keras layer does with return_state=True: the "
        "output is h itself, so return h, c.",
    ),
]


def _step_from_gates(gates):
    return lambda x_t, h, c, weights: cells.lstm_state(c, *gates(x_t, h, weights))


def _step_from_state(state):
    return lambda x_t, h, c, weights: state(c, *cells.lstm_gates(x_t, h, weights))


_x_t, _h, _c, _weights = step_corners("lstm", states=2)[1].arguments
_LARGE_C = Case((_x_t, _h, 2000 * _c, _weights), name="a c as large as 1,000 (exp overflows)")

LSTM_STEP = Exercise(
    name="lstm_step",
    asks="the LSTM's new pair h, c.",
    takes=("x_t", "h", "c", "weights"),
    gives={"h": ("batch", "units"), "c": ("batch", "units")},
    right=cells.lstm_step,
    cases=step_cases("lstm", states=2),
    wrong=[
        *(Wrong(_step_from_state(state), sentence) for state, sentence in LSTM_STATE_IDEAS),
        *(
            Wrong(_step_from_gates(idea.function), idea.sentence)
            for idea in LSTM_GATE_IDEAS + TANH_ELSEWHERE
        ),
        Wrong(
            _gates_from_c,
            "the gates read c: they read the input and the old h; c has no kernel of its own.",
        ),
        Wrong(
            _o_from_new_c,
            "the output gate reads the new c: all four read the old h, before anything changes.",
        ),
        Wrong(
            _o_from_new_h,
            "the output gate reads the new h: all four read the old h, before anything changes.",
        ),
    ],
    look={
        "h": "the line that makes h from o and the new c (and at c itself)",
        "c": "the line that makes the new c: what the forget gate leaves and what enters",
    },
    praise="old content through the forget gate, new through the input gate, and h is what the "
    "output gate shows of it.",
    corners=[*step_corners("lstm", states=2), _LARGE_C],
)


def _lstm_parameters(features, units):
    return 4 * units * (features + units + 1)


PARAMETER_COUNT = Exercise(
    name="parameter_count",
    asks="how many numbers an LSTM layer learns.",
    takes=("features", "units"),
    gives={"count": ()},
    right=_lstm_parameters,
    cases=[Case((n, u), {"features": n, "units": u}) for n, u in ((28, 128), (5, 3), (20, 64))],
    wrong=[
        Wrong(
            lambda n, u: u * (n + u + 1),
            "that is one gate's share: an LSTM has four such sets, for i, f, the candidate and o.",
        ),
        Wrong(
            lambda n, u: 3 * u * (n + u + 1),
            "you count three sets: beside the three gates the candidate has weights too.",
        ),
        Wrong(
            lambda n, u: 4 * u * (n + u),
            "the biases are missing: one for each unit in each of the four sets.",
        ),
        Wrong(
            lambda n, u: 4 * u * (n + 1),
            "the recurrent kernel is missing: each unit also reads all units of the old h.",
        ),
        Wrong(
            lambda n, u: 4 * u * (u + 1),
            "the input's kernel is missing: each unit also reads all features.",
        ),
        Wrong(
            lambda n, u: 4 * u * (n + u + 2),
            "there is one bias too many in each set: PyTorch keeps two, Keras one.",
        ),
        Wrong(
            lambda n, u: 4 * u * (n + u) + u,
            "each of the four sets has its own bias: four for every unit, not one.",
        ),
        Wrong(
            lambda n, u: 4 * u * (n + u) + 4,
            "there is a bias for each unit in each of the four sets, not one for the set.",
        ),
        Wrong(
            lambda n, u: 4 * (u * n + n * n + u),
            "the recurrent kernel goes from units to units: it has units times units entries, "
            "whatever the number of features.",
        ),
        Wrong(
            lambda n, u: 4 * u * (n * u + 1),
            "features and units are multiplied inside: a unit reads features and units side by "
            "side, so their numbers add.",
        ),
        *(
            Wrong(
                lambda n, u, steps=steps: _lstm_parameters(n, u) * (n if steps is None else steps),
                "that is multiplied by the time steps: every step uses the same weights, so the "
                "count does not depend on how many steps there are.",
            )
            for steps in (28, 14, 56, None)
        ),
    ],
    look={"count": "one gate first: its kernel, its recurrent kernel, its bias"},
    praise="four sets of weights, and as many for one time step as for a thousand.",
    corners=[Case((1, 1), name="one feature and one unit")],
)


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
    asks="one LSTM step, backwards. d_h and d_c are the loss's gradients by the new h and, "
    "from later steps, by the new c. The results are d_i, d_f, d_candidate, d_o "
    "(before sigmoid and tanh) and d_c_before.",
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
    corners=[
        Case(
            tuple(np.array([[value]]) for value in (0.3, 0.2, 2000.0, 0.4, 0.6, 0.5, 0.7)),
            name="a c as large as 1,000 (where exp alone overflows)",
        )
    ],
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
    asks="an LSTM's weights for Keras.",
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
    corners=[
        Case((np.ones((4, 1)), np.ones((4, 1)), np.arange(4.0), np.ones(4)), name="a single unit")
    ],
)


_KEEPS, _FORGETS = (
    [f"{verb}{ending}{what}" for ending in ("s", "") for what in (" all", " everything", "")]
    for verb in ("keep", "forget")
)
