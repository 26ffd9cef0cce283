"""Lesson 4: a step back and weights from PyTorch; each misconception is refused by name.

`test_checks.py` walks through the tables of wrong ideas; here is what no table holds.
"""

import numpy as np
import pytest

from helpers import cells, checks
from helpers.checks import lesson_04 as lstm_back


def step_back_by_nudges(d_h, d_c, c_before, i, f, candidate, o):
    """The five gradients, found by turning each number a little."""
    start = {"i": i, "f": f, "candidate": candidate, "o": o, "c": c_before}

    def loss(numbers):
        h, c = cells.lstm_state(**numbers)
        return d_h * h + d_c * c

    return [
        (loss(start | {name: start[name] + 1e-5}) - loss(start | {name: start[name] - 1e-5})) / 2e-5
        for name in start
    ]


def test_the_right_step_back_is_that_of_nudges():
    assert checks.lstm_step_back(step_back_by_nudges)


def test_the_right_step_back_is_that_of_the_cells():
    d_h, d_c, c_before, i, f, candidate, o = lstm_back.LSTM_STEP_BACK.cases[0].arguments
    d_i, d_f, d_candidate, d_o, d_c_before = lstm_back.LSTM_STEP_BACK.right(
        d_h, d_c, c_before, i, f, candidate, o
    )
    c = f * c_before + i * candidate
    d_sums, d_kept = cells._lstm_step_back(d_h, d_c, c_before, c, i, f, candidate, o)
    slopes = [i * (1 - i), f * (1 - f), 1 - candidate**2, o * (1 - o)]
    mine = [d * s for d, s in zip((d_i, d_f, d_candidate, d_o), slopes, strict=True)]
    assert np.allclose(np.concatenate(mine, axis=1), d_sums)
    assert np.allclose(d_c_before, d_kept)


def test_gradients_by_the_sums_are_told_where_to_look(capsys):
    def by_the_sums(d_h, d_c, c_before, i, f, candidate, o):
        d_i, *others = step_back_by_nudges(d_h, d_c, c_before, i, f, candidate, o)
        return d_i * i * (1 - i), *others

    assert not checks.lstm_step_back(by_the_sums)
    assert "look at the gradient by the new c first" in capsys.readouterr().out


@pytest.mark.parametrize(
    "convert",
    [
        lambda w, u, b, d: (np.transpose(w), np.swapaxes(u, 0, 1), b + d),
        lambda w, u, b, d: cells.Weights(w.T, u.T, np.sum([b, d], axis=0)),
        lambda w, u, b, d: [w.T.tolist(), u.T.tolist(), (b + d).tolist()],
    ],
)
def test_weights_from_pytorch_may_be_written_in_many_ways(convert):
    assert checks.from_pytorch(convert)


def test_converted_weights_give_pytorchs_numbers():
    """PyTorch's own equations, written out as its manual has them."""
    w, u, b, d = lstm_back.FROM_PYTORCH.cases[0].arguments
    rng = np.random.default_rng(0)
    x, h, c = rng.normal(size=3), rng.normal(size=5), rng.normal(size=5)
    i, f, g, o = np.split(w @ x + b + u @ h + d, 4)
    i, f, g, o = cells.sigmoid(i), cells.sigmoid(f), np.tanh(g), cells.sigmoid(o)
    theirs = o * np.tanh(f * c + i * g), f * c + i * g
    weights = cells.Weights(*lstm_back.FROM_PYTORCH.right(w, u, b, d))
    assert np.allclose(theirs, cells.lstm_step(x, h, c, weights))


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("lesson 4: covered", (0, 0, 0), "at 1 it keeps all"),  # misconception 8
        ("lesson 4: overwritten", [1, 1, 1], "keeps the old sheet under the blow"),
        ("lesson 4: kernel shape", (20, 80), "four times the units, which are free"),  # 1
        ("lesson 4: kernel shape", (28, 112), "neither the time steps nor the size of one input"),
        ("lesson 4: half forgotten", "Never", "an LSTM forgets too"),  # 15
        ("lesson 4: forget bias", 0.5 ** (1 / 27), "that is the gate"),
        ("lesson 4: input gate", 1 / (1 + np.exp(-4)), "leaves out what was shown"),
        ("gates that make c", {"f", "i", "o"}, "the output gate has no part in c"),  # 7
    ],
)
def test_wrong_answers_hear_why(name, wrong, says, capsys):
    assert not checks.answer(name, wrong)
    assert says in capsys.readouterr().out


def test_a_count_for_every_time_step_is_refused(capsys):  # misconception 6
    assert not checks.parameter_count(lambda n, u: 28 * 4 * u * (n + u + 1))
    assert "does not depend on how many steps there are" in capsys.readouterr().out
