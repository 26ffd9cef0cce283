"""Read a Keras model into the list of steps that `helpers.network.steps` runs.

Here alone stands what each of Keras's layers is: which recurrent layers and cells are read, which
layers keep a sequence's steps apart, and which cannot be traced. What a layer that is not recurrent
does, it does itself, on tensors with their masks.
"""

import contextlib
import logging
import re

import numpy as np

from helpers import cells
from helpers.network.functions import function_of
from helpers.network.judged import judged
from helpers.network.steps import SIGMOID, Cell, Direction, Network, Recurrent, Step
from helpers.reader.backend import import_keras

LAYERS = ("SimpleRNN", "GRU", "LSTM", "RNN")
"""Keras's recurrent layers that are read, alone or in Bidirectional: these classes themselves."""

CELLS = {"SimpleRNNCell": "rnn", "GRUCell": "gru", "LSTMCell": "lstm"}
"""Keras's cells, and their names in `helpers.cells`."""

ATTENTION = ("Attention", "AdditiveAttention", "MultiHeadAttention", "GroupedQueryAttention")
"""Layers in which every step reads every other: what a state says does not go on from there."""

KEEP_TIME = (
    *("Dense", "EinsumDense", "Embedding", "Masking", "TimeDistributed", "Activation", "Identity"),
    *("ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax"),
    *("Dropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise", "AlphaDropout"),
    *("ActivityRegularization", "BatchNormalization", "LayerNormalization", "GroupNormalization"),
    *("RMSNormalization", "UnitNormalization", "Normalization", "Rescaling", "CategoryEncoding"),
    *("Conv1D", "SeparableConv1D", "DepthwiseConv1D", "Add", "Concatenate"),
)
"""Layers whose row t comes of row t (a convolution's: around it), if as many rows come out."""


def read(model):
    """Read a Keras model: a chain of layers from one input to one output, some of them recurrent.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional; it stays as it is.

    Returns
    -------
    Network

    Raises
    ------
    TypeError
        If it is no Keras model.
    ValueError
        If it holds what cannot be traced: it names the layer, and says what can be done.
    """
    keras = import_keras()
    _check_model(model, keras)
    steps, slots = [], {id(model.inputs[0]): 0}
    _add_steps(model, slots, "", steps, keras)
    _check_line(model, steps)
    source = model.inputs[0]
    batch = source.shape[0] or 1
    ending, before_ending = _ending(steps[-1].layer, model, keras)
    output = slots[id(model.outputs[0])]
    network = Network(
        name=model.name,
        steps=tuple(steps),
        output=output,
        begin=lambda x: _tensor(keras, np.repeat(x[np.newaxis], batch, axis=0), source.dtype),
        end=lambda value: _array(keras, value),
        judge=lambda x: judged(x, source.shape[1:], source.dtype, _vocabulary(network.embedding)),
        ending=ending,
        before_ending=before_ending,
        own=lambda x: _own(model, np.repeat(x[np.newaxis], batch, axis=0), keras),
        differentiate=lambda x, values, place: _differentiate(network, values, place, keras),
        untouched=lambda: _untouched(model, keras),
    )
    return network


# --- what is asked of a model ------------------------------------------------------------------


def _check_model(model, keras):
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"model is a {type(model).__name__}: give a Keras model (keras.Model), weights of "
            "helpers.reader, or what helpers.network.from_torch makes of PyTorch's weights."
        )
    if isinstance(model, keras.Sequential) and not model.built:
        raise ValueError(
            f"The model {model.name!r} has no input shape yet, so it has no weights: call it once, "
            "model(x[None]), or begin it with keras.Input((None, features))."
        )
    inputs, outputs = getattr(model, "inputs", None), getattr(model, "outputs", None)
    if not inputs or not outputs:
        raise ValueError(
            f"The model {model.name!r} is a class of its own ({type(model).__name__}), and what "
            "its call() does cannot be read. Write its layers as keras.Sequential([…]) or "
            "keras.Model(inputs, outputs); the same layer objects can be used again, with their "
            "weights."
        )
    for name, tensors in (("inputs", inputs), ("outputs", outputs)):
        if len(tensors) != 1:
            names = [tensor._keras_history.operation.name for tensor in tensors]
            raise ValueError(
                f"The model {model.name!r} has {len(tensors)} {name} (at the layers "
                f"{', '.join(map(repr, names))}): trace reads a chain from one input to one "
                "output. Trace the part between two of its layers: "
                "keras.Model(model.get_layer(…).input, model.get_layer(…).output)."
            )


