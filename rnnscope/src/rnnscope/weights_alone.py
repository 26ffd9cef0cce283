"""Networks of arrays alone: PyTorch's state_dicts, Keras's weights, a reader's.

There is no model that runs, so nothing is proved: `ArrayNetwork.caveat` says that, and what of the
arrays was not used. PyTorch itself is never imported: a state_dict is names and arrays.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from rnnscope import cells, passes, validation
from rnnscope.adapters import Ending, Seen
from rnnscope.passes import RELU, SIGMOID, TANH, Call, Cell, Function
from rnnscope.validation import Weights

KINDS = {1: "rnn", 3: "gru", 4: "lstm"}
# Where PyTorch's blocks of rows stand among Keras's: its GRU has r, z, n for Keras's z, r, h.
ORDER = {"rnn": (0,), "gru": (1, 0, 2), "lstm": (0, 1, 2, 3)}
# weight_ih_l0, bias_hh_l1_reverse; weight_ih of a single LSTMCell.
ENTRY = re.compile(r"^(.*?)(weight|bias)_(ih|hh|hr)(?:_l(\d+))?(_reverse)?$")
WRAPPED = re.compile(
    r"^(.*?)(?:parametrizations\.)?((?:weight|bias)\w*?)(?:\.(original[01]?)|_(orig|mask|raw|[guv]))$"
)
CHECKPOINTS = ("model_state_dict", "state_dict", "model", "net", "module")
OLD_HARD_SIGMOID = Function("hard_sigmoid", lambda a: np.clip(0.2 * a + 0.5, 0, 1))
"""Keras 2's, which Keras 3 has changed."""


class ArrayNetwork:
    """Recurrent levels on top of each other, and perhaps a linear head, as an `Adapter`.

    ``levels`` has for each level its cells and whether they read backwards, as (Cell, bool); their
    states lie side by side. ``head`` is (kernel (width, outputs), bias), read at every step or at
    the last alone; without it there is no output. ``ending`` is the kind of `Ending`, ``judged``
    judges a sequence; else it is any array of floats of the right shape, or a batch of them.
    """

    def __init__(
        self, name, layer, levels, head=None, *,
        every_step=True, ending=None, caveat="", judged=None,
    ):  # fmt: skip
        self.name, self.layer, self.levels, self.head = name, layer, levels, head
        self.every_step, self.ending, self.caveat, self.judged = every_step, ending, caveat, judged
        width = sum(len(cell.weights.recurrent_kernel) for cell, _ in levels[-1])
        if head is not None and len(head[0]) != width:
            raise ValueError(f"The head reads {len(head[0])} numbers, but {layer} gives {width}.")

    def prepare(self, x, kwargs):
        """Judge one sequence, or a batch of them."""
        if kwargs:
            raise TypeError(f"{self.name} is made of arrays and takes no {', '.join(kwargs)}.")
        if self.judged is not None:
            return (self.judged(x)[np.newaxis],), {}
        weights = self.levels[0][0][0].weights
        x, features = validation.floats(x, "x", weights.kernel.dtype), len(weights.kernel)
        if x.ndim not in (2, 3) or x.shape[-1] != features or 0 in x.shape:
            swapped = x.ndim == 2 and len(x) == features
            raise ValueError(
                f"x has shape {x.shape}, but the network takes one array of shape "
                f"(time steps, {features})." + " Its axes look swapped: give x.T." * swapped
            )
        return ((x if x.ndim == 3 else x[np.newaxis]).astype(weights.kernel.dtype),), {}

    def run(self, args, kwargs):
        """Compute the outputs: one where there is a head, else none."""
        return self.watch(args, kwargs).outputs

    def watch(self, args, kwargs, *, row=0, changes=None, stops=None):
        """Compute everything; nothing can be compared."""
        (x,) = args
        call, known = Call(self.layer), iter(stops.known[0].records if stops else ())
        for level in self.levels:
            given_on = []
            for cell, backwards in level:
                change = changes and changes(cell)
                if stops is not None:
                    h, _ = passes.run_stopped(
                        cell, x, None, None, backwards, stops.steps, next(known), change
                    )
                    given_on.append(h)
                    continue
                made = passes.run(cell, x, backwards=backwards, change=change)
                given_on.append(made.h)
                record = passes.record(cell, self.layer, made, x, None, backwards, row)
                call.records.append(record)
                call.first += made.initial_state
                call.last += passes.ends(made, cell, backwards)
            x = np.concatenate(given_on, axis=-1)
        outputs = []
        if self.head is not None:
            kernel, bias = self.head
            outputs = [(x if self.every_step else x[:, -1]) @ kernel + bias]
        return Seen(outputs, [call], Ending(self.ending, head=self.head))

    def gradient(self, args, kwargs, pick):
        """Differentiate one output by the sequence, (batch, steps, features)."""
        with passes.one_thread():
            return self._gradient(args, pick)

    def _gradient(self, args, pick):
        kernel, _ = self.head
        below, read = args[0], []
        for level in self.levels:
            made = [_unrolled(cell, below[:, _order(back)]) for cell, back in level]
            read.append((level, below, made))
            sides = [one.h[:, _order(back)] for one, (_, back) in zip(made, level, strict=True)]
            below = np.concatenate(sides, axis=-1)
        d, steps = np.zeros_like(below), slice(None) if self.every_step else -1
        d_output = np.zeros_like(below[:, steps] @ kernel)
        d_output[pick] = 1
        d[:, steps] = d_output @ kernel.T
        for level, below, made in reversed(read):
            d_below, start = 0, 0
            for (cell, back), history in zip(level, made, strict=True):
                d_h = d[:, _order(back), start : start + cell.units]
                start += cell.units
                x = below[:, _order(back)]
                found = cells.backward(cell.kind, x, cell.weights, history, d_h)
                d_below = d_below + found.x[:, _order(back)]
            d = d_below
        return d


