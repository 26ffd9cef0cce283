"""Networks out of files and arrays: what is read, what is told of the rest, what never runs."""

import json
import pickle
import re
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

import rnnscope
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
    (lstm() | {"lstm.weight_ih_l1": np.ones((16, 5)), "lstm.weight_hh_l1": np.ones((16, 4))}, {},
     "reads 5 numbers; the layer below gives 4"),
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


# --- files of PyTorch, and arrays --------------------------------------------------------------


@pytest.fixture(params=[pytest.param("with PyTorch", marks=pytest.mark.deep), "without"])
def torch_or_not(request, monkeypatch):
    """Read once with PyTorch, where it is installed, and once as if it were not."""
    if request.param == "without":
        monkeypatch.setitem(sys.modules, "torch", None)
    else:
        pytest.importorskip("torch")


def test_a_checkpoint_is_read_with_pytorch_and_without(torch_or_not, tmp_path):
    _, x, output = stored("tagger")
    there = (DATA / "torch_tagger.pt").read_bytes()
    (tmp_path / "under_another_ending.h5").write_bytes(there)
    for file in (DATA / "torch_tagger.pt", tmp_path / "under_another_ending.h5"):
        seen = trace(rnnscope.open(file, head="fc"), x)
        np.testing.assert_allclose(seen.output, output, atol=1e-6)
        assert not seen.proved
    assert (DATA / "torch_tagger.pt").read_bytes() == there


