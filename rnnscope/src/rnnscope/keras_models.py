"""Keras models watched while they run, on TensorFlow, JAX or PyTorch; Keras 3.8 and later."""

import inspect
import re
import sys
from contextlib import ExitStack, contextmanager
from functools import partial
from weakref import WeakKeyDictionary, ref

import numpy as np

from rnnscope import passes, validation
from rnnscope.adapters import Ending, Seen
from rnnscope.keras_layers import Ends, Recurrent, array, wrapped


def _parts(model):
    """Give a model and all layers in it: Keras has no public way. Tried on Keras 3.8 and 3.15."""
    return list(model._flatten_layers())


def is_keras(model):
    """Whether it is a model or layer of Keras 3, without importing Keras to ask."""
    return isinstance(model, getattr(sys.modules.get("keras"), "Layer", ()))


class KerasModel:
    """A `rnnscope.adapters.Adapter` of a Keras model, or of a function that calls it."""

    caveat = ""

    def __init__(self, model, run=None):
        self.keras = sys.modules["keras"]
        if tuple(map(int, self.keras.__version__.split(".")[:2])) < (3, 8):
            raise ImportError(f"Keras is {self.keras.__version__}: 3.8 or later is needed.")
        if not model.built and run is None:
            raise ValueError(
                f"The model {model.name!r} has not been built, so it has no weights: call it once, "
                "or begin it with keras.Input((None, features))."
            )
        self.model, self.name, self.own_run = model, model.name, run
        self.inputs = getattr(model, "inputs", None) or []  # none of a call() of one's own

    # --- what it is given ------------------------------------------------------------------------

    def prepare(self, x, kwargs):
        """Judge what the user gave; return args and kwargs of the call, tensors as arrays."""
        x, kwargs = self.keras.tree.map_structure(array, (x, kwargs))
        arrays = isinstance(x, list) and any(hasattr(part, "shape") for part in x)
        several = isinstance(x, tuple | dict) or (arrays and len(self.inputs) != 1)
        if not self.inputs:
            asked = inspect.signature(self.model.call).parameters.values()
            asked = [part for part in asked if part.default is part.empty and part.kind < 2]
            if isinstance(x, tuple) and len(asked) == len(x):
                return x, kwargs
            return (x if several else validation.array(x, "x"),), kwargs
        names = [source.name for source in self.inputs]
        if isinstance(x, dict) and set(x) == set(names):
            x = [x[name] for name in names]
        x = x if several else [x]
        if isinstance(x, dict) or len(x) != len(names):
            raise ValueError(
                f"The model {self.name!r} takes {len(names)} inputs: give an array for each of "
                f"{', '.join(map(repr, names))} in that order, or a dict by those names."
            )
        x = [self._judged(part, source) for part, source in zip(x, self.inputs, strict=True)]
        if isinstance(self.model, self.keras.Sequential):
            return tuple(x), kwargs
        return (self.keras.tree.pack_sequence_as(self.model.input, x),), kwargs

    def _judged(self, x, source):
        words = None
        for layer in self.model.layers:
            if isinstance(layer, self.keras.layers.Embedding) and layer.input is source:
                words = layer.name, layer.input_dim
        name = "x" if len(self.inputs) == 1 else f"x of {source.name!r}"
        x = validation.sequence(x, source.shape[1:], source.dtype, words, name)
        return np.repeat(x, source.shape[0], axis=0) if len(x) == 1 and source.shape[0] else x

    # --- how it runs -----------------------------------------------------------------------------

    def run(self, args, kwargs):
        """Run the model as it is, and return its outputs, flattened into a list."""
        layers = self.keras.layers
        quickly = dict.fromkeys((layers.LSTM, layers.GRU, layers.SimpleRNN), self._own)
        with self._kept(), _settings(self.keras), wrapped(quickly):
            return [array(part) for part in self._outputs(args, kwargs)]

    def compiled(self, args, kwargs):
        """Return what ``predict`` says, where Keras compiled it earlier; None where it did not."""
        compiled = getattr(self.model, "predict_function", None)
        if not compiled or self.own_run or kwargs or len(args) > 1:
            return None
        if self.keras.backend.backend() == "torch":  # compiles nothing
            return None
        with self._kept(), _settings(self.keras):
            size = len(self.keras.tree.flatten(args)[0])  # on JAX it is compiled for each
            return self.keras.tree.flatten(self.model.predict(*args, size, verbose=0))

    def watch(self, args, kwargs, *, row=0, changes=None, stops=None):
        """Run the model once, and open every recurrent layer that it calls."""
        names = _names_in(self.model, self.keras)
        watch = Recurrent(self.keras, self._own, names, row, changes, stops)
        outputs = self._watched(watch, args, kwargs)
        kind, logits = watch.ending(outputs[0])
        loss = getattr(self.model, "loss", None)
        if kind is None and getattr(loss, "from_logits", False):
            kind = "sigmoid logits" if "Binary" in type(loss).__name__ else "logits"
        outputs = [array(part) for part in outputs]
        head = watch.head(outputs[0].shape[-1:])
        return Seen(outputs, passes.chained(watch.calls), Ending(kind, array(logits), head))

    def _watched(self, watch, args, kwargs):
        with self._kept(), _settings(self.keras, eagerly=True), wrapped(watch.wrappers()):
            return self._outputs(args, kwargs)

    def _outputs(self, args, kwargs):
        """Run the model; one that was built for so many steps goes over fewer by its call()."""
        if "training" in inspect.signature(self.model.call).parameters:
            kwargs = {"training": False, **kwargs}
        shapes = [getattr(x, "shape", ()) for x in self.keras.tree.flatten((args, kwargs))]
        built_for = [tuple(source.shape[1:]) for source in self.inputs]
        fits = all(
            None in built or built == tuple(x[1:])
            for built, x in zip(built_for, shapes, strict=False)
        )
        run = self.own_run or partial(self.model if fits else self.model.call, *args, **kwargs)
        try:
            return self.keras.tree.flatten(run())
        except Exception as error:
            reason = " ".join(re.sub(r"\x1b\[\d*m", "", str(error)).split())[:300]
            raise ValueError(
                f"The model {self.name!r} itself cannot run input of shape "
                f"{', '.join(str(tuple(shape)) for shape in shapes if shape)}: {reason}"
            ) from error

    def gradient(self, args, kwargs, pick):
        """Differentiate a number by the first input, or by what the first Embedding made of it."""
        tree, convert = self.keras.tree, self.keras.ops.convert_to_tensor
        flat = tree.flatten((args, kwargs))
        flat = [convert(part) if isinstance(part, np.ndarray) else part for part in flat]
        place = next((n for n, part in enumerate(flat) if hasattr(part, "shape")), None)
        x = None if place is None else flat[place]

        def number(watch, x=x):
            made = [x if n == place else part for n, part in enumerate(flat)]
            with _settings(self.keras, eagerly=True), wrapped(watch.wrappers()):
                output = self._outputs(*tree.pack_sequence_as((args, kwargs), made))[0]
            logits = watch.ending(output)[1]
            return (output if logits is None else logits)[pick]

        if x is not None and "float" in self.keras.backend.standardize_dtype(x.dtype):
            with self._kept():  # around JAX's own scope, in which variables have no numbers
                return _derivative(lambda x: number(Ends(self.keras), x), x, self.keras)
        with self._kept():
            number(watch := Ends(self.keras))
        made = watch.embedded
        if made is None or (x is not None and made.shape[:-1] != x.shape):
            raise ValueError(
                f"The model {self.name!r} takes whole numbers that no Embedding looks up as they "
                "are: there is no gradient by them."
            )
        with self._kept():
            return _derivative(lambda made: number(Ends(self.keras, made)), made, self.keras)

    @contextmanager
    def _kept(self):
        """Put back what a run changes: states, seeds of random numbers, moving averages."""
        kept = {id(variable): variable for variable in self.model.non_trainable_variables}
        for part in _parts(self.model):
            if isinstance(part, self.keras.layers.Embedding):  # large, and no run changes it
                kept = {key: kept[key] for key in kept.keys() - set(map(id, part.weights))}
            states = self.keras.tree.flatten(getattr(part, "states", None) or [])
            kept |= {id(state): state for state in states}
        before = {key: np.array(array(variable)) for key, variable in kept.items()}
        try:
            yield
        finally:
            for key, value in before.items():
                if not np.array_equal(array(kept[key]), value):
                    kept[key].assign(value)

    def _own(self, call, layer, *args, **kwargs):
        """Run a layer: TensorFlow takes 8 ms a step as plain Python, 0.1 ms where compiled once."""
        keras, cell = self.keras, getattr(layer, "cell", None)
        kinds = {
            getattr(keras.layers, name): getattr(keras.layers, f"{name}Cell") for name in QUICK
        }
        asked = inspect.signature(call).bind(layer, *args, **kwargs).arguments
        form = [asked.get(name) for name in ("sequences", "mask", "initial_state")]
        usual = kinds.get(type(layer)) is type(cell) and not (layer.stateful or layer.unroll)
        if not usual or not hasattr(form[0], "numpy") or form[0].shape[1] < 10:
            return call(layer, *args, **kwargs)
        if keras.backend.backend() != "tensorflow" or asked.get("training"):
            return call(layer, *args, **kwargs)
        key = [getattr(layer, name, None) for name in SETTINGS], [*map(id, layer.weights)]
        key += tuple(part is None or len(keras.tree.flatten(part)) for part in form)
        if _COMPILED.get(layer, [None])[0] != key:
            _COMPILED[layer] = key, _compiled(keras, call, ref(layer), form)
        return _COMPILED[layer][1](*form)


