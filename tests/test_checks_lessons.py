"""Each lesson's checks: answers written afresh are right, and what is told of any wrong function.

`test_checks.py` walks through the tables of wrong ideas; here nothing comes from these tables.
"""

import itertools

import numpy as np
import pytest

from helpers import checks, sequences
from helpers.digits import small_digits
from helpers.reader import import_keras, shipped
from helpers.trace import predict, trace
from rnnscope import cells
from rnnscope.cells import sigmoid

# --- functions as somebody else would write them ------------------------------------------------


def exp_sigmoid(a):
    return np.exp(a) / (1 + np.exp(a))


def exp_tanh(a):
    return (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a))


def blows_as_sums(blows, keeps):
    return tuple(
        sum(np.prod(keeps[k + 1 : n + 1]) * blows[k] for k in range(n + 1))
        for n in range(len(blows))
    )


def rnn(x_t, h, weights):
    kernel, recurrent_kernel, bias = weights
    both = np.concatenate([x_t, h], axis=1) @ np.concatenate([kernel, recurrent_kernel])
    return np.tanh(both + bias)


def states_filled_in(x, weights):
    states = np.zeros((*x.shape[:2], weights.kernel.shape[1]))
    h = states[:, 0]
    for t in range(x.shape[1]):
        h = states[:, t] = rnn(x[:, t], h, weights)
    return states


def broken_from_step_2(x, weights):
    states = states_filled_in(x, weights)
    states[:, 2:] *= 2
    return states


def over_the_batch(x, weights):
    """The bug that gives no error: the loop runs over the batch, and the state through it."""
    h, states = np.zeros((len(x), len(weights.recurrent_kernel))), []
    for x_t in x:
        h = np.tanh(x_t @ weights.kernel + h @ weights.recurrent_kernel + weights.bias)
        states.append(h)
    return np.stack(states, axis=1)


def step_back_of_the_cells(d_h, h, weights):
    # cells.backward on one step that starts so that its state is h
    x = np.zeros((len(h), 1, len(weights.kernel)))
    before = np.linalg.solve(weights.recurrent_kernel.T, (np.arctanh(h) - weights.bias).T).T
    history = cells.unroll("rnn", x, weights, before)
    d_x = cells.backward("rnn", x, weights, history, d_h[:, np.newaxis]).x[:, 0]
    return d_x, (d_h * (1 - history.h[:, 0] ** 2)) @ weights.recurrent_kernel.T


def gates(x_t, h, weights, order="ifco", gate=sigmoid, squash=np.tanh):
    """The four gates, with the blocks of columns taken in any order."""
    sums = x_t @ weights.kernel + h @ weights.recurrent_kernel + weights.bias
    at = dict(zip(order, np.split(sums, 4, axis=1), strict=True))
    return gate(at["i"]), gate(at["f"]), squash(at["c"]), gate(at["o"])


def lstm(x_t, h, c, weights, order="ifco"):
    i, f, g, o = gates(x_t, h, weights, order)
    c = f * c + i * g
    return o * np.tanh(c), c


def back_by_nudges(d_h, d_c, c_before, i, f, candidate, o):
    """The five gradients, found by turning each number a little."""
    start = {"i": i, "f": f, "candidate": candidate, "o": o, "c": c_before}

    def loss(numbers):
        h, c = cells.lstm_state(**numbers)
        return d_h * h + d_c * c

    return [
        (loss(start | {name: start[name] + 1e-5}) - loss(start | {name: start[name] - 1e-5})) / 2e-5
        for name in start
    ]


def gru_by_exp(x_t, h, weights):
    _, _, candidate = cells.gru_gates(x_t, h, weights)
    units = h.shape[1]
    z = exp_sigmoid((x_t @ weights[0] + h @ weights[1] + weights.bias.sum(0))[:, :units])
    return z * h + (1 - z) * candidate


def mask(lengths, time_steps):
    return np.arange(time_steps) < lengths[:, np.newaxis]


