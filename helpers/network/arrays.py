"""Networks made of arrays alone: the readers that come with the course, PyTorch's weights."""

import numpy as np

from helpers import judge
from helpers.network.steps import Cell, Direction, Network, Recurrent, Step


def of_arrays(name, recurrent, head=None, *, ending="numbers", own=None, judged=None):
    """Make a network of recurrent layers on top of each other, and a dense layer on the last.

    Parameters
    ----------
    name : str
    recurrent : list of dict
        The fields of each `Recurrent` but those that place it: name, kind, directions, ...
    head : (kernel (units, outputs), bias (outputs,)), optional
    ending : str
        What the output is, see `Network`.
    own : function, optional
        The model itself, to compare with: x (time steps, features) -> output (1, ...).
    judged : function, optional
        What judges a sequence; by default it is any array of floats of the right shape.

    Returns
    -------
    Network
        It takes float arrays (time steps, features).
    """
    steps = [
        Recurrent(reads=(number,), writes=(number + 1,), call=None, **fields)
        for number, fields in enumerate(recurrent)
    ]
    if head is not None:
        kernel, bias = head
        reads, writes = (len(steps),), (len(steps) + 1,)
        call = lambda h: [h @ kernel + bias]  # noqa: E731
        back = lambda d: d @ kernel.T  # noqa: E731
        steps.append(Step("head", "Dense", reads, writes, call, keeps_time=True, back=back))
    weights = steps[0].directions[0].cells[0].weights.kernel
    shape, dtype = (None, len(weights)), weights.dtype.name
    return Network(
        name=name,
        steps=tuple(steps),
        output=len(steps),
        begin=lambda x: x[np.newaxis],
        end=np.asarray,
        judge=judged or (lambda x: judge.sequence(x, shape, dtype)),
        ending=ending,
        own=own,
    )


def of_reader(weights):
    """Make a network of a reader's weights, which reads images.

    Parameters
    ----------
    weights : helpers.reader.ReaderWeights
    """
    judge.weights(weights)
    cell = Cell("reader", weights.cell, weights.cell_weights)
    layer = {"name": "reader", "kind": weights.cell, "directions": (Direction((cell,)),)}
    return of_arrays(
        f"{weights.cell}_reader",
        [layer],
        (weights.head_kernel, weights.head_bias),
        ending="logits",
        judged=lambda image: judge.rows(judge.image(image, features=weights.features)),
    )