QUICK = ("LSTM", "GRU", "SimpleRNN")
SETTINGS = (
    *("activation", "recurrent_activation", "reset_after", "use_bias", "compute_dtype"),
    *("go_backwards", "return_sequences", "return_state", "zero_output_for_mask"),
)
"""All that what such a layer does depends on, beside its weights."""

_COMPILED = WeakKeyDictionary()


def _compiled(keras, call, layer, form):
    import tensorflow as tf

    def spec(part):
        if part is None:
            return None
        return tf.TensorSpec([None] * min(2, len(part.shape)) + list(part.shape[2:]), part.dtype)

    with _settings(keras, eagerly=False):
        return tf.function(
            lambda x, mask, states: call(layer(), x, mask=mask, initial_state=states),
            autograph=False,
        ).get_concrete_function(*keras.tree.map_structure(spec, form))


@contextmanager
def _settings(keras, eagerly=None):
    """Let GPUs multiply float32 as such, not as TensorFloat-32; and put back what is set.

    ``eagerly`` lets TensorFlow run compiled functions, into which nobody sees, as plain Python.
    """
    with ExitStack() as stack:
        if keras.backend.backend() == "jax":
            import jax

            stack.enter_context(jax.default_matmul_precision("float32"))
        if keras.backend.backend() == "tensorflow":
            from tensorflow import config

            precise = config.experimental.enable_tensor_float_32_execution
            stack.callback(precise, config.experimental.tensor_float_32_execution_enabled())
            stack.callback(config.run_functions_eagerly, config.functions_run_eagerly())
            precise(False)
            if eagerly is not None:
                config.run_functions_eagerly(eagerly)
        yield


def _derivative(function, tensor, keras):
    """Differentiate a function of one tensor, by the backend that Keras runs on."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(tensor)
            result = function(tensor)
        zeros = tf.UnconnectedGradients.ZERO
        made = tape.gradient(result, tensor, unconnected_gradients=zeros)
        return array(tf.convert_to_tensor(made))
    if keras.backend.backend() == "jax":
        import jax

        with keras.StatelessScope():  # a stateful layer must not keep what jax traces
            return array(jax.grad(function)(tensor))
    import torch

    tensor = tensor.detach().clone().requires_grad_()
    with torch.enable_grad():
        made = function(tensor)
    return array(torch.autograd.grad(made, tensor, allow_unused=True, materialize_grads=True)[0])


def _names_in(model, keras, before=""):
    """Name layers by their ids, those of a model within a model as "encoder/lstm"."""
    names = {}
    for layer in getattr(model, "layers", ()):
        inner = layer.layer if isinstance(layer, keras.layers.TimeDistributed) else layer
        names.setdefault(id(inner), before + inner.name)
        if isinstance(inner, keras.Model):
            names |= _names_in(inner, keras, f"{before}{inner.name}/")
    return names
