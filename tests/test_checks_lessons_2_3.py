"""Lessons 2 and 3: right answers pass in any style, and each misconception is refused by name.

`test_checks.py` walks through the tables of wrong ideas; here is what no table holds.
"""

import numpy as np
import pytest

from helpers import cells, checks


@pytest.mark.parametrize(
    "layer",
    [
        lambda x, W, b: np.tanh(W.T @ x + b),
        lambda x, W, b: np.tanh([sum(x * W[:, n]) + b[n] for n in range(len(b))]),
        lambda x, W, b: np.tanh((x[:, np.newaxis] * W).sum(axis=0) + b),
    ],
)
def test_a_layer_may_be_written_in_many_ways(layer):
    assert checks.dense_layer(layer)


def test_a_layer_with_its_table_the_wrong_way_round_hears_of_sizes(capsys):
    assert not checks.dense_layer(lambda x, W, b: np.tanh(W @ x + b))
    assert "a @ b needs as many columns" in capsys.readouterr().out


@pytest.mark.parametrize(
    "swap",
    [
        lambda x: np.transpose(x, (1, 0, 2)),
        lambda x: np.moveaxis(x, 0, 1),
        lambda x: [x[:, n] for n in range(x.shape[1])],
        lambda x: np.stack(list(x), axis=1),
    ],
)
def test_batch_first_may_be_written_in_many_ways(swap):
    assert checks.batch_first(swap)


def test_reshape_gives_the_right_shape_and_is_refused(capsys):
    assert not checks.batch_first(lambda x: x.reshape(x.shape[1], x.shape[0], -1))
    assert "torn the sequences apart" in capsys.readouterr().out


@pytest.mark.parametrize(
    "read", [lambda h: h[:, -1, :], lambda h: h[:, h.shape[1] - 1], lambda h: [s[-1] for s in h]]
)
def test_the_last_state_may_be_read_in_many_ways(read):
    assert checks.read_answer(read)


def test_a_step_back_is_that_of_the_cells():
    def step_back(d_h, h, weights):
        # cells.backward on one step that starts so that its state is h
        a = np.arctanh(h)
        x = np.zeros((len(h), 1, len(weights.kernel)))
        before = np.linalg.solve(weights.recurrent_kernel.T, (a - weights.bias).T).T
        history = cells.unroll("rnn", x, weights, before)
        np.testing.assert_allclose(history.h[:, 0], h)
        d_x = cells.backward("rnn", x, weights, history, d_h[:, np.newaxis]).x[:, 0]
        d_a = d_h * (1 - history.h[:, 0] ** 2)
        return d_x, d_a @ weights.recurrent_kernel.T

    assert checks.rnn_step_back(step_back)


def answers(name, value, capsys):
    verdict = checks.answer(name, value)
    return bool(verdict), capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("lesson 2: dense parameters", 784 * 100 + 100),
        ("lesson 2: window parameters", 20 * (25 + 1)),
        ("lesson 2: rnn parameters", 28 * 64 + 64 * 64 + 64),
        ("lesson 2: rnn parameters, 100 rows", 28 * 64 + 64 * 64 + 64),
        ("lesson 2: shape of states", (3, 28, 12)),
        ("lesson 2: shape of states", [3, 28, 12]),
        ("lesson 2: shape of sentences", (32, 12, 50)),
        ("lesson 3: numbers for the head", 64),
        ("lesson 3: left after ten", 0.5**10),
        ("lesson 3: left after ten", 0.001),
        ("lesson 3: one factor", 0.38),
        ("lesson 3: one factor", 2 * (1 - 0.9**2)),
    ],
)
def test_right_answers_pass(name, right, capsys):
    passed, said = answers(name, right, capsys)
    assert passed, said


@pytest.mark.parametrize(
    ("name", "wrong", "told"),
    [
        # Misconception 6: weights for each time step.
        ("lesson 2: rnn parameters", 28 * 5952, "28 time steps"),
        ("lesson 2: rnn parameters, 100 rows", 100 * 5952, "100 time steps"),
        # Misconception 1: units are the time steps, or the size of one input.
        ("lesson 2: shape of states", (3, 28, 28), "as wide as there are units"),
        ("lesson 2: shape of states", (3, 28, 20), "number of features"),
        ("lesson 2: shape of sentences", (32, 12, 64), "number of units"),
        # Misconception 2: axes that change places.
        ("lesson 2: shape of states", (28, 3, 12), "time steps come first"),
        ("lesson 2: shape of sentences", (32, 50, 12), "swapped"),
        # Misconception 3: a sequence for each row.
        ("sequences in one image", 28, "one sequence of 28 steps"),
        # Misconception 4: every arrow to the right is an output.
        ("lesson 3: numbers for the head", 28 * 64, "only the last state is read"),
    ],
)
def test_each_misconception_is_refused_by_name(name, wrong, told, capsys):
    passed, said = answers(name, wrong, capsys)
    assert not passed
    assert told in said