def _refused(step, kind, why, cure):
    return ValueError(f"trace cannot read the layer {step!r} ({kind}): {why} {cure}")


def _cut_before(name):
    return (
        "Trace the part of the model before it: keras.Model(model.inputs, "
        f"model.get_layer({name!r}).input)."
    )


def _check_line(model, steps):
    """Refuse a model without recurrent layers, and one whose recurrent layers lie side by side."""
    behind, line = {0: set()}, []  # of each value the recurrent layers that it comes from
    for step in steps:
        before = set().union(*(behind[slot] for slot in step.reads))
        if isinstance(step, Recurrent):
            beside = [name for name in line if name not in before]
            if beside:
                raise _refused(
                    step.name,
                    step.kind,
                    f"it stands beside {beside[0]!r}, not after it, and trace follows one line of "
                    "recurrent layers.",
                    "Trace each branch by itself: keras.Model(model.inputs, "
                    f"model.get_layer({step.name.split('/')[0]!r}).output).",
                )
            line.append(step.name)
            before = before | {step.name}
        behind.update(dict.fromkeys(step.writes, before))
    if not line:
        raise ValueError(
            f"The model {model.name!r} has no recurrent layer (LSTM, GRU, SimpleRNN, RNN with "
            "their cells, Bidirectional): there are no gates or states to show."
        )


# --- from nodes to steps -----------------------------------------------------------------------


def _nodes(model):
    """Nodes of a model's graph, each after those that it reads: Keras has no public way."""
    ready, nodes, waiting = {id(tensor) for tensor in model.inputs}, [], list(model.outputs)
    while waiting:
        tensor = waiting[-1]
        if id(tensor) in ready:
            waiting.pop()
            continue
        history = tensor._keras_history
        node = history.operation._inbound_nodes[history.node_index]
        missing = [source for source in node.input_tensors if id(source) not in ready]
        waiting += missing
        if not missing:
            nodes.append(node)
            ready.update(id(made) for made in node.outputs)
    return nodes


def _add_steps(model, slots, prefix, steps, keras):
    """Append the steps of a model's nodes; ``slots`` has the number of each symbolic tensor."""
    for node in _nodes(model):
        layer, name = node.operation, prefix + node.operation.name
        if node.arguments.kwargs.get("training"):
            raise _refused(
                name,
                type(layer).__name__,
                "it is called with training=True, so it draws lots at every run.",
                "Build the model without that argument.",
            )
        if isinstance(layer, keras.Model) and _is_graph(layer):
            _add_inner_model(node, layer, slots, name, steps, keras)
            continue
        tensors = list({id(tensor): tensor for tensor in node.input_tensors}.values())
        first = 1 + sum(len(step.writes) for step in steps)
        places = {
            "name": _unlike(name, [step.name for step in steps]),
            "kind": type(layer).__name__,
            "reads": tuple(slots[id(tensor)] for tensor in tensors),
            "writes": tuple(range(first, first + len(node.outputs))),
            "call": _call_of(node, layer, tensors, keras),
            "layer": layer,
        }
        slots.update(zip(map(id, node.outputs), places["writes"], strict=True))
        if isinstance(layer, (keras.layers.RNN, keras.layers.Bidirectional)):
            steps.append(_recurrent(node, layer, tensors, places, keras))
        else:
            _check_other(layer, name, keras)
            keeps_time = places["kind"] in KEEP_TIME
            so_far = _so_far(node, layer, keras)
            steps.append(Step(**places, keeps_time=keeps_time, so_far=so_far))


def _is_graph(layer):
    return len(getattr(layer, "inputs", None) or ()) == len(layer.outputs) == 1


