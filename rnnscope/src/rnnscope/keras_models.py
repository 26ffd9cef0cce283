"""Keras models watched while they run, on TensorFlow, JAX or PyTorch; Keras 3.8 and later.

For the time of a run the `call` methods of Keras's own classes are wrapped, on the class, as
`TimeDistributed` goes past a layer's `__call__`; afterwards all is as it was, whatever happened.
"""

import inspect
import sys
from contextlib import contextmanager
from functools import wraps
from typing import NamedTuple

import numpy as np

from rnnscope import given, passes
from rnnscope.activations import function_of
from rnnscope.adapters import Ending, Seen
from rnnscope.cells import Weights
from rnnscope.passes import Call, Cell

CELLS = {"SimpleRNNCell": "rnn", "GRUCell": "gru", "LSTMCell": "lstm"}
"""Keras's cells, and their names in `rnnscope.cells`."""


def _parts(model):
    """Give a model and all layers in it: Keras has no public way. Tried on Keras 3.8 and 3.15."""
    return list(model._flatten_layers())


def is_keras(model):
    """Whether it is a model or layer of Keras 3, without importing Keras to ask."""
    return isinstance(model, getattr(sys.modules.get("keras"), "Layer", ()))


class KerasModel:
    """A `rnnscope.adapters.Adapter` of a Keras model, or of a function that calls it."""

    def __init__(self, model, run=None):
        self.keras = sys.modules["keras"]
        if tuple(map(int, self.keras.__version__.split(".")[:2])) < (3, 8):
            raise ImportError(f"Keras is {self.keras.__version__}: 3.8 or later is needed.")
        if not model.built and run is None:
            raise ValueError(
                f"The model {model.name!r} has not been built, so it has no weights: call it once, "
                "or begin it with keras.Input((None, features))."
            )
        self.model, self.name, self._given_run = model, model.name, run

    def prepare(self, x, kwargs):
        """Judge what the user gave; return args and kwargs of the call, tensors as arrays."""
        tree, inputs = self.keras.tree, getattr(self.model, "inputs", None)
        x, kwargs = tree.map_structure(_array, (x, kwargs))
        if self._given_run is not None:
            return (), kwargs
        several = isinstance(x, tuple | dict) or any(hasattr(part, "shape") for part in x)
        if not inputs:  # a call() of one's own
            if not several or isinstance(x, np.ndarray):
                x = given.array(x, "x")
            return (x if isinstance(x, tuple) and self._asks_for(len(x)) else (x,)), kwargs
        if isinstance(x, dict) and set(x) == {source.name for source in inputs}:
            x = [x[source.name] for source in inputs]
        elif not several or isinstance(x, np.ndarray):
            x = [x]
        if len(x) != len(inputs) or isinstance(x, dict):
            raise ValueError(
                f"The model {self.name!r} takes {len(inputs)} inputs, "
                f"{', '.join(repr(source.name) for source in inputs)}: give as many arrays in that "
                "order, or a dict by those names."
            )
        judged = [self._judged(part, source) for part, source in zip(x, inputs, strict=True)]
        one = isinstance(self.model, self.keras.Sequential)
        return (judged[0] if one else tree.pack_sequence_as(self.model.input, judged),), kwargs

    def _asks_for(self, count):
        """Whether a call() of one's own takes so many arguments, rather than one of many parts."""
        asked = inspect.signature(self.model.call).parameters.values()
        return count == sum(part.default is part.empty and part.kind < 2 for part in asked)

    def _judged(self, x, source):
        words = None
        for layer in self.model.layers:
            if isinstance(layer, self.keras.layers.Embedding) and layer.input is source:
                words = layer.name, layer.input_dim
        name = "x" if len(self.model.inputs) == 1 else f"x of {source.name!r}"
        x = given.sequence(x, source.shape[1:], source.dtype, words, name)
        return np.repeat(x, source.shape[0], axis=0) if len(x) == 1 and source.shape[0] else x

    def run(self, args, kwargs):
        """Run the model as it is, and return its outputs, flattened into a list."""
        with self._kept():
            return self.keras.tree.flatten(_arrays(self.keras, self._run(args, kwargs)))

    def _run(self, args, kwargs):
        if self._given_run is not None:
            return self._given_run()
        if "training" in inspect.signature(self.model.call).parameters:
            kwargs = {"training": False, **kwargs}
        return self.model(*args, **kwargs)

    def watch(self, args, kwargs, *, row=0, changes=None, stops=None):
        """Run the model once, and open every recurrent layer that it calls."""
        watch = _Recurrent(self, row, changes, stops)
        with self._kept(), _eagerly(self.keras), watch.wrapped():
            outputs = self.keras.tree.flatten(self._run(args, kwargs))
        kind, logits = watch.ending(outputs[0])
        loss = getattr(self.model, "loss", None)
        if kind is None and getattr(loss, "from_logits", False):
            kind = "sigmoid logits" if "Binary" in type(loss).__name__ else "logits"
        outputs, logits = _arrays(self.keras, (outputs, logits))
        head = watch.head(outputs[0].shape[-1:])
        return Seen(outputs, watch.calls, Ending(kind, logits, head))

    def gradient(self, args, kwargs, pick):
        """Differentiate a number by the first input, or by what the first Embedding made of it."""
        keras, flat = self.keras, self.keras.tree.flatten((args, kwargs))
        place = next((n for n, part in enumerate(flat) if isinstance(part, np.ndarray)), None)
        convert, embedded = keras.ops.convert_to_tensor, None

        def output(watch, tensor=None):
            given_ = [convert(part) if isinstance(part, np.ndarray) else part for part in flat]
            if tensor is not None and embedded is None:
                given_[place] = tensor
            with watch.wrapped():
                made = self._run(*keras.tree.pack_sequence_as((args, kwargs), given_))
            return keras.tree.flatten(made)[0]

        def value(tensor):
            watch = _Ends(keras, None if embedded is None else tensor)
            made = output(watch, tensor)
            _, logits = watch.ending(made)
            return (made if logits is None else logits)[pick]

        with self._kept(), _eagerly(keras):
            if place is None or flat[place].dtype.kind != "f":
                watch = _Ends(keras)
                output(watch)
                embedded = watch.embedded
            if place is None and embedded is None:
                raise ValueError("For the gradient by x give x, instead of run=.")
            start = flat[place].astype("float32") if embedded is None else _array(embedded)
            return _array(_derivative(value, convert(start), keras))

    @contextmanager
    def _kept(self):
        """Put back what a run changes: states, seeds of random numbers, moving averages."""
        tree, parts = self.keras.tree, _parts(self.model)
        kept = {id(variable): variable for variable in self.model.non_trainable_variables}
        for part in parts:
            if isinstance(part, self.keras.layers.Embedding):  # large, and no run changes it
                kept = {key: kept[key] for key in kept.keys() - {id(v) for v in part.weights}}
            kept |= {
                id(state): state for state in tree.flatten(getattr(part, "states", None) or [])
            }
        before = {key: np.array(_array(variable)) for key, variable in kept.items()}
        try:
            yield
        finally:
            for key, value in before.items():
                if not np.array_equal(_array(kept[key]), value):
                    kept[key].assign(value)


