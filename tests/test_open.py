"""Networks out of files and arrays: what is read, what is told of the rest, what never runs."""

import numpy as np
import pytest

from rnnscope import from_torch, gradient, trace
from tests.notebook_tools import ROOT

DATA = ROOT / "tests" / "data"
TORCH = np.load(DATA / "torch_recurrent.npz")
TORCH_NAMES = sorted({name.split("|")[0] for name in TORCH.files} - {"tagger"})


def arrays(seed=0):
    """What makes random float32 arrays of a shape."""
    rng = np.random.default_rng(seed)
    return lambda *shape: rng.normal(size=shape).astype("float32")


def sequence(steps=6, features=3, seed=1):
    return arrays(seed)(steps, features)


def lstm(name="lstm.", features=3, units=4, ways=("",), seed=0):
    make = arrays(seed)
    shapes = {"weight_ih": (features,), "weight_hh": (units,), "bias_ih": (), "bias_hh": ()}
    return {f"{name}{part}_l0{way}": make(4 * units, *more)
            for way in ways for part, more in shapes.items()}  # fmt: skip


def stored(name):
    entry = f"{name}|weights|"
    weights = {key[len(entry) :]: TORCH[key] for key in TORCH.files if key.startswith(entry)}
    return weights, TORCH[f"{name}|x"], TORCH[f"{name}|output"]


def top(seen):
    """What the last layer gives at every step: its directions side by side."""
    level = seen.layer(seen.layers[-1].name).name.rpartition("/")[0]
    sides = [one for one in seen.layers if one.name.rpartition("/")[0] == level]
    return np.concatenate([one.h for one in (sides if "/l" in level else sides[-1:])], axis=1)


# --- PyTorch's arrays --------------------------------------------------------------------------


@pytest.mark.parametrize("name", TORCH_NAMES)
def test_pytorchs_weights_give_pytorchs_numbers(name):
    weights, x, output = stored(name)
    relu = {"nonlinearity": "relu"} if "relu" in name else {}
    seen = trace(from_torch(weights, **relu), x)
    np.testing.assert_allclose(top(seen), output, atol=1e-5)
    assert seen.output is None
    assert not seen.proved


def test_a_head_is_applied_where_it_is_named_and_the_rest_is_told():
    both, make = ("", "_reverse"), arrays(5)
    weights = {**lstm(ways=both), "inp.weight": make(3, 3), "fc1.weight": make(4, 8), "h0": make(4),
               "fc2.weight": make(2, 8), "fc2.bias": make(2)}  # fmt: skip
    seen = trace(from_torch(weights, head="fc2"), sequence())
    forward, backward = seen.layer("lstm/l0/forward").h, seen.layer("lstm/l0/backward").h
    said = np.concatenate([forward, backward], 1) @ weights["fc2.weight"].T + weights["fc2.bias"]
    np.testing.assert_allclose(seen.output, said, atol=1e-6)
    for words in ("Not proved", "fc2 reads its output of both directions side by side",
                  "Not used of what else is there: inp, fc1, h0."):  # fmt: skip
        assert words in seen.caveat


WRAPPED = {
    "DataParallel": lambda w: {f"module.{name}": array for name, array in w.items()},
    "compiled": lambda w: {f"_orig_mod.model.{name}": array for name, array in w.items()},
    "checkpoint": lambda w: {"epoch": 3, "model_state_dict": w, "ema": dict(w)},
    "Lightning": lambda w: {"hyper_parameters": {}, "state_dict": {f"model.{n}": w[n] for n in w}},
    "dropped": lambda w: _instead(w, {"_raw": w[HH]}),
    "pruned": lambda w: _instead(w, {"_orig": w[HH] * 2, "_mask": np.full((16, 4), 0.5)}),
    "weight norm": lambda w: _instead(w, {"_g": _length(w[HH]), "_v": w[HH] * 3}),
    "parametrized": lambda w: _instead(
        w, {".original0": _length(w[HH]), ".original1": w[HH] * 3}, "lstm.parametrizations."
    ),
}
HH = "lstm.weight_hh_l0"


def _length(weight):
    return np.sqrt((weight**2).sum(1, keepdims=True))


def _instead(weights, parts, before="lstm."):
    others = {name: array for name, array in weights.items() if name != HH}
    return others | {f"{before}weight_hh_l0{end}": array for end, array in parts.items()}


@pytest.mark.parametrize("wrapped", WRAPPED.values(), ids=WRAPPED)
def test_what_training_wraps_around_weights_is_undone(wrapped):
    plain = trace(from_torch(lstm()), sequence()).layer("lstm")
    seen = trace(from_torch(wrapped(lstm())), sequence()).layer("lstm")
    np.testing.assert_allclose(seen.h, plain.h, atol=1e-6)


@pytest.mark.parametrize(("weights", "options", "words"), [
    ({}, {}, "holds no weights"), ([1, 2], {}, "state_dict is a list"),
    ({"fc.weight": np.ones((2, 3))}, {}, "'fc.weight'"),
    (lstm("a.") | lstm("b."), {}, "give prefix, of 'a', 'b'"),
    (lstm(), {"prefix": "gru"}, "stand under 'lstm'"),
    (lstm(), {"head": "fc"}, "head is 'fc'"),
    (lstm() | {"fc.weight": np.ones((2, 5))}, {"head": "fc"}, "head reads 5 numbers"),
    (lstm(), {"nonlinearity": "relu"}, "torch.nn.RNN alone"),
    ({"a": {"weight_hh_l0": 1}, "b": {"weight_hh_l0": 1}}, {}, r"checkpoint\['a'\]"),
    ({"weight_hh_l0": np.ones((5, 2)), "weight_ih_l0": np.ones((5, 2))}, {}, "weight_hh_l0 has"),
    ({"weight_hh_l0": np.ones((2, 2))}, {}, "lacks weight_ih"),
    ({"weight_hh_l1": np.ones((2, 2)), "weight_ih_l1": np.ones((2, 2))}, {}, "lacks weight_ih_l0"),
    ({"weight_hh_l0": np.full((2, 2), np.nan), "weight_ih_l0": np.ones((2, 2))}, {}, "finite"),
    (_instead(lstm(), {"_orig": np.ones((16, 4)), "_u": np.ones(16)}), {}, "remove_spectral_norm"),
])  # fmt: skip
def test_what_is_no_state_dict_is_told(weights, options, words):
    with pytest.raises((TypeError, ValueError), match=words):
        from_torch(weights, **options)


def test_arrays_take_one_sequence_and_are_differentiated():
    weights = lstm(ways=("", "_reverse")) | {"fc.weight": arrays(2)(2, 8)}
    network = from_torch({n: a.astype(float) for n, a in weights.items()}, head="fc")
    x = sequence().astype(float)
    with pytest.raises(ValueError, match=r"give x\.T"):
        trace(network, x.T)
    found, slow = gradient(network, x, 1, step=2), np.zeros_like(x)
    for place in np.ndindex(x.shape):
        for sign in (1, -1):
            moved = x.copy()
            moved[place] += sign * 1e-5
            slow[place] += sign * trace(network, moved).output[2, 1] / 2e-5
    np.testing.assert_allclose(found, slow, atol=1e-7)
    with pytest.raises(ValueError, match="no output to differentiate"):
        gradient(from_torch(lstm()), sequence())
