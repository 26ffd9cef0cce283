"""Trace a network over one sequence: read it, run it, prove it, and see what its head says."""

import numpy as np

from helpers.network import heads, prove, steps
from helpers.network.steps import Network
from helpers.network.traces import NetworkTrace


def trace(model, x, *, ablate=None, kind=None):
    """Open a recurrent network: every gate, candidate and state while it reads one sequence.

    Parameters
    ----------
    model : keras.Model, or Network
        Sequential or functional, one input, one output, its recurrent layers in one line; or what
        `from_torch` makes. It stays as it is, a stateful model's states too.
    x : ndarray
        One sequence without the batch axis: (time steps, features), or (time steps,) of whole
        numbers for an Embedding.
    ablate : dict, optional
        Gates to pin and units to silence, by the recurrent layer's name:
        ``{"lstm": {"f": 1.0, "units": [3, 5]}}``; with one recurrent layer ``{"f": 1.0}`` will do.
    kind : {"classes", "sigmoid", "numbers"}, optional
        What the output is, where the network does not say so itself: ``"classes"`` for logits of
        a last Dense layer without softmax.

    Returns
    -------
    NetworkTrace
        Its numbers are proved: they follow from each other by the model's own cells, and end in
        the model's own output, to 1e-5. (With `ablate` the untouched run is what is proved.)

    Raises
    ------
    TypeError, ValueError
        Where the model cannot be read (the layer is named), where x does not fit, or where the
        trace is not what the model does.
    """
    network = read(model)
    x = network.judge(x)
    changes = steps.changes_of(network, ablate)
    with network.untouched():
        own = _own(network, x)
        run = steps.run(network, x)
        run = prove.prove(network, x, run, own)
        if changes:
            run = steps.run(network, x, changes)
        said = heads.answers(network, run, kind)
    return NetworkTrace(
        model=network.name, x=x, layers=tuple(run.layers), proved=own is not None, **said
    )


def _own(network, x):
    """Run the model itself, if there is one."""
    if network.own is None:
        return None
    with network.untouched():
        own = network.own(x)
    if not np.isfinite(own).all():
        raise ValueError(
            f"The model {network.name!r} itself gives numbers that are not finite for this "
            "sequence, so there is nothing to show: look at its weights and at the scale of x."
        )
    return own


def is_one(model):
    """Whether this is a network to trace: a Keras model, or a Network."""
    return isinstance(model, Network) or (
        hasattr(model, "get_weights") and not isinstance(model, type)
    )


def read(model):
    """Read a Keras model into a Network; a Network stays what it is."""
    if isinstance(model, Network):
        return model
    from helpers.network.read import read as read_keras

    return read_keras(model)
