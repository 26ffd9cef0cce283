"""Networks of PyTorch's weights: torch.nn.LSTM, GRU and RNN from a state_dict.

PyTorch itself is never imported: a state_dict is names and arrays.
"""

import re
import sys
from collections.abc import Mapping

import numpy as np

from helpers import judge
from helpers.network.arrays import of_arrays
from helpers.network.steps import SIGMOID, TANH, Cell, Direction, Function
from rnnscope import cells

RELU = Function("relu", lambda a: np.maximum(a, 0))
KINDS = {1: "rnn", 3: "gru", 4: "lstm"}
# Where PyTorch's blocks of rows stand among Keras's: its GRU has r, z, n for Keras's z, r, h.
ORDER = {"rnn": (0,), "gru": (1, 0, 2), "lstm": (0, 1, 2, 3)}
# weight_ih_l0, bias_hh_l1_reverse; weight_ih of a single LSTMCell.
ENTRY = re.compile(r"^(.*?)(weight|bias)_(ih|hh|hr)(?:_l(\d+))?(_reverse)?$")


def from_torch(state_dict, prefix=None, *, nonlinearity=None, head=None):
    """Make a network of the weights of torch.nn.LSTM, GRU or RNN, any layers and directions.

    ``trace`` opens it. Its gates come in Keras's order, PyTorch's two biases are put right, and
    everything is laid out for one sequence (time steps, features), whatever batch_first says.

    Parameters
    ----------
    state_dict : mapping of names to tensors or arrays, or a module
        ``model.state_dict()``, an npz of it (``np.savez("weights.npz", **{name: tensor.numpy()
        for name, tensor in model.state_dict().items()})``), or the module. A module torch.nn.LSTM,
        GRU or RNN itself is something to compare with: its traces are proved.
    prefix : str, optional
        What stands before ``weight_ih_l0`` in the names, such as ``"lstm."``; it must be given
        only where there are several.
    nonlinearity : {"tanh", "relu"}, optional
        Of torch.nn.RNN, whose weights do not say it.
    head : str, optional
        The name of a Linear layer in the state_dict, such as ``"fc"``, which is applied to the
        output at every step.

    Returns
    -------
    helpers.network.steps.Network

    Raises
    ------
    TypeError, ValueError
        Where it holds no such weights, or some that are not read (``proj_size``).

    Examples
    --------
    >>> trace(from_torch(model.state_dict(), head="fc"), x)  # doctest: +SKIP
    """
    module = state_dict if callable(getattr(state_dict, "state_dict", None)) else None
    if module is not None:
        state_dict = module.state_dict()
    if not isinstance(state_dict, Mapping):
        raise TypeError(
            f"state_dict is a {type(state_dict).__name__}: give model.state_dict(), the module, or "
            "what np.load gives of an npz of it."
        )
    prefix = _prefix(list(state_dict), prefix)
    found = {}  # (layer, "" or "_reverse") -> {"weight_ih": array, ...}
    for name in state_dict:
        parts = ENTRY.match(name)
        if parts and parts[1] == prefix:
            place = int(parts[4] or 0), parts[5] or ""
            found.setdefault(place, {})[f"{parts[2]}_{parts[3]}"] = _array(state_dict[name], name)
    base = prefix.rstrip(".")
    _check_whole(found, prefix)
    kind = _kind(found[0, ""]["weight_hh"])
    activation = _activation(kind, nonlinearity, module)
    return of_arrays(
        base or kind,
        _layers(found, base or kind, kind, activation),
        None if head is None else _head(state_dict, head),
        own=_own(module) if module is not None and head is None and not prefix else None,
    )


def _layers(found, base, kind, activation):
    """Give the fields of each recurrent layer: its one direction, or its two."""
    layers = []
    for number in range(1 + max(layer for layer, _ in found)):
        sides = [side for side in ("", "_reverse") if (number, side) in found]
        name = f"{base}/l{number}"
        directions = []
        for side in sides:
            way = {"": "/forward", "_reverse": "/backward"}[side] if len(sides) == 2 else ""
            weights = _weights(kind, found[number, side])
            cell = Cell(name + way, kind, weights, activation, SIGMOID)
            directions.append(Direction((cell,), backwards=side == "_reverse"))
        layers.append(
            {
                "name": name,
                "kind": kind.upper(),
                "directions": tuple(directions),
                "merge": "concat",
                "return_sequences": True,
            }
        )
    return layers


def _prefix(names, prefix):
    """Find what stands before the names of the recurrent weights."""
    known = list(dict.fromkeys(parts[1] for parts in map(ENTRY.match, names) if parts))
    if prefix is not None:
        for spelled in (prefix, f"{prefix}."):
            if spelled in known:
                return spelled
    if not known:
        raise ValueError(
            "state_dict holds no weights of torch.nn.LSTM, GRU or RNN (weight_ih_l0, …). Its names "
            f"are {', '.join(map(repr, names[:8]))}{' …' if len(names) > 8 else ''}."
        )
    if prefix is None and len(known) == 1:
        return known[0]
    choose = ", ".join(map(repr, known))
    if prefix is None:
        raise ValueError(f"state_dict holds several recurrent modules: give prefix, of {choose}.")
    raise ValueError(f"prefix is {prefix!r}, but the recurrent weights stand under {choose}.")