class Evil:
    """Pickled, it writes a file when it is unpickled by whoever calls what it says."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return Path.touch, (self.marker,)


@pytest.mark.parametrize("ending", ["pt", "ckpt", "bin", "pkl"])
def test_a_hostile_pickle_does_not_run(torch_or_not, tmp_path, ending):
    marker, file = tmp_path / "ran", tmp_path / f"model.{ending}"
    pickled = pickle.dumps({"weights": Evil(marker)}, 2)
    if ending == "pkl":
        file.write_bytes(pickled)
    else:
        zipped(file, {"archive/data.pkl": pickled, "archive/version": b"3"})
    with pytest.raises(ValueError, match="could run any code"):
        rnnscope.open(file)
    assert not marker.exists()
    pickle.loads(pickled)  # it is hostile: the marker is what it says
    assert marker.exists()


def zipped(file, entries):
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name, text)


@pytest.mark.parametrize(("pickled", "words"), [
    (b"\x80\x02}q\x00.", "holds no weights of"),
    (pickle.dumps([1, 2], 2), "what torch.load gives"),
    (b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\n"
     b"X\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQK\x02K\x03\x85K\x01\x85tR.", "damaged"),
])  # fmt: skip
def test_a_small_reader_takes_tensors_within_what_is_stored(monkeypatch, tmp_path, pickled, words):
    monkeypatch.setitem(sys.modules, "torch", None)
    zipped(tmp_path / "a.pt", {"a/data.pkl": pickled, "a/data/0": bytes(16)})
    with pytest.raises(ValueError, match=words):
        rnnscope.open(tmp_path / "a.pt")


def test_arrays_of_other_libraries_are_read_by_their_names(tmp_path):
    weights, x, output = stored("gru")
    np.savez(tmp_path / "gru.npz", **weights)
    np.testing.assert_allclose(top(trace(rnnscope.open(tmp_path / "gru.npz"), x)), output, 1e-5)
    reader = rnnscope.open(ROOT / "helpers" / "data" / "reader_gru.npz")
    assert trace(reader, np.zeros((5, 28))).outputs.shape == (5, 10)


@pytest.mark.deep
def test_safetensors_are_read(tmp_path):
    weights, x, output = stored("gru")
    safetensors = pytest.importorskip("safetensors.numpy")
    safetensors.save_file(weights, tmp_path / "gru.safetensors")
    seen = trace(rnnscope.open(tmp_path / "gru.safetensors"), x)
    np.testing.assert_allclose(top(seen), output, atol=1e-5)


HALF = (DATA / "torch_tagger.pt").read_bytes()[:3000]
SCRIPT = {"a/data.pkl": b"", "a/constants.pkl": b"", "a/code/a.py": b""}


@pytest.mark.parametrize(("name", "content", "words"), [
    ("nowhere.keras", None, "There is no file"), ("", None, "is a folder"),
    ("empty.pt", b"", "is empty"), ("half.pt", HALF, "only half there"),
    ("half.h5", (DATA / "keras_2.2.4_fun.h5").read_bytes()[:9000], "only half there"),
    ("lfs.keras", b"version https://git-lfs.github.com/spec/v1\noid 1", "git lfs pull"),
    ("lite.tflite", b"\0\0\0\0TFL3", "Lite"), ("photo.keras", b"\xff\xd8\xff\xe0", "its name"),
    ("model.json", b'{"class_name": "Sequential"}', "without its weights"),
    ("model.yaml", b"backend: tensorflow\n", "without its weights"),
    ("saved_model.pb", b"\x08\x01\x12\x80", "SavedModel"), ("a.index", b"\0", "or checkpoint"),
    ("a.pt", SCRIPT, "TorchScript"),
    ("a.pt2", {"a/archive_format": b"pt2"}, "torch.export"), ("a.zip", {"a.txt": b""}, "its name"),
    ("a.npz", {"cell.npy": b"no array"}, "no arrays that can be read"),
])  # fmt: skip
def test_what_is_no_network_is_told_for_what_it_is(tmp_path, name, content, words):
    if isinstance(content, dict):
        zipped(tmp_path / name, content)
    elif content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises((ValueError, FileNotFoundError), match=words) as told:
        rnnscope.open(tmp_path / name)
    assert "pickle" not in str(told.value)


# --- files of Keras ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lstm", "fun"])
def test_what_keras_2_2_4_wrote_says_what_it_said_there(name):
    """Its gates are hard sigmoids of the slope 0.2; both files were written by Keras 2.2.4."""
    pytest.importorskip("keras")
    there = np.load(DATA / "keras_2.2.4.npz")
    seen = trace(rnnscope.open(DATA / f"keras_2.2.4_{name}.h5"), there["x"])
    np.testing.assert_allclose(seen.output, np.ravel(there[name]), atol=1e-6)
    assert seen.proved
    assert seen.layers[0].i.min() == 0 or seen.layers[0].recurrent_activation.endswith("keras_2")


def filled(model, seed=3):
    """Random weights, biases too; those of a normalization above zero."""
    make = arrays(seed)
    made = [make(*weight.shape) for weight in model.get_weights()]
    model.set_weights([np.abs(one) if one.shape == (8,) else one for one in made])
    return model


def old_models(k):
    """Models of Keras 2 with what Keras 3 reads otherwise, or not at all."""
    L, x = k.layers, k.layers.Input((5, 3))
    inner = k.Sequential([L.Input((5, 3)), L.GRU(4)])
    return {
        "plain": [L.LSTM(4), L.Dense(2, activation="hard_sigmoid")],
        "masked": [
            L.Masking(),
            L.Bidirectional(L.LSTM(4, recurrent_activation="hard_sigmoid", return_sequences=True)),
            L.BatchNormalization(),
            L.SimpleRNN(3),
            L.Activation("hard_sigmoid"),
        ],
        "before": [L.GRU(4, reset_after=False, return_sequences=True), L.GRU(3)],
        "cells": [L.RNN([L.LSTMCell(3), L.GRUCell(2)])],
        "branches": k.Model(x, L.Dense(2)(L.Concatenate()([L.LSTM(4)(x), L.GRU(3)(x)]))),
        "nested": k.Model(x, L.Dense(2)(inner(x))),
    }


OLD = ("plain", "masked", "before", "cells", "branches", "nested")


@pytest.mark.parametrize("ending", ["h5", pytest.param("keras", marks=pytest.mark.deep)])
@pytest.mark.parametrize(
    "name", [OLD[0], *(pytest.param(n, marks=pytest.mark.deep) for n in OLD[1:])]
)
def test_what_tf_keras_writes_says_what_it_says_there(tmp_path, name, ending):
    k = pytest.importorskip("tf_keras")
    model = old_models(k)[name]
    if isinstance(model, list):
        model = k.Sequential([k.layers.Input((5, 3)), *model])
    x = sequence(5) * 2
    filled(model).save(tmp_path / f"old.{ending}")
    seen = trace(rnnscope.open(tmp_path / f"old.{ending}"), x)
    np.testing.assert_allclose(seen.output, model.predict(x[None], verbose=0)[0], atol=1e-6)
    assert seen.proved


@pytest.mark.deep
@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_weights_of_cudnns_layers_are_laid_as_keras_3_has_them(tmp_path, kind):
    k = pytest.importorskip("tf_keras")
    rnn = __import__(f"tf_keras.src.layers.rnn.cudnn_{kind.lower()}", fromlist="x")
    x = sequence(5)
    own, usual = (
        k.Sequential([k.layers.Input((5, 3)), one(4, return_sequences=True),
                      k.layers.Bidirectional(one(2))])
        for one in (getattr(rnn, f"CuDNN{kind}"), getattr(k.layers, kind))
    )  # fmt: skip
    filled(own).save(tmp_path / "own.h5")
    usual.load_weights(tmp_path / "own.h5")  # tf_keras lays them so itself
    seen = trace(rnnscope.open(tmp_path / "own.h5"), x)
    np.testing.assert_allclose(seen.output, usual.predict(x[None], verbose=0)[0], atol=1e-6)


def keras_model(*layers):
    keras = pytest.importorskip("keras")
    return filled(keras.Sequential([keras.Input((None, 3)), *layers]))


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_models_of_keras_3_are_opened_and_a_lambda_never_runs(tmp_path, ending):
    keras = pytest.importorskip("keras")
    L, marker = keras.layers, tmp_path / "ran"
    model = keras_model(L.LSTM(4), L.Dense(2))
    model.compile("adam", lambda true, said: said - true)  # a loss of one's own is no matter
    model.save(tmp_path / f"mine.{ending}")
    with warnings.catch_warnings():  # Keras warns of an optimizer that has not trained yet
        warnings.filterwarnings("error", message=".*optimizer")
        again = rnnscope.open(tmp_path / f"mine.{ending}")
    x = sequence()
    np.testing.assert_array_equal(trace(again, x).output, trace(model, x).output)
    where = str(marker)
    danger = keras_model(L.Lambda(lambda x: (print(file=open(where, "w")), x)[1]), L.LSTM(2))  # noqa: PTH123, SIM115
    marker.unlink(missing_ok=True)
    danger.save(tmp_path / f"danger.{ending}")
    with pytest.raises(ValueError, match="safe_mode=False"):
        rnnscope.open(tmp_path / f"danger.{ending}")
    assert not marker.exists()


def test_a_class_that_a_configuration_names_is_not_looked_up(tmp_path):
    """Keras before 3.9 imports the module and calls what the file names."""
    keras = pytest.importorskip("keras")
    keras_model(keras.layers.LSTM(4)).save(tmp_path / "mine.keras")
    with zipfile.ZipFile(tmp_path / "mine.keras") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(entries["config.json"])
    for module, name in (("pathlib", "Path"), ("keras.utils", "get_file"), ("builtins", "eval")):
        config["config"]["layers"][1] |= {"module": module, "class_name": name}
        zipped(tmp_path / "evil.keras", entries | {"config.json": json.dumps(config)})
        with pytest.raises(ValueError, match=f"holds '{name}', which is not Keras's own"):
            rnnscope.open(tmp_path / "evil.keras")


def test_keras_weights_alone_are_read_by_their_names(tmp_path):
    keras = pytest.importorskip("keras")
    L, x, file = keras.layers, sequence(), tmp_path / "mine.weights.h5"
    forward = L.GRU(4, reset_after=False, return_sequences=True)
    model = keras_model(L.Bidirectional(forward), L.Dense(2))
    model.save_weights(file)
    seen = trace(rnnscope.open(file, head="dense"), x)
    np.testing.assert_allclose(seen.output, model(x[None])[0], atol=1e-6)
    assert not seen.proved
    keras_model(L.LSTM(4, return_sequences=True), L.LSTM(3)).save_weights(file)
    with pytest.raises(ValueError, match="give prefix, of 'lstm', 'lstm_1'"):
        rnnscope.open(file)


@pytest.mark.parametrize(
    "version", ["3.0.5", *(pytest.param(v, marks=pytest.mark.deep) for v in ("3.3.3", "3.6.0"))]
)
def test_models_that_other_versions_of_keras_have_saved_are_read(version):
    """Each was saved there beside one sequence and what it said of it there."""
    pytest.importorskip("keras")
    there = np.load(DATA / f"keras_{version}.npz")
    seen = trace(rnnscope.open(DATA / f"keras_{version}.keras"), there["x"][0])
    assert seen.proved
    np.testing.assert_allclose(seen.output, there["y"][0], atol=1e-5)


# --- ONNX --------------------------------------------------------------------------------------


def onnx_file(file, kind, direction, lengths=False, **options):
    """Write a model with one recurrent node, random weights and states, and a softmax."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    helper, make = onnx.helper, arrays(7)
    rows, ways = 4 * {"RNN": 1, "GRU": 3, "LSTM": 4}[kind], 1 + (direction == "bidirectional")
    constants = {"W": make(ways, rows, 3), "R": make(ways, rows, 4), "B": make(ways, 2 * rows),
                 "h0": make(ways, 2, 4), "head": make(4, 2)}  # fmt: skip
    reads = ["X", "W", "R", "B", "lengths" if lengths else "", "h0"]
    options |= {"hidden_size": 4, "direction": direction, "name": f"/enc/{kind}"}
    nodes = [
        helper.make_node(kind, reads, ["", "last"], **options),
        helper.make_node("ReduceMean", ["last"], ["mean"], axes=[0], keepdims=0),
        helper.make_node("MatMul", ["mean", "head"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["said"], axis=-1),
    ]
    info = helper.make_tensor_value_info
    inputs = [info("X", 1, ["steps", 2, 3])] + [info("lengths", 6, [2])] * lengths
    stored = [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "g", inputs, [info("said", 1, [2, 2])], stored)
    opset = [helper.make_opsetid("", 14)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), file)
    return rnnscope.open(file)


