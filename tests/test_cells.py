"""The cells against Keras, finite differences, and themselves; test_backends.py has PyTorch."""

import warnings

import numpy as np
import pytest

from rnnscope import cells

CELLS = ("rnn", "gru", "lstm", "mingru")
SIZES = [(3, 5, 4, 7), (2, 7, 6, 3)]  # batch, time steps, features, units: no two alike


def given(cell, sizes, seed=0, dtype="float64"):
    """Random weights, inputs and initial state, nothing symmetric or zero."""
    batch, time_steps, features, units = sizes
    rng = np.random.default_rng(seed)
    weights = cells.Weights(
        *(a.astype(dtype) for a in cells.random_weights(cell, features, units, seed))
    )
    x = rng.normal(size=(batch, time_steps, features)).astype(dtype)
    state = [rng.normal(size=(batch, units)).astype(dtype) for _ in range(1 + (cell == "lstm"))]
    return weights, x, state


def unrolled(cell, x, weights, state, **settings):
    return cells.unroll(cell, x, weights, state if cell == "lstm" else state[0], **settings)


# --- against Keras -----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def keras():
    from helpers.reader import import_keras

    return import_keras()


def keras_layer(keras, cell, weights, x, **options):
    from helpers.reader import MinGRU

    kinds = (keras.layers.SimpleRNN, keras.layers.GRU, keras.layers.LSTM, MinGRU)
    kind = dict(zip(CELLS, kinds, strict=True))[cell]
    layer = kind(weights.recurrent_kernel.shape[0], dtype=str(x.dtype), **options)
    layer.build(x.shape)
    layer.set_weights([array for array in weights if array.size])
    return layer


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("cell", CELLS)
def test_every_state_at_every_step_is_that_of_keras(keras, cell, sizes, dtype):
    weights, x, state = given(cell, sizes, dtype=dtype)
    layer = keras_layer(keras, cell, weights, x, return_sequences=True, return_state=True)
    history = cells.unroll(cell, x, layer.get_weights(), state if cell == "lstm" else state[0])
    assert history.h.dtype == x.dtype
    close = {"rtol": 0, "atol": 1e-6 if dtype == "float32" else 1e-12}
    for t in range(x.shape[1]):
        # The layer stopped after step t hands out the state there, the LSTM's c too.
        outputs, *final = (np.asarray(a) for a in layer(x[:, : t + 1], initial_state=state))
        np.testing.assert_allclose(history.h[:, t], final[0], **close)
        if cell == "lstm":
            np.testing.assert_allclose(history.c[:, t], final[1], **close)
    np.testing.assert_allclose(history.h, outputs, **close)
    last = cells.last_state(cell, x, weights, state if cell == "lstm" else state[0])
    np.testing.assert_array_equal(last[0] if cell == "lstm" else last, history.h[:, -1])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_are_those_of_automatic_differentiation(keras, cell, sizes, dtype):
    import tensorflow as tf

    weights, x, state = given(cell, sizes, seed=2, dtype=dtype)
    d_h = np.random.default_rng(3).normal(size=(*x.shape[:2], sizes[3])).astype(dtype)
    layer = keras_layer(keras, cell, weights, x, return_sequences=True)
    with tf.GradientTape() as tape:
        x_watched = tf.Variable(x)
        loss = tf.reduce_sum(layer(x_watched, initial_state=state) * d_h)
    variables = [x_watched, *(v.value for v in layer.trainable_variables)]
    expected = [np.asarray(g) for g in tape.gradient(loss, variables)]
    if cell == "mingru":  # has no recurrent kernel
        expected.insert(2, np.zeros((sizes[3], 0), dtype))
    history = unrolled(cell, x, weights, state)
    found = cells.backward(cell, x, weights, history, d_h)
    for name, one, other in zip(found._fields, found, expected, strict=True):
        tolerance = 1e-5 if dtype == "float32" else 1e-11
        np.testing.assert_allclose(one, other, rtol=0, atol=tolerance, err_msg=name)
        assert one.dtype == x.dtype


