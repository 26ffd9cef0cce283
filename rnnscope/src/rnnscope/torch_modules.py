"""Watch a PyTorch module run: every call of nn.LSTM, GRU, RNN and their cells is opened.

PyTorch is never imported: whoever has a module has imported it. Tried on 2.4 and 2.15.
"""

import contextlib
import inspect
import random
import sys
import threading
from collections.abc import Mapping

import numpy as np

from rnnscope import passes, validation
from rnnscope.adapters import Ending, Seen, leaves, mapped
from rnnscope.passes import RELU, TANH, Call
from rnnscope.weights_alone import array_of, cell_of

LAYERS, CELLS = ("LSTM", "GRU", "RNN"), ("LSTMCell", "GRUCell", "RNNCell")
ENDS = {"Softmax": "softmax", "LogSoftmax": "softmax", "Sigmoid": "sigmoid"}


def is_torch(model):
    """Whether this is a torch.nn.Module, without importing PyTorch to ask."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(model, torch.nn.Module)


class TorchModule:
    """A module, ready to be watched; an `rnnscope.adapters.Adapter`.

    Parameters
    ----------
    model : torch.nn.Module
        It runs in evaluation mode; its modes, buffers and attributes are put back.
    run : function, optional
        What runs it, where calling it with arguments will not do.
    """

    caveat = ""

    def __init__(self, model, run=None):
        self.torch = torch = sys.modules["torch"]
        while hasattr(model, "_orig_mod") or isinstance(model, torch.nn.DataParallel):
            model = getattr(model, "_orig_mod", None) or model.module
        if isinstance(model, torch.jit.ScriptModule):
            raise ValueError(
                f"The model is TorchScript ({type(model).__name__}), which runs outside Python and "
                "cannot be watched: give the module that it was made from."
            )
        self.model, self.call, self.name = model, run or model, type(model).__name__
        if isinstance(model, tuple(getattr(torch.nn, kind) for kind in LAYERS + CELLS)):
            self.name = self.name.lower()

    # --- what it is given ------------------------------------------------------------------------

    def prepare(self, x, kwargs):
        """Return args and kwargs of the module's call, tensors as arrays."""
        args = x if type(x) is tuple else (x,)  # not a PackedSequence, nor a named tuple
        if x is None and kwargs:
            args = ()
        names = inspect.signature(self.model.forward).parameters
        if isinstance(x, Mapping) and set(x) <= set(names):
            args, kwargs = (), {**x, **kwargs}
        return mapped(self._as_array, (args, kwargs))

    def _as_array(self, value):
        if isinstance(value, self.torch.Tensor):
            value = value.detach().cpu()
            whole = value.is_floating_point() and value.element_size() == 2
            return (value.float() if whole else value).numpy()
        if isinstance(value, list) and value and not isinstance(value[0], self.torch.Tensor):
            value = validation.array(value, "x")
        if isinstance(value, np.ndarray) and value.dtype.kind not in "biuf":
            raise TypeError(f"x is of the type {value.dtype}: give numbers, such as a tokenizer's.")
        return value

    def _as_tensor(self, value):
        if not isinstance(value, np.ndarray):
            return value
        weights = next(self.model.parameters(), self.torch.zeros(1))
        made = self.torch.from_numpy(np.array(value))  # a copy: a module may write into its input
        if made.is_floating_point():
            return made.to(weights.device, weights.dtype)
        return made.to(weights.device, made.dtype if value.dtype == bool else self.torch.long)

    # --- how it runs -----------------------------------------------------------------------------

    def run(self, args, kwargs):
        """Run the module as it is."""
        with self._untouched(), self.torch.no_grad():
            try:
                made = self._made(args, kwargs)
            except Exception as error:
                shapes = [str(one.shape) for one in args if hasattr(one, "shape")]
                raise ValueError(
                    f"The model {self.name!r} itself cannot run input of shape "
                    f"{', '.join(shapes) or 'none'}: {' '.join(str(error).split())[:300]} Give x "
                    "as the module takes it, a batch axis included where it asks for one."
                ) from error
            return self._outputs(made)

    def _made(self, args, kwargs):
        args, kwargs = mapped(self._as_tensor, (args, kwargs))
        return self.call(*args, **kwargs)

    def _outputs(self, made):
        return [self._as_array(one) for one in self._tensors(made)]

    def _tensors(self, made):
        found = [one for one in leaves(made) if isinstance(one, self.torch.Tensor)]
        if not found:
            raise ValueError(
                f"The model {self.name!r} gives no tensor but {validation.what(made)}: say what to "
                "take of it, such as run=lambda: model(x).logits."
            )
        return found

    def watch(self, args, kwargs, *, row=0, changes=None, stops=None):
        """Run the module once, and open every recurrent layer that it calls."""
        watching = _Watching(self.torch, self.model, row, changes, stops)
        with self._untouched(), self.torch.no_grad(), watching.patched():
            made = self._made(args, kwargs)
        outputs, calls = self._outputs(made), passes.chained(watching.calls)
        return Seen(outputs, [*calls, *watching.past()], self._ending(watching, made))

    def _ending(self, watching, made):
        output = self._tensors(made)[0]
        for kind, given_to, gave in reversed(watching.ends):
            if gave is output:
                return Ending(kind, self._as_array(given_to), self._head(watching, given_to))
        return Ending(head=self._head(watching, output))

    def _head(self, watching, logits):
        """Give the last linear layer that makes as many numbers."""
        width = logits.shape[-1] if logits.dim() else 1
        for module in reversed(watching.linear):
            if module.out_features in (width, 1):
                kernel = array_of(module.weight, "weight").T
                none = np.zeros(kernel.shape[1], kernel.dtype)
                return kernel, none if module.bias is None else array_of(module.bias, "bias")
        return None

    def gradient(self, args, kwargs, pick):
        """Differentiate a number of the first output by the first floats that the module reads."""
        torch = self.torch
        args, kwargs = mapped(self._as_tensor, (args, kwargs))
        read, watching = [], _Watching(torch, self.model)

        def ask(tensor):
            if isinstance(tensor, torch.Tensor) and tensor.is_floating_point():
                read.append(tensor.requires_grad_())
            return tensor

        mapped(ask, (args, kwargs))
        looked_up = None if read else ask
        with self._untouched(), torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
            with watching.patched(looked_up):
                output = self._tensors(self.call(*args, **kwargs))[0]
            number = next((x for _, x, gave in watching.ends if gave is output), output)[pick]
            if not read or not number.requires_grad:
                raise ValueError(
                    f"The model {self.name!r} reads no numbers with a fraction and has no "
                    "Embedding: there is no gradient by what it reads."
                )
            # An Embedding that is called step by step gave a tensor each time.
            read = read[:1] if looked_up is None else [r for r in read if r.shape == read[0].shape]
            made = torch.autograd.grad(number, read, allow_unused=True, materialize_grads=True)
        made = [one.cpu().numpy() for one in made]
        return made[0] if len(made) == 1 else np.stack(made, axis=1)

    @contextlib.contextmanager
    def _untouched(self):
        """Run in evaluation mode, and put back whatever the run changes."""
        torch, modules = self.torch, list(self.model.modules())
        modes = [(module, module.training) for module in modules]
        kept = [(value, _copy(value)) for value in _held(torch, modules)]
        states = random.getstate(), np.random.get_state(), torch.get_rng_state()
        try:
            self._evaluating()
            with _precise(torch):
                yield
        finally:
            for value, copy in kept:
                _put_back(torch, value, copy)
            for module, mode in modes:
                if module.training != mode:  # a scripted part's is no attribute of Python's
                    module.training = mode
            random.setstate(states[0])
            np.random.set_state(states[1])
            torch.set_rng_state(states[2])

    def _evaluating(self):
        try:
            self.model.eval()
        except NotImplementedError as error:
            raise ValueError(
                f"{self.name!r} is torch.export's, which cannot be set to evaluation: give the "
                "module that it was made from."
            ) from error