def _order(backwards):
    return slice(None, None, -1 if backwards else 1)


def _unrolled(cell, x):
    """Run a cell of which `cells.backward` is, in the order of reading."""
    plain = cell.activation is TANH and cell.recurrent_activation is SIGMOID and cell.reset_after
    if not plain or cell.projection is not None:
        raise ValueError(
            f"The gradient of {cell.name!r} is not made: of networks made of arrays only that of "
            "tanh and sigmoid cells without projection is. Give the model itself."
        )
    return cells.unroll(cell.kind, x, cell.weights)


# --- PyTorch ------------------------------------------------------------------------------------


def from_torch(state_dict, prefix=None, *, nonlinearity=None, head=None):
    """Make a network of the weights of torch.nn.LSTM, GRU or RNN, any layers and directions.

    Its gates come in Keras's order, PyTorch's two biases are put right, and it takes one sequence
    (steps, features), whatever batch_first says. Nothing is proved: give the module where it is.

    Parameters
    ----------
    state_dict : mapping of names to tensors or arrays
        ``model.state_dict()``, a checkpoint that holds one, or an npz of it. A module comes back
        as it is: ``trace`` watches it.
    prefix : str, optional
        The recurrent module's name, such as ``"lstm"``, where there are several.
    nonlinearity : {"tanh", "relu"}, optional
        Of torch.nn.RNN, whose weights do not say it.
    head : str, optional
        The name of a Linear layer in the state_dict, such as ``"fc"``, which is applied to the
        output at every step.

    Returns
    -------
    ArrayNetwork

    Raises
    ------
    TypeError, ValueError
        Where it holds no such weights, or some that are not read.
    """
    if callable(getattr(state_dict, "state_dict", None)):
        return state_dict
    if not isinstance(state_dict, Mapping):
        kind = type(state_dict).__name__
        raise TypeError(f"state_dict is a {kind}: give model.state_dict(), or the module.")
    return _network(_plain(_state_dict_in(state_dict)), prefix, head, nonlinearity)