def _add_inner_model(node, inner, slots, name, steps, keras):
    """Append the steps of a model that stands as a layer in another."""
    outer, *_ = node.input_tensors  # its mask may follow, which is on the value too
    source, slot = inner.inputs[0], slots[id(outer)]
    if outer.dtype != source.dtype:

        def cast(tensor):
            made = keras.ops.cast(tensor, source.dtype)
            _set_mask(made, _mask(tensor))
            return [made]

        write = 1 + sum(len(step.writes) for step in steps)
        steps.append(Step(f"{name}/input", "InputLayer", (slot,), (write,), cast, None, True))
        slot = write
    within = {id(source): slot}
    _add_steps(inner, within, f"{name}/", steps, keras)
    slots[id(node.outputs[0])] = within[id(inner.outputs[0])]


def _unlike(name, others):
    """Give a layer that is called a second time a name of its own."""
    number = 2
    unlike = name
    while unlike in others:
        unlike, number = f"{name} ({number})", number + 1
    return unlike


def _check_other(layer, name, keras):
    """Refuse a layer that is not recurrent if it hides one, or mixes all steps."""
    kind = type(layer).__name__
    if kind in ATTENTION:
        raise _refused(
            name,
            kind,
            "in attention every step reads every other, so what the states say does not go on "
            "step by step.",
            _cut_before(layer.name),
        )
    inside = layer._flatten_layers(include_self=False) if hasattr(layer, "_flatten_layers") else ()
    for part in inside:
        if isinstance(part, keras.layers.RNN):
            raise _refused(
                name,
                kind,
                f"it hides the recurrent layer {part.name!r} ({type(part).__name__}), which it "
                "calls in its own way.",
                "Put that layer into the chain itself, as keras.Sequential([…]) or "
                "keras.Model(inputs, outputs) show it.",
            )


def _call_of(node, layer, tensors, keras):
    """Give what the model's own layer does, as a function of the values of ``tensors``."""
    quiet = {"training": False} if getattr(layer, "_call_has_training_arg", False) else {}

    def call(*values):
        args, kwargs = _arguments(node, tensors, values)
        return keras.tree.flatten(layer(*args, **{**kwargs, **quiet}))

    return call


def _arguments(node, tensors, values):
    return node.arguments.fill_in(dict(zip(map(id, tensors), values, strict=True)))


def _so_far(node, layer, keras):
    """Of a layer that makes one of all steps, give what it makes of the first 1, 2, 3, … of them.

    Such are the two global poolings, and ``x[:, -1]``, which of the first k takes the k-th.
    """
    kind = type(layer).__name__
    key = node.arguments.args[1] if kind == "GetItem" and len(node.arguments.args) > 1 else ()
    last = key in ((slice(None), -1), (slice(None), -1, slice(None)))
    pools = ("GlobalAveragePooling1D", "GlobalMaxPooling1D")
    if not last and (kind not in pools or layer.data_format != "channels_last"):
        return None

    def so_far(x, *masks):
        mask = masks[0] if masks else _mask(x)
        rows = _array(keras, x)[0]
        if kind == "GlobalMaxPooling1D":
            rows = np.maximum.accumulate(rows)
        elif not last:
            read = np.ones(len(rows)) if mask is None else _array(keras, mask)[0]
            read = read.astype(rows.dtype).reshape(-1, 1)
            rows = np.cumsum(rows * read, axis=0) / np.maximum(np.cumsum(read, axis=0), 1)
        return _tensor(keras, rows, str(rows.dtype))

    return so_far


# --- recurrent layers --------------------------------------------------------------------------