# --- against finite differences -----------------------------------------------------------------


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_are_those_of_finite_differences(cell, sizes):
    weights, x, state = given(cell, sizes, seed=4)
    d_h = np.random.default_rng(5).normal(size=(*x.shape[:2], sizes[3]))

    def loss():
        return (unrolled(cell, x, weights, state).h * d_h).sum()

    history = unrolled(cell, x, weights, state)
    found = cells.backward(cell, x, weights, history, d_h)
    for name, array in {"x": x, **weights._asdict()}.items():
        slope = np.empty_like(array)
        for entry in np.ndindex(array.shape):
            before = array[entry]
            array[entry] = before + 1e-5
            up = loss()
            array[entry] = before - 1e-5
            down = loss()
            array[entry] = before
            slope[entry] = (up - down) / 2e-5
        np.testing.assert_allclose(getattr(found, name), slope, rtol=0, atol=1e-7, err_msg=name)


# --- steps and histories -----------------------------------------------------------------------


@pytest.mark.parametrize("cell", CELLS)
def test_unroll_is_the_step_repeated(cell):
    weights, x, state = given(cell, SIZES[1], seed=6)
    step = getattr(cells, f"{cell}_step")
    history = unrolled(cell, x, weights, state)
    np.testing.assert_array_equal(history.initial_state, state)
    for t in range(x.shape[1]):
        state = step(x[:, t], *state, list(weights))
        state = state if cell == "lstm" else (state,)
        np.testing.assert_allclose(history.h[:, t], state[0], rtol=0, atol=1e-14)
        if cell == "lstm":
            np.testing.assert_allclose(history.c[:, t], state[1], rtol=0, atol=1e-14)


def test_nothing_given_is_changed():
    for cell in CELLS:
        weights, x, state = given(cell, SIZES[0])
        arrays = (x, *state, *weights)
        copies = [a.copy() for a in arrays]
        history = unrolled(cell, x, weights, state)
        cells.backward(cell, x, weights, history, np.ones_like(history.h))
        cells.unroll(cell, x, weights, change=pinned(cell, {}, [2]))
        for array, copy in zip(arrays, copies, strict=True):
            np.testing.assert_array_equal(array, copy)


def test_sigmoid_and_softmax_never_overflow():
    for dtype in ("float32", "float64"):
        a = np.array([-np.inf, -1e4, -2, 0, 3, 1e4, np.inf], dtype)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            s = cells.sigmoid(a)
            beliefs = cells.softmax(np.array([[1e4, 0, 1e4], [-1e4, -1e4, 2]], dtype))
        assert s.dtype == beliefs.dtype == dtype
        expected = [0, 0, 1 / (1 + np.exp(2)), 0.5, 1 / (1 + np.exp(-3)), 1, 1]
        np.testing.assert_allclose(s, expected, rtol=1e-6)
        np.testing.assert_allclose(beliefs, [[0.5, 0, 0.5], [0, 0, 1]])
    assert cells.sigmoid(-40.0) == pytest.approx(np.exp(-40), rel=1e-12)
    assert cells.sigmoid([0, 1])[1] == pytest.approx(0.7310585786300049)


# --- pinned gates and silenced units -----------------------------------------------------------


def pinned(cell, gates, silenced=()):
    return cells.pin(cell, SIZES[0][3], {**gates, "units": silenced})


@pytest.mark.parametrize("value", [0, 0.25, 1.0])
@pytest.mark.parametrize(("cell", "gate"), [*zip(["lstm"] * 3 + ["gru"] * 2, "ifozr", strict=True)])
def test_a_pinned_gate_stays_and_the_others_follow_the_equations(cell, gate, value):
    weights, x, (h, *c) = given(cell, SIZES[0])
    history = unrolled(cell, x, weights, [h, *c], change=pinned(cell, {gate: value}))
    assert (getattr(history, gate) == value).all()
    for t in range(x.shape[1]):
        if cell == "lstm":
            gates = dict(zip("ifgo", cells.lstm_gates(x[:, t], h, weights), strict=True))
            gates[gate] = value
            c = [gates["f"] * c[0] + gates["i"] * gates["g"]]
            h = gates["o"] * np.tanh(c[0])
            np.testing.assert_allclose(history.c[:, t], c[0], atol=1e-14)
        else:
            z, _, candidate = cells.gru_gates(x[:, t], h, weights)
            W, U, (b, d) = (array[..., 14:] for array in weights)
            if gate == "r":
                candidate = np.tanh(x[:, t] @ W + b + value * (h @ U + d))
            else:
                z = value
            h = z * h + (1 - z) * candidate
        np.testing.assert_allclose(history.h[:, t], h, atol=1e-14)


