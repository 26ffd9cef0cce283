"""Lesson 8: right answers pass in other forms too, and the misconceptions hear their sentence."""

import numpy as np
import pytest

from helpers import checks
from helpers.cells import sigmoid


def test_a_gru_step_with_whole_kernels_is_right():
    def step(x_t, h, weights):
        units = h.shape[-1]
        a, u = x_t @ weights.kernel + weights.bias[0], h @ weights.recurrent_kernel
        u = u + weights.bias[1]
        gates = sigmoid((a + u)[:, : 2 * units])
        z, r = gates[:, :units], gates[:, units:]
        return z * h + (1 - z) * np.tanh(a[:, 2 * units :] + r * u[:, 2 * units :])

    assert checks.gru_step(step)


def gru(x_t, h, weights, gate=sigmoid, second=1, d_h=True):
    b, d = weights.bias[0], weights.bias[second]
    a_z, a_r, a_h = np.split(x_t @ weights.kernel + b, 3, axis=-1)
    u_z, u_r, u_h = np.split(h @ weights.recurrent_kernel + d, 3, axis=-1)
    z, r = gate(a_z + u_z), gate(a_r + u_r)
    u_h = u_h if d_h else u_h - np.split(d, 3)[2]
    return z * h + (1 - z) * np.tanh(a_h + r * u_h)


@pytest.mark.parametrize(
    ("slip", "says"),
    [
        ({"gate": np.tanh}, "a gate is made by tanh"),
        ({"second": 0}, "stands on both sides"),
        ({"d_h": False}, "lacks its recurrent bias"),
    ],
)
def test_a_slip_in_the_gru_step_is_told(slip, says, capsys):
    assert checks.gru_step(gru)
    assert not checks.gru_step(lambda *arguments: gru(*arguments, **slip))
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("lesson 8: gru parameters", 3 * (20 * 64 + 64 * 64 + 2 * 64)),
        ("lesson 8: which is better", " Cannot tell"),
        ("lesson 8: forget bias for 784 steps", -np.log(2 ** (1 / 783) - 1)),
        ("lesson 8: cudnn", ["c", "a"]),
    ],
)
def test_right_answers(question, value):
    assert checks.answer(question, value)


@pytest.mark.parametrize(
    ("question", "value", "says"),
    [
        ("lesson 8: gru parameters", 28 * 16512, "every step uses the same weights"),
        ("lesson 8: which is better", "LSTM is better", "spread over more than half a point"),
        ("lesson 8: forget bias for 784 steps", "none", "forgets too"),
        ("lesson 8: forget bias for 784 steps", 7.0, "two decimals"),
    ],
)
def test_misconceptions(question, value, says, capsys):
    assert not checks.answer(question, value)
    assert says in capsys.readouterr().out
