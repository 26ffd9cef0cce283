"""Lesson 3: the plain RNN, one step and unrolled."""

from functools import partial

import numpy as np

from helpers import cells
from helpers.cells import sigmoid
from helpers.checks.verdicts import Case, Exercise, Wrong
from helpers.checks.weights import recurrent_left_out, step_cases, weight_ideas


def _rnn_sum(x_t, h, weights):
    return x_t @ weights.kernel + h @ weights.recurrent_kernel + weights.bias


RNN_IDEAS = [
    Wrong(_rnn_sum, "the tanh is missing: the new h is the tanh of the whole sum."),
    Wrong(
        lambda x_t, h, weights: sigmoid(_rnn_sum(x_t, h, weights)),
        "a sigmoid stands where the plain RNN has a tanh (a state of -1 to 1).",
    ),
    Wrong(
        lambda x_t, h, weights: np.maximum(_rnn_sum(x_t, h, weights), 0),
        "a ReLU stands where the plain RNN has a tanh.",
    ),
    Wrong(
        lambda x_t, h, weights: np.tanh(x_t @ weights.kernel + h + weights.bias),
        "the old h is added as it is: it goes through the recurrent kernel first "
        "(h @ recurrent_kernel).",
    ),
    Wrong(
        lambda x_t, h, weights: h + np.tanh(_rnn_sum(x_t, h, weights)),
        "the old h is added once more outside tanh: the plain RNN's new h is the tanh alone.",
    ),
    Wrong(
        lambda x_t, h, w: np.tanh(x_t @ w.kernel) + h @ w.recurrent_kernel + w.bias,
        "tanh closes too early, after the input: it goes around the whole sum.",
    ),
    Wrong(
        lambda x_t, h, w: np.tanh(x_t @ w.kernel + w.bias) + h @ w.recurrent_kernel,
        "the recurrent term stands outside tanh: it goes around the whole sum.",
    ),
    Wrong(
        lambda x_t, h, w: np.tanh(x_t @ w.kernel + h @ w.recurrent_kernel) + w.bias,
        "the bias stands outside tanh: it goes around the whole sum.",
    ),
    *weight_ideas("rnn", cells.rnn_step),
]

RNN_STEP = Exercise(
    name="rnn_step",
    takes=("x_t", "h", "weights"),
    gives={"h": ("batch", "units")},
    right=cells.rnn_step,
    cases=step_cases("rnn", states=1),
    wrong=[
        *RNN_IDEAS,
        recurrent_left_out(cells.rnn_step),
        Wrong(
            lambda x_t, h, weights: (cells.rnn_step(x_t, h, weights),) * 2,
            "your function returns h twice, as output and as state: here they are one and the "
            "same, so return h alone.",
        ),
    ],
    look={"h": "the sum inside tanh, term by term"},
    praise="input and old state, each through its kernel, then the tanh: an RNN step.",
)


def _hidden_states(x, weights, step=cells.rnn_step):
    h = np.zeros((len(x), len(weights.recurrent_kernel)))
    states = []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, weights)
        states.append(h)
    return np.stack(states, axis=1)


def _hidden_states_over_the_batch(x, weights):
    return _hidden_states(x.swapaxes(0, 1), weights).swapaxes(0, 1)


def _unroll_cases():
    cases = []
    for seed, (batch, time_steps, features, units) in enumerate([(3, 6, 5, 4), (5, 4, 3, 7)]):
        x = np.random.default_rng(seed).normal(size=(batch, time_steps, features))
        sizes = {"batch": batch, "time steps": time_steps, "features": features, "units": units}
        cases.append(Case((x, cells.random_weights("rnn", features, units, seed)), sizes))
    return cases


THROUGH_THE_BATCH = (
    "the state walks through the batch, from one sequence to the next: the first axis is the "
    "batch, so step along the second, x[:, t] (for x_t in x goes along the first)."
)
UNROLL = Exercise(
    name="unroll",
    # The two sizes meet where a loop over x hands out whole sequences, (time steps, features).
    stops={r"\(6,4\) \(3,4\)|\(3,4\) \(6,4\)": THROUGH_THE_BATCH},
    takes=("x", "weights"),
    gives={"h": ("batch", "time steps", "units")},
    right=lambda x, weights: cells.unroll("rnn", x, weights).h,
    cases=_unroll_cases(),
    wrong=[
        Wrong(_hidden_states_over_the_batch, THROUGH_THE_BATCH),
        Wrong(
            lambda x, weights: _hidden_states(x.swapaxes(0, 1), weights),
            THROUGH_THE_BATCH,
        ),
        Wrong(
            lambda x, weights: _hidden_states(x, weights).swapaxes(0, 1),
            "the time steps come first: the shape should be (batch, time steps, units), as "
            "np.stack(states, axis=1) makes it.",
        ),
        Wrong(
            lambda x, weights: _hidden_states(x, weights)[:, -1],
            "that is the last h alone: collect the h after every step.",
        ),
        Wrong(
            lambda x, weights: _hidden_states(x, weights)[:, 0],
            "that is h after the first step alone: does return stand inside the loop?",
        ),
        Wrong(
            lambda x, weights: np.pad(_hidden_states(x, weights), [(0, 0), (1, 0), (0, 0)]),
            "the zeros at the start are in it too: give h after each step, as many as there are "
            "time steps.",
        ),
        Wrong(
            lambda x, weights: np.pad(_hidden_states(x, weights), [(0, 0), (1, 0), (0, 0)])[:, :-1],
            "each h stands one step late, as it is collected before the step: collect it after.",
        ),
        Wrong(
            lambda x, weights: _hidden_states(x[:, ::-1], weights),
            "the steps are read last first: begin with x[:, 0].",
        ),
        Wrong(
            lambda x, weights: _hidden_states(x[:, ::-1], weights)[:, ::-1],
            "the steps are read last first: begin with x[:, 0], whose h comes first too.",
        ),
        Wrong(
            lambda x, weights: _hidden_states(np.repeat(x[:, :1], x.shape[1], axis=1), weights),
            "every step reads the first input: step t reads x[:, t].",
        ),
        Wrong(
            lambda x, weights: np.repeat(_hidden_states(x, weights)[:, -1:], x.shape[1], axis=1),
            "every entry is the last h: the list holds one array that changes under it, so make a "
            "new h at each step.",
        ),
        *(Wrong(partial(_hidden_states, step=idea.function), idea.sentence) for idea in RNN_IDEAS),
        Wrong(
            lambda x, w: _hidden_states(x, w._replace(recurrent_kernel=0 * w.recurrent_kernel)),
            "each step starts from zeros, so nothing is remembered: hand the h of one step on to "
            "the next.",
        ),
    ],
    look={"h": "how h is handed from one step to the next"},
    praise="one set of weights, one h handed on from step to step.",
)
