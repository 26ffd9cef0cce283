"""The model itself: its own output, its gradient, and its states left as they were."""

import contextlib
import logging
import re

import numpy as np

from helpers.network.tensors import array, mask_of, set_mask, tensor_of


def differentiate(network, values, place, keras):
    """Give the gradient of one output by the input, or by what an Embedding made of it."""
    source = 0 if network.embedding is None else network.embedding.writes[0]
    start, mask = values[source], mask_of(values[source])
    if not keras.backend.is_float_dtype(keras.backend.standardize_dtype(start.dtype)):
        raise ValueError(
            f"The network takes whole numbers ({start.dtype}) that no Embedding looks up first "
            "thing: there is no gradient by them."
        )

    def output(tensor):
        set_mask(tensor, mask)
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

    return array(keras, _gradient(output, start, keras))[0]


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


def own_output(model, x, keras):
    """Run the model itself on a batch."""
    made = None
    if keras.backend.backend() == "tensorflow":
        # Its compiled function is far faster there; what it cannot compile, it may still run.
        with contextlib.suppress(Exception), _without_warnings():
            made = model.predict_on_batch(x)
    if made is None:
        try:
            made = model(tensor_of(keras, x, model.inputs[0].dtype), training=False)
        except Exception as error:
            reason = " ".join(re.sub(r"\x1b\[\d*m", "", str(error)).split())[:300]
            raise ValueError(
                f"The model {model.name!r} itself cannot run this sequence of shape {x.shape[1:]}: "
                f"{reason}"
            ) from error
    return array(keras, keras.tree.flatten(made)[0])


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
def untouched(model, keras):
    """Put back what a run changes: states of stateful layers, and where random numbers stand."""
    layers = [layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.RNN)]
    states = [state for layer in layers for state in keras.tree.flatten(layer.states or [])]
    weights = {id(variable) for variable in model.weights}
    seeds = [variable for variable in model.variables if id(variable) not in weights]
    kept = [(v, array(keras, v)) for v in states + seeds if hasattr(v, "assign")]
    try:
        yield
    finally:
        for variable, value in kept:
            if not np.array_equal(array(keras, variable), value):
                variable.assign(value)
