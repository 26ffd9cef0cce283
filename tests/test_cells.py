"""The cells against Keras, PyTorch where it is installed, finite differences, and themselves."""

import inspect
import subprocess
import sys
import warnings

import numpy as np
import pytest

from helpers import cells

CELLS = ("rnn", "gru", "lstm")
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


# --- against Keras -----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def keras():
    try:
        from helpers.reader import import_keras
    except ImportError:
        return pytest.importorskip("keras")
    return import_keras()


def keras_layer(keras, cell, weights, x, **options):
    kind = {"rnn": keras.layers.SimpleRNN, "gru": keras.layers.GRU, "lstm": keras.layers.LSTM}[cell]
    layer = kind(weights.recurrent_kernel.shape[0], dtype=str(x.dtype), **options)
    layer.build(x.shape)
    layer.set_weights(list(weights))
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
        np.testing.assert_allclose(history.h[:, t], outputs[:, -1], **close)
        np.testing.assert_allclose(history.h[:, t], final[0], **close)
        if cell == "lstm":
            np.testing.assert_allclose(history.c[:, t], final[1], **close)
    np.testing.assert_allclose(history.h, outputs, **close)


@pytest.mark.parametrize("cell", CELLS)
def test_the_state_starts_at_zero_as_in_keras(keras, cell):
    weights, x, _ = given(cell, SIZES[0], seed=1)
    layer = keras_layer(keras, cell, weights, x, return_sequences=True)
    np.testing.assert_allclose(cells.unroll(cell, x, weights).h, layer(x), rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_are_those_of_automatic_differentiation(keras, cell, sizes, dtype):
    tf = pytest.importorskip("tensorflow")
    weights, x, state = given(cell, sizes, seed=2, dtype=dtype)
    d_h = np.random.default_rng(3).normal(size=(*x.shape[:2], sizes[3])).astype(dtype)
    layer = keras_layer(keras, cell, weights, x, return_sequences=True)
    with tf.GradientTape() as tape:
        x_watched = tf.Variable(x)
        loss = tf.reduce_sum(layer(x_watched, initial_state=state) * d_h)
    variables = [x_watched, *(v.value for v in layer.trainable_variables)]
    expected = [np.asarray(g) for g in tape.gradient(loss, variables)]
    history = cells.unroll(cell, x, weights, state if cell == "lstm" else state[0])
    found = cells.backward(cell, x, weights, history, d_h)
    for name, one, other in zip(found._fields, found, expected, strict=True):
        tolerance = 1e-5 if dtype == "float32" else 1e-11
        np.testing.assert_allclose(one, other, rtol=0, atol=tolerance, err_msg=name)
        assert one.dtype == x.dtype


# --- against finite differences and PyTorch ----------------------------------------------------


@pytest.mark.parametrize("pinned", [False, True])
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_are_those_of_finite_differences(cell, sizes, pinned):
    weights, x, state = given(cell, sizes, seed=4)
    state = state if cell == "lstm" else state[0]
    d_h = np.random.default_rng(5).normal(size=(*x.shape[:2], sizes[3]))

    def loss():
        return (cells.unroll(cell, x, weights, state).h * d_h).sum()

    if pinned:
        gates = {"rnn": {}, "gru": {"r": 0.3}, "lstm": {"f": 1.0, "o": 0.6}}[cell]
        weights = cells.pin(cell, weights, gates, silenced=[1])
    history = cells.unroll(cell, x, weights, state)
    found = cells.backward(cell, x, weights, history, d_h)
    arrays = {"x": x} if pinned else {"x": x, **weights._asdict()}
    for name, array in arrays.items():
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


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("cell", CELLS)
def test_states_and_gradients_are_those_of_pytorch(cell, sizes):
    torch = pytest.importorskip("torch")
    weights, x, state = given(cell, sizes, seed=7)
    features, units = sizes[2:]
    d_h = np.random.default_rng(8).normal(size=(*x.shape[:2], units))
    kind = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell]
    layer = kind(features, units, batch_first=True, dtype=torch.float64)
    # PyTorch keeps weights transposed; its blocks stand as ours, but for the GRU: r before z.
    blocks = ("r", "z", "candidate") if cell == "gru" else cells.BLOCKS[cell]
    columns = np.concatenate(
        [np.arange(units) + units * cells.BLOCKS[cell].index(block) for block in blocks]
    )
    theirs = [layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0]
    biases = weights.bias if cell == "gru" else (weights.bias, np.zeros_like(weights.bias))
    ours = [weights.kernel.T, weights.recurrent_kernel.T, *biases]
    with torch.no_grad():
        for their, our in zip(theirs, ours, strict=True):
            their[:] = torch.tensor(our[columns])
    x_watched = torch.tensor(x, requires_grad=True)
    start = tuple(torch.tensor(part[np.newaxis]) for part in state)
    outputs, final = layer(x_watched, start if cell == "lstm" else start[0])
    (outputs * torch.tensor(d_h)).sum().backward()

    history = cells.unroll(cell, x, weights, state if cell == "lstm" else state[0])
    np.testing.assert_allclose(history.h, outputs.detach(), rtol=0, atol=1e-12)
    if cell == "lstm":
        np.testing.assert_allclose(history.c[:, -1], final[1][0].detach(), rtol=0, atol=1e-12)
    found = cells.backward(cell, x, weights, history, d_h)
    np.testing.assert_allclose(found.x, x_watched.grad, rtol=0, atol=1e-11)
    biases = found.bias if cell == "gru" else (found.bias, found.bias)
    ours = [found.kernel.T, found.recurrent_kernel.T, *biases]
    for their, our in zip(theirs, ours, strict=True):
        np.testing.assert_allclose(our[columns], their.grad, rtol=0, atol=1e-11)


