"""Lesson 8: the GRU's step, with Keras's ``reset_after=True``, the cells, and two steps as one."""

import numpy as np

from helpers.checks.verdicts import Case, Exercise, Wrong
from helpers.checks.weight_ideas import (
    recurrent_left_out,
    step_cases,
    step_corners,
    weight_ideas,
    with_weights,
)
from rnnscope import cells
from rnnscope.cells import sigmoid


def _gru_sums(x_t, h, weights):
    """Give z, r, and the two sums of which the candidate is made."""
    z, r, _ = cells.gru_gates(x_t, h, weights)
    input_side = np.split(x_t @ weights.kernel + weights.bias[0], 3, axis=-1)[2]
    recurrent_side = np.split(h @ weights.recurrent_kernel + weights.bias[1], 3, axis=-1)[2]
    return z, r, input_side, recurrent_side


def _gru_with(candidate, state=cells.gru_state):
    """Make a GRU step with another candidate or another way to the new state."""

    def step(x_t, h, weights):
        z, r, input_side, recurrent_side = _gru_sums(x_t, h, weights)
        return state(h, z, candidate(r, input_side, recurrent_side))

    return step


def _gru_candidate(r, input_side, recurrent_side):
    return np.tanh(input_side + r * recurrent_side)


def _reset_before(x_t, h, weights):
    z, r, input_side, _ = _gru_sums(x_t, h, weights)
    U_h = np.split(weights.recurrent_kernel, 3, axis=1)[2]
    d_h = np.split(weights.bias[1], 3)[2]
    return cells.gru_state(h, z, np.tanh(input_side + (r * h) @ U_h + d_h))


def _bias_outside_reset(x_t, h, weights):
    z, r, input_side, recurrent_side = _gru_sums(x_t, h, weights)
    d_h = np.split(weights.bias[1], 3)[2]
    return cells.gru_state(h, z, np.tanh(input_side + r * (recurrent_side - d_h) + d_h))


def _gru_with_r_as_mixer(x_t, h, weights):
    _, r, input_side, recurrent_side = _gru_sums(x_t, h, weights)
    return cells.gru_state(h, r, _gru_candidate(r, input_side, recurrent_side))


def _as_tanh(gate):
    """Give what tanh makes of the sum of which sigmoid has made the gate."""
    return np.tanh(np.log(gate / (1 - gate)))


def _recurrent_bias_dropped(x_t, h, weights):
    z, r, input_side, recurrent_side = _gru_sums(x_t, h, weights)
    d_h = np.split(weights.bias[1], 3)[2]
    return cells.gru_state(h, z, np.tanh(input_side + r * (recurrent_side - d_h)))


TANH_ON_A_GATE = "a gate is made by tanh: z and r are shares from 0 to 1, so sigmoid makes them."