# --- around a run ------------------------------------------------------------------------------


def _array(value):
    """Make an array of a tensor of any backend; what is no tensor stays as it is."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    return np.asarray(value) if hasattr(value, "__array__") else value


def _arrays(keras, structure):
    return keras.tree.map_structure(_array, structure)


@contextmanager
def _eagerly(keras):
    """Let TensorFlow run what was compiled as plain Python, which can be watched."""
    if keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)


def _derivative(function, tensor, keras):
    """Differentiate a function of one tensor, by the backend that Keras runs on."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(tensor)
            result = function(tensor)
        zeros = tf.UnconnectedGradients.ZERO
        return tf.convert_to_tensor(tape.gradient(result, tensor, unconnected_gradients=zeros))
    if keras.backend.backend() == "jax":
        import jax

        with keras.StatelessScope():  # a stateful layer must not keep what jax traces
            return jax.grad(function)(tensor)
    import torch

    tensor = tensor.detach().clone().requires_grad_()
    with torch.enable_grad():
        result = function(tensor)
    return torch.autograd.grad(result, tensor, allow_unused=True, materialize_grads=True)[0]


class _Ends:
    """Watches how a model ends, and what its first Embedding made."""

    def __init__(self, keras, stand_in=None):
        self.keras, self.stand_in, self.embedded = keras, stand_in, None
        self.dense = []
        self.ends = []  # layer, its result, kind, what went into the softmax or sigmoid
        self.kinds = {keras.activations.softmax: "softmax", keras.activations.sigmoid: "sigmoid"}

    def wrappers(self):
        """Give by class what is to be called instead of its `call`."""
        layers = self.keras.layers
        return {
            layers.Dense: self._dense,
            layers.Activation: self._activation,
            layers.Softmax: self._softmax,
            layers.TimeDistributed: self._each_step,
            layers.Embedding: self._embedding,
        }

    @contextmanager
    def wrapped(self):
        """Wrap the classes: a wrapper is given what `call` makes, as a function, and its layer."""
        before = {kind: kind.call for kind in self.wrappers()}

        def around(call, wrapper):
            return wraps(call)(lambda layer, *args, **kwargs: wrapper(call, layer, *args, **kwargs))

        try:
            for kind, wrapper in self.wrappers().items():
                kind.call = around(before[kind], wrapper)
            yield
        finally:
            for kind, call in before.items():
                kind.call = call

    def ending(self, output):
        """Give kind and logits where a layer's result is the model's output itself."""
        return next((end[2:] for end in reversed(self.ends) if end[1] is output), (None, None))

    def head(self, shape):
        """Give kernel and bias of the last Dense that makes as many numbers, or None."""
        for layer in reversed(self.dense):
            if shape in ((layer.units,), ()):
                kernel = _array(layer.kernel)
                return kernel, np.zeros(layer.units) if layer.bias is None else _array(layer.bias)
        return None

    def _ended(self, layer, made, kind, logits):
        self.ends.append((layer, made, kind, logits))
        return made

    def _dense(self, call, layer, *args, **kwargs):
        activation = layer.activation
        self.dense.append(layer)
        if activation not in self.kinds:
            return call(layer, *args, **kwargs)
        layer.activation = None
        try:
            logits = call(layer, *args, **kwargs)
        finally:
            layer.activation = activation
        return self._ended(layer, activation(logits), self.kinds[activation], logits)

    def _activation(self, call, layer, inputs):
        made, kind = call(layer, inputs), self.kinds.get(layer.activation)
        return self._ended(layer, made, kind, inputs)

    def _softmax(self, call, layer, inputs, mask=None):
        made, plain = call(layer, inputs, mask=mask), layer.axis == -1 and mask is None
        return self._ended(layer, made, "softmax" if plain else None, inputs)

    def _each_step(self, call, layer, *args, **kwargs):
        start = len(self.ends)
        made = call(layer, *args, **kwargs)
        ends = [end for end in self.ends[start:] if end[0] is layer.layer]
        if len(ends) != made.shape[1]:
            return made
        logits = self.keras.ops.stack([end[3] for end in ends], axis=1)
        return self._ended(layer, made, ends[0][2], logits)

    def _embedding(self, call, layer, *args, **kwargs):
        made = call(layer, *args, **kwargs)
        if self.embedded is None:
            made = self.embedded = made if self.stand_in is None else self.stand_in
        return made


