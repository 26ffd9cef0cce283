"""Lesson 3: which state is read as an answer, and one step of the gradient's way back."""

import numpy as np

from helpers import cells
from helpers.cells import sigmoid
from helpers.checks.verdicts import Case, Exercise, Wrong


def _states_cases():
    cases = []
    for seed, (batch, time_steps, units) in enumerate([(3, 6, 4), (5, 2, 7), (6, 4, 5)]):
        h = np.random.default_rng(seed).uniform(-0.9, 0.9, (batch, time_steps, units))
        cases.append(Case((h,), {"batch": batch, "time steps": time_steps, "units": units}))
    return cases


READ_ANSWER = Exercise(
    name="read_answer",
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
            lambda h: h[:, -2],
            "that is the state before the last: it has not seen the last input.",
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
