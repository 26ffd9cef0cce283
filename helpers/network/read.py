"""Read a Keras model into the list of steps that `helpers.network.steps` runs.

Here stands which of Keras's layers keep a sequence's steps apart, and which cannot be traced;
`helpers.network.recurrent` knows the recurrent ones. What a layer that is not recurrent does, it
does itself, on tensors with their masks.
"""

import numpy as np

from helpers import judge
from helpers.network.own import differentiate, own_output, untouched
from helpers.network.recurrent import recurrent_step
from helpers.network.steps import Network, Recurrent, Step
from helpers.network.tensors import arguments, array, mask_of, refused, set_mask, tensor_of
from helpers.reader.backend import import_keras

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
        begin=lambda x: tensor_of(keras, np.repeat(x[np.newaxis], batch, axis=0), source.dtype),
        end=lambda value: array(keras, value),
        judge=lambda x: judge.sequence(
            x, source.shape[1:], source.dtype, _vocabulary(network.embedding)
        ),
        ending=ending,
        before_ending=before_ending,
        own=lambda x: own_output(model, np.repeat(x[np.newaxis], batch, axis=0), keras),
        differentiate=lambda x, values, place: differentiate(network, values, place, keras),
        untouched=lambda: untouched(model, keras),
    )
    return network


# --- what is asked of a model ------------------------------------------------------------------


def _check_model(model, keras):
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"model is a {type(model).__name__}: give a Keras model (keras.Model), or what "
            "helpers.network.from_torch makes of PyTorch's weights. The weights of this course's "
            "readers go to helpers.trace.trace."
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


def _cut_after(steps):
    """Say how to trace what comes before a layer that is not read, if anything recurrent does."""
    before = _recurrent_names(steps)
    if not before:
        return "Build the model with layers that are read: docs/own_network.md lists them."
    layer = before[-1].split("/")[0]
    return (
        f"Trace the model up to {layer!r}: keras.Model(model.inputs, "
        f"model.get_layer({layer!r}).output)."
    )


def _recurrent_names(steps):
    return [step.name for step in steps if isinstance(step, Recurrent)]


def _check_line(model, steps):
    """Refuse a model without recurrent layers, and one whose recurrent layers lie side by side."""
    behind, line = {0: set()}, []  # of each value the recurrent layers that it comes from
    for step in steps:
        before = set().union(*(behind[slot] for slot in step.reads))
        if isinstance(step, Recurrent):
            beside = [name for name in line if name not in before]
            if beside:
                raise refused(
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
            raise refused(
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
            steps.append(recurrent_step(node, layer, tensors, places, _cut_after(steps), keras))
        else:
            _check_other(layer, name, _cut_after(steps), keras)
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
            set_mask(made, mask_of(tensor))
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


def _check_other(layer, name, cut, keras):
    """Refuse a layer that is not recurrent if it hides one, or mixes all steps."""
    kind = type(layer).__name__
    if kind in ATTENTION:
        raise refused(
            name,
            kind,
            "in attention every step reads every other, so what the states say does not go on "
            "step by step.",
            cut,
        )
    inside = layer._flatten_layers(include_self=False) if hasattr(layer, "_flatten_layers") else ()
    for part in inside:
        if isinstance(part, keras.layers.RNN):
            raise refused(
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
        args, kwargs = arguments(node, tensors, values)
        return keras.tree.flatten(layer(*args, **{**kwargs, **quiet}))

    return call


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
        mask = masks[0] if masks else mask_of(x)
        rows = array(keras, x)[0]
        if kind == "GlobalMaxPooling1D":
            rows = np.maximum.accumulate(rows)
        elif not last:
            read = np.ones(len(rows)) if mask is None else array(keras, mask)[0]
            read = read.astype(rows.dtype).reshape(-1, 1)
            rows = np.cumsum(rows * read, axis=0) / np.maximum(np.cumsum(read, axis=0), 1)
        return tensor_of(keras, rows, str(rows.dtype))

    return so_far


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


def _vocabulary(embedding):
    """Give an embedding's name and its number of rows, if whole numbers are looked up."""
    return None if embedding is None else (embedding.name, embedding.layer.input_dim)
