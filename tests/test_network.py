"""Anybody's network: every layer and option read, run, proved, or refused by the layer's name."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from helpers import reader
from helpers.network import gradient, open_file, trace
from helpers.network.tracing import read
from rnnscope import cells
from tests.notebook_tools import ROOT
from tests.random_networks import randomized, tried

keras = reader.import_keras()
L = keras.layers


def deep(*values):
    return pytest.param(*values, marks=pytest.mark.deep)


def model_of(*layers, seed=0):
    """A model with random weights, biases too (Keras's own start with zeros)."""
    return randomized(keras.Sequential(list(layers)), np.random.default_rng(seed))


def sequence(steps=9, features=3, seed=1):
    return np.random.default_rng(seed).normal(size=(steps, features)).astype("float32")


def same(model, x, **options):
    """Trace, and hold the output to the model's own."""
    seen = trace(model, x, **options)
    own = np.asarray(model(np.asarray(x)[None], training=False))[0]
    np.testing.assert_allclose(seen.output, own, rtol=0, atol=1e-5 * max(1, np.abs(own).max()))
    assert seen.proved
    return seen


# --- what is read ------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", ["SimpleRNN", "GRU", "LSTM"])
@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("options", [{}, {"return_sequences": True}])
def test_a_layer_alone_is_read_in_the_order_of_its_input(layer, go_backwards, options):
    made = getattr(L, layer)(4, go_backwards=go_backwards, **options)
    seen = same(model_of(L.Input((None, 3)), made), sequence())
    record = seen.layer()
    np.testing.assert_array_equal(record.x, sequence())
    last = 0 if go_backwards else -1
    if not options.get("return_sequences"):
        np.testing.assert_allclose(record.h[last], seen.output, atol=1e-5)
    for name in record.gates:
        gate = getattr(record, name)
        assert gate.shape == (9, 4)
        assert ((gate > 0) & (gate < 1)).all()
    if layer == "LSTM":  # the records follow from each other, in the order of reading
        c = record.c[record.order]
        before = np.vstack([np.zeros(4), c[:-1]])
        i, f, candidate = (getattr(record, n)[record.order] for n in ("i", "f", "candidate"))
        np.testing.assert_allclose(c, f * before + i * candidate, atol=1e-5)


@pytest.mark.parametrize("tokens", [[2, 0, 5, 0, 1], deep([0, 0, 0, 0, 0])])
@pytest.mark.parametrize("layer", ["LSTM", "GRU", "SimpleRNN"])
def test_padding_is_masked_wherever_it_stands(tokens, layer):
    model = model_of(
        L.Input((None,), dtype="int32"), L.Embedding(7, 4, mask_zero=True),
        getattr(L, layer)(3, return_sequences=True), L.Bidirectional(getattr(L, layer)(2)),
        L.Dense(3, "softmax"),
    )  # fmt: skip
    tokens = np.array(tokens)
    seen = same(model, tokens)
    first = seen.layers[0]
    np.testing.assert_array_equal(first.mask, tokens != 0)
    assert np.isnan(first.gates and getattr(first, first.gates[0])[~first.mask]).all()
    for t in np.flatnonzero(~first.mask):  # the state is carried through
        before = first.h[t - 1] if t else np.zeros(3)
        np.testing.assert_array_equal(first.h[t], before)


def test_a_stateful_model_starts_from_its_states_and_keeps_them():
    source = keras.Input(batch_shape=(1, None, 3))
    model = keras.Model(source, L.LSTM(4, stateful=True)(source))
    layer = model.layers[-1]
    model(sequence()[None])
    before = [np.asarray(state).copy() for state in layer.states]
    assert np.abs(before[0]).max() > 0
    seen = trace(model, sequence(5))
    np.testing.assert_allclose(seen.layer().initial_state[0], before[0][0], atol=1e-6)
    for state, kept in zip(layer.states, before, strict=True):
        np.testing.assert_array_equal(np.asarray(state), kept)


def test_a_model_within_a_model_and_a_network_that_answers_at_every_step():
    inner = keras.Sequential([L.Input((None, 3)), L.LSTM(4, return_sequences=True)], name="inner")
    source = keras.Input((None, 3))
    model = keras.Model(source, L.Dense(2, "softmax")(inner(source)))
    seen = same(model, sequence())
    assert seen.layer().name.startswith("inner/")
    assert seen.outputs_are == "steps"
    assert seen.output.shape == (9, 2)


@pytest.mark.parametrize("seed", [*range(6), *(deep(seed) for seed in range(6, 400))])
def test_random_networks_are_equal_or_refused_by_name(seed):
    said = tried(5000 + seed)
    assert said == "equal" or "'" in said, said


def from_the_states(source):
    _, h, c = L.LSTM(4, return_state=True)(source)
    return L.Dense(2)(L.Concatenate()([h, c]))


def one_sequence_into_another(source):
    _, h, c = L.LSTM(4, return_state=True)(source)
    out = L.LSTM(4, return_sequences=True)(L.RepeatVector(3)(h), initial_state=[h, c])
    return L.Dense(2, activation="softmax")(out)


def both_ways_unmerged(source):
    return L.Dense(2)(L.Concatenate()(L.Bidirectional(L.LSTM(4), merge_mode=None)(source)))


def around_a_layer(source):
    inside = L.LSTM(3, return_sequences=True)(source)
    return L.Dense(2)(L.GRU(4)(L.Add()([source, inside])))


def given_a_state(source):
    state = [np.full((1, 4), 0.5, "float32"), np.full((1, 4), -0.5, "float32")]
    return L.Dense(2)(L.LSTM(4)(source, initial_state=state))


def cut_to_the_last(source):
    return L.Dense(2)(L.LSTM(4, return_sequences=True)(source)[:, -1])


@pytest.mark.parametrize("make", [
    from_the_states, one_sequence_into_another, both_ways_unmerged, around_a_layer, given_a_state,
    cut_to_the_last,
])  # fmt: skip
def test_functional_models_pass_states_on_in_every_way(make):
    source = keras.Input((None, 3))
    model = randomized(keras.Model(source, make(source)), np.random.default_rng(7))
    seen = same(model, sequence())
    steps = make is one_sequence_into_another
    assert (seen.outputs_are, len(seen.outputs)) == (("steps", 3) if steps else ("states", 9))
    if make is given_a_state:
        np.testing.assert_array_equal(seen.layer().initial_state, [[0.5] * 4, [-0.5] * 4])


@pytest.mark.parametrize("pool", ["GlobalAveragePooling1D", deep("GlobalMaxPooling1D")])
def test_what_a_pooling_head_says_so_far_is_what_the_cut_sequence_gives(pool):
    model = model_of(L.Input((None, 3)), L.Masking(), L.GRU(4, return_sequences=True),
                     getattr(L, pool)(), L.Dense(2))  # fmt: skip
    x = sequence()
    x[[0, 4]] = 0
    seen = same(model, x)
    for k in (2, 5, 9):
        cut = np.asarray(model(x[np.newaxis, :k]))[0]
        np.testing.assert_allclose(seen.outputs[k - 1], cut, atol=1e-5)


def test_the_order_of_reading_and_the_times_of_rows_are_told():
    model = model_of(L.Input((None, 3)), L.LSTM(4, go_backwards=True, return_sequences=True),
                     L.GRU(2, go_backwards=True), L.Dense(2))  # fmt: skip
    seen = same(model, sequence())
    first, second = seen.layers
    np.testing.assert_array_equal(first.times, np.arange(9))
    np.testing.assert_array_equal(second.times, np.arange(9)[::-1])  # its input came turned round
    np.testing.assert_array_equal(seen.order, np.arange(9)[::-1])
    np.testing.assert_allclose(second.x, first.h[::-1], atol=1e-6)
    cut = model_of(L.Input((8, 3)), L.MaxPooling1D(2), L.LSTM(2))
    assert same(cut, sequence(8)).layer().times is None


def test_logits_are_known_where_the_model_says_so_or_the_caller_does():
    model = model_of(L.Input((None, 3)), L.LSTM(4), L.Dense(3))
    assert trace(model, sequence()).kind == "numbers"
    told = trace(model, sequence(), kind="classes")
    np.testing.assert_allclose(told.belief.sum(-1), 1, atol=1e-5)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    assert trace(model, sequence()).kind == "classes"
    softmax = model_of(L.Input((None, 3)), L.LSTM(4), L.Dense(3, "softmax"))
    seen = trace(softmax, sequence())
    np.testing.assert_allclose(cells.softmax(seen.logits), seen.belief, atol=1e-5)


def test_the_gradient_by_an_embedding_and_of_one_step():
    model = model_of(L.Input((None,)), L.Embedding(7, 4, mask_zero=True),
                     L.LSTM(3, return_sequences=True), L.Dense(2, "softmax"))  # fmt: skip
    tokens = np.array([3, 0, 5, 2])
    found = gradient(model, tokens, of=1, step=2)
    assert found.shape == (4, 4)
    assert np.abs(found[0]).max() > 0 and not found[[1, 3]].any()  # padding, and what comes later


# --- what is refused ---------------------------------------------------------------------------


class OwnLSTM(L.LSTM):
    """Somebody's own layer."""


def branches():
    source = keras.Input((5, 3))
    return keras.Model(source, L.Add()([L.LSTM(2)(source), L.GRU(2)(source)]))


def attention():
    source = keras.Input((5, 3))
    h = L.LSTM(4, return_sequences=True, name="reads")(source)
    return keras.Model(source, L.GRU(2)(L.MultiHeadAttention(1, 2, name="looks")(h, h)))


def two_inputs():
    one, other = keras.Input((5, 3)), keras.Input((5, 3))
    return keras.Model([one, other], L.LSTM(2)(L.Add()([one, other])))


@pytest.mark.parametrize(("make", "words"), [
    (branches, "lstm|gru"), (attention, "looks"), (two_inputs, "2 inputs"),
    (lambda: model_of(L.Input((5, 3)), L.Dense(2)), "recurrent"),
    (lambda: keras.Sequential([L.LSTM(3)]), "input shape"),
    (lambda: model_of(L.Input((5, 3)), OwnLSTM(3, name="mine")), "mine"),
    (lambda: model_of(L.Input((5, 3)), L.LSTM(3, dtype="mixed_float16", name="half")), "half"),
    (lambda: model_of(L.Input((5, 3, 1)), L.TimeDistributed(L.LSTM(3), name="each")), "each"),
    (lambda: model_of(L.Input((5, 3, 3, 1)), L.ConvLSTM2D(2, 2, name="images")), "images"),
])  # fmt: skip
def test_what_cannot_be_read_is_refused_by_name_with_what_can_be_done(make, words):
    with pytest.raises(ValueError, match=words):
        trace(make(), sequence(5, 3))


def swap_two_gates(cell):
    """Weights whose first and second blocks have changed places."""
    first, second, *others = np.arange(len(cells.BLOCKS[cell.kind]))
    units = cell.weights.recurrent_kernel.shape[0]
    columns = np.arange(units * (2 + len(others))).reshape(-1, units)[[second, first, *others]]
    swapped = [array[..., columns.ravel()] for array in cell.weights]
    return replace(cell, weights=cells.Weights(*swapped))


@pytest.mark.parametrize("layer", ["LSTM", "GRU"])
def test_a_wrong_gate_order_is_found_and_the_layer_is_named(layer):
    model = model_of(L.Input((9, 3)), L.SimpleRNN(3, return_sequences=True),
                     getattr(L, layer)(4, name="guilty"))  # fmt: skip
    network = read(model)
    *others, guilty = network.steps
    [way] = guilty.directions
    way = way._replace(cells=tuple(map(swap_two_gates, way.cells)))
    damaged = replace(network, steps=(*others, replace(guilty, directions=(way,))))
    with pytest.raises(ValueError, match="'guilty'"):
        trace(damaged, sequence())


# --- changed, and differentiated ---------------------------------------------------------------


def test_gates_are_pinned_and_units_silenced_by_the_layers_name():
    model = model_of(L.Input((None, 3)), L.LSTM(4, return_sequences=True, name="low"),
                     L.GRU(3, name="high"), L.Dense(2))  # fmt: skip
    seen = trace(model, sequence(), ablate={"low": {"f": 1.0, "units": [2]}, "high": {"r": 0.25}})
    low, high = seen.layer("low"), seen.layer("high")
    kept = [0, 1, 3]
    np.testing.assert_allclose(low.f[:, kept], 1)
    np.testing.assert_allclose(low.h[:, 2], 0)
    np.testing.assert_allclose(high.r, 0.25, atol=1e-6)
    cell = read(model).recurrent[1].cells[0]  # the candidate comes of the r that is pinned
    W, U, (b, d) = (array[..., 6:] for array in cell.weights)
    candidate = np.tanh(low.h[1] @ W + b + 0.25 * (high.h[0] @ U + d))
    np.testing.assert_allclose(high.candidate[1], candidate, atol=1e-5)
    untouched = trace(model, sequence())
    assert np.abs(seen.output - untouched.output).max() > 1e-4
    wrong = {"gate": {"high": {"f": 1}}, "top": {"top": {"z": 1}}}
    for words, ablate in wrong.items():
        with pytest.raises(ValueError, match=words):
            trace(model, sequence(), ablate=ablate)


@pytest.mark.parametrize("make", [
    lambda: [L.LSTM(4, dtype="float64", go_backwards=True), L.Dense(3, dtype="float64")],
    lambda: [L.Bidirectional(L.GRU(3, dtype="float64"), dtype="float64"),
             L.Dense(3, activation="softmax", dtype="float64")],
])  # fmt: skip
def test_the_gradient_is_that_of_finite_differences(make):
    model = model_of(L.Input((None, 2), dtype="float64"), *make(), seed=4)
    x = sequence(6, 2).astype(float)
    found = gradient(model, x, 1)
    assert found.shape == (6, 2)

    classes = trace(model, x).kind == "classes"

    def value(x):  # of a softmax the logit is meant: the same but for what all share
        out = trace(model, x).output[1]
        return np.log(out) if classes else out

    slow = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[place] += 1e-5
        down[place] -= 1e-5
        slow[place] = (value(up) - value(down)) / 2e-5
    if classes:  # logit 1 less the mean of all, weighted by belief
        slow += sum(b * gradient(model, x, k) for k, b in enumerate(trace(model, x).output))
    np.testing.assert_allclose(found, slow, rtol=1e-4, atol=1e-7)


# --- PyTorch, and files ------------------------------------------------------------------------


def test_files_are_opened_safely(tmp_path):
    model = model_of(L.Input((None, 3)), L.LSTM(4), L.Dense(2))
    model.compile("adam", "mse")
    model.save(tmp_path / "mine.keras")
    with warnings.catch_warnings():  # Keras warns of an optimizer that has not trained yet
        warnings.filterwarnings("error", message=".*optimizer")
        again = open_file(tmp_path / "mine.keras")
    np.testing.assert_array_equal(trace(again, sequence()).output, trace(model, sequence()).output)
    danger = model_of(L.Input((4, 3)), L.Lambda(lambda x: x + 1), L.LSTM(2))
    danger.save(tmp_path / "danger.keras")
    with pytest.raises(ValueError, match="safe_mode=False"):
        open_file(tmp_path / "danger.keras")
    np.savez(tmp_path / "pickled.npz", what=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="no arrays that can be read"):
        open_file(tmp_path / "pickled.npz")
    (tmp_path / "weights.pt").write_bytes(b"x")
    with pytest.raises(ValueError, match="pickle"):
        open_file(tmp_path / "weights.pt")
    with pytest.raises(FileNotFoundError, match="no file"):
        open_file(tmp_path / "nowhere.keras")


@pytest.mark.parametrize("version", ["3.0.5", *map(deep, ("3.3.3", "3.6.0"))])
def test_models_that_other_versions_of_keras_have_saved_are_read(version):
    """Each was saved there beside one sequence and what it said of it there."""
    file = ROOT / "tests" / "data" / f"keras_{version}.keras"
    there = np.load(file.with_suffix(".npz"))
    seen = trace(open_file(file), there["x"][0])
    assert seen.proved
    np.testing.assert_allclose(seen.output, there["y"][0], atol=1e-5)