def _network(entries, prefix, head, nonlinearity=None, assumed=()):
    """Make a network of PyTorch's names and arrays."""
    prefix = _prefix(list(entries), prefix)
    found, used = {}, set()  # (layer, "" or "_reverse") -> {"weight_ih": array, ...}
    for name in entries:
        parts = ENTRY.match(name)
        if parts and parts[1] == prefix:
            place = int(parts[4] or 0), parts[5] or ""
            found.setdefault(place, {})[f"{parts[2]}_{parts[3]}"] = array_of(entries[name], name)
            used.add(name)
    _check_whole(found, prefix)
    kind = _kind(found[0, ""])
    if nonlinearity not in (None, "tanh", "relu") or (nonlinearity == "relu" and kind != "rnn"):
        raise ValueError(
            f"nonlinearity is {nonlinearity!r}, and these are weights of a {kind.upper()}: it is "
            "'tanh' or 'relu', of torch.nn.RNN alone."
        )
    base = _spoken(prefix) or kind
    levels = _levels(found, base, kind, RELU if nonlinearity == "relu" else TANH)
    linear = None if head is None else _head(entries, head, used)
    network = ArrayNetwork(base, base, levels, linear)
    if not assumed and kind == "rnn" and nonlinearity is None:
        assumed = ["tanh"]
    left = [name for name in entries if name not in used]
    network.caveat = _caveat(network, head, left, assumed)
    return network


def _caveat(network, head, left, assumed):
    """Say that nothing is proved, what was assumed, and which arrays were not used."""
    text = f"Not proved: {network.name} is computed from its weights alone, beginning at zero."
    if head is not None:
        both = " of both directions side by side" * (len(network.levels[-1]) > 1)
        assumed = [*assumed, f"that {head} reads its output{both} at every step"]
    if assumed:
        text += f" Assumed, as weights do not say it: {', and '.join(assumed)}."
    layers = list(dict.fromkeys(_spoken(name).rpartition(".")[0] or name for name in left))
    if layers:
        more = f" and {len(layers) - 8} more" * (len(layers) > 8)
        text += f" Not used of what else is there: {', '.join(layers[:8])}{more}."
    return text


def _spoken(name):
    return re.sub(r"^(?:(?:module|model)\.)+", "", name).rstrip(".")


def _state_dict_in(given):
    """Find the mapping that holds recurrent weights: this one, or one within a checkpoint."""
    if any("weight_hh" in str(name) for name in given):
        return given
    within = {k: _state_dict_in(v) for k, v in given.items() if isinstance(v, Mapping)}
    found = [k for k, inner in within.items() if any("weight_hh" in str(name) for name in inner)]
    known = [k for k in CHECKPOINTS if k in found][:1] or found
    if len(known) > 1:
        several = ", ".join(f"checkpoint[{name!r}]" for name in known)
        raise ValueError(f"state_dict holds several of them: give one of {several}.")
    return within[known[0]] if known else given


def _plain(entries):
    """Undo what training wraps weights in: torch.compile, weight norm, pruning, WeightDrop."""
    entries = {str(name).replace("_orig_mod.", ""): value for name, value in entries.items()}
    wrapped = {}
    for name in entries:
        if parts := WRAPPED.match(name):
            wrapped.setdefault((parts[1], parts[2]), {})[parts[3] or parts[4]] = name
    for (module, entry), names in wrapped.items():
        kinds = tuple(sorted(names))
        if kinds in MADE_OF:
            arrays = [array_of(entries.pop(names[kind]), names[kind]) for kind in kinds]
            within = f"{module}module."  # a WeightDrop around the module
            owner = within if any(name.startswith(within) for name in entries) else module
            entries[owner + entry] = MADE_OF[kinds](*arrays)
        elif ENTRY.match(entry):
            raise ValueError(
                f"{module}{entry} is made of {', '.join(names.values())} in a way that is not "
                "known here. Give the model itself, or take that out before saving: "
                f"torch.nn.utils.parametrize.remove_parametrizations(module, {entry!r}), "
                "remove_weight_norm, remove_spectral_norm or prune.remove."
            )
    return entries


def _weight_norm(size, direction):
    """Make a weight of its lengths, (n, 1) or one number, and its directions."""
    axes = tuple(n for n, length in enumerate(size.shape) if length == 1) or None
    return direction * (size / np.sqrt((direction**2).sum(axis=axes, keepdims=True)))


MADE_OF = {
    ("g", "v"): _weight_norm,
    ("original0", "original1"): _weight_norm,
    ("mask", "orig"): np.multiply,
    ("raw",): np.asarray,  # dropped only in training
}


