"""The gradient of one output of a network by every feature at every step."""

import numpy as np

from helpers import judge
from helpers.network import heads, steps
from helpers.network.steps import SIGMOID, TANH, Recurrent
from helpers.network.tracing import read
from rnnscope import cells


def gradient(model, x, of=None, step=None):
    """Return the gradient of one output by the input, feature by feature at every step.

    Parameters
    ----------
    model, x : as for `helpers.network.trace`
    of : int, optional
        Which output (class, number); by default the winning one, or the only one.
    step : int, optional
        Of a network that answers at every step: whose answer; by default the last.

    Returns
    -------
    ndarray (time steps, features)
        Of an output before its softmax or sigmoid where the network ends in one, as the gradient
        of a belief near 0 or 1 says nothing. Of a network that looks up whole numbers in an
        Embedding it is the gradient by the embedded vectors, (time steps, embedding's width).

    Raises
    ------
    TypeError, ValueError
        Where the model cannot be read, x does not fit, or there is no such output.
    """
    network = read(model)
    x = network.judge(x)
    with network.untouched():
        run = steps.run(network, x)
        said = heads.answers(network, run)
        place = _place(said, of, step)
        if network.differentiate is not None:
            return network.differentiate(x, run.values, place)
        return _by_arrays(network, x, run, place)


def _place(said, of, step):
    """Where the output is that is meant: an index into the network's output."""
    output = said["output"]
    if output.ndim == 0:
        output = output[np.newaxis]
    if output.ndim > 1:
        step = len(output) - 1 if step is None else judge.count(step, "step", least=0)
        if step >= len(output):
            raise ValueError(
                f"step is {step}, but the network answers at {len(output)} steps, 0 to "
                f"{len(output) - 1}."
            )
        place = (step,)
    elif step is not None:
        raise ValueError("step is given, but the network answers once, not at every step.")
    else:
        place = ()
    at_step = output[place]
    if at_step.ndim != 1:
        raise ValueError(f"The network's output has the shape {output.shape}: that is no list.")
    if of is None:
        if said["kind"] == "numbers" and len(at_step) > 1:
            raise ValueError(
                f"of is not given, and the network gives {len(at_step)} numbers: say which, "
                f"0 to {len(at_step) - 1}."
            )
        of = int(at_step.argmax())
    of = judge.count(of, "of", least=0)
    if of >= len(at_step):
        raise ValueError(f"of is {of}, but the outputs are 0 to {len(at_step) - 1}.")
    return (*place, of)


def _by_arrays(network, x, run, place):
    """Go back through layers of arrays: a head on the last one, each recurrent one by `cells`."""
    d = np.zeros((1, *network.end(run.values[network.output]).shape[1:]), x.dtype)
    d[(0, *place)] = 1
    for step in reversed(network.steps):
        value = run.values[step.reads[0]]
        d = _back_through(step, value, d) if isinstance(step, Recurrent) else step.back(d)
    return d[0]


def _back_through(step, x, d):
    """Go back through one recurrent layer: from the gradient by its output to that by x."""
    if not step.return_sequences:
        whole = np.zeros((1, x.shape[1], d.shape[-1]), d.dtype)
        whole[:, -1] = d
        d = whole
    total, start = 0, 0
    for direction in step.directions:
        (cell,) = direction.cells
        if (cell.activation, cell.recurrent_activation) != (TANH, SIGMOID):
            raise ValueError(
                f"The gradient of {cell.name!r} with {cell.activation.name} is not made: only "
                "tanh and sigmoid are, in networks made of arrays."
            )
        order = slice(None, None, -1 if direction.backwards else 1)
        d_h = d[:, order, start : start + cell.units]
        start += cell.units
        history = cells.unroll(cell.kind, x[:, order], cell.weights)
        back = cells.backward(cell.kind, x[:, order], cell.weights, history, d_h)
        total = total + back.x[:, order]
    return total