GRU_STEP = Exercise(
    name="gru_step",
    asks="the GRU's new h, with Keras's ``reset_after=True``.",
    takes=("x_t", "h", "weights"),
    gives={"h": ("batch", "units")},
    right=cells.gru_step,
    cases=step_cases("gru", states=1),
    wrong=[
        Wrong(
            _gru_with(_gru_candidate, lambda h, z, candidate: (1 - z) * h + z * candidate),
            "z works the wrong way round: in Keras z at 1 keeps the old h (some papers write it "
            "the other way).",
        ),
        Wrong(_gru_with_r_as_mixer, "r mixes the old h and the candidate: that is the work of z."),
        Wrong(
            _reset_before,
            "the reset gate works on h before the product: with Keras's reset_after=True it works "
            "after it, r * (h @ U_h + its bias).",
        ),
        Wrong(
            _bias_outside_reset,
            "the recurrent bias stands outside the reset gate: with reset_after=True it is "
            "r * (h @ U_h + its bias).",
        ),
        Wrong(
            _gru_with(lambda r, input_side, recurrent_side: np.tanh(input_side + recurrent_side)),
            "the reset gate is left out: it says how much of the old state the candidate reads.",
        ),
        Wrong(
            _gru_with(
                lambda r, input_side, recurrent_side: np.tanh(r * (input_side + recurrent_side))
            ),
            "the reset gate works on the input too: it works on the recurrent side alone.",
        ),
        Wrong(
            _gru_with(
                lambda r, input_side, recurrent_side: sigmoid(input_side + r * recurrent_side)
            ),
            "the candidate goes through sigmoid: it is new content, from -1 to 1, so it goes "
            "through tanh.",
        ),
        Wrong(
            _gru_with(lambda r, input_side, recurrent_side: input_side + r * recurrent_side),
            "the candidate's tanh is missing.",
        ),
        Wrong(
            _gru_with(_gru_candidate, lambda h, z, candidate: z * h + candidate),
            "the candidate enters in full: the part 1 - z of it enters.",
        ),
        Wrong(
            _gru_with(_gru_candidate, lambda h, z, candidate: (1 - z) * candidate),
            "the old h is not kept: the part z of it stays.",
        ),
        Wrong(
            _gru_with(_gru_candidate, lambda h, z, candidate: candidate),
            "you return the candidate: the new h mixes it with the old h, by z.",
        ),
        Wrong(
            with_weights(cells.gru_step, lambda w: w._replace(bias=w.bias * [[1], [0]])),
            "the second row of the bias is left out: it is the bias of the recurrent side.",
        ),
        Wrong(
            with_weights(cells.gru_step, lambda w: w._replace(bias=w.bias * [[0], [1]])),
            "the first row of the bias is left out: it is the bias of the input side.",
        ),
        Wrong(
            _recurrent_bias_dropped,
            "the candidate lacks its recurrent bias: inside r * ( ) stands h @ U_h + d_h.",
        ),
        Wrong(
            with_weights(cells.gru_step, lambda w: w._replace(bias=w.bias[[0, 0]])),
            "the first row of the bias stands on both sides: d is its second row.",
        ),
        Wrong(
            _gru_with(
                _gru_candidate, lambda h, z, candidate: cells.gru_state(h, _as_tanh(z), candidate)
            ),
            TANH_ON_A_GATE,
        ),
        Wrong(
            _gru_with(
                lambda r, input_side, recurrent_side: _gru_candidate(
                    _as_tanh(r), input_side, recurrent_side
                )
            ),
            TANH_ON_A_GATE,
        ),
        Wrong(
            _gru_with(
                lambda r, input_side, recurrent_side: _gru_candidate(
                    _as_tanh(r), input_side, recurrent_side
                ),
                lambda h, z, candidate: cells.gru_state(h, _as_tanh(z), candidate),
            ),
            TANH_ON_A_GATE,
        ),
        recurrent_left_out(cells.gru_step),
        *weight_ideas("gru", cells.gru_step),
    ],
    look={
        "h": "z and r first, then the candidate, then the mixture of the old h and the candidate"
    },
    praise="one gate mixes old and new, one decides what the candidate may read: a GRU step.",
    corners=step_corners("gru", states=1),
)


def _composed(keep_1, blow_1, keep_2, blow_2):
    return keep_1 * keep_2, keep_2 * blow_1 + blow_2


def _two_steps(units):
    random = np.random.default_rng(units)
    return Case(
        tuple(random.uniform(low, 0.95, units).round(2) for low in (0.2, -0.9) * 2),
        {"units": units},
    )


COMPOSE_STEPS = Exercise(
    name="compose_steps",
    asks="one step, as keep and blow, that does what two do one after the other.",
    takes=("keep_1", "blow_1", "keep_2", "blow_2"),
    gives={"keep": ("units",), "blow": ("units",)},
    right=_composed,
    cases=[_two_steps(units) for units in (3, 5, 4)],
    wrong=[
        Wrong(
            lambda keep_1, blow_1, keep_2, blow_2: (keep_1 * keep_2, blow_1 + blow_2),
            "the first blow fades too: the second step keeps the part keep_2 of all that is there.",
        ),
        Wrong(
            lambda keep_1, blow_1, keep_2, blow_2: (keep_1 * keep_2, keep_1 * blow_1 + blow_2),
            "keep_1 works on what was there before the first blow: what fades the first blow is "
            "keep_2.",
        ),
        Wrong(
            lambda keep_1, blow_1, keep_2, blow_2: _composed(keep_2, blow_2, keep_1, blow_1),
            "that is the second step before the first: the blow that fades is the first one.",
        ),
        Wrong(
            lambda keep_1, blow_1, keep_2, blow_2: (keep_1 * keep_2, keep_2 * (blow_1 + blow_2)),
            "the second blow fades too: nothing comes after it.",
        ),
        Wrong(
            lambda keep_1, blow_1, keep_2, blow_2: (keep_1 * keep_2, blow_2),
            "the first blow is lost: the part keep_2 of it is still there.",
        ),
        Wrong(
            lambda keep_1, blow_1, keep_2, blow_2: (keep_1 + keep_2, keep_2 * blow_1 + blow_2),
            "keeps are multiplied, not added: the second keeps a part of what the first has left.",
        ),
        Wrong(
            lambda keep_1, blow_1, keep_2, blow_2: (keep_2, keep_2 * blow_1 + blow_2),
            "that keep is the second step's alone: the old state went through both.",
        ),
    ],
    look={
        "keep": "what both steps together leave of the old state",
        "blow": "what is there after both steps if the old state was 0",
    },
    praise="keep_1 * keep_2 of the old state stays, and keep_2 of the first blow.",
    corners=[Case((np.ones(2), np.zeros(2), np.ones(2), np.zeros(2)), name="two empty steps")],
)