def _levels(found, base, kind, activation):
    """Make the cells of each layer: its one direction, or its two."""
    levels, ways = [], {"": "/forward", "_reverse": "/backward"}
    for number in range(1 + max(layer for layer, _ in found)):
        level = f"{base}/l{number}" if len(found) > 1 else base
        levels.append([])
        for side, way in ways.items():
            if (number, side) in found:
                name = level + way * ((number, "_reverse") in found)
                cell = cell_of(name, kind, found[number, side], activation)
                levels[-1].append((cell, bool(side)))
                wide = sum(len(c.weights.recurrent_kernel) for c, _ in levels[number - 1])
                if number and len(cell.weights.kernel) != wide:
                    read = len(cell.weights.kernel)
                    raise ValueError(f"{name} reads {read} numbers; the layer below gives {wide}.")
    return levels


def cell_of(name, kind, found, activation):
    """Make a cell of PyTorch's arrays, weight_ih and the others by name, in Keras's layout."""
    kernel, recurrent = (_in_order(kind, found[part]).T for part in ("weight_ih", "weight_hh"))
    zeros = np.zeros(len(found["weight_hh"]), kernel.dtype)
    input_bias, recurrent_bias = (
        _in_order(kind, found.get(part, zeros)) for part in ("bias_ih", "bias_hh")
    )
    # The GRU's second bias stands inside the reset gate's product; the others' just add up.
    both = [input_bias, recurrent_bias]
    bias = np.stack(both) if kind == "gru" else input_bias + recurrent_bias
    weights = Weights(kernel, recurrent, bias)
    if "weight_hr" in found:
        return Cell(name, kind, weights, activation, projection=found["weight_hr"].T)
    return Cell(name, kind, validation.cell_weights(kind, weights), activation)


def _in_order(kind, array):
    blocks = np.split(array, len(ORDER[kind]))
    return np.concatenate([blocks[number] for number in ORDER[kind]])


def _chosen(wanted, known):
    """Find the one name that is wanted, or ends in it."""
    wanted = wanted.rstrip(".")
    exact = [name for name in known if name.rstrip(".") == wanted]
    found = exact or [name for name in known if name.rstrip(".").endswith("." + wanted)]
    return found[0] if len(found) == 1 else None


def _prefix(names, prefix):
    """Find what stands before the names of the recurrent weights."""
    known = list(dict.fromkeys(parts[1] for parts in map(ENTRY.match, names) if parts))
    if not known:
        raise ValueError(
            "state_dict holds no weights of torch.nn.LSTM, GRU or RNN (weight_ih_l0, …). Its names "
            f"are {', '.join(map(repr, names[:8])) or 'none'}{' …' if len(names) > 8 else ''}."
        )
    if prefix is None and len(known) == 1:
        return known[0]
    choose = ", ".join(repr(name.rstrip(".")) for name in known)
    if prefix is None:
        raise ValueError(f"There are several recurrent layers: give prefix, of {choose}.")
    if (found := _chosen(prefix, known)) is None:
        raise ValueError(f"prefix is {prefix!r}, but the recurrent weights stand under {choose}.")
    return found