@pytest.mark.deep
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize(("kind", "options"), [
    ("RNN", {}), ("GRU", {}), ("GRU", {"linear_before_reset": 1}), ("LSTM", {}),
])  # fmt: skip
def test_nodes_of_onnx_are_opened_and_proved(tmp_path, kind, options, direction):
    model = onnx_file(tmp_path / "a.onnx", kind, direction, lengths=True, **options)
    x, lengths = arrays()(6, 2, 3), np.array([6, 4])
    seen = trace(model, (x, lengths), row=1)
    assert seen.proved
    assert seen.kind == "classes"
    assert seen.layers[0].layer == "enc"
    assert [one.mask.sum() for one in seen.layers] == [4] * len(seen.layers)
    cut = trace(model, {"X": x[:3], "lengths": np.array([3, 3])}, row=1)
    np.testing.assert_allclose(seen.outputs[2], cut.output, atol=1e-6)


@pytest.mark.deep
def test_what_an_onnx_model_cannot_is_told(tmp_path):
    x = arrays()(6, 2, 3)
    model = onnx_file(tmp_path / "a.onnx", "LSTM", "forward", clip=2.0)
    with pytest.raises(ValueError, match="enc has clip"):
        trace(model, x)
    model = onnx_file(tmp_path / "a.onnx", "RNN", "forward", activations=["Relu"])
    assert trace(model, x).layers[0].activation == "relu"
    for words, call in {
        "no gate can be pinned": lambda: trace(model, x, ablate={"units": [1]}),
        "no gradients": lambda: gradient(model, x, 0),
        r"takes \('steps', 2, 3\)": lambda: trace(model, x[:, 0]),
        "takes X; given are X, y": lambda: trace(model, {"X": x, "y": x}),
    }.items():
        with pytest.raises(ValueError, match=words):
            call()
    (tmp_path / "a.onnx").write_bytes((tmp_path / "a.onnx").read_bytes()[:300])
    with pytest.raises(ValueError, match="nothing that onnxruntime runs"):
        rnnscope.open(tmp_path / "a.onnx")