@pytest.mark.parametrize("cell", CELLS)
def test_silenced_units_are_as_good_as_cut_out(cell):
    weights, x, state = given(cell, SIZES[0])
    silenced, left = [0, 5], [1, 2, 3, 4, 6]
    gates = {"lstm": {"f": 1.0}, "gru": {"z": 0.3}}.get(cell, {})
    history = cells.unroll(cell, x, weights, change=pinned(cell, gates, silenced))
    columns = np.concatenate([np.array(left) + 7 * k for k in range(len(cells.BLOCKS[cell]))])
    smaller = cells.Weights(
        weights.kernel[:, columns],
        weights.recurrent_kernel[left][:, columns[: weights.recurrent_kernel.shape[1]]],
        weights.bias[..., columns],
    )
    cut = cells.unroll(cell, x, smaller, change=cells.pin(cell, 5, gates))
    np.testing.assert_allclose(history.h[..., left], cut.h, atol=1e-14)
    # What a silenced unit was started with is lost.
    for made in (history, unrolled(cell, x, weights, state, change=pinned(cell, {}, silenced))):
        assert (made.h[..., silenced] == 0).all()
        assert made.c is None or (made.c[..., silenced] == 0).all()


# --- what is given in another way ---------------------------------------------------------------


def test_arrays_of_another_kind_are_computed_with_as_floats():
    for whole in (np.array([3, 200], np.uint8), np.array([3, -2]), [True, False]):
        right = 1 / (1 + np.exp(-np.asarray(whole, float)))
        np.testing.assert_allclose(cells.sigmoid(whole), right)
        assert cells.softmax(whole).sum() == pytest.approx(1)
    assert cells.softmax(np.array([1, 2, 3], np.uint8))[0] == pytest.approx(0.0900305732)
    assert cells.sigmoid(np.float16([-9])).dtype == np.float32
    weights, x, _ = given("gru", SIZES[0])
    whole = [np.rint(array * 3).astype(int) for array in weights]
    history = cells.unroll("gru", x, whole)
    np.testing.assert_array_equal(
        history.h, cells.unroll("gru", x, [array.astype(float) for array in whole]).h
    )
    mask = np.ones(x.shape[:2], bool)
    x[1, 2], mask[1, 2] = np.nan, False  # what is not read may be missing
    assert np.isfinite(cells.unroll("gru", x, weights, mask=mask).h).all()


FUNCTIONS = {
    "activation": lambda a: a / (1 + np.abs(a)),
    "recurrent_activation": lambda a: np.clip(a / 6 + 0.5, 0, 1),
}


@pytest.mark.parametrize("cell", ["rnn", "gru", "first gru", "lstm"])
def test_other_functions_and_a_mask_are_those_of_keras(keras, cell):
    names = {"activation": "softsign", "recurrent_activation": "hard_sigmoid"}
    reset_after = cell != "first gru"
    cell = cell.removeprefix("first ")
    weights, x, _ = given(cell, SIZES[0], seed=8)
    mask = np.array([[1, 0, 1, 1, 0], [0, 1, 1, 0, 1], [1, 1, 1, 1, 1]], bool)
    if cell == "rnn":
        del names["recurrent_activation"]
    kept = weights
    if not reset_after:
        weights.bias[1] = 0
        kept, names["reset_after"] = weights._replace(bias=weights.bias[0]), False
    layer = keras_layer(keras, cell, kept, x, return_state=True, **names)
    _, *states = layer(x, mask=mask)
    history = cells.unroll(cell, x, weights, mask=mask, reset_after=reset_after, **FUNCTIONS)
    np.testing.assert_allclose(history.h[:, -1], states[0], atol=1e-12)
    if cell == "lstm":
        np.testing.assert_allclose(history.c[:, -1], states[1], atol=1e-12)
        assert np.isnan(history.f[~mask]).all() and np.isfinite(history.f[mask]).all()
