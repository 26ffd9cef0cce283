"""Keras models watched: every call proved, gates as the equations have them, all put back."""

import gc
import weakref

import numpy as np
import pytest

import rnnscope
from helpers import reader
from rnnscope import cells, passes
from rnnscope.keras_models import KerasModel
from tests.random_networks import network, randomized

keras = reader.import_keras()
L, ops, I = keras.layers, keras.ops, keras.Input  # noqa: E741
FAR = np.random.default_rng(0)
X, Y = FAR.normal(size=(2, 1, 12, 3)).astype("float32")
WORDS = np.array([[3, 1, 4, 1, 5, 6, 2, 6, 5, 0, 0, 0]])


def sequential(*layers, seed=0):
    """A model with random weights, biases too (Keras's own start with zeros)."""
    return randomized(keras.Sequential(list(layers)), np.random.default_rng(seed))


def functional(inputs, outputs):
    return randomized(keras.Model(inputs, outputs), np.random.default_rng(3))


def watched(model, x, **options):
    """Watch a run; hold every call to what the layer gave, every record to the equations."""
    adapter = KerasModel(model)
    args, kwargs = adapter.prepare(x, {})
    own = adapter.run(args, kwargs)
    seen = adapter.watch(args, kwargs, **options)
    assert passes.apart(seen.outputs, own) <= passes.TOLERANCE
    assert seen.calls
    for call in seen.calls:
        assert call.apart <= passes.TOLERANCE, call
        for record in call.records:
            by_equations(record)
    return seen


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def by_equations(record):
    """Compute a record anew from its x, weights and first state, without `rnnscope.cells`."""
    usual = (record.activation, record.recurrent_activation) == ("tanh", "sigmoid")
    W, U, b = (part.astype(float) for part in record.weights)
    h, *c = (part.astype(float) for part in record.initial_state)
    made = {}
    for t in record.order[record.mask[record.order]]:
        x = record.x[t].astype(float)
        if record.cell == "rnn" and usual:
            made = {"h": np.tanh(x @ W + h @ U + b)}
        if record.cell == "lstm":
            i, f, g, o = np.split(x @ W + h @ U + b, 4)
            made = {"i": sigmoid(i), "f": sigmoid(f), "candidate": np.tanh(g), "o": sigmoid(o)}
            i, f, g = (getattr(record, name)[t] for name in ("i", "f", "candidate"))
            c = [f * c[0] + i * g]
            made = {**(made if usual else {}), "c": c[0]}
            if usual:
                made["h"] = made["o"] * np.tanh(c[0])
        if record.cell == "gru":
            (xz, xr, xh), (uz, ur, uh) = np.split(x @ W + b[0], 3), np.split(U, 3, axis=1)
            dz, dr, dh = np.split(b[1], 3)
            r = sigmoid(xr + h @ ur + dr)
            inner = r * (h @ uh + dh) if record.reset_after else (r * h) @ uh + dh
            made = {"z": sigmoid(xz + h @ uz + dz), "r": r, "candidate": np.tanh(xh + inner)}
            z, g = record.z[t], record.candidate[t]
            made = {**(made if usual else {}), "h": z * h + (1 - z) * g}
        for name, value in made.items():
            with np.errstate(over="ignore"):  # a network that explodes goes beyond float32
                value, got = (np.float32(part) for part in (value, getattr(record, name)[t]))
            close = 1e-5 * np.abs(value[np.isfinite(value)]).max(initial=1)
            np.testing.assert_allclose(got, value, 1e-5, close)
        h, c = record.h[t].astype(float), [] if record.c is None else [record.c[t].astype(float)]


@pytest.mark.parametrize("seed", [
    *range(6), *(pytest.param(seed, marks=pytest.mark.deep) for seed in range(6, 400)),
])  # fmt: skip
def test_random_networks_are_proved(seed):
    model, x = network(5000 + seed)
    try:
        model(x[np.newaxis], training=False)
    except ValueError:  # a Softmax that is given the mask of the steps
        with pytest.raises(ValueError, match="itself cannot run"):
            watched(model, x)
        return
    watched(model, x)


# --- every way to call a layer -----------------------------------------------------------------


class Own(keras.Model):
    """A call() of one's own, over words that are padded."""

    def __init__(self):
        super().__init__()
        self.look, self.drop = L.Embedding(9, 4, mask_zero=True), L.Dropout(0.5)
        self.low, self.top = L.LSTM(5, return_sequences=True, name="low"), L.GRU(4, name="top")
        self.head = L.Dense(3, "softmax")

    def call(self, words, training=False):
        return self.head(self.drop(self.top(self.low(self.look(words))), training=training))


