"""Lesson 4: the LSTM's gates and its step."""

import itertools

import numpy as np

from helpers import cells
from helpers.cells import sigmoid
from helpers.checks.verdicts import Exercise, Wrong
from helpers.checks.weights import recurrent_left_out, step_cases, weight_ideas


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
    takes=("x_t", "h", "weights"),
    gives=dict.fromkeys(cells.BLOCKS["lstm"], ("batch", "units")),
    right=cells.lstm_gates,
    cases=step_cases("lstm", states=1),
    wrong=[
        *LSTM_GATE_IDEAS,
        _tanh_at(0, "first"),
        *TANH_ELSEWHERE,
        *_returned_in_another_order(),
    ],
    look={
        "i": "the line of i and the columns that it takes",
        "f": "the line of f and the columns that it takes",
        "candidate": "the candidate's line: the columns that it takes, and its tanh",
        "o": "the line of o and the columns that it takes",
    },
    praise="three gates between 0 and 1 and a candidate between -1 and 1.",
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
    (
        lambda c, i, f, g, o: f * c + i * g,
        "you return c alone: return h, c.",
    ),
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


LSTM_STEP = Exercise(
    name="lstm_step",
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
)
