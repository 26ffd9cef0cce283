"""Run a trained network over a sequence in NumPy and keep everything: gates, states, beliefs.

The readers that come with the course go the way of everybody's models, `helpers.network`; the
equations are those of `rnnscope.cells`. Nothing here is computed twice in two ways.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from helpers import judge, network
from helpers.network import steps
from rnnscope import cells


class Trace(network.NetworkTrace):
    """A reader's trace: its network's, with what the one layer made at hand.

    Beside the attributes of `helpers.network.NetworkTrace` (``x``, the rows that were read, 0..1;
    ``logits`` and ``belief`` (time steps, 10); ``answer``, the digit after the last row) it has
    those of its `helpers.network.LayerTrace`: ``cell``, ``h``, and ``i``, ``f``, ``candidate``,
    ``o``, ``c`` of the LSTM or ``z``, ``r`` of the GRU, each (time steps, units), else None.
    """

    def __getattr__(self, name):
        if name not in LAYER:
            raise AttributeError(f"A Trace has no {name!r}.")
        return getattr(self.layers[-1], name)


LAYER = ("cell", "h", "i", "f", "candidate", "o", "c", "z", "r")


def trace(weights, image, *, ablate=None, kind=None):
    """Read one image (or any sequence) and keep every gate, state and belief on the way.

    Parameters
    ----------
    weights : helpers.reader.ReaderWeights, or a Keras model of your own
        Of a model, or a network of PyTorch's weights, see `helpers.network.trace`, which does it.
    image : ndarray (time steps, features)
        uint8, or floats from 0 to 1; for a model what the model takes.
    ablate : dict, optional
        What to change in the cell: a gate's letter pins that gate, ``{"f": 1.0}`` keeps everything;
        ``{"units": [3, 5]}`` silences units. Both may be given.
    kind : str, optional
        Of a model alone: what its output is, see `helpers.network.trace`.

    Returns
    -------
    Trace, or of a model helpers.network.NetworkTrace

    Raises
    ------
    ValueError
        If the image does not fit the weights, or `ablate` names something the cell has not.
    """
    if network.is_one(weights):
        return network.trace(weights, image, ablate=ablate, kind=kind)
    read = network.trace(network.of_reader(weights), image, ablate=ablate)
    return Trace(**vars(read))


def predict(weights, images, *, ablate=None, batch_size: int = 200) -> np.ndarray:
    """Return the digit that the reader answers for each image, (n,).

    Parameters
    ----------
    weights : helpers.reader.ReaderWeights
    images : ndarray (n, time steps, features)
    ablate : dict, optional
        As for `trace`.
    batch_size : int
        How many are read at once; the cores of the computer take turns at the batches.
    """
    judge.weights(weights)
    images = judge.images(images, features=weights.features)
    return _answers(weights, images, ablate, judge.count(batch_size, "batch_size"))


def _answers(weights, images, ablate, batch_size=200):
    change = steps.changes_of(network.of_reader(weights), ablate).get("reader")

    def answers(start):
        x = judge.rows(images[start : start + batch_size])
        first = judge.initial_state(weights.cell, None, x, weights.cell_weights)
        h, *_ = cells.last(weights.cell, x, weights.cell_weights, first, change)
        return (h @ weights.head_kernel + weights.head_bias).argmax(1)

    starts = range(0, len(images), batch_size)
    if len(starts) <= 1:
        return answers(0)
    from threadpoolctl import threadpool_limits

    # Of its own accord NumPy lets all cores share each matrix product alone, and has them wait for
    # each other between products: twice as slow, and far more where other programs compute too.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(_cores()) as pool:
        return np.concatenate(list(pool.map(answers, starts)))


def _cores():
    """Say how many cores this process may use; beyond eight more would only take memory."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores or 1, 8)


def accuracy(weights, images, labels, *, ablate=None) -> float:
    """Return the share of `images` for which the reader answers their label, 0..1."""
    judge.weights(weights)
    images = judge.images(images, features=weights.features, least=1)
    labels = judge.labels(labels, len(images))
    return float((_answers(weights, images, ablate) == labels).mean())


def row_gradient(weights, image, digit: int | None = None) -> np.ndarray:
    """Return the gradient of one logit by every pixel, (time steps, features).

    Parameters
    ----------
    weights : helpers.reader.ReaderWeights, or a Keras model of your own
        Of a model see `helpers.network.gradient`, which does it.
    image : ndarray (time steps, features)
    digit : int, optional
        Whose logit after the last row, 0 to 9; by default the winning one.
    """
    if network.is_one(weights):
        return network.gradient(weights, image, digit)
    digit = None if digit is None else judge.digit(digit)
    return network.gradient(network.of_reader(weights), image, digit)