@contextlib.contextmanager
def _precise(torch):
    """Let GPUs multiply float32 as such, not as TensorFloat-32, which is right to 1e-3 alone."""
    if not torch.cuda.is_available():
        yield
        return
    cudnn = torch.backends.cudnn
    kept = cudnn.allow_tf32, torch.get_float32_matmul_precision()
    cudnn.allow_tf32 = False
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        cudnn.allow_tf32 = kept[0]
        torch.set_float32_matmul_precision(kept[1])


def _held(torch, modules):
    """List what modules keep beside parameters: attributes, lists and dicts, tensors, lots."""
    found, rest = {}, [vars(module) for module in modules]
    while rest:
        value = rest.pop()
        if id(value) in found or isinstance(value, torch.nn.Parameter):
            continue
        if type(value) in (list, dict):
            rest += value.values() if type(value) is dict else value
        elif not isinstance(value, (torch.Tensor, torch.Generator)):
            continue
        found[id(value)] = value
    return list(found.values())


def _copy(value):
    if hasattr(value, "get_state"):
        return value.get_state()
    return value.copy() if isinstance(value, list | dict) else value.detach().clone()


def _put_back(torch, value, copy):
    if hasattr(value, "set_state"):
        value.set_state(copy)
    elif isinstance(value, dict):
        value.clear()
        value.update(copy)
    elif isinstance(value, list):
        value[:] = copy
    elif not torch.equal(value, copy):  # else autograd may still need it as it is
        with torch.no_grad():
            value.copy_(copy)