class Loop(keras.Model):
    """Cells in a loop of one's own."""

    def __init__(self):
        super().__init__()
        self.cell, self.head = L.LSTMCell(4, name="cell"), L.Dense(3)

    def call(self, x):
        h = c = ops.zeros((x.shape[0], 4))
        for t in range(x.shape[1]):
            _, [h, c] = self.cell(x[:, t], [h, c])
        return self.head(h)


class Decoder(keras.Model):
    """Two inputs as two arguments; a layer that is called step by step, with attention."""

    def __init__(self):
        super().__init__()
        self.reads = L.GRU(4, return_sequences=True, return_state=True, name="reads")
        self.says, self.looks = L.LSTM(4, return_state=True, name="says"), L.Attention()
        self.head = L.Dense(3)

    def call(self, x, y):
        seen, h = self.reads(x)
        c, said = h, []
        for t in range(3):
            out, h, c = self.says(y[:, t : t + 1], initial_state=[h, c])
            said.append(self.head(out + self.looks([out[:, None], seen])[:, 0]))
        return ops.stack(said, axis=1)


def side_by_side():
    x, words = I((12, 3), name="x"), I((None,), dtype="int32", name="words")
    looked_up = L.Embedding(9, 4, mask_zero=True)(words)
    both = [L.LSTM(4, name="left")(x), L.GRU(3, go_backwards=True, name="right")(looked_up)]
    return functional([x, words], L.Dense(2)(L.Concatenate()(both)))


def encoder_decoder():
    x, y = I((None, 3)), I((None, 3))
    _, *state = L.Bidirectional(L.GRU(2, return_state=True), name="encoder")(x)
    state = L.Concatenate()(state)
    h = L.GRU(4, return_sequences=True, name="decoder")(y, initial_state=state)
    return functional([x, y], L.TimeDistributed(L.Dense(3, "softmax"))(h))


def timed():
    x = I((2, 12, 3))
    h = L.TimeDistributed(L.Bidirectional(L.LSTM(4), merge_mode="sum", name="inner"))(x)
    return functional(x, L.Dense(2)(L.SimpleRNN(3, name="outer")(h)))


def shared():
    tower = keras.Sequential([I((None, 3)), L.Masking(), L.GRU(4, name="gru")], name="tower")
    x, y = I((None, 3)), I((None, 3))
    return functional([x, y], L.Dense(1, "sigmoid")(L.Concatenate()([tower(x), tower(y)])))


def stacked():
    kinds = [L.LSTMCell(3), L.GRUCell(4, reset_after=False), L.SimpleRNNCell(2)]
    x = I((None, 3))
    h, first, *_ = L.RNN(kinds, return_state=True, name="rnn")(L.Masking()(x))
    return functional(x, L.Activation("softmax")(L.Dense(3)(L.Concatenate()([h, first[1]]))))


def built(model, *x):
    model(*x)
    return randomized(model, np.random.default_rng(5))