def array_of(value, name):
    """Read a tensor or array as float32 or float64."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = value.numpy() if "float64" in str(value.dtype) else value.float().numpy()
    array = np.asarray(value)
    if array.dtype.kind != "f" or not np.isfinite(array).all():
        raise ValueError(f"{name} holds something else than finite numbers with a fraction.")
    return array if array.dtype == np.float64 else array.astype(np.float32)


def _check_whole(found, prefix):
    """Refuse weights of which a layer or an array is missing."""
    for number in range(1 + max(layer for layer, _ in found)):
        for side in dict.fromkeys(["", *(side for _, side in found)]):
            for part in ("weight_ih", "weight_hh"):
                if part not in found.get((number, side), {}):
                    raise ValueError(f"state_dict lacks {prefix}{part}_l{number}{side}.")


def _kind(arrays):
    """Tell RNN, GRU and LSTM apart by the shape of weight_hh; only an LSTM has a projection."""
    if "weight_hr" in arrays:
        return "lstm"
    shape = arrays["weight_hh"].shape
    blocks, left = divmod(*shape) if len(shape) == 2 else (0, 0)
    if left or blocks not in KINDS:
        raise ValueError(
            f"weight_hh_l0 has shape {shape}: an RNN's is (units, units), a GRU's (3 * units, "
            "units), an LSTM's (4 * units, units)."
        )
    return KINDS[blocks]


def _head(entries, head, used):
    layers = [name.removesuffix(".weight") for name in entries if name.endswith(".weight")]
    found = _chosen(head, layers)
    weight = array_of(entries[f"{found}.weight"], head) if found else np.zeros(())
    if weight.ndim != 2:
        raise ValueError(
            f"head is {head!r}, but of the layers here, {', '.join(map(repr, layers)) or 'none'}, "
            "none is a Linear (outputs, units) of this name."
        )
    bias = entries.get(f"{found}.bias", np.zeros(len(weight), weight.dtype))
    used |= {f"{found}.weight", f"{found}.bias"}
    return weight.T, array_of(bias, f"{head}.bias")


# --- Keras, and readers -------------------------------------------------------------------------


CELL = re.compile(
    r"(?:^|(?<!cells)/)(?:\w+_)?cell(?:_\d+)?$"
)  # of a stack each cell keeps its name
CONTAINERS = ("", "layers", "_layer_checkpoint_dependencies")


def from_keras(arrays, prefix=None, *, head=None, old=False):
    """Make a network of arrays by their paths, as ``.weights.h5`` and ``weight.path`` have them.

    ``old`` are those of Keras before 2.3, whose gates were hard sigmoids unless told.
    """
    groups = {}
    for path, array in arrays.items():
        place, _, part = path.removesuffix(":0").rpartition("/")
        place = place.removesuffix("/vars")
        if part.isdigit():  # .weights.h5 counts them
            counted = ("kernel", "recurrent_kernel", "bias")[
                :: 1 if re.search(r"cell(_\d+)?$", place) else 2
            ]
            part = dict(enumerate(counted)).get(int(part), part)
        names = [n for n in CELL.sub("", place).split("/") if n not in CONTAINERS]
        groups.setdefault(".".join(dict.fromkeys(names)), {})[part] = array
    entries, one_bias = {}, set()
    for place, group in groups.items():
        recurrent = np.asarray(group.get("recurrent_kernel", 0))
        kind = recurrent.ndim == 2 and KINDS.get(recurrent.shape[1] / len(recurrent))
        if not kind:
            kernel, bias = group.pop("kernel", np.zeros(())), group.pop("bias", None)
            entries |= {f"{place}.weight": np.transpose(kernel), f"{place}.bias": bias}
            entries |= {f"{place}.{part}": array for part, array in group.items()}
            continue
        base, side, _ = re.split(r"\.?((?:forward|backward)_|$)", place, maxsplit=1)
        end = "_l0" + "_reverse" * side.startswith("backward")
        bias = group.get("bias", np.zeros(recurrent.shape[1], np.float32))
        if kind == "gru" and bias.ndim == 1:
            one_bias.add(base)
        turned = {"weight_ih": group["kernel"].T, "weight_hh": recurrent.T}
        turned |= dict(zip(("bias_ih", "bias_hh"), np.atleast_2d(bias), strict=False))
        for part, array in turned.items():
            entries[f"{base}.{part}{end}"] = _in_order(kind, array)
    gates = OLD_HARD_SIGMOID if old else SIGMOID
    network = _network(entries, prefix, head, assumed=[f"tanh and {gates.name}"])
    network.levels = [
        [(replace(c, recurrent_activation=gates, reset_after=network.layer not in one_bias), back)
         for c, back in level] for level in network.levels
    ]  # fmt: skip
    return network


def from_reader(kind, weights, head, *, caveat="", judged=None):
    """Make a network of one cell that answers with logits after the last step."""
    return ArrayNetwork(
        f"{kind}_reader", "reader", [[(Cell("reader", kind, weights), False)]], head,
        every_step=False, ending="logits", caveat=caveat, judged=judged,
    )  # fmt: skip