# --- steps and histories -----------------------------------------------------------------------


@pytest.mark.parametrize("cell", CELLS)
def test_unroll_is_the_step_repeated(cell):
    weights, x, state = given(cell, SIZES[1], seed=6)
    step = {"rnn": cells.rnn_step, "gru": cells.gru_step, "lstm": cells.lstm_step}[cell]
    history = cells.unroll(cell, x, weights, state if cell == "lstm" else state[0])
    for t in range(x.shape[1]):
        state = step(x[:, t], *state, list(weights))
        state = state if cell == "lstm" else (state,)
        np.testing.assert_array_equal(history.h[:, t], state[0])
        if cell == "lstm":
            np.testing.assert_array_equal(history.c[:, t], state[1])


def test_the_history_holds_the_gates_of_its_own_cell():
    batch, time_steps, _, units = SIZES[0]
    held = {"rnn": {"h"}, "gru": {"h", "z", "r", "candidate"}}
    held["lstm"] = {"h", "c", "i", "f", "candidate", "o"}
    for cell in CELLS:
        weights, x, state = given(cell, SIZES[0])
        history = cells.unroll(cell, x, weights, state if cell == "lstm" else state[0])
        for name in ("h", "c", "i", "f", "candidate", "o", "z", "r"):
            array = getattr(history, name)
            assert (array is not None) == (name in held[cell]), name
            assert array is None or array.shape == (batch, time_steps, units)
        np.testing.assert_array_equal(history.initial_state, state)
        if cell == "gru":
            gates = cells.gru_gates(x[:, 1], history.h[:, 0], weights)
            np.testing.assert_array_equal((history.z[:, 1], history.r[:, 1]), gates[:2])
        if cell == "lstm":
            gates = cells.lstm_gates(x[:, 1], history.h[:, 0], weights)
            kept = (history.i, history.f, history.candidate, history.o)
            np.testing.assert_array_equal([gate[:, 1] for gate in kept], gates)