@pytest.mark.deep
def test_the_readme_keeps_its_word(tmp_path, monkeypatch):
    torch, keras = pytest.importorskip("torch"), pytest.importorskip("keras")
    text = (ROOT / "rnnscope" / "README.md").read_text(encoding="utf-8")
    endings = set(re.findall(r"`(\.[\w.]+)`", text))
    assert endings == set(re.findall(r"``(\.[\w.]+)``", rnnscope.open.__doc__))
    monkeypatch.chdir(tmp_path)
    keras_model(keras.layers.LSTM(4, name="lstm"), keras.layers.Dense(2)).save("model.keras")

    class MyModule(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm, self.head = torch.nn.LSTM(3, 4), torch.nn.Linear(4, 2)

        def forward(self, x, lengths):
            packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths)
            return self.head(self.lstm(packed)[1][0][0])

    names = {"rnnscope": rnnscope, "keras": keras, "MyModule": MyModule}
    pieces = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    for piece, x in zip(pieces, (sequence(5)[:, None], sequence(5)), strict=True):
        names |= {"x": x, "lengths": np.array([5])}
        exec(piece, names)
        assert names["seen"].proved and names["seen"].layer("lstm").f.shape == (5, 4)
    assert Path("replay.html").stat().st_size > 10_000