def _array(value, name):
    """Read a tensor or array as float32 or float64."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = value.numpy() if "float64" in str(value.dtype) else value.float().numpy()
    array = np.asarray(value)
    if array.dtype.kind != "f" or not np.isfinite(array).all():
        raise ValueError(f"{name} holds something else than finite numbers with a fraction.")
    return array if array.dtype == np.float64 else array.astype(np.float32)


def _check_whole(found, prefix):
    """Refuse weights of which a layer or an array is missing, and projected states."""
    for number in range(1 + max(layer for layer, _ in found)):
        for side in dict.fromkeys(["", *(side for _, side in found)]):
            arrays = found.get((number, side), {})
            if "weight_hr" in arrays:
                raise ValueError(
                    f"state_dict has {prefix}weight_hr_l{number}: an LSTM with proj_size, whose h "
                    "is narrower than its gates. That form is not read; train it with proj_size=0."
                )
            for part in ("weight_ih", "weight_hh"):
                if part not in arrays:
                    raise ValueError(f"state_dict lacks {prefix}{part}_l{number}{side}.")
                if arrays[part].ndim != 2:
                    raise ValueError(
                        f"{prefix}{part}_l{number}{side} has shape {arrays[part].shape}: the "
                        "weights of a layer have two axes."
                    )


def _kind(recurrent):
    """Tell RNN, GRU and LSTM apart by the shape of weight_hh."""
    blocks, left = divmod(*recurrent.shape)
    if left or blocks not in KINDS:
        raise ValueError(
            f"weight_hh_l0 has shape {recurrent.shape}: an RNN's is (units, units), a GRU's "
            "(3 * units, units), an LSTM's (4 * units, units)."
        )
    return KINDS[blocks]


def _activation(kind, nonlinearity, module):
    mode = str(getattr(module, "mode", ""))  # "RNN_TANH", "RNN_RELU", "LSTM", "GRU"
    nonlinearity = nonlinearity or ("relu" if mode == "RNN_RELU" else "tanh")
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"nonlinearity is {nonlinearity!r}: torch.nn.RNN has 'tanh' and 'relu'.")
    if nonlinearity == "relu" and kind != "rnn":
        raise ValueError(f"nonlinearity is 'relu', but these are weights of a {kind.upper()}.")
    return RELU if nonlinearity == "relu" else TANH


def _weights(kind, found):
    """Turn PyTorch's arrays into Keras's layout."""
    kernel, recurrent = (_in_order(kind, found[part]).T for part in ("weight_ih", "weight_hh"))
    zeros = np.zeros(len(found["weight_hh"]), kernel.dtype)
    input_bias, recurrent_bias = (
        _in_order(kind, found.get(part, zeros)) for part in ("bias_ih", "bias_hh")
    )
    # The GRU's second bias stands inside the reset gate's product; the others' just add up.
    both = [input_bias, recurrent_bias]
    bias = np.stack(both) if kind == "gru" else input_bias + recurrent_bias
    return judge.cell_weights(kind, cells.Weights(kernel, recurrent, bias))


def _in_order(kind, array):
    blocks = np.split(array, len(ORDER[kind]))
    return np.concatenate([blocks[number] for number in ORDER[kind]])


def _head(state_dict, head):
    head = head.rstrip(".")
    if f"{head}.weight" not in state_dict:
        names = [name[: -len(".weight")] for name in state_dict if name.endswith(".weight")]
        raise ValueError(
            f"head is {head!r}, but state_dict has no {head}.weight; it has the layers "
            f"{', '.join(map(repr, names)) or 'none'}."
        )
    weight = _array(state_dict[f"{head}.weight"], f"{head}.weight")
    if weight.ndim != 2:
        raise ValueError(f"{head}.weight has shape {weight.shape}: a Linear's is (outputs, units).")
    bias = state_dict.get(f"{head}.bias")
    bias = np.zeros(len(weight), weight.dtype) if bias is None else _array(bias, f"{head}.bias")
    return weight.T, bias


def _own(module):
    """Give what the module itself makes of one sequence, (1, time steps, …)."""
    torch = sys.modules["torch"]

    def own(x):
        training = module.training
        module.eval()
        try:
            with torch.no_grad():
                like = next(module.parameters())
                made, _ = module(torch.from_numpy(x).to(like))
        finally:
            module.train(training)
        return made.cpu().numpy()[np.newaxis]

    return own if hasattr(module, "num_layers") and hasattr(module, "batch_first") else None