def test_a_step_takes_a_single_vector_and_whole_numbers():
    weights, _, (h, c) = given("lstm", SIZES[0])
    row = np.array([3, 0, 255, 7], dtype="uint8")
    alone, _ = cells.lstm_step(row, h[0], c[0], weights)
    batch, _ = cells.lstm_step(row[np.newaxis].astype(float), h[:1], c[:1], weights)
    np.testing.assert_allclose(alone, batch[0], atol=1e-15)
    single = cells.Weights(*(a.astype("float32") for a in weights))
    assert cells.unroll("lstm", row[None, None], single).h.dtype == np.float32


def test_nothing_given_is_changed():
    for cell in CELLS:
        weights, x, state = given(cell, SIZES[0])
        arrays = (x, *state, *weights)
        copies = [a.copy() for a in arrays]
        history = cells.unroll(cell, x, weights, state if cell == "lstm" else state[0])
        cells.backward(cell, x, weights, history, np.ones_like(history.h))
        cells.pin(cell, weights, {"rnn": {}, "gru": {"z": 0}, "lstm": {"f": 1}}[cell], [2])
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


def test_random_weights_differ_everywhere_and_repeat():
    for cell in CELLS:
        one, again = (cells.random_weights(cell, 4, 7, seed=1) for _ in range(2))
        other = cells.random_weights(cell, 4, 7, seed=2)
        for a, b, c in zip(one, again, other, strict=True):
            np.testing.assert_array_equal(a, b)
            assert not np.isclose(a, c).any()
            assert len(np.unique(a)) == a.size
            assert (a != 0).all()


# --- pinned gates and silenced units -----------------------------------------------------------


