"""Run a reader over an image and keep everything, and ask many images at once.

The readers that come with the course go the way of everybody's models, `rnnscope.trace`; the
equations are those of `rnnscope.cells`. Nothing here is computed twice in two ways.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import rnnscope
from helpers import judge
from rnnscope import cells
from rnnscope.weights_alone import from_reader


class Trace(rnnscope.NetworkTrace):
    """A reader's trace: its network's, with what the one layer made at hand.

    Beside the attributes of `rnnscope.NetworkTrace` (``x``, the rows that were read, 0..1;
    ``logits`` and ``belief`` (time steps, 10); ``answer``, the digit after the last row) it has
    those of its `rnnscope.LayerTrace`: ``cell``, ``h``, and ``i``, ``f``, ``candidate``,
    ``o``, ``c`` of the LSTM or ``z``, ``r`` of the GRU, each (time steps, units), else None.
    """

    def __getattr__(self, name):
        if name not in LAYER:
            raise AttributeError(f"A Trace has no {name!r}.")
        return getattr(self.layers[-1], name)


LAYER = ("cell", "h", "i", "f", "candidate", "o", "c", "z", "r")


def network_of(weights):
    """Make of a reader's weights a network that `rnnscope.trace` takes.

    Parameters
    ----------
    weights : helpers.reader.ReaderWeights
    """
    judge.weights(weights)
    return from_reader(
        weights.cell,
        weights.cell_weights,
        (weights.head_kernel, weights.head_bias),
        judged=lambda image: judge.rows(judge.image(image, features=weights.features)),
    )


def _is_model(value):
    """Whether it is a model of Keras or PyTorch, or what `rnnscope.open` gives."""
    kinds = ("get_weights", "parameters", "watch")
    return not isinstance(value, type) and any(hasattr(value, kind) for kind in kinds)


def trace(weights, image, *, ablate=None, kind=None):
    """Read one image (or any sequence) and keep every gate, state and belief on the way.

    Parameters
    ----------
    weights : helpers.reader.ReaderWeights, or a model of your own
        Of a model see `rnnscope.trace`, which does it.
    image : ndarray (time steps, features)
        uint8, or floats from 0 to 1; for a model what the model takes.
    ablate : dict, optional
        What to change in the cell: a gate's letter pins that gate, ``{"f": 1.0}`` keeps everything;
        ``{"units": [3, 5]}`` silences units. Both may be given.
    kind : str, optional
        Of a model alone: what its output is, see `rnnscope.trace`.

    Returns
    -------
    Trace, or of a model rnnscope.NetworkTrace

    Raises
    ------
    ValueError
        If the image does not fit the weights, or `ablate` names something the cell has not.
    """
    if _is_model(weights):
        return rnnscope.trace(weights, image, ablate=ablate, kind=kind)
    return Trace(**vars(rnnscope.trace(network_of(weights), image, ablate=ablate)))


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
    change = None
    if ablate is not None:
        units = len(weights.cell_weights.recurrent_kernel)
        change = cells.pin(weights.cell, units, judge.ablation(ablate).get("reader", ablate))

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
    weights : helpers.reader.ReaderWeights, or a model of your own
        Of a model see `rnnscope.gradient`, which does it.
    image : ndarray (time steps, features)
    digit : int, optional
        Whose logit after the last row, 0 to 9; by default the winning one.
    """
    if _is_model(weights):
        return rnnscope.gradient(weights, image, digit)
    digit = None if digit is None else judge.digit(digit)
    return rnnscope.gradient(network_of(weights), image, digit)