# --- recurrent layers --------------------------------------------------------------------------


class _ClosedError(Exception):
    """Says why a layer cannot be recomputed, and what can be done."""


class _Made(NamedTuple):
    """What was recomputed: what the layer hands on; of each cell its input, history, last state."""

    output: np.ndarray
    read: list
    histories: list
    ends: list


class _Recurrent(_Ends):
    """Watches recurrent layers and cells too, and recomputes what they gave."""

    def __init__(self, adapter, row, changes, stops):
        super().__init__(adapter.keras)
        self.row, self.changes, self.stops = row, changes, stops
        self.names = _names_in(adapter.model, adapter.keras)
        self.calls, self.opened, self.taken = [], {}, {}
        self.outer, self.inside = [], False  # Bidirectional layers, and whether one is at work
        self.known = iter([] if stops is None else [r for c in stops.known for r in c.records])
        self.cell_kinds = {getattr(self.keras.layers, name): CELLS[name] for name in CELLS}

    def wrappers(self):
        """Add the recurrent classes."""
        layers = self.keras.layers
        kinds = (layers.RNN, layers.LSTM, layers.GRU, layers.SimpleRNN, *self.cell_kinds)
        found = {**super().wrappers(), **dict.fromkeys(kinds, self._recurrent)}
        return {**found, layers.Bidirectional: self._both_ways}

    def _both_ways(self, call, layer, *args, **kwargs):
        """Make one call of the two, and keep Keras from cuDNN's own way past both of them."""
        ways, start = (layer.forward_layer, layer.backward_layer), len(self.calls)
        cudnn = [(way, way.use_cudnn) for way in ways if hasattr(way, "use_cudnn")]
        self.outer.append(layer)
        try:
            for way, _ in cudnn:
                way.use_cudnn = False
            return call(layer, *args, **kwargs)
        finally:
            self.outer.pop()
            for way, before in cudnn:
                way.use_cudnn = before
            one, *others = self.calls[start:] or [None]
            for other in others:
                one.records, one.first = one.records + other.records, one.first + other.first
                one.last, one.closed = one.last + other.last, one.closed or other.closed
                one.apart = max(one.apart, other.apart)
            del self.calls[start + 1 :]

    def _name(self, layer):
        """Give the layer a name that no other has; the ways of a Bidirectional one have its own."""
        if layer not in self.taken:
            name, number = self.names.get(id(layer), layer.name), 2
            unlike = name
            while unlike in self.taken.values():
                unlike, number = f"{name} ({number})", number + 1
            self.taken[layer] = unlike
        return self.taken[layer]

    def _recurrent(self, call, layer, *args, **kwargs):
        _, x, *_ = (
            asked := inspect.signature(call).bind(layer, *args, **kwargs).arguments
        ).values()
        if self.inside or isinstance(x, self.keras.KerasTensor):  # LSTM.call calls RNN.call
            return call(layer, *args, **kwargs)
        self.inside = True
        try:
            return self._watched(layer, x, asked, lambda: call(layer, *args, **kwargs))
        finally:
            self.inside = False

    def _watched(self, layer, x, asked, own_call):
        outer = self.outer[-1] if self.outer else None
        group = name = self._name(layer if outer is None else outer)
        if outer is not None:
            name += "/forward" if layer is outer.forward_layer else "/backward"
        self.calls.append(found := Call(group))
        try:
            cells = self._cells(layer, name, asked.get("training"))
            x, mask, states = self._read(layer, x, asked, cells)
        except _ClosedError as error:
            found.closed = str(error)
            return own_call()
        if self.stops is not None:
            if x.shape[:2] != (len(self.stops.steps), self.stops.steps.max()):
                return own_call()
            made = self._made(layer, cells, x, mask, states)
            return self._stand_in(layer, made)
        if self.changes is not None:
            made = self._made(layer, cells, x, mask, states)
            own = self._stand_in(layer, made)
        else:
            own = own_call()
            made, found.apart = self._compared(layer, own, cells, x, mask, states)
        back = getattr(layer, "go_backwards", False)
        found.records = [
            passes.record(cell, group, history, read, mask, back, self.row)
            for cell, history, read in zip(cells, made.histories, made.read, strict=True)
        ]
        found.single = x.shape[1] == 1
        found.first = tuple(part for history in made.histories for part in history.initial_state)
        found.last = tuple(part for end in made.ends for part in end)
        return own

    def _compared(self, layer, own, *reading):
        """Recompute; where that is not what the layer gave, let its own cells make the states."""
        own, found = self.keras.tree.flatten(_arrays(self.keras, own)), []
        for follow in (False, True):  # rounding may have grown from step to step
            made = self._made(layer, *reading, follow)
            ours = [made.output, *(part for end in made.ends for part in end)][: len(own)]
            found.append((made, passes.apart(ours, own)))
            if found[-1][1] <= passes.TOLERANCE:
                return found[-1]
        return found[0]

    def _made(self, layer, cells, x, mask, states, follow=False):
        """Recompute what a layer makes, as a batch."""
        back, made = getattr(layer, "go_backwards", False), _Made(None, [], [], [])
        for cell, first in zip(cells, states, strict=True):
            made.read.append(x)
            if self.stops is None:
                change = None if self.changes is None else self.changes(cell)
                own_step = cell.own_step if follow else None
                history = passes.run(cell, x, mask, first, back, change, own_step)
                made.histories.append(history)
                x, end = history.h, passes.ends(history, cell, back)
            else:
                stops, known = self.stops.steps, next(self.known, None)
                x, end = passes.run_stopped(cell, x, mask, first, back, stops, known)
            made.ends.append(end)
        order = slice(None, None, -1 if back else 1)  # as it was read
        if mask is not None:
            x = np.where(self._spoke(layer, mask, order)[..., np.newaxis], x, x.dtype.type(0))
        x = x[:, order]
        return made._replace(output=x if getattr(layer, "return_sequences", False) else x[:, -1])

    def _spoke(self, layer, mask, order):
        """Where a layer hands on a state: at a masked step what it gave before, 0 if nothing."""
        if self.stops is not None:
            steps = np.arange(mask.shape[1])
            mask = mask & (steps < self.stops.steps[:, np.newaxis])
        if not getattr(layer, "zero_output_for_mask", False):
            mask = np.logical_or.accumulate(mask[:, order], axis=1)[:, order]
        if self.stops is not None:
            held = np.minimum(steps, self.stops.steps[:, np.newaxis] - 1)
            mask = np.take_along_axis(mask, held, axis=1)
        return mask

    def _stand_in(self, layer, made):
        """Make the tensors that stand in for what a layer or cell gives itself."""
        tree, convert = self.keras.tree, self.keras.ops.convert_to_tensor
        output, ends = tree.map_structure(
            lambda part: convert(part, dtype=layer.compute_dtype), (made.output, made.ends)
        )
        if getattr(layer, "stateful", False) and self.stops is None:
            for state, end in zip(tree.flatten(layer.states), tree.flatten(ends), strict=True):
                state.assign(end)
        states = [list(end) for end in ends] if len(ends) > 1 else list(ends[0])
        if isinstance(layer, tuple(self.cell_kinds)):
            return output, states
        return (output, *states) if layer.return_state else output

    def _read(self, layer, x, asked, cells):
        """Give what a layer reads as arrays: x, mask or None, and the states of each cell."""
        states = asked.get("initial_state", asked.get("states"))
        stateful = states is None and getattr(layer, "stateful", False)
        states = [] if states is None else self.keras.tree.flatten(states)
        states = self.keras.tree.flatten(layer.states) if stateful else states
        try:
            x, mask, states = _arrays(self.keras, (x, asked.get("mask"), states))
        except Exception as error:  # each backend has its own where there are no numbers
            raise _ClosedError(
                "It is called within a function that the backend compiles, where no numbers can "
                "be seen: let it run as plain Python, with JAX within jax.disable_jit()."
            ) from error
        if isinstance(layer, tuple(self.cell_kinds)):
            x = x[:, np.newaxis]
        if stateful and self.stops is not None:
            states = [part[[self.row]] for part in states]
        states, first = iter(states), []
        for cell in cells:
            some = [part for part, _ in zip(states, range(cell.states), strict=False)]
            some = [np.broadcast_to(part, (len(x), part.shape[-1])) for part in some]
            first.append(tuple(some) or None)
        if mask is not None:
            mask = np.broadcast_to(mask.reshape(len(mask), -1).astype(bool), x.shape[:2])
        return x.astype(cells[0].weights.kernel.dtype, copy=False), mask, first

    def _cells(self, layer, name, training):
        """Open the cells of a layer, or one that is called by itself, once in a run."""
        if layer not in self.opened:
            parts = [getattr(layer, "cell", layer)]
            stack = type(parts[0]) is self.keras.layers.StackedRNNCells
            parts = list(parts[0].cells) if stack else parts
            self.opened[layer] = [
                self._cell(part, f"{name}/cell {number}" if stack else name, part is layer)
                for number, part in enumerate(parts, start=1)
            ]
            if training and any(part.dropout or part.recurrent_dropout for part in parts):
                raise _ClosedError(
                    "It is called with training=True, so its dropout draws lots: call it without."
                )
        return self.opened[layer]

    def _cell(self, cell, name, alone):
        kind = self.cell_kinds.get(type(cell))
        if alone:  # a class made from Keras's cell calls the cell's own `call` here
            kind = next(one for kinds, one in self.cell_kinds.items() if isinstance(cell, kinds))
        if kind is None:
            raise _ClosedError(
                f"Its cell is a {type(cell).__name__}, whose equations are not known; those of "
                f"{', '.join(CELLS)} and stacks of them are."
            )
        if cell.compute_dtype not in ("float32", "float64"):
            raise _ClosedError(
                f"It computes in {cell.compute_dtype}, in which sums of the same numbers differ by "
                "more than 1e-5: build the model with keras.config.set_dtype_policy("
                '"float32") and give it the weights, copy.set_weights(model.get_weights()).'
            )
        keras, dtype = self.keras, cell.compute_dtype
        kernel, recurrent = (
            _array(part).astype(dtype) for part in (cell.kernel, cell.recurrent_kernel)
        )
        bias = np.zeros((2, kernel.shape[1]) if kind == "gru" else kernel.shape[1], dtype)
        if cell.use_bias:
            bias[slice(0, 1 if kind == "gru" and not cell.reset_after else None)] = _array(
                cell.bias
            )

        def own_step(x, *states):
            x, *states = (keras.ops.convert_to_tensor(part, dtype=dtype) for part in (x, *states))
            _, made = cell(x, states)
            cell.reset_dropout_mask()  # SimpleRNNCell keeps one of this batch's size
            cell.reset_recurrent_dropout_mask()
            return keras.tree.flatten(_arrays(keras, made))

        return Cell(
            name=name,
            kind=kind,
            weights=Weights(kernel, recurrent, bias),
            activation=function_of(cell.activation, keras),
            recurrent_activation=function_of(
                getattr(cell, "recurrent_activation", keras.activations.sigmoid), keras
            ),
            reset_after=getattr(cell, "reset_after", True),
            own_step=own_step,
        )


def _names_in(model, keras, before=""):
    """Name layers by their ids, those of a model within a model as "encoder/lstm"."""
    names = {}
    for layer in getattr(model, "layers", ()):
        inner = layer.layer if isinstance(layer, keras.layers.TimeDistributed) else layer
        names.setdefault(id(inner), before + inner.name)
        if isinstance(inner, keras.Model):
            names |= _names_in(inner, keras, f"{before}{inner.name}/")
    return names
