"""Keras's layers seen at work: how a model ends, and what its recurrent layers read and gave.

For the time of a run the `call` methods of Keras's own classes are wrapped, on the class, as
`TimeDistributed` goes past a layer's `__call__`; afterwards all is as it was, whatever happened.
"""

import inspect
import re
from contextlib import ExitStack, contextmanager
from functools import partial, wraps

import numpy as np

from rnnscope import passes
from rnnscope.activations import function_of
from rnnscope.cells import Weights
from rnnscope.passes import TOLERANCE, Call, Cell

CELLS = {"SimpleRNNCell": "rnn", "GRUCell": "gru", "LSTMCell": "lstm"}
"""Keras's cells, and their names in `rnnscope.cells`."""


def array(value):
    """Make an array of a tensor of any backend; what is no tensor stays as it is."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    return np.asarray(value) if hasattr(value, "__array__") else value


@contextmanager
def wrapped(wrappers):
    """Let a function be called in place of the `call` of a class, which it is given first."""

    def around(call, wrapper):
        return wraps(call)(lambda layer, *args, **kwargs: wrapper(call, layer, *args, **kwargs))

    with ExitStack() as stack:
        made = {kind: around(kind.call, wrapper) for kind, wrapper in wrappers.items()}
        for kind, call in made.items():
            stack.callback(setattr, kind, "call", kind.call)
            kind.call = call
        yield


class Ends:
    """Watches how a model ends, and what its first Embedding made, or stands in for that."""

    def __init__(self, keras, stand_in=None):
        self.keras, self.stand_in, self.embedded = keras, stand_in, None
        self.dense = []  # all Dense layers that were called
        self.ends = []  # layer, its result, kind, what went into the softmax or sigmoid
        self.kinds = {keras.activations.softmax: "softmax", keras.activations.sigmoid: "sigmoid"}

    def wrappers(self):
        """Give by class what is to be called in place of its `call`."""
        layers = self.keras.layers
        return {
            layers.Dense: self._dense,
            layers.Activation: self._activation,
            layers.Softmax: self._activation,
            layers.TimeDistributed: self._each_step,
            layers.Embedding: self._embedding,
        }

    def ending(self, output):
        """Give kind and logits where a layer's result is the model's output itself."""
        return next((end[2:] for end in reversed(self.ends) if end[1] is output), (None, None))

    def head(self, shape):
        """Give kernel and bias of the last Dense that makes as many numbers, or None."""
        for layer in reversed(self.dense):
            if shape in ((layer.units,), ()):
                kernel = array(layer.kernel)
                return kernel, np.zeros(layer.units) if layer.bias is None else array(layer.bias)
        return None

    def _ended(self, *end):
        self.ends.append(end)
        return end[1]

    def _dense(self, call, layer, *args, **kwargs):
        self.dense.append(layer)
        activation = layer.activation
        if activation not in self.kinds:
            return call(layer, *args, **kwargs)
        layer.activation = None
        try:
            logits = call(layer, *args, **kwargs)
        finally:
            layer.activation = activation
        return self._ended(layer, activation(logits), self.kinds[activation], logits)

    def _activation(self, call, layer, inputs, mask=None):
        """Do the same of a layer Activation or Softmax."""
        masked = {} if mask is None else {"mask": mask}
        made = call(layer, inputs, **masked)
        plain = not masked and getattr(layer, "axis", -1) == -1
        kind = self.kinds.get(getattr(layer, "activation", self.keras.activations.softmax))
        return self._ended(layer, made, kind, inputs) if plain and kind else made

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


class ClosedError(Exception):
    """Says why a layer cannot be recomputed, and what can be done."""


class Recurrent(Ends):
    """Watches recurrent layers and cells too, and recomputes what they gave.

    ``own`` runs a layer, given its `call`, and all that this is given; ``names`` are by layers'
    ids. ``row``, ``changes`` and ``stops`` are those of `rnnscope.adapters.Adapter.watch`.
    """

    def __init__(self, keras, own, names, row, changes, stops):
        super().__init__(keras)
        self.own, self.names, self.taken = own, names, {}
        self.row, self.changes, self.stops = row, changes, stops
        self.known = iter([] if stops is None else [r for c in stops.known for r in c.records])
        self.calls, self.opened = [], {}
        self.within, self.outer = False, None  # a recurrent layer, and of which Bidirectional one
        self.kind_of = {getattr(keras.layers, name): kind for name, kind in CELLS.items()}

    def wrappers(self):
        """Add the recurrent classes."""
        layers = self.keras.layers
        kinds = (layers.RNN, layers.LSTM, layers.GRU, layers.SimpleRNN, *self.kind_of)
        found = {**super().wrappers(), **dict.fromkeys(kinds, self._recurrent)}
        return {**found, layers.Bidirectional: self._both_ways}

    def _both_ways(self, call, layer, *args, **kwargs):
        """Make one call of the two; cuDNN's own way, past both of them, is not taken."""
        start, before, self.outer = len(self.calls), self.outer, layer
        with ExitStack() as stack:
            stack.callback(setattr, self, "outer", before)
            for way in (layer.forward_layer, layer.backward_layer):
                if hasattr(way, "use_cudnn"):
                    stack.callback(setattr, way, "use_cudnn", way.use_cudnn)
                    way.use_cudnn = False
            made = call(layer, *args, **kwargs)
        for other in self.calls[start + 1 :]:
            one = self.calls[start]
            one.records, one.first = one.records + other.records, one.first + other.first
            one.last, one.closed = one.last + other.last, one.closed or other.closed
            one.apart = float(np.fmax(one.apart, other.apart))
        del self.calls[start + 1 :]
        return made

    def _name_of(self, layer):
        """Give the layer a name that no other has."""
        if layer not in self.taken:
            name = self.names.get(id(layer), layer.name)
            same = [one for one in self.taken.values() if re.sub(r" \(\d+\)$", "", one) == name]
            self.taken[layer] = f"{name} ({len(same) + 1})" if same else name
        return self.taken[layer]

    def _recurrent(self, call, layer, *args, **kwargs):
        asked = inspect.signature(call).bind(layer, *args, **kwargs).arguments
        if self.within or isinstance(list(asked.values())[1], self.keras.KerasTensor):
            return call(layer, *args, **kwargs)  # LSTM.call calls RNN.call, and that the cell
        self.within = True
        try:
            return self._opened(layer, asked, partial(self.own, call, layer, *args, **kwargs))
        finally:
            self.within = False

    def _opened(self, layer, asked, own_call):
        """Let a layer run and recompute it, or give what stands in for its own."""
        name = group = self._name_of(self.outer or layer)
        if self.outer:
            name += "/forward" if layer is self.outer.forward_layer else "/backward"
        try:
            cells = self._cells(layer, name, asked.get("training"))
            read = self._read(layer, asked, cells)
        except ClosedError as error:
            self.calls.append(Call(group, closed=str(error)))
            return own_call()
        stops = None if self.stops is None else self.stops.steps
        if stops is not None and read[0].shape[:2] != (len(stops), stops.max()):
            stops = None  # steps of the model's own: a decoder's, or fewer after pooling
        changed = self.changes and any(self.changes(cell) for cell in cells)
        own = None if changed or stops is not None else own_call()
        output, call = self._recomputed(layer, group, cells, *read, stops)
        if own is not None and self.stops is None:
            theirs = [array(part) for part in self.keras.tree.flatten(own)]
            call.apart = passes.apart([output, *call.last][: len(theirs)], theirs)
            if call.apart > TOLERANCE:  # rounding may have grown: its own cells make the states
                output, again = self._recomputed(layer, group, cells, *read, follow=True)
                again.apart = passes.apart([output, *again.last][: len(theirs)], theirs)
                call = again if again.apart <= TOLERANCE else call
        self.calls.append(call)
        return self._stand_in(layer, cells, output, call.last) if own is None else own

    def _recomputed(self, layer, group, cells, x, mask, states, stops=None, follow=False):
        """Recompute what a layer makes of a batch; return its output, and the call."""
        back, call = getattr(layer, "go_backwards", False), Call(group, single=x.shape[1] == 1)
        for cell, first in zip(cells, states, strict=True):
            change = self.changes and self.changes(cell)
            if stops is not None:
                known = next(self.known, None)
                h, end = passes.run_stopped(cell, x, mask, first, back, stops, known, change)
            else:
                own_step = cell.own_step if follow else None
                history = passes.run(cell, x, mask, first, back, change, own_step)
                h, end = history.h, passes.ends(history, cell, back)
                call.records.append(passes.record(cell, group, history, x, mask, back, self.row))
                call.first += history.initial_state
            call.last += end
            x = h
        order = slice(None, None, -1 if back else 1)  # as it was read, and is handed on
        x = x[:, order]
        if mask is not None:  # at a masked step what it gave before, or 0
            spoke = mask[:, order]
            if not getattr(layer, "zero_output_for_mask", False):
                spoke = np.logical_or.accumulate(spoke, axis=1)
            x = np.where(spoke[..., np.newaxis], x, x.dtype.type(0))
        return x if getattr(layer, "return_sequences", False) else x[:, -1], call

    def _stand_in(self, layer, cells, output, ends):
        """Make the tensors that stand in for what a layer or cell gives itself."""
        output, *ends = (
            self.keras.ops.convert_to_tensor(part, dtype=layer.compute_dtype)
            for part in (output, *ends)
        )
        if isinstance(layer, tuple(self.kind_of)):
            return output, ends
        if len(cells) > 1:
            ends = [[ends.pop(0) for _ in range(cell.states)] for cell in cells]
        return (output, *ends) if layer.return_state else output

    def _read(self, layer, asked, cells):
        """Give what a layer reads as arrays: x, mask or None, and the states of each cell."""
        _, x, *_ = asked.values()
        states = asked.get("initial_state", asked.get("states"))
        if states is None and getattr(layer, "stateful", False):
            states = layer.states
        states = [] if states is None else self.keras.tree.flatten(states)
        try:
            x, mask, *states = (array(part) for part in (x, asked.get("mask"), *states))
        except Exception as error:  # each backend has its own where there are no numbers
            raise ClosedError(
                f"{layer.name!r} is called within a function that the backend compiles, where no "
                "numbers can be seen: run it as plain Python, with JAX in jax.disable_jit()."
            ) from error
        if isinstance(layer, tuple(self.kind_of)):
            x = x[:, np.newaxis]
        first = []
        for cell in cells:
            some = [states.pop(0) for _ in range(cell.states if states else 0)]
            some = [np.resize(part, (len(x), part.shape[-1])) for part in some]
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
            names = [f"{name}/cell {n}" for n in range(1, len(parts) + 1)] if stack else [name]
            for part in parts:
                self._check(layer, part, training)
            self.opened[layer] = [self._cell(*pair) for pair in zip(parts, names, strict=True)]
        return self.opened[layer]

    def _check(self, layer, cell, training):
        """Refuse a cell that does not do what the equations say."""
        known = type(cell) in self.kind_of
        if cell is layer:  # a class made from Keras's, which has called that one's own `call`
            known = isinstance(cell, tuple(self.kind_of))
        if not known:
            raise ClosedError(
                f"The cell of {layer.name!r} is a {type(cell).__name__}, whose equations are not "
                f"known: only those of {', '.join(CELLS)} and of stacks of them are."
            )
        if cell.compute_dtype not in ("float32", "float64"):
            raise ClosedError(
                f"{layer.name!r} computes in {cell.compute_dtype}, where sums of the same numbers "
                "differ by more than 1e-5: build the model with keras.config.set_dtype_policy("
                '"float32") and give it the weights, copy.set_weights(model.get_weights()).'
            )
        if training and (cell.dropout or cell.recurrent_dropout):
            raise ClosedError(f"{layer.name!r} is called with training=True, so it draws lots.")

    def _cell(self, cell, name):
        """Copy a cell's arrays and settings; a bias that is not there is one of zeros."""
        keras, dtype = self.keras, cell.compute_dtype
        kind = next(one for known, one in self.kind_of.items() if isinstance(cell, known))
        kernel, recurrent = (array(v).astype(dtype) for v in (cell.kernel, cell.recurrent_kernel))
        bias = np.zeros((2, kernel.shape[1]) if kind == "gru" else kernel.shape[1], dtype)
        reset_after = getattr(cell, "reset_after", True)
        if cell.use_bias:
            bias[slice(None) if reset_after else 0] = array(cell.bias)

        def own_step(x, *states):
            x, *states = (keras.ops.convert_to_tensor(part, dtype=dtype) for part in (x, *states))
            _, made = cell(x, states)
            cell.reset_dropout_mask()  # SimpleRNNCell keeps one of this batch's size
            cell.reset_recurrent_dropout_mask()
            return [array(state) for state in keras.tree.flatten(made)]

        gates = getattr(cell, "recurrent_activation", keras.activations.sigmoid)
        return Cell(
            name,
            kind,
            Weights(kernel, recurrent, bias),
            function_of(cell.activation, keras),
            function_of(gates, keras),
            reset_after=reset_after,
            own_step=own_step,
        )