@pytest.mark.parametrize("value", [0, 0.25, 1.0])
@pytest.mark.parametrize("gate", ["i", "f", "o"])
def test_a_pinned_lstm_gate_stays_and_the_others_follow_the_equations(gate, value):
    weights, x, (h, c) = given("lstm", SIZES[0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = cells.unroll("lstm", x, cells.pin("lstm", weights, {gate: value}), (h, c))
    np.testing.assert_allclose(getattr(history, gate), value, rtol=0, atol=1e-15)
    for t in range(x.shape[1]):
        gates = dict(zip("ifgo", cells.lstm_gates(x[:, t], h, weights), strict=True))
        gates[gate] = value
        c = gates["f"] * c + gates["i"] * gates["g"]
        h = gates["o"] * np.tanh(c)
        np.testing.assert_allclose(history.h[:, t], h, atol=1e-14)
        np.testing.assert_allclose(history.c[:, t], c, atol=1e-14)


@pytest.mark.parametrize("value", [0, 0.25, 1.0])
@pytest.mark.parametrize("gate", ["z", "r"])
def test_a_pinned_gru_gate_stays_and_the_others_follow_the_equations(gate, value):
    weights, x, (h,) = given("gru", SIZES[0])
    history = cells.unroll("gru", x, cells.pin("gru", weights, {gate: value}), h)
    np.testing.assert_allclose(getattr(history, gate), value, rtol=0, atol=1e-15)
    W_h, U_h = weights.kernel[:, 14:], weights.recurrent_kernel[:, 14:]
    b_h, d_h = weights.bias[:, 14:]
    for t in range(x.shape[1]):
        z, r, _ = cells.gru_gates(x[:, t], h, weights)
        z, r = (value, r) if gate == "z" else (z, value)
        h = z * h + (1 - z) * np.tanh(x[:, t] @ W_h + b_h + r * (h @ U_h + d_h))
        np.testing.assert_allclose(history.h[:, t], h, atol=1e-14)


@pytest.mark.parametrize("cell", CELLS)
def test_silenced_units_are_as_good_as_cut_out(cell):
    weights, x, _ = given(cell, SIZES[0])
    silenced, left = [0, 5], [1, 2, 3, 4, 6]
    gates = {"lstm": {"f": 1.0}}.get(cell, {})
    history = cells.unroll(cell, x, cells.pin(cell, weights, gates, silenced))
    assert (history.h[..., silenced] == 0).all()
    assert history.c is None or (history.c[..., silenced] == 0).all()
    columns = np.concatenate([np.array(left) + 7 * k for k in range(len(cells.BLOCKS[cell]))])
    smaller = cells.Weights(
        weights.kernel[:, columns],
        weights.recurrent_kernel[np.ix_(left, columns)],
        weights.bias[..., columns],
    )
    cut = cells.unroll(cell, x, cells.pin(cell, smaller, gates))
    np.testing.assert_allclose(history.h[..., left], cut.h, atol=1e-14)


def test_a_silenced_unit_drops_what_it_was_started_with():
    for cell in CELLS:
        weights, x, state = given(cell, SIZES[0])
        pinned = cells.pin(cell, weights, silenced=[3])
        history = cells.unroll(cell, x, pinned, state if cell == "lstm" else state[0])
        assert (history.h[..., 3] == 0).all()
        assert history.c is None or (history.c[..., 3] == 0).all()


@pytest.mark.parametrize(
    ("cell", "gates", "silenced", "says"),
    [
        ("lstm", {"z": 1}, (), "lstm has no gate 'z': it has i, f, o"),
        ("lstm", {"candidate": 1}, (), "no gate 'candidate'"),
        ("rnn", {"f": 1}, (), "it has none"),
        ("lstm", {"f": 1.5}, (), "pinned at 0 (shut) to 1 (open), not at 1.5"),
        ("gru", {}, [7], "no unit 7: the units are 0 to 6"),
        ("gru", {}, [-1], "no unit -1"),
        ("gru", {"z": np.nan}, (), "not at nan"),
        ("gru", {"z": "open"}, (), "not at 'open'"),
        ("gru", {}, np.arange(6) < 2, "a mask, bool of shape (7,)"),
        ("gru", {}, [0, 1, 0, 0, 0, 1, 0], "mask.astype(bool)"),
        ("gru", {}, [1.5], "give their numbers, 0 to 6"),
        ("gru", {}, "35", "silenced units are '35'"),
    ],
)
def test_what_cannot_be_pinned_is_named(cell, gates, silenced, says):
    weights, _, _ = given(cell, SIZES[0])
    with pytest.raises(ValueError) as error:
        cells.pin(cell, weights, gates, silenced)
    assert says in str(error.value)


def test_units_are_silenced_by_number_or_by_a_mask():
    weights, _, _ = given("gru", SIZES[0])
    by_number = cells.pin("gru", weights, silenced=[1, 4])
    for other in ((1, 4), {4, 1}, np.array([1.0, 4.0]), np.arange(7) % 3 == 1):
        for one, same in zip(by_number, cells.pin("gru", weights, silenced=other), strict=True):
            np.testing.assert_array_equal(one, same)


# --- what does not fit is named ----------------------------------------------------------------


def lstm_with(**changed):
    return given("lstm", SIZES[0])[0]._replace(**changed)


def refused(function, *arguments, **settings):
    with pytest.raises((ValueError, TypeError)) as error:
        function(*arguments, **settings)
    return str(error.value)


def test_inputs_that_do_not_fit_are_named_with_their_three_sizes():
    weights, x, _ = given("lstm", SIZES[0])
    message = refused(cells.unroll, "lstm", np.zeros((3, 5, 9)), weights)
    assert "batch 3, time steps 5, features 9" in message
    assert "rows for 4 features" in message
    assert "swapped" not in message
    message = refused(cells.unroll, "lstm", x.swapaxes(1, 2), weights)
    assert "Time steps and features look swapped: give x.swapaxes(1, 2)" in message
    message = refused(cells.unroll, "lstm", x.swapaxes(0, 2), weights)
    assert "Batch and features look swapped: give x.swapaxes(0, 2)" in message
    message = refused(cells.unroll, "lstm", x[0], weights)
    assert "(5, 4): give (batch, time steps, features)" in message
    assert "x[np.newaxis]" in message
    assert "one step or more" in refused(cells.unroll, "lstm", x[:, :0], weights)


def test_steps_that_do_not_fit_are_named():
    weights, x, (h, c) = given("lstm", SIZES[0])
    assert "look swapped: give x_t.T" in refused(cells.lstm_step, x[:, 0].T, h, c, weights)
    assert "there is unroll" in refused(cells.lstm_step, x, h, c, weights)
    message = refused(cells.lstm_step, x[:, 0], h, c.T, weights)
    assert "c has shape (7, 3), but x_t (3, 4) and 7 units ask for (3, 7)" in message
    message = refused(cells.lstm_gates, x[:, 0], h[:, :4], weights)
    assert "h has shape (3, 4)" in message
    assert "units is the width of the state, whatever the number of features" in message


def test_weights_that_do_not_fit_are_named():
    weights, x, _ = given("lstm", SIZES[0])
    message = refused(cells.unroll, "lstm", x, lstm_with(kernel=np.zeros((4, 27))))
    assert "kernel has shape (4, 27)" in message
    assert "7 units (the rows of recurrent_kernel) has 4 * units = 28 columns" in message
    assert "give (4, 28)" in message
    message = refused(cells.unroll, "lstm", x, [weights.kernel.T, weights[1].T, weights.bias])
    assert "PyTorch keeps both kernels the other way round" in message
    message = refused(cells.unroll, "lstm", x, given("gru", SIZES[0])[0])
    assert "recurrent_kernel is that of the cell 'gru'" in message
    message = refused(cells.unroll, "lstm", x, weights[:2])
    assert "holds 2 arrays" in message
    assert "use_bias=True" in message
    assert "need two axes each" in refused(
        cells.unroll, "lstm", x, lstm_with(kernel=weights.kernel[0])
    )
    gru = given("gru", SIZES[0])[0]
    message = refused(cells.unroll, "gru", x, gru._replace(bias=gru.bias[0]))
    assert "give (2, 21)" in message
    assert "reset_after=False" in message
    assert "choose one of 'rnn', 'gru', 'lstm'" in refused(cells.unroll, "LSTM", x, weights)


def test_initial_states_and_gradients_that_do_not_fit_are_named():
    weights, x, (h, c) = given("lstm", SIZES[0])
    message = refused(cells.unroll, "lstm", x, weights, (h,))
    assert "the pair (h, c), each (3, 7) (batch, units)" in message
    assert "c has shape (3, 6)" in refused(cells.unroll, "lstm", x, weights, (h, c[:, 1:]))
    gru = given("gru", SIZES[0])[0]
    assert "is h alone" in refused(cells.unroll, "gru", x, gru, (h, c))
    history = cells.unroll("lstm", x, weights)
    message = refused(cells.backward, "lstm", x, weights, history, h)
    assert "d_h has shape (3, 7)" in message
    assert "fill d_h[:, -1]" in message
    message = refused(cells.backward, "lstm", x[:, 1:], weights, history, history.h)
    assert "history.h has shape (3, 5, 7)" in message


def test_arrays_of_another_kind_are_computed_with_as_floats_or_named():
    for whole in (np.array([3, 200], np.uint8), np.array([3, -2]), [True, False]):
        right = 1 / (1 + np.exp(-np.asarray(whole, float)))
        np.testing.assert_allclose(cells.sigmoid(whole), right)
        assert cells.softmax(whole).sum() == pytest.approx(1)
    assert cells.softmax(np.array([1, 2, 3], np.uint8))[0] == pytest.approx(0.0900305732)
    assert cells.sigmoid(np.float16([-9])).dtype == np.float32
    for function in (cells.sigmoid, cells.softmax):
        for wrong in (["1"], np.array([1, 2], object), [1j], None):
            assert refused(function, wrong).startswith(("a is ", "a are "))
    weights, x, _ = given("gru", SIZES[0])
    whole = [np.rint(array * 3).astype(int) for array in weights]
    history = cells.unroll("gru", x, whole)
    np.testing.assert_array_equal(
        history.h, cells.unroll("gru", x, [array.astype(float) for array in whole]).h
    )


def test_what_is_lost_or_no_weights_at_all_is_named():
    weights, x, _ = given("lstm", SIZES[0])
    x[1, 2, 3] = np.nan
    assert "x has numbers that are not finite" in refused(cells.unroll, "lstm", x, weights)
    mask = np.ones(x.shape[:2], bool)
    assert "not finite" in refused(cells.unroll, "lstm", x, weights, mask=mask)
    mask[1, 2] = False  # what is not read may be missing
    assert np.isfinite(cells.unroll("lstm", x, weights, mask=mask).h).all()
    lost = lstm_with(recurrent_kernel=weights.recurrent_kernel * np.nan)
    assert "recurrent_kernel has numbers" in refused(cells.unroll, "lstm", x, lost)
    for wrong in (None, "w.npz", {"kernel": 1}, 3):
        assert refused(cells.unroll, "lstm", x, wrong).startswith("weights is ")
    found = refused(cells.unroll, "lstm", np.ones_like(x), weights, activation="relu")
    assert "activation is 'relu'" in found


def test_backward_knows_what_it_is_no_gradient_of():
    weights, x, _ = given("lstm", SIZES[0])
    mask = np.ones(x.shape[:2], bool)
    for word, settings in {
        "another activation": {"activation": np.sin},
        "another recurrent activation": {"recurrent_activation": np.tanh},
        "a mask": {"mask": mask},
        "a change": {"change": lambda made: made},
    }.items():
        history = cells.unroll("lstm", x, weights, **settings)
        assert word in refused(cells.backward, "lstm", x, weights, history, history.h)
    assert "history is None" in refused(cells.backward, "lstm", x, weights, None, x)
    history = cells.unroll("lstm", x, weights)
    gru = given("gru", SIZES[0])[0]
    assert "of another cell" in refused(cells.backward, "gru", x, gru, history, history.h)


@pytest.mark.parametrize("cell", CELLS)
def test_the_last_state_alone_is_that_of_the_history(cell):
    weights, x, state = given(cell, SIZES[1], seed=9)
    state = state if cell == "lstm" else state[0]
    history = cells.unroll(cell, x, weights, state)
    last = cells.last_state(cell, x, weights, state)
    if cell == "lstm":
        last, c = last
        np.testing.assert_array_equal(c, history.c[:, -1])
    np.testing.assert_array_equal(last, history.h[:, -1])


def test_only_numpy_is_imported():
    code = (
        "import sys, helpers.cells; "
        "print(sorted({'tensorflow', 'keras', 'pandas', 'matplotlib', 'scipy'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_each_equation_stands_once():
    source = inspect.getsource(cells)
    for equation in ("f * c + i * candidate", "o * activation(c)", "z * h + (1 - z) * candidate"):
        assert source.count(equation) == 1, equation


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
    layer_weights = weights
    if not reset_after:
        weights.bias[1] = 0
        layer_weights, names = (
            weights._replace(bias=weights.bias[0]),
            {**names, "reset_after": False},
        )
    layer = keras_layer(keras, cell, layer_weights, x, return_state=True, **names)
    _, *states = layer(x, mask=mask)
    history = cells.unroll(cell, x, weights, mask=mask, reset_after=reset_after, **FUNCTIONS)
    np.testing.assert_allclose(history.h[:, -1], states[0], atol=1e-12)
    if cell == "lstm":
        np.testing.assert_allclose(history.c[:, -1], states[1], atol=1e-12)
        assert np.isnan(history.f[~mask]).all() and np.isfinite(history.f[mask]).all()


def test_a_change_of_what_a_step_makes_changes_the_state():
    weights, x, _ = given("lstm", SIZES[0])
    kept = cells.unroll("lstm", x, weights, change=lambda made: {**made, "f": made["f"] * 0})
    np.testing.assert_allclose(kept.c, kept.i * kept.candidate)


def test_a_mask_that_does_not_fit_is_named():
    weights, x, _ = given("rnn", SIZES[0])
    for mask in (np.ones((3, 4), bool), np.ones((3, 5))):
        with pytest.raises(ValueError, match="mask is"):
            cells.unroll("rnn", x, weights, mask=mask)