class _Watching:
    """What one watched run gathers: calls of recurrent layers, and of what may end the model."""

    def __init__(self, torch, model, row=0, changes=None, stops=None):
        self.torch, self.row, self.changes, self.stops = torch, row, changes, stops
        self.modules = list(model.modules())
        self.names = {id(module): name for name, module in model.named_modules()}
        self.calls, self.ends, self.linear, self.opened = [], [], [], {}

    @contextlib.contextmanager
    def patched(self, looked_up=None):
        """Patch the classes' ``forward``, and put it back.

        Hooks would miss a class made from nn.LSTM, which calls ``super().forward``, and a wrapper
        that calls ``self.module.forward``.
        """
        thread, within = threading.get_ident(), []
        put_back = []

        def patch(kind, see):
            own = kind.forward

            def forward(module, *args, **kwargs):
                if within or threading.get_ident() != thread:
                    return own(module, *args, **kwargs)
                within.append(module)
                try:
                    return see(own, module, *args, **kwargs)
                finally:
                    within.pop()

            put_back.append((kind, own))
            kind.forward = forward

        def ended(own, module, x):
            made = own(module, x)
            self.ends.append((ENDS[type(module).__name__], x, made))
            return made

        def weighed(own, module, x):
            self.linear.append(module)
            return own(module, x)

        nn, eager = self.torch.nn, None
        if "torch._dynamo" in sys.modules:  # some part may be compiled; importing it takes seconds
            eager = getattr(self.torch.compiler, "set_stance", None)
        try:
            for name in LAYERS + CELLS:
                patch(getattr(nn, name), self._see)
            for name in ENDS:
                patch(getattr(nn, name), ended)
            patch(nn.Linear, weighed)
            if looked_up is not None:
                patch(nn.Embedding, lambda own, *args: looked_up(own(*args).detach()))
            with eager("force_eager") if eager else contextlib.nullcontext():
                yield
        finally:
            for kind, own in put_back:
                kind.forward = own

    def _see(self, own, module, input, hx=None):
        """Let a layer run, recompute it, and give on what it gave or what it was made to give."""
        name = self.names.get(id(module)) or type(module).__name__.lower()
        try:
            read = _Read(self.torch, module, input, hx, name, self.opened)
        except ValueError as error:
            self.calls.append(Call(name, closed=str(error)))
            return own(module, input, hx)
        if self.stops is None and not self._changed(read):
            made = own(module, input, hx)
            outputs, own_states = read.arrays_of(made)
            _, states = self._recomputed(read, [*read.given_on(), outputs])
            call = self.calls[-1]
            call.apart = max(call.apart, passes.apart(states, own_states))
            return made
        return read.tensors_of(*self._recomputed(read))

    def past(self):
        """Name recurrent parts with a `forward` of their own, which did not run PyTorch's."""
        kinds = tuple(getattr(self.torch.nn, name) for name in LAYERS + CELLS)
        calls = []
        for module in self.modules:
            runs = next(kind for kind in type(module).__mro__ if "forward" in vars(kind))
            if isinstance(module, kinds) and runs not in kinds and id(module) not in self.opened:
                name = self.names[id(module)] or type(module).__name__.lower()
                why = f"{name!r} is a {type(module).__name__} whose forward is not PyTorch's."
                calls.append(Call(name, closed=why))
        return calls

    def _changed(self, read):
        return self.changes is not None and any(self.changes(cell) for cell, _, _ in read.cells)

    def _recomputed(self, read, gave=None):
        """Recompute all layers and directions of one call; return its output and its states.

        ``gave`` is what each layer gave, all directions side by side, where they ran as they are.
        """
        call = Call(read.name, single=read.x.shape[1] == 1, padded=read.packed)
        call.apart = np.nan if gave is None else 0.0
        known = self.stops and len(self.stops.known) > len(self.calls)
        known = self.stops.known[len(self.calls)].records if known else []
        self.calls.append(call)
        below, made, finals = read.x, [], []
        for number, (cell, backwards, first) in enumerate(read.cells):
            change = self.changes and self.changes(cell)
            if self.stops is not None:
                record = known[number] if number < len(known) else None
                stops = self.stops.steps
                h, last = passes.run_stopped(
                    cell, below, read.mask, first, backwards, stops, record, change
                )
            else:
                if gave is None:
                    history = passes.run(cell, below, read.mask, first, backwards, change)
                else:
                    layer, way = divmod(number, read.directions)
                    h = np.split(gave[layer], read.directions, axis=-1)[way]
                    read_so = below, h, read.mask, first, backwards
                    history, apart = passes.run_beside(cell, *read_so)
                    call.apart = max(call.apart, apart)
                h, last = history.h, passes.ends(history, cell, backwards)
                call.records.append(
                    passes.record(cell, read.name, history, below, read.mask, backwards, self.row)
                )
                call.first += history.initial_state
            call.last += last
            made.append(h)
            finals.append(last)
            if len(made) == read.directions:
                below, made = np.concatenate(made, axis=-1), []
                if read.mask is not None:  # packed: what comes back is padded with zeros
                    below = np.where(read.mask[..., np.newaxis], below, 0)
        return below, [np.stack(part) for part in zip(*finals, strict=True)]


