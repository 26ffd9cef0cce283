"""Keras models watched: every call proved, gates as the equations have them, all put back."""

import numpy as np
import pytest

from helpers import reader
from rnnscope import passes
from rnnscope.keras_models import KerasModel
from tests.random_networks import network

keras = reader.import_keras()
L = keras.layers


def watched(model, x, **options):
    """Watch a run, and hold every call to what the layer gave and the outputs to the model's."""
    adapter = KerasModel(model)
    args, kwargs = adapter.prepare(x, {})
    seen = adapter.watch(args, kwargs, **options)
    for ours, own in zip(seen.outputs, adapter.run(args, kwargs), strict=True):
        np.testing.assert_array_equal(ours, own)
    assert seen.calls
    for call in seen.calls:
        assert call.apart <= passes.TOLERANCE, call
    return seen


@pytest.mark.parametrize("seed", [
    *range(40), *(pytest.param(seed, marks=pytest.mark.deep) for seed in range(40, 400)),
])  # fmt: skip
def test_random_networks_are_proved(seed):
    model, x = network(5000 + seed)
    seen = watched(model, x)
    for call in seen.calls:
        for record in call.records:
            by_equations(record)


def by_equations(record):
    """Hold a record to the equations: each state comes of the gates and the state before."""
    read = record.order[record.mask[record.order]]
    h = np.vstack([record.initial_state[0], record.h[read]])
    z, candidate = record.z, record.candidate
    if record.cell == "gru":
        np.testing.assert_allclose(
            h[1:], z[read] * h[:-1] + (1 - z[read]) * candidate[read], 0, 1e-5
        )
    if record.cell == "lstm":
        c = np.vstack([record.initial_state[1], record.c[read]])
        made = record.f[read] * c[:-1] + record.i[read] * candidate[read]
        np.testing.assert_allclose(c[1:], made, rtol=1e-5, atol=1e-5)
