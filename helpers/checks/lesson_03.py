"""Lesson 3: the plain RNN, one step and unrolled, what is read of it, and a step back."""

from functools import partial

import numpy as np

from helpers.checks.verdicts import Case, Exercise, Wrong
from helpers.checks.weight_ideas import recurrent_left_out, step_cases, step_corners, weight_ideas
from rnnscope import cells
from rnnscope.cells import sigmoid


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
    asks="the plain RNN's new h.",
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
    corners=step_corners("rnn", states=1),
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


def _unrolled(name, batch, time_steps, units):
    x = np.random.default_rng(3).normal(size=(batch, time_steps, 2))
    return Case((x, cells.random_weights("rnn", 2, units, 5)), name=name)


THROUGH_THE_BATCH = (
    "the state walks through the batch, from one sequence to the next: the first axis is the "
    "batch, so step along the second, x[:, t] (for x_t in x goes along the first)."
)
UNROLL = Exercise(
    name="unroll",
    asks="the plain RNN's h after every step, from zeros on. x is (batch, time steps, "
    "features), the result (batch, time steps, units).",
    # The two sizes meet where a loop over x hands out whole sequences, (time steps, features).
    stops={r"\(6,4\) \(3,4\)|\(3,4\) \(6,4\)": THROUGH_THE_BATCH},
    takes=("x", "weights"),
    gives={"h": ("batch", "time steps", "units")},
    right=lambda x, weights: cells.unroll("rnn", x, weights).h,
    cases=_unroll_cases(),
    wrong=[
        Wrong(_hidden_states_over_the_batch, THROUGH_THE_BATCH),
        Wrong(lambda x, weights: _hidden_states(x.swapaxes(0, 1), weights), THROUGH_THE_BATCH),
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
    corners=[
        _unrolled("a single time step", 3, 1, 2),
        _unrolled("a batch of one sequence", 1, 3, 2),
        _unrolled("a single unit", 2, 3, 1),
    ],
)


def _states_cases():
    cases = []
    for seed, (batch, time_steps, units) in enumerate([(3, 6, 4), (5, 2, 7), (6, 4, 5)]):
        h = np.random.default_rng(seed).uniform(-0.9, 0.9, (batch, time_steps, units))
        cases.append(Case((h,), {"batch": batch, "time steps": time_steps, "units": units}))
    return cases


READ_ANSWER = Exercise(
    name="read_answer",
    asks="what is read of all states when a sequence gets one answer.",
    takes=("h",),
    gives={"h_last": ("batch", "units")},
    right=lambda h: h[:, -1],
    cases=_states_cases(),
    wrong=[
        Wrong(
            lambda h: h[-1],
            "that is the last sequence of the batch, with all its steps: the first axis is the "
            "batch, the second the time.",
        ),
        Wrong(
            lambda h: h[:, :, -1],
            "that is the last unit at every step: the time steps are the second axis.",
        ),
        Wrong(
            lambda h: h[:, 0],
            "that is the first state, which has seen one input only: the last has seen them all.",
        ),
        Wrong(
            lambda h: h[:, -2], "that is the state before the last: it has not seen the last input."
        ),
        Wrong(
            lambda h: h,
            "those are all states: the arrows to the right are handed on, they are not answers. "
            "For one answer a sequence only the last state is read.",
        ),
        Wrong(
            lambda h: h[:, -1:],
            "the axis of the time steps is still there: write -1 in place of -1: to drop it.",
        ),
        Wrong(
            lambda h: h.reshape(len(h), -1),
            "those are all states in one long row: for one answer only the last state is read.",
        ),
        Wrong(
            lambda h: h.sum(axis=1),
            "that is the sum of all states: the last state alone has seen every input, and is "
            "read.",
        ),
        Wrong(
            lambda h: h.mean(axis=1),
            "that is the mean of all states: the last state alone has seen every input, and is "
            "read.",
        ),
        Wrong(
            lambda h: h.max(axis=1),
            "that is each unit's largest value over time: read the last state alone.",
        ),
        Wrong(
            lambda h: h[-1, -1],
            "that is the last state of the last sequence alone: every sequence gets its answer.",
        ),
    ],
    look={"h_last": "the index on the second axis, the time steps"},
    praise="the state after the last step, of every sequence: it alone has seen all inputs.",
    corners=[
        Case((np.arange(6.0).reshape(2, 1, 3),), name="a single time step"),
        Case((np.arange(6.0).reshape(1, 2, 3),), name="a batch of one sequence"),
    ],
)


def _step_back(d_h, h, weights):
    d_a = d_h * (1 - h**2)
    return d_a @ weights.kernel.T, d_a @ weights.recurrent_kernel.T


def _with_slope(slope):
    """Make the step back with another slope than that of tanh, as a function of h."""

    def step(d_h, h, weights):
        d_a = d_h * slope(h)
        return d_a @ weights.kernel.T, d_a @ weights.recurrent_kernel.T

    return step


def _step_back_cases():
    cases = []
    for seed, (batch, features, units) in enumerate([(3, 5, 4), (7, 4, 6)]):
        rng = np.random.default_rng(seed)
        h, d_h = rng.uniform(-0.9, 0.9, (batch, units)), rng.normal(size=(batch, units))
        sizes = {"batch": batch, "features": features, "units": units}
        cases.append(Case((d_h, h, cells.random_weights("rnn", features, units, seed)), sizes))
    return cases


RNN_STEP_BACK = Exercise(
    name="rnn_step_back",
    asks="the gradients by the input and by the state before.",
    takes=("d_h", "h", "weights"),
    gives={"d_x": ("batch", "features"), "d_before": ("batch", "units")},
    right=_step_back,
    cases=_step_back_cases(),
    wrong=[
        Wrong(
            _with_slope(np.ones_like),
            "the way back through tanh is missing: multiply d_h by its slope, 1 - h ** 2, first.",
        ),
        Wrong(
            _with_slope(lambda h: 1 - np.tanh(h) ** 2),
            "tanh is taken twice: h is already the tanh of the sum, so its slope is 1 - h ** 2.",
        ),
        Wrong(
            _with_slope(lambda h: h * (1 - h)),
            "that is the slope of a sigmoid, h * (1 - h): the slope of tanh is 1 - h ** 2.",
        ),
        Wrong(
            _with_slope(lambda h: sigmoid(h) * (1 - sigmoid(h))),
            "that is the slope of a sigmoid: the slope of tanh is 1 - h ** 2.",
        ),
        Wrong(
            _with_slope(lambda h: 1 - h),
            "the square is missing in the slope of tanh: it is 1 - h ** 2.",
        ),
        Wrong(
            _with_slope(lambda h: h**2),
            "the slope of tanh is 1 - h ** 2, not h ** 2: it is flat where h is near -1 or 1.",
        ),
        Wrong(
            _with_slope(np.tanh),
            "on the way back d_h is multiplied by the slope of tanh, 1 - h ** 2, not by a tanh.",
        ),
        Wrong(
            lambda d_h, h, w: (
                (d_h * (1 - h**2)) @ w.kernel.T,
                (d_h * (1 - h**2)) @ w.recurrent_kernel,
            ),
            "U is not transposed: the way back takes d_a @ U.T (U is square, so no error told "
            "you).",
        ),
        Wrong(
            lambda d_h, h, w: ((d_h * (1 - h**2)) @ w.kernel.T, d_h @ w.recurrent_kernel.T),
            "d_before goes around tanh: it starts from d_a, as d_x does.",
        ),
        Wrong(
            lambda d_h, h, w: (d_h @ w.kernel.T, (d_h * (1 - h**2)) @ w.recurrent_kernel.T),
            "d_x goes around tanh: it starts from d_a, as d_before does.",
        ),
        Wrong(
            lambda d_h, h, w: (
                (d_h * (1 - h**2)) @ w.kernel.T,
                (d_h @ w.recurrent_kernel.T) * (1 - h**2),
            ),
            "tanh was the last thing on the way forward, so it is the first on the way back: "
            "multiply by 1 - h ** 2 before the product with U.T.",
        ),
        Wrong(
            lambda d_h, h, w: _step_back(d_h, h, w)[::-1],
            "both are right but change places: return d_x, d_before.",
        ),
        Wrong(
            lambda d_h, h, w: (_step_back(d_h, h, w)[0], d_h * (1 - h**2)),
            "d_before is d_a as it is: it has to go back through U, d_a @ U.T.",
        ),
        Wrong(
            lambda d_h, h, w: _step_back(d_h, h, w)[0],
            "you return d_x alone: the step before waits for d_before, so return both.",
        ),
        Wrong(
            lambda d_h, h, w: _step_back(d_h, h, w)[1],
            "you return d_before alone: return d_x, d_before.",
        ),
    ],
    look={
        "d_x": "d_a = d_h * (1 - h ** 2), and at its way back through W",
        "d_before": "d_a = d_h * (1 - h ** 2), and at its way back through U",
    },
    praise="back through tanh, then along both tables: to the input and to the state before.",
)