def mask_from_the_end(lengths, time_steps):
    out = np.zeros((len(lengths), time_steps), bool)
    for row, length in zip(out, lengths, strict=True):
        row[: length or None] = True  # wrong where the length is 0
    return out


def settles_from_the_end(answers):
    row = len(answers)
    while row > 1 and answers[row - 2] == answers[-1]:
        row -= 1
    return row


def settles_at_0(answers):
    """Right where the answer changes at all."""
    return max([n + 2 for n, one in enumerate(answers) if one != answers[-1]] or [0])


def parts_by_products(i, f, candidate):
    return [f[t + 1 :].prod(axis=0) * i[t] * candidate[t] for t in range(len(f))]


def parts_by_division(i, f, candidate):
    through = np.cumprod(f, axis=0)
    return through[-1] / through * i * candidate


def windows_of_the_course(values, past):
    x, y = sequences.windows(values, past)
    return x, y[:, 0]


# --- the tables ----------------------------------------------------------------------------------

RIGHT = {
    "run_blows": [lambda blows, keeps: list(blows_as_sums(blows, keeps))],
    "dense_layer": [lambda x, W, b: np.tanh([sum(x * W[:, n]) + b[n] for n in range(len(b))])],
    "batch_first": [lambda x: zip(*x, strict=True)],
    "rnn_step": [rnn],
    "unroll": [
        states_filled_in,
        lambda x, w: [states_filled_in(x[[n]], w)[0] for n in range(len(x))],
    ],
    "read_answer": [lambda h: [states[-1] for states in h]],
    "rnn_step_back": [step_back_of_the_cells],
    "lstm_gates": [gates, lambda *a: np.array(gates(*a))],
    "lstm_step": [lstm],
    "parameter_count": [lambda n, u: float(4 * (n * u + u * u + u))],
    "from_pytorch": [lambda w, u, b, d: cells.Weights(w.T, u.T, np.sum([b, d], axis=0))],
    "lstm_step_back": [back_by_nudges],
    "padding_mask": [lambda n, steps: mask(n, steps).astype(int)],
    "cross_entropy": [
        lambda belief, digit: -(np.eye(10)[digit] * np.log(belief)).sum(),
        lambda belief, digit: -np.log(belief[[digit]]),  # of shape (1,)
    ],
    "overall_accuracy": [lambda right, sizes: np.average(right / sizes, weights=sizes)],
    "rows_first": [lambda images: [list(zip(*image, strict=True)) for image in images]],
    "settles_at": [settles_from_the_end],
    "parts_of_sheet": [parts_by_products],
    "gru_step": [lambda *a: cells.gru_step(*a)],
    "windows": [windows_of_the_course],
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_function_passes_in_any_style(name):
    for function in RIGHT[name]:
        verdict = getattr(checks, name)(function)
        assert verdict, verdict.sentence


OVERFLOW = "with sums as large as 1,000 (where exp alone overflows)"
# What is told of any function; tests/test_checks.py has each exercise's own wrong ideas.
WRONG = [
    ("leaky_step", lambda s, b, k: s * k + b if k else 0, "with keep = 0, for (2.0, 1.5, 0.0)"),
    ("run_blows", lambda b, k: np.squeeze(blows_as_sums(b, k)), "with a single blow, states has"),
    ("dense_layer", lambda x, W, b: exp_tanh(x @ W + b), OVERFLOW),
    ("rnn_step", lambda x, h, w: rnn(x, h, w).T, "its axes are swapped"),
    ("rnn_step", lambda x, h, w: rnn(x, h, w).mean(0), "should be (7, 4), that is b"),
    ("rnn_step", lambda x, h, w: np.tanh(x), "5 is the size of features here"),
    ("rnn_step", lambda x, h, w: (rnn(x, h, w), h), "returns 2 things; it should return h"),
    ("rnn_step", lambda x, h, w: (rnn(x, h, w),), "take away the comma"),
    ("rnn_step", lambda x, h, w: rnn(x, h, w) / (h * 0), "not finite (NaN or inf)"),
    # On square, constant or symmetric inputs each of these four would be right.
    ("rnn_step", lambda x, h, w: rnn(0 * x + x.mean(0), 0 * h + h.mean(0), w), "should be"),
    ("rnn_step", lambda x, h, w: np.repeat(rnn(x[:1], h[:1], w), len(h), axis=0), "should be"),
    ("rnn_step", lambda x, h, w: rnn(x, 0 * h + h.mean(1, keepdims=True), w), "should be"),
    ("rnn_step", lambda x, h, w: rnn(x, h, w._replace(bias=w.bias[:1])), "should be"),
    ("rnn_step", lambda x, h, w: exp_tanh(x @ w[0] + h @ w[1] + w[2]), OVERFLOW),
    ("rnn_step", lambda x, h, w: rnn(x, h, w).squeeze(), "with a batch of one sequence, h has"),
    ("unroll", over_the_batch, "the state walks through the batch"),
    ("unroll", broken_from_step_2, "h is right until index 2 of its time steps, where h[0, 2, 0]"),
    ("unroll", lambda x, w: states_filled_in(x, w).squeeze(), "with a single time step, h has"),
    ("lstm_gates", lambda *a: gates(*a, gate=exp_sigmoid), OVERFLOW),
    ("lstm_gates", lambda *a: gates(*a)[:3], "returns 3 things; it should return i, f, c"),
    ("lstm_gates", lambda *a: gates(*a)[0], "returns one thing; it should return i, f,"),
    ("lstm_gates", lambda *a: gates(*a, squash=np.cos), "i and f and o are right, but candidate[0"),
    ("padding_mask", lambda n, steps: mask(n, steps).tolist(), "takes an array"),
    ("padding_mask", lambda n, steps: np.arange(steps) < n, "needs a second axis"),
    ("padding_mask", mask_from_the_end, "with a length of 0, "),
    ("time_major", lambda layer, x: layer(x.T), "only the first two axes"),
    ("time_major", lambda layer, x: layer(x, time_major=True), "time_major is gone"),
    ("cross_entropy", lambda b, n: -np.log(b[n]) if n else 0.0, "with the digit 0, "),
    ("settles_at", lambda a: np.flatnonzero(a != a[-1])[-1] + 2, "never changes, your function s"),
    ("settles_at", settles_at_0, "for ([4, 4, 4, 4]) your function gives 0 and should be 1"),
    ("parts_of_sheet", parts_by_division, "with a forget gate at 0, parts has entries that are n"),
    ("gru_step", gru_by_exp, OVERFLOW),
    ("pad_right", lambda codes, n: [(c + [0] * n)[:n] if c else [] for c in codes], "word without"),
]


@pytest.mark.parametrize(("name", "function", "says"), WRONG, ids=[row[2] for row in WRONG])
def test_a_wrong_function_is_told_why(name, function, says, capsys):
    assert not getattr(checks, name)(function)
    told = capsys.readouterr().out
    assert told.startswith("Not yet: ") and says in told


@pytest.mark.parametrize("order", ["".join(p) for p in itertools.permutations("ifco")][1:])
def test_every_other_order_of_the_columns_is_seen(order, capsys):
    spelt = ", ".join("candidate" if name == "c" else name for name in order)
    assert not checks.lstm_gates(lambda *a: gates(*a, order))
    assert not checks.lstm_step(lambda *a: lstm(*a, order))
    for told in capsys.readouterr().out.splitlines():
        assert f"as if the columns were in the order {spelt}" in told
        assert "Keras keeps them as i, f, candidate, o" in told


def test_converted_weights_give_pytorchs_numbers():
    """PyTorch's own equations, written out as its manual has them."""
    [exercise] = [one for one in checks.EXERCISES if one.name == "from_pytorch"]
    w, u, b, d = exercise.cases[0].arguments
    rng = np.random.default_rng(0)
    x, h, c = rng.normal(size=3), rng.normal(size=5), rng.normal(size=5)
    i, f, g, o = np.split(w @ x + b + u @ h + d, 4)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    theirs = o * np.tanh(f * c + i * g), f * c + i * g
    assert np.allclose(theirs, cells.lstm_step(x, h, c, cells.Weights(*exercise.right(w, u, b, d))))


def test_the_trained_network_does_what_the_answers_of_lesson_7_say():
    weights, digits = shipped("lstm"), small_digits()
    image = digits.x_test[digits.y_test == 3][0]
    wiped = trace(weights, image, ablate={"f": 0})
    np.testing.assert_allclose(wiped.c[-1], wiped.i[-1] * wiped.candidate[-1], atol=1e-6)
    shut = trace(weights, image, ablate={"o": 0})
    assert not shut.h.any() and np.abs(shut.c[-1]).max() > 1 and shut.candidate[-1].any()
    free = trace(weights, image)
    parts = parts_by_products(free.i, free.f, free.candidate)
    np.testing.assert_allclose(np.sum(parts, axis=0), free.c[-1], atol=1e-4)
    # Empty rows show forgetting where something was read before them, and there alone.
    x, y = digits.x_test, digits.y_test
    after, before = (np.pad(x, ((0, 0), rows, (0, 0))) for rows in ((0, 56), (56, 0)))
    right, right_after, right_before = (
        float((predict(weights, images) == y).mean()) for images in (x, after, before)
    )
    assert right > 0.97 and right_after < right - 0.25 and abs(right_before - right) < 0.01


# --- lesson 6: a network of one's own ------------------------------------------------------------

keras = import_keras()
L = keras.layers


def network(*layers, rows=(28, 28)):
    return keras.Sequential([*([L.Input(rows)] if rows else []), *layers])


def last(units=64, **settings):
    return L.LSTM(units, **settings)


def states():
    return L.LSTM(64, return_sequences=True)


def head(units=10, activation=None):
    return L.Dense(units, activation)


def side_by_side():
    x = L.Input((28, 28))
    return keras.Model(x, head()(L.Add()([last()(x), last()(x)])))


def keeps_its_states():
    rows = L.Input(batch_shape=(128, 28, 28))
    return network(rows, states(), last(stateful=True), head(), rows=None)


def test_two_layers_pass_in_any_style():
    assert checks.two_layers(network(states(), L.Dropout(0.2), last(), head()))
    x = L.Input((28, 28))
    assert checks.two_layers(keras.Model(x, head()(last()(states()(x)))))


NETWORKS = [
    (lambda: network(last(), head()), "has 1 recurrent layer;"),
    (lambda: network(states(), states(), last(), head()), "has 3 recurrent"),
    (lambda: network(states(), last(), head(), rows=None), "Input((28, 28))"),
    (lambda: network(states(), last(), head(), rows=(28, 20)), "(28, 20)"),
    (lambda: network(states(), states(), head()), "answer 28 times"),
    (lambda: network(states(), last(), head(1)), "shape (1,)"),
    (lambda: network(states(), last(10)), "ends with a recurrent layer"),
    (lambda: network(states(), last(), head(10, "softmax")), "done twice"),
    (lambda: network(states(), last(), head(), L.Softmax()), "done twice"),
    (lambda: network(states(), last(), head(10, "relu")), "ends with relu"),
    (lambda: network(states(), last(32), head()), "have 64 and 32 units"),
    (keeps_its_states, "has stateful=True and would begin each batch"),
    (lambda: network(*map(L.Bidirectional, (states(), last())), head()), "is a Bidirectional lay"),
    (side_by_side, "hands on its last state alone"),
    (lambda: keras.Sequential, "got the class Sequential"),
    (lambda: last(), "got LSTM."),
    (lambda: ..., "Your turn: "),
]


def test_a_network_that_is_not_asked_for_is_told_why(capsys):
    for build, says in NETWORKS:
        assert not checks.two_layers(build())
        assert says in capsys.readouterr().out
