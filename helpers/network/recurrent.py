"""Read Keras's recurrent layers: their cells, weights and settings, in the form that `steps` runs.

Here alone stands which of them are read, and what their layout is.
"""

import numpy as np

from helpers.network.functions import function_of
from helpers.network.steps import SIGMOID, Cell, Direction, Recurrent
from helpers.network.tensors import arguments, array, mask_of, refused, tensor_of
from rnnscope import cells

LAYERS = ("SimpleRNN", "GRU", "LSTM", "RNN")
"""Keras's recurrent layers that are read, alone or in Bidirectional: these classes themselves."""

CELLS = {"SimpleRNNCell": "rnn", "GRUCell": "gru", "LSTMCell": "lstm"}
"""Keras's cells, and their names in `rnnscope.cells`."""


def recurrent_step(node, layer, tensors, places, cut, keras):
    """Read a recurrent layer.

    Parameters
    ----------
    node : where the layer stands in the model's graph
    layer : keras.layers.RNN or Bidirectional, or a class made from them
    tensors : the symbolic tensors that it reads
    places : dict of the fields of `Step`
    cut : str
        What can be done if the layer cannot be read.
    keras : the imported module

    Returns
    -------
    Recurrent
    """
    name = places["name"]
    if type(layer) is keras.layers.Bidirectional:
        parts = {"/forward": layer.forward_layer, "/backward": layer.backward_layer}
        merge = layer.merge_mode
    else:
        parts, merge = {"": layer}, None
    for part in parts.values():
        if not any(type(part) is getattr(keras.layers, known) for known in LAYERS):
            raise refused(
                name,
                type(part).__name__,
                f"of recurrent layers {', '.join(LAYERS)} and Bidirectional are read, not classes "
                "made from them or other ones.",
                cut,
            )
    directions = tuple(
        Direction(_cells(part, name, name + side, cut, keras), part.go_backwards, _zeroes(part))
        for side, part in parts.items()
    )
    dtype = directions[0].cells[0].weights.kernel.dtype

    def enter(*values):
        args, kwargs = arguments(node, tensors, values)
        given = dict(zip(("sequences", "initial_state", "mask"), args, strict=False)) | kwargs
        x, mask = given["sequences"], given.get("mask")
        mask = mask_of(x) if mask is None else mask
        states = given.get("initial_state")
        if states is not None:
            states = [array(keras, state)[0] for state in keras.tree.flatten(states)]
        mask = None if mask is None else array(keras, mask)[0].astype(bool).reshape(-1)
        return array(keras, x)[0], mask, states

    def leave(arrays, beside=None):
        if beside is None:  # states after each step, as a batch
            return [tensor_of(keras, part, str(dtype)) for part in arrays]
        args, kwargs = arguments(node, tensors, beside)
        x = args[0] if args else kwargs["sequences"]
        mask = kwargs.get("mask", args[2] if len(args) > 2 else None)
        mask = mask_of(x) if mask is None else mask
        made = [
            tensor_of(keras, np.repeat(part, x.shape[0], axis=0), str(dtype)) for part in arrays
        ]
        if mask is not None:
            layer._set_mask_metadata(x, made if len(made) > 1 else made[0], mask)
        return made

    return Recurrent(
        **places,
        directions=directions,
        merge=merge,
        return_sequences=layer.return_sequences,
        return_state=layer.return_state,
        enter=enter,
        leave=leave,
    )


def _zeroes(layer):
    return bool(getattr(layer, "zero_output_for_mask", False))


def _cells(layer, step, name, cut, keras):
    """Read the cells of one recurrent layer, with the states that a stateful one is in."""
    stack = type(layer.cell) is keras.layers.StackedRNNCells
    found = list(layer.cell.cells) if stack else [layer.cell]
    states = [None]
    if layer.stateful and layer.states is not None:
        states = [array(keras, state)[0] for state in keras.tree.flatten(layer.states)]
    read = []
    for number, cell in enumerate(found, start=1):
        kind = CELLS.get(type(cell).__name__)
        if kind is None or type(cell) is not getattr(keras.layers, type(cell).__name__, None):
            raise refused(
                step,
                type(layer).__name__,
                f"its cell is a {type(cell).__name__}; of cells {', '.join(CELLS)} and stacks of "
                "them are read.",
                cut,
            )
        if cell.compute_dtype not in ("float32", "float64"):
            raise refused(
                step,
                type(layer).__name__,
                f"it computes in {cell.compute_dtype}, in which two ways to add up the same "
                "numbers differ by more than 1e-5.",
                'Build the same model with keras.config.set_dtype_policy("float32") and give it '
                "the weights: copy.set_weights(model.get_weights()).",
            )
        count = 2 if kind == "lstm" else 1
        own = tuple(states[:count]) if states[0] is not None else None
        states = states[count:] or [None]
        read.append(
            Cell(
                name=f"{name}/cell {number}" if stack else name,
                kind=kind,
                weights=_weights(cell, kind, keras),
                activation=function_of(cell.activation, keras),
                recurrent_activation=SIGMOID
                if kind == "rnn"
                else function_of(cell.recurrent_activation, keras),
                reset_after=getattr(cell, "reset_after", True),
                initial_state=own,
                own_step=_own_step(cell, keras),
            )
        )
    return tuple(read)


def _weights(cell, kind, keras):
    """Copy a cell's arrays; a bias that is not there is one of zeros, a GRU's has two rows."""
    dtype = cell.compute_dtype
    kernel, recurrent = (
        array(keras, part).astype(dtype) for part in (cell.kernel, cell.recurrent_kernel)
    )
    shape = (2, kernel.shape[1]) if kind == "gru" else (kernel.shape[1],)
    bias = np.zeros(shape, dtype)
    if cell.use_bias and kind == "gru" and not cell.reset_after:
        bias[0] = array(keras, cell.bias)
    elif cell.use_bias:
        bias[:] = array(keras, cell.bias)
    return cells.Weights(kernel, recurrent, bias)


def _own_step(cell, keras):
    """Give the model's own step: x (n, features) and states (n, units) -> the new states."""

    def own_step(x, *states):
        tensors = [tensor_of(keras, part, cell.compute_dtype) for part in (x, *states)]
        _, made = cell(tensors[0], tensors[1:])
        cell.reset_dropout_mask()  # SimpleRNNCell keeps one of this batch's size
        cell.reset_recurrent_dropout_mask()
        return [array(keras, state) for state in keras.tree.flatten(made)]

    return own_step