MODELS = {
    "own": (lambda: built(Own(), WORDS), WORDS, ["low", "top"]),
    "loop": (lambda: built(Loop(), X), X, ["cell"]),
    "decoder": (lambda: built(Decoder(), X, Y), (X, Y), ["reads", "says"]),
    "side by side": (side_by_side, [X, WORDS], ["left", "right"]),
    "encoder and decoder": (
        encoder_decoder, (X, Y), ["encoder/forward", "encoder/backward", "decoder"],
    ),
    "timed": (timed, np.stack([X, Y], 1), [
        "inner/forward", "inner/backward", "inner/forward call 2", "inner/backward call 2", "outer",
    ]),
    "shared": (shared, [X, Y], ["tower/gru", "tower/gru call 2"]),
    "stacked": (stacked, X, ["rnn/cell 1", "rnn/cell 2", "rnn/cell 3"]),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_each_way_to_call_a_layer_is_seen_pinned_and_differentiated(name):
    make, x, names = MODELS[name]
    model = make()
    seen = watched(model, x)
    records = [record for call in seen.calls for record in call.records]
    assert [record.name for record in records] == names
    # Pinned: as in a model whose weights hold the gate there.
    record = next(one for one in records if one.cell != "rnn")
    gate = {"lstm": "f", "gru": "z"}[record.cell]
    adapter = KerasModel(model)
    args, kwargs = adapter.prepare(x, {})
    pin = cells.pin(record.cell, record.units, {gate: 1.0})
    changes = lambda cell: pin if cell.name == record.name else None  # noqa: E731
    pinned = adapter.watch(args, kwargs, changes=changes).outputs
    with held(model, record, gate):
        own = adapter.run(args, kwargs)
    assert passes.apart(pinned, own) <= 1e-5
    assert passes.apart(seen.outputs, own) > 1e-4
    # The gradient: as small steps in one direction have it.
    place = (0,) * seen.outputs[0].ndim
    found = adapter.gradient(args, kwargs, place)
    assert np.abs(found).max() > 0
    if name != "own":  # that one is by vectors
        first, *others = keras.tree.flatten(args)
        way = FAR.normal(size=first.shape).astype("float32")

        def number(step):
            moved = keras.tree.pack_sequence_as(args, [first + step * way, *others])
            seen = adapter.watch(moved, kwargs)
            kind = seen.ending.kind
            return float((seen.outputs[0] if kind is None else seen.ending.logits)[place])

        slope = (number(1e-2) - number(-1e-2)) / 2e-2
        np.testing.assert_allclose((found * way).sum(), slope, rtol=2e-2, atol=1e-3)


class held:
    """Hold a gate open by the weights of the cell that made a record, then put them back."""

    def __init__(self, model, record, gate):
        self.variables = {id(v): v for v in model.trainable_variables}.values()
        units, block = record.units, cells.BLOCKS[record.cell].index(gate)
        self.columns = slice(block * units, (block + 1) * units)
        kernel = record.weights.kernel
        same = [
            n for n, v in enumerate(self.variables)
            if v.shape == kernel.shape and np.array_equal(np.asarray(v), kernel)
        ]  # fmt: skip
        self.parts = list(self.variables)[same[0] : same[0] + 3]

    def __enter__(self):
        self.before = [np.asarray(part).copy() for part in self.parts]
        for part, value in zip(self.parts, self.before, strict=True):
            value = value.copy()
            value[..., self.columns] = 0
            if part is self.parts[2]:
                value.reshape(-1, value.shape[-1])[0, self.columns] = 60
            part.assign(value)

    def __exit__(self, *error):
        for part, value in zip(self.parts, self.before, strict=True):
            part.assign(value)


# --- masks, states, endings --------------------------------------------------------------------


@pytest.mark.parametrize("words", [[2, 0, 5, 0, 1], [0, 0, 3, 4, 0], [0, 0, 0, 0, 0]])
@pytest.mark.parametrize("layer", ["LSTM", "GRU", "SimpleRNN"])
def test_padding_is_masked_wherever_it_stands(words, layer):
    make = getattr(L, layer)
    model = sequential(
        I((None,), dtype="int32"), L.Embedding(7, 4, mask_zero=True),
        make(3, return_sequences=True, go_backwards=words[0] == 2), L.Bidirectional(make(2)),
    )  # fmt: skip
    first = watched(model, words).calls[0].records[0]
    np.testing.assert_array_equal(first.mask, np.array(words) != 0)
    for t in first.order:
        before = first.order[list(first.order).index(t) - 1] if t != first.order[0] else None
        if not first.mask[t]:  # the state is carried through, and gates have no say
            carried = np.zeros(3) if before is None else first.h[before]
            np.testing.assert_array_equal(first.h[t], carried)
            assert all(np.isnan(getattr(first, gate)[t]).all() for gate in first.gates)


def test_a_row_of_a_batch_starts_from_its_own_state_and_leaves_it_as_it_was():
    source = I(batch_shape=(2, None, 3))
    model = functional(source, L.Dense(2)(L.LSTM(4, stateful=True, name="lstm")(source)))
    both = np.concatenate([X, Y])
    model(both)
    states = [np.asarray(state).copy() for state in model.get_layer("lstm").states]
    for row in (0, 1):
        [call] = watched(model, both, row=row).calls
        np.testing.assert_array_equal(call.records[0].x, both[row])
        for state, first in zip(states, call.records[0].initial_state, strict=True):
            np.testing.assert_array_equal(first, state[row])
    for state, kept in zip(model.get_layer("lstm").states, states, strict=True):
        np.testing.assert_array_equal(np.asarray(state), kept)


@pytest.mark.parametrize(("head", "loss", "kind"), [
    ([L.Dense(3, "softmax")], None, "softmax"),
    ([L.Dense(3), L.Softmax()], None, "softmax"),
    ([L.Dense(3), L.Activation("sigmoid")], None, "sigmoid"),
    ([L.Dense(3, "softmax"), L.Rescaling(2.0)], None, None),
    ([L.Dense(3, "relu")], "mse", None),
    ([L.Dense(3)], keras.losses.CategoricalCrossentropy(from_logits=True), "logits"),
    ([L.Dense(1)], keras.losses.BinaryCrossentropy(from_logits=True), "sigmoid logits"),
])  # fmt: skip
def test_how_a_model_ends_is_seen(head, loss, kind):
    model = sequential(I((None, 3)), L.GRU(4), *head)
    if loss:
        model.compile("sgd", loss)
    seen = watched(model, X)
    assert seen.ending.kind == kind
    if kind == "softmax":
        np.testing.assert_allclose(cells.softmax(seen.ending.logits), seen.outputs[0], atol=1e-6)
        kernel, bias = seen.ending.head
        h = seen.calls[0].records[0].h[-1]
        np.testing.assert_allclose(h @ kernel + bias, seen.ending.logits[0], atol=1e-5)


@pytest.mark.parametrize("fixed", [None, 12])
def test_what_it_says_of_fewer_steps_is_what_its_layers_say_of_them(fixed):
    def make(steps):
        return sequential(
            I((steps,), dtype="int32"), L.Embedding(9, 4, mask_zero=True),
            L.Bidirectional(L.LSTM(4, return_sequences=True)), L.GRU(3), L.Dense(2, "softmax"),
        )  # fmt: skip

    seen = rnnscope.trace(make(fixed), WORDS)
    assert (seen.outputs_are, len(seen.outputs)) == ("stopped", 12)
    for steps in (1, 4, 7, 12):
        own = np.asarray(make(None)(WORDS[:, :steps]))[0]
        np.testing.assert_allclose(seen.outputs[steps - 1], own, atol=1e-5)


def test_a_chaotic_network_is_followed_by_its_own_cells():
    model = sequential(I((None, 2)), L.LSTM(3, return_sequences=True, name="wild"))
    for part in model.weights:
        part.assign(np.random.default_rng(4).normal(0, 15, part.shape))
    watched(model, np.random.default_rng(4).normal(size=(2, 300, 2)))


# --- what cannot be opened, faults, and what is put back ---------------------------------------


class OwnCell(L.Layer):
    state_size = 4

    def build(self, shape):
        self.kernel = self.add_weight((shape[-1], 4))

    def call(self, x, states):
        h = ops.tanh(x @ self.kernel + states[0])
        return h, [h]


class Lots(Loop):
    """Dropout that is left on."""

    def __init__(self):
        super().__init__()
        self.lots = L.LSTM(3, dropout=0.5, name="lots")

    def call(self, x):
        return super().call(x) + self.lots(x, training=True)


@pytest.mark.parametrize(("make", "words"), [
    (lambda: L.RNN(OwnCell(), return_sequences=True, name="odd"), "'odd' is a OwnCell"),
    (lambda: L.LSTM(3, dtype="float16", return_sequences=True, name="half"), "in float16"),
    (None, "'lots' is called with training=True"),
])  # fmt: skip
def test_a_layer_that_cannot_be_opened_says_why_and_the_others_are_shown(make, words):
    if make:
        model = sequential(I((None, 3)), L.LSTM(3, return_sequences=True), make(), L.GRU(2))
    else:
        model = built(Lots(), X)
    adapter = KerasModel(model)
    seen = adapter.watch((X,), {})
    [closed] = [call for call in seen.calls if call.closed]
    assert words in closed.closed
    assert all(call.apart <= passes.TOLERANCE for call in seen.calls if call is not closed)
    assert rnnscope.trace(model, X, answers=False).closed == {closed.layer: closed.closed}


@pytest.fixture
def plain():
    return sequential(
        I((None, 3)), L.Masking(), L.LSTM(4, return_sequences=True, name="low"),
        L.GRU(3, name="top"), L.Dense(2),
    )  # fmt: skip


def louder(call):
    def made(layer, *args, **kwargs):
        return 1.001 * call(layer, *args, **kwargs)

    return made


def one_step_late(call):
    def made(layer, sequences, initial_state=None, mask=None, training=False):
        late = ops.roll(mask, 1, axis=1)
        return call(layer, sequences, initial_state=initial_state, mask=late, training=training)

    return made


@pytest.mark.parametrize("fault", [louder, one_step_late])
def test_a_layer_that_does_something_else_is_named(plain, fault, monkeypatch):
    x = X.copy()
    x[:, :4] = 0
    watched(plain, x)
    monkeypatch.setattr(L.RNN, "call", fault(L.RNN.call))
    plain.get_layer("low").zero_output_for_mask = True  # what it had compiled is not asked now
    with pytest.raises(ValueError, match="part at the layer 'low'"):
        rnnscope.trace(plain, x)


CLASSES = ("LSTM", "GRU", "SimpleRNN", "RNN", "LSTMCell", "GRUCell", "SimpleRNNCell")
CLASSES += ("Bidirectional", "TimeDistributed", "Dense", "Activation", "Softmax", "Embedding")


class Fails(L.Layer):
    fails = False

    def call(self, x):
        if self.fails:
            raise RuntimeError("in the middle")
        return x


@pytest.mark.parametrize("fails", [False, True])
def test_all_is_put_back_after_an_error_too(fails):
    source, last = I(batch_shape=(1, None, 3)), Fails()
    h = L.LSTM(4, stateful=True, return_sequences=True)(source)
    h = L.BatchNormalization()(h, training=True)
    model = functional(source, last(L.Dense(2, "softmax")(L.GRU(3, dropout=0.5)(h))))
    last.fails = fails
    variables = [*model.variables, *model.layers[1].states]
    before = [np.asarray(v).copy() for v in variables]
    calls = [vars(getattr(L, name))["call"] for name in CLASSES]
    adapter = KerasModel(model)
    for run in (adapter.run, adapter.watch, lambda *a: adapter.gradient(*a, (0, 0))):
        if fails:
            with pytest.raises(ValueError, match="in the middle"):
                run((X,), {})
        else:
            run((X,), {})
        assert [vars(getattr(L, name))["call"] for name in CLASSES] == calls
        for variable, value in zip(variables, before, strict=True):
            np.testing.assert_array_equal(np.asarray(variable), value)
    assert model.layers[-2].activation is keras.activations.softmax


def test_what_was_compiled_follows_a_changed_layer_and_keeps_no_model_alive():
    model = sequential(I((None, 3)), L.LSTM(4, name="lstm"))
    before = watched(model, X).outputs[0]
    layer = model.layers[0]
    layer.cell.activation = keras.activations.relu
    changed = watched(model, X)
    assert changed.calls[0].records[0].activation == "relu"
    assert passes.apart(changed.outputs, [before]) > 1e-4
    layer.cell.kernel.assign(2 * layer.cell.kernel)
    assert passes.apart(watched(model, X).outputs, changed.outputs) > 1e-4
    gone = weakref.ref(layer)
    del model, layer
    gc.collect()
    assert gone() is None


def test_a_stale_function_is_told():
    if keras.backend.backend() != "tensorflow":
        pytest.skip("tf.function is TensorFlow's")
    import tensorflow as tf

    class Compiled(Loop):
        call = tf.function(Loop.call)

    model, predicts = built(Compiled(), X), sequential(I((None, 3)), L.LSTM(4))
    predicts.compile()
    predicts.predict(X, verbose=0)
    for part, cell in ((model, model.cell), (predicts, predicts.layers[0].cell)):
        cell.activation = keras.activations.relu
        seen = rnnscope.trace(part, X, answers=False)
        assert not seen.proved and "compiled before" in seen.caveat


# --- what it is given --------------------------------------------------------------------------


def test_inputs_come_in_every_form():
    model = side_by_side()
    adapter = KerasModel(model)
    wanted = adapter.run(*adapter.prepare([X, WORDS], {}))
    for x in ((X[0], WORDS[0]), {"words": WORDS, "x": ops.convert_to_tensor(X)}, [X, WORDS[0]]):
        np.testing.assert_array_equal(adapter.run(*adapter.prepare(x, {})), wanted)
    seen = rnnscope.trace(model, run=lambda: model([X, WORDS]))
    np.testing.assert_array_equal(seen.output, wanted[0][0])
    single = sequential(I((None, 1)), L.LSTM(2))
    assert KerasModel(single).prepare([0.5, 1, 2], {})[0][0].shape == (1, 3, 1)


@pytest.mark.parametrize(("make", "x", "words"), [
    (side_by_side, X, "takes 2 inputs: give an array for each of 'x', 'words'"),
    (side_by_side, {"x": X, "y": X}, "or a dict by those names"),
    (side_by_side, [X.swapaxes(1, 2), WORDS], r"x of 'x' has shape \(1, 3, 12\)"),
    (side_by_side, [X, WORDS + 9], "x of 'words' holds whole numbers from 9 to 15"),
    (lambda: keras.Sequential([L.LSTM(3)]), X, "has not been built"),
    (lambda: sequential(I((None, 3)), L.LSTM(3)), X[0].T, "look swapped: give x.T"),
    (lambda: sequential(I((None, 3)), L.Dense(3)), X, "no recurrent layer"),
    (lambda: built(Decoder(), X, Y), X, "itself cannot run input of shape"),
])  # fmt: skip
def test_what_does_not_fit_is_told(make, x, words):
    with pytest.raises((TypeError, ValueError), match=words):
        rnnscope.trace(make(), x)
