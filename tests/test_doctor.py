"""What is wrong with it: each finding on a trace made for it, and nothing on a sound one."""

from dataclasses import replace

import numpy as np
import pytest

import rnnscope
from rnnscope import NetworkTrace, cells, passes

UNITS = 12


def trace(seed, cell="lstm", weights=None, scale=1, activation=passes.TANH, steps=20, said=None):
    """Trace one layer that reads random numbers; it answers with the belief given, or any."""
    x = np.random.default_rng(seed).normal(0, scale, (1, steps, 6))
    cell = passes.Cell("core", cell, weights or fresh(cell), activation=activation)
    record = passes.record(cell, "core", passes.run(cell, x), x, None, False, 0)
    said = np.eye(4)[seed % 4] if said is None else said
    return NetworkTrace("m", x[0], (record,), said, "classes")


def fresh(cell="lstm", *, gain=1.0, **biases):
    """Give random weights, all recurrent ones times a number, with blocks of biases set."""
    kernel, recurrent, bias = cells.random_weights(cell, 6, UNITS, seed=1)
    for block, value in biases.items():
        start = cells.BLOCKS[cell].index(block) * UNITS
        bias[..., start : start + UNITS] = value
    return cells.Weights(kernel, recurrent * gain, bias)


def started(library):
    """Give the weights of a fresh LSTM as a library draws them."""
    draws = np.random.default_rng(2).uniform(-1, 1, (20, 4 * UNITS)) * UNITS**-0.5
    if library == "PyTorch":
        return cells.Weights(draws[:6], draws[6:18], draws[18:].sum(0))
    square = np.linalg.qr(draws.T)[0].T[:UNITS]
    return cells.Weights(draws[:6], square, np.repeat([0.0, 1.0, 0.0, 0.0], UNITS))


RELU = {"cell": "rnn", "activation": passes.RELU}
EQUAL = cells.Weights(np.full((6, 48), 0.1), np.full((12, 48), 0.1), np.zeros(48))
SURE = np.eye(4)[2]
KINDS = {
    "equal": ({"weights": EQUAL}, "All units of core do the same"),
    "inputs": ({"scale": 200}, "The inputs are not scaled: they go up to "),
    "dead": ({**RELU, "weights": fresh("rnn", h=-9.0)}, "of the ReLU units of core are dead"),
    "rate": ({"weights": fresh(gain=30)}, "was the learning rate too large"),
    "start": ({"weights": fresh(gain=30, candidate=0.0, o=0.1)}, "did they begin so"),
    "forgets": ({"weights": fresh(f=-5.0)}, "The forget gates of core are shut"),
    "z": ({"cell": "gru", "weights": fresh("gru", z=-2.5)}, "The update gates of core are shut"),
    "PyTorch": ({"weights": started("PyTorch")}, "as PyTorch starts"),
    "Keras": ({"weights": started("Keras")}, "as Keras starts"),
    "answer": ({"said": SURE}, "was the data shuffled"),
    "memory": ({"said": SURE * 0 + 0.25, "steps": 300, "weights": fresh(f=-2)}, "does not reach"),
    "growing": (
        {"weights": fresh(i=9, f=9, candidate=1.5, o=0.5), "steps": 40},
        "grows without end",
    ),
    "exploding": ({**RELU, "weights": fresh("rnn", gain=4)}, "The gradient explodes"),
    "stuck": ({"weights": fresh(f=9.0, i=-9.0)}, "Most units of core are stuck"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_wrong_is_named_first(kind):
    how, words = KINDS[kind]
    first, *_, numbers = rnnscope.diagnose(*(trace(seed, **how) for seed in range(4)))
    assert words in first.as_dict()["title"] and numbers.title == "Its numbers"


@pytest.mark.parametrize("cell, count", [("lstm", 5), ("gru", 5), ("rnn", 5), ("lstm", 1)])
def test_a_sound_network_is_told_its_numbers(cell, count):
    [finding] = rnnscope.diagnose(*(trace(seed, cell=cell) for seed in range(count)))
    assert finding.title == "Nothing wrong found" and "stand at an end" in finding.text
    assert len(finding.chart["values"]) == len(finding.chart["labels"]) == 20


def test_numbers_that_never_change_and_a_gradient_that_is_given():
    traces = [replace(trace(n), kind="numbers", output=np.array([2.5])) for n in range(4)]
    assert rnnscope.diagnose(*traces)[0].title == "Every sequence gets the same number, 2.5"
    found = rnnscope.diagnose(trace(0), gradient=np.full((20, 6), 1e4))[0]
    assert "gradient explodes" in found.title and "At step 0 it is 2.45e+04" in found.text
    with pytest.raises(ValueError, match="different networks"):
        rnnscope.diagnose(trace(0), trace(0, cell="gru", weights=fresh("gru")))