def _recurrent(node, layer, tensors, places, keras):
    name = places["name"]
    if type(layer) is keras.layers.Bidirectional:
        parts = {"/forward": layer.forward_layer, "/backward": layer.backward_layer}
        merge = layer.merge_mode
    else:
        parts, merge = {"": layer}, None
    for part in parts.values():
        if not any(type(part) is getattr(keras.layers, known) for known in LAYERS):
            raise _refused(
                name,
                type(part).__name__,
                f"of recurrent layers {', '.join(LAYERS)} and Bidirectional are read, not classes "
                "made from them or other ones.",
                _cut_before(layer.name),
            )
    directions = tuple(
        Direction(_cells(part, name, name + side, keras), part.go_backwards, _zeroes(part))
        for side, part in parts.items()
    )
    dtype = directions[0].cells[0].weights.kernel.dtype

    def enter(*values):
        args, kwargs = _arguments(node, tensors, values)
        given = dict(zip(("sequences", "initial_state", "mask"), args, strict=False)) | kwargs
        x, mask = given["sequences"], given.get("mask")
        mask = _mask(x) if mask is None else mask
        states = given.get("initial_state")
        if states is not None:
            states = [_array(keras, state)[0] for state in keras.tree.flatten(states)]
        mask = None if mask is None else _array(keras, mask)[0].astype(bool).reshape(-1)
        return _array(keras, x)[0], mask, states

    def leave(arrays, beside=None):
        if beside is None:  # states after each step, as a batch
            return [_tensor(keras, array, str(dtype)) for array in arrays]
        args, kwargs = _arguments(node, tensors, beside)
        x = args[0] if args else kwargs["sequences"]
        mask = kwargs.get("mask", args[2] if len(args) > 2 else None)
        mask = _mask(x) if mask is None else mask
        made = [
            _tensor(keras, np.repeat(array, x.shape[0], axis=0), str(dtype)) for array in arrays
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


def _cells(layer, step, name, keras):
    """Read the cells of one recurrent layer, with the states that a stateful one is in."""
    stack = type(layer.cell) is keras.layers.StackedRNNCells
    found = list(layer.cell.cells) if stack else [layer.cell]
    states = [None]
    if layer.stateful and layer.states is not None:
        states = [_array(keras, state)[0] for state in keras.tree.flatten(layer.states)]
    read = []
    for number, cell in enumerate(found, start=1):
        kind = CELLS.get(type(cell).__name__)
        if kind is None or type(cell) is not getattr(keras.layers, type(cell).__name__, None):
            raise _refused(
                step,
                type(layer).__name__,
                f"its cell is a {type(cell).__name__}; of cells {', '.join(CELLS)} and stacks of "
                "them are read.",
                _cut_before(layer.name),
            )
        if cell.compute_dtype not in ("float32", "float64"):
            raise _refused(
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
        _array(keras, array).astype(dtype) for array in (cell.kernel, cell.recurrent_kernel)
    )
    shape = (2, kernel.shape[1]) if kind == "gru" else (kernel.shape[1],)
    bias = np.zeros(shape, dtype)
    if cell.use_bias and kind == "gru" and not cell.reset_after:
        bias[0] = _array(keras, cell.bias)
    elif cell.use_bias:
        bias[:] = _array(keras, cell.bias)
    return cells.Weights(kernel, recurrent, bias)


def _own_step(cell, keras):
    """Give the model's own step: x (n, features) and states (n, units) -> the new states."""

    def own_step(x, *states):
        tensors = [_tensor(keras, array, cell.compute_dtype) for array in (x, *states)]
        _, made = cell(tensors[0], tensors[1:])
        cell.reset_dropout_mask()  # SimpleRNNCell keeps one of this batch's size
        cell.reset_recurrent_dropout_mask()
        return [_array(keras, state) for state in keras.tree.flatten(made)]

    return own_step


# --- the end of the chain ----------------------------------------------------------------------


def _ending(layer, model, keras):
    """Say what the output is, and give the last layer without its softmax or sigmoid."""
    inner = layer.layer if type(layer) is keras.layers.TimeDistributed else layer
    if type(inner) is keras.layers.Softmax:
        return ("softmax", _same) if inner.axis == -1 else ("numbers", None)
    activation = getattr(inner, "activation", None)
    names = {keras.activations.softmax: "softmax", keras.activations.sigmoid: "sigmoid"}
    if isinstance(inner, (keras.layers.RNN, keras.layers.Bidirectional)):
        return "numbers", None
    if activation in names:
        if type(inner) is keras.layers.Activation:
            return names[activation], _same
        if type(inner) is keras.layers.Dense and inner.quantization_mode is None:
            return names[activation], lambda x, *mask: [_without_activation(inner, x, keras)]
        return names[activation], None
    loss = getattr(model, "loss", None)
    if getattr(loss, "from_logits", False) and activation in (None, keras.activations.linear):
        binary = "Binary" in type(loss).__name__
        return ("sigmoid logits" if binary else "logits"), None
    return "numbers", None


def _same(x, *mask):
    return [x]


def _without_activation(dense, x, keras):
    made = keras.ops.matmul(keras.ops.cast(x, dense.compute_dtype), dense.kernel)
    return keras.ops.add(made, dense.bias) if dense.use_bias else made


def _differentiate(network, values, place, keras):
    """Give the gradient of one output by the input, or by what an Embedding made of it."""
    source = 0 if network.embedding is None else network.embedding.writes[0]
    start, mask = values[source], _mask(values[source])
    if not keras.backend.is_float_dtype(keras.backend.standardize_dtype(start.dtype)):
        raise ValueError(
            f"The network takes whole numbers ({start.dtype}) that no Embedding looks up first "
            "thing: there is no gradient by them."
        )

    def output(tensor):
        _set_mask(tensor, mask)
        made = {**values, source: tensor}
        behind = {source}  # only what comes of the tensor is run anew
        for step in network.steps:
            if source in step.writes or not behind & set(step.reads):
                continue
            read = [made[number] for number in step.reads]
            call = step.call
            if step is network.steps[-1] and network.before_ending is not None:
                call = network.before_ending
            made.update(zip(step.writes, call(*read), strict=True))
            behind.update(step.writes)
        return made[network.output][(0, *place)] if place else made[network.output][0]

    return _array(keras, _gradient(output, start, keras))[0]


def _gradient(function, tensor, keras):
    """Differentiate a function of one tensor, by the backend that Keras runs on."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        tensor = tf.identity(tensor)
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            result = function(tensor)
        return tape.gradient(result, tensor)
    if backend == "jax":
        import jax

        with keras.StatelessScope():  # a stateful layer must not keep what jax traces
            return jax.grad(function)(tensor)
    import torch

    tensor = tensor.detach().clone().requires_grad_()
    return torch.autograd.grad(function(tensor), tensor)[0]


# --- the model as it is ------------------------------------------------------------------------


def _own(model, x, keras):
    """Run the model itself on a batch."""
    made = None
    if keras.backend.backend() == "tensorflow":
        # Its compiled function is far faster there; what it cannot compile, it may still run.
        with contextlib.suppress(Exception), _without_warnings():
            made = model.predict_on_batch(x)
    if made is None:
        try:
            made = model(_tensor(keras, x, model.inputs[0].dtype), training=False)
        except Exception as error:
            reason = " ".join(re.sub(r"\x1b\[\d*m", "", str(error)).split())[:300]
            raise ValueError(
                f"The model {model.name!r} itself cannot run this sequence of shape {x.shape[1:]}: "
                f"{reason}"
            ) from error
    return _array(keras, keras.tree.flatten(made)[0])


@contextlib.contextmanager
def _without_warnings():
    """Keep TensorFlow from warning, in red, that the fifth model in a row is compiled anew."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextlib.contextmanager
def _untouched(model, keras):
    """Put back what a run changes: states of stateful layers, and where random numbers stand."""
    layers = [layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.RNN)]
    states = [state for layer in layers for state in keras.tree.flatten(layer.states or [])]
    weights = {id(variable) for variable in model.weights}
    seeds = [variable for variable in model.variables if id(variable) not in weights]
    kept = [(v, _array(keras, v)) for v in states + seeds if hasattr(v, "assign")]
    try:
        yield
    finally:
        for variable, value in kept:
            if not np.array_equal(_array(keras, variable), value):
                variable.assign(value)


def _vocabulary(embedding):
    """Give an embedding's name and its number of rows, if whole numbers are looked up."""
    return None if embedding is None else (embedding.name, embedding.layer.input_dim)


def _array(keras, value):
    return np.asarray(keras.ops.convert_to_numpy(value))


def _tensor(keras, array, dtype):
    return keras.ops.convert_to_tensor(array, dtype=dtype)


def _mask(tensor):
    from keras.src.backend import get_keras_mask

    return get_keras_mask(tensor)


def _set_mask(tensor, mask):
    from keras.src.backend import set_keras_mask

    set_keras_mask(tensor, mask)
