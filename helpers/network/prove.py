"""Prove that a run is the model's own: step by step with its cells, and at its output."""

import numpy as np

from helpers.network import steps

TOLERANCE = 1e-5
"""Largest difference that passes, for numbers up to 1; for larger ones in proportion."""


def prove(network, x, run, own):
    """Compare a run (without changes) with the model itself.

    First each cell: the model's own cell is given what ours read and the state before each step,
    all steps as one batch, and must make the state that ours made. Then the output. Where every
    step is the model's and yet the output is not, rounding may have grown from step to step, as it
    does in a chaotic network: then the model's own states are followed.

    Parameters
    ----------
    network, x, run : Network, what it ran over, and what `steps.run` gave back
    own : ndarray (batch, ...) or None
        The model's own output; None where there is no model to compare with.

    Returns
    -------
    Run
        The run that is proved.

    Raises
    ------
    ValueError
        If the two part; it names the layer.
    """
    records = {record.name: record for record in run.layers}
    cells = [(step, cell) for step in network.recurrent for cell in step.cells]
    for step, cell in cells:
        if cell.own_step is not None:
            _prove_cell(step, cell, records[cell.name])
    if own is None or agree(network.end(run.values[network.output]), own):
        return run
    if any(step.call is None for step in network.steps):  # PyTorch's module is one piece
        raise _parted(
            network.recurrent[-1], "its output", network.end(run.values[network.output]), own
        )
    run = steps.run(network, x, follow=True)
    _prove_each_layer(network, x, run)
    return run


def agree(ours, own):
    """Whether two arrays are equal to 1e-5, in proportion to their largest number if above 1."""
    if ours.shape != own.shape:
        return False
    finite = np.abs(own[np.isfinite(own)], dtype=np.float64)
    close = TOLERANCE * max(1.0, float(finite.max(initial=0)))
    return bool(np.isclose(ours, own, rtol=0, atol=close, equal_nan=True).all())


def _prove_cell(step, cell, record):
    order = record.order
    x, read = record.x[order], record.mask[order]
    ours = [record.h[order]] + ([record.c[order]] if cell.kind == "lstm" else [])
    before = [
        np.concatenate([first[np.newaxis], states[:-1]])
        for first, states in zip(record.initial_state, ours, strict=True)
    ]
    for name, made, own in zip("hc", ours, cell.own_step(x, *before), strict=False):
        if not agree(made[read], own[read]):
            raise _parted(step, f"the state {name} of {cell.name!r}", made[read], own[read])


def _prove_each_layer(network, x, run):
    """Run the model's layers one by one on their own values; name the first that gives others.

    If none does, the layers as they stand are ours: the model's compiled function rounds in another
    way, or is older than they are.
    """
    values = {0: network.begin(x)}
    for step in network.steps:
        made = step.call(*(values[number] for number in step.reads))
        values.update(zip(step.writes, made, strict=True))
        for number, value in zip(step.writes, made, strict=True):
            ours, theirs = network.end(run.values[number]), network.end(value)
            if not agree(ours, theirs):
                raise _parted(step, "its output", ours, theirs)


def _parted(step, what, ours, own):
    if ours.shape == own.shape:
        apart = np.abs(ours.astype(float) - own)
        how = f"by up to {np.nanmax(apart, initial=0):.2g}"
    else:
        how = f"in shape, {ours.shape} and {own.shape}"
    return ValueError(
        f"The trace and the model part at the layer {step.name!r} ({step.kind}): {what} differs "
        f"{how}. What would be shown is not what the model does, so nothing is shown."
    )