class _Read:
    """What one call read, laid out as (batch, steps, features) arrays, and the way back."""

    def __init__(self, torch, module, input, hx, name, opened):
        self.torch, self.module, self.input, self.name = torch, module, input, name
        self.packed = isinstance(input, torch.nn.utils.rnn.PackedSequence)
        self.step = isinstance(module, torch.nn.RNNCellBase)
        self.directions = 2 if getattr(module, "bidirectional", False) else 1
        data = input.data if self.packed else input
        if module.training and getattr(module, "dropout", 0) and module.num_layers > 1:
            raise ValueError(f"{name!r} is called in training mode, so its dropout draws lots.")
        if data.numel() == 0:
            raise ValueError(f"{name!r} reads nothing, an array {tuple(data.shape)}.")
        if data.dtype not in (torch.float32, torch.float64):
            raise ValueError(
                f"{name!r} computes in {str(data.dtype).removeprefix('torch.')}, in which two ways "
                "to add up the same numbers differ by more than 1e-5: give a copy of the model in "
                "float32, copy.deepcopy(model).float()."
            )
        self.mask, self.lengths = None, None
        laid = self._laid(input)
        if self.packed:
            steps = np.arange(laid.shape[1])
            self.mask = steps < self.lengths.numpy()[:, np.newaxis]
        self.x = laid.detach().cpu().numpy()
        states = self._states(hx)
        if id(module) not in opened:  # a loop calls it many times
            places = np.ndindex(getattr(module, "num_layers", 1), self.directions)
            opened[id(module)] = [self._cell(*place) for place in places]
        self.cells = []
        for n, cell in enumerate(opened[id(module)]):
            first = None if states is None else tuple(state[n] for state in states)
            self.cells.append((cell, n % self.directions == 1, first))

    def given_on(self):
        """Give what each layer but the last hands on, which nobody sees: each runs by itself."""
        made, below, ways = [], self.x, self.directions
        for start in range(0, len(self.cells) - ways, ways):
            level = self.cells[start : start + ways]
            zeros = passes.first_state(level[0][0], len(below), below.dtype)
            first = [zeros if states is None else states for _, _, states in level]
            states = [self._tensor(np.stack(parts)) for parts in zip(*first, strict=True)]
            read, more = [self._tensor(below)], [True]  # the batch first
            if self.packed:
                packed = self._back(read[0])
                read, more = [packed.data, packed.batch_sizes], []
                states = [state[:, packed.sorted_indices] for state in states]
            weights = [array for way in self.module.all_weights[start:][:ways] for array in way]
            kind = level[0][0].kind
            run = getattr(self.torch, f"rnn_{self.module.nonlinearity}" if kind == "rnn" else kind)
            states = tuple(states) if kind == "lstm" else states[0]
            settings = self.module.bias, 1, 0.0, False, ways == 2  # one layer, no dropout
            below, *_ = run(*read, states, weights, *settings, *more)
            if self.packed:
                below = self._laid(packed._replace(data=below))
            made.append(below := below.detach().cpu().numpy())
        return made

    def _laid(self, tensor):
        """Lay a sequence out as (batch, steps, features)."""
        if self.packed:
            pad = self.torch.nn.utils.rnn.pad_packed_sequence
            padded, self.lengths = pad(tensor, batch_first=True)
            return padded
        if self.step:
            return tensor[:, None] if tensor.dim() == 2 else tensor[None, None]
        if tensor.dim() == 2:
            return tensor[None]
        return tensor if self.module.batch_first else tensor.transpose(0, 1)

    def _back(self, laid):
        """Lay it out as the module gives it."""
        if self.packed:
            return self.torch.nn.utils.rnn.pack_padded_sequence(
                laid, self.lengths, batch_first=True, enforce_sorted=False
            )
        if self.step:
            return laid[:, 0] if self.input.dim() == 2 else laid[0, 0]
        if self.input.dim() == 2:
            return laid[0]
        return laid if self.module.batch_first else laid.transpose(0, 1)

    def _states(self, hx):
        if hx is None:
            return None
        several = hx if isinstance(hx, tuple) else (hx,)
        arrays = [state.detach().cpu().numpy() for state in several]
        return [array.reshape(-1, len(self.x), array.shape[-1]) for array in arrays]

    def _cell(self, layer, way):
        """Read one cell's arrays, parametrized ones as they stand now."""
        module, end = self.module, "" if self.step else f"_l{layer}" + "_reverse" * way
        kind = type(module).__mro__
        kind = next(one.__name__ for one in kind if one.__name__ in LAYERS + CELLS)
        kind = kind.removesuffix("Cell").lower()
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
        found = {name: getattr(module, name + end, None) for name in names}
        found = {name: array_of(part, name) for name, part in found.items() if part is not None}
        mode = getattr(module, "mode", getattr(module, "nonlinearity", ""))
        place = self.name
        if getattr(module, "num_layers", 1) * self.directions > 1:
            place += f"/l{layer}" + ("/backward" if way else "/forward") * (self.directions == 2)
        return cell_of(place, kind, found, RELU if "relu" in mode.lower() else TANH)

    def arrays_of(self, made):
        """Return the output (batch, steps, width) and the states (cells, batch, width) it gave."""
        if self.step:
            states = made if isinstance(made, tuple) else (made,)
            return self._laid(states[0]).detach().cpu().numpy(), self._states(made)
        output, states = made
        return self._laid(output).detach().cpu().numpy(), self._states(states)

    def tensors_of(self, output, states):
        """Return arrays as the module would give them."""
        unbatched = not self.packed and self.input.dim() == (1 if self.step else 2)
        ends = [state[:, 0] if unbatched else state for state in states]
        ends = tuple(self._tensor(state[0] if self.step else state) for state in ends)
        if self.step:
            return ends if len(ends) > 1 else ends[0]
        return self._back(self._tensor(output)), ends if len(ends) > 1 else ends[0]

    def _tensor(self, array):
        like = self.input.data if self.packed else self.input
        return self.torch.from_numpy(np.ascontiguousarray(array)).to(like.device, like.dtype)
