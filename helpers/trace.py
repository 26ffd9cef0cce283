"""Run a trained network over a sequence in NumPy and keep everything: gates, states, beliefs.

The readers that come with the course go the way of everybody's models, `helpers.network`; the
equations are those of `helpers.cells`. Nothing here is computed twice in two ways.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from helpers import cells, judge, network


@dataclass(frozen=True)
class Trace:
    """Everything that a reader computed while it read one image.

    Attributes
    ----------
    cell : str
        ``"rnn"``, ``"gru"`` or ``"lstm"``.
    x : ndarray (time steps, features)
        The rows that were read, 0..1.
    h : ndarray (time steps, units)
        The hidden state after each row.
    logits, belief : ndarray (time steps, 10)
        What the head says of each hidden state; belief is the softmax of the logits.
    i, f, candidate, o, c : ndarray (time steps, units) or None
        The LSTM's gates, candidate and cell state.
    z, r : ndarray (time steps, units) or None
        The GRU's gates.
    """

    cell: str
    x: np.ndarray
    h: np.ndarray
    logits: np.ndarray
    belief: np.ndarray
    i: np.ndarray | None = None
    f: np.ndarray | None = None
    candidate: np.ndarray | None = None
    o: np.ndarray | None = None
    c: np.ndarray | None = None
    z: np.ndarray | None = None
    r: np.ndarray | None = None

    @property
    def answer(self) -> int:
        """The digit that the reader settles on after the last row."""
        return int(self.belief[-1].argmax())


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
    judge.weights(weights)
    x = judge.rows(judge.image(image, features=weights.features))
    read = network.trace(network.of_reader(weights, _changed(weights, ablate)), x)
    layer = read.layer()
    names = ("h", "i", "f", "candidate", "o", "c", "z", "r")
    kept = {name: getattr(layer, name) for name in names}
    return Trace(weights.cell, x, logits=read.logits, belief=read.belief, **kept)


def predict(weights, images, *, ablate=None, batch_size: int = 500) -> np.ndarray:
    """Return the digit that the reader answers for each image, (n,).

    Parameters
    ----------
    weights : helpers.reader.ReaderWeights
    images : ndarray (n, time steps, features)
    ablate : dict, optional
        As for `trace`.
    """
    judge.weights(weights)
    images = judge.images(images, features=weights.features)
    batch_size, changed = judge.count(batch_size, "batch_size"), _changed(weights, ablate)
    answers = [np.zeros(0, np.int64)]  # of no image at all
    for start in range(0, len(images), batch_size):
        x = judge.rows(images[start : start + batch_size])
        state = cells.last_state(weights.cell, x, changed)
        h = state[0] if weights.cell == "lstm" else state
        answers.append((h @ weights.head_kernel + weights.head_bias).argmax(1))
    return np.concatenate(answers)


def accuracy(weights, images, labels, *, ablate=None) -> float:
    """Return the share of `images` for which the reader answers their label, 0..1."""
    judge.weights(weights)
    images = judge.images(images, features=weights.features, least=1)
    labels = judge.labels(labels, len(images))
    return float((predict(weights, images, ablate=ablate) == labels).mean())


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
    judge.weights(weights)
    x = judge.rows(judge.image(image, features=weights.features))
    digit = None if digit is None else judge.digit(digit)
    return network.gradient(network.of_reader(weights), x, digit)


def _changed(weights, ablate) -> cells.Weights:
    """Return the cell's weights, with gates pinned and units silenced as `ablate` says."""
    if ablate is None:
        return weights.cell_weights
    if not isinstance(ablate, Mapping):
        raise TypeError(
            f'ablate is {judge.what(ablate)}: give a dict, such as {{"f": 1.0}} or '
            '{"units": [3, 5]}.'
        )
    gates = {name: value for name, value in ablate.items() if name != "units"}
    return cells.pin(weights.cell, weights.cell_weights, gates, ablate.get("units", ()))
