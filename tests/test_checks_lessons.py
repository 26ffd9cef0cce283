"""Each lesson's checks: answers written afresh, the right ones in any style, the wrong ones told.

`test_checks.py` walks through the tables of wrong ideas; here nothing comes from these tables.
"""

import itertools

import numpy as np
import pytest

from helpers import cells, checks, sequences
from helpers.cells import sigmoid
from helpers.digits import small_digits
from helpers.reader import import_keras, shipped
from helpers.trace import predict, trace

# --- lessons 1 to 3 ------------------------------------------------------------------------------


def blows_as_array(blows, keeps):
    states = np.zeros(np.shape(blows))
    for n, blow in enumerate(blows):
        states[n] = keeps[n] * (states[n - 1] if n else 0) + blow
    return states


def blows_as_sums(blows, keeps):
    return tuple(
        sum(np.prod(keeps[k + 1 : n + 1]) * blows[k] for k in range(n + 1))
        for n in range(len(blows))
    )


def blows_with_a_leftover(blows, keeps, states=[]):  # noqa: B006
    states.extend(blows_as_array(blows, keeps))
    return states


def blows_in_place(blows, keeps):
    for n in range(1, len(blows)):
        blows[n] += keeps[n] * blows[n - 1]
    return blows


def rnn(x_t, h, weights):
    kernel, recurrent_kernel, bias = weights
    both = np.concatenate([x_t, h], axis=1) @ np.concatenate([kernel, recurrent_kernel])
    return np.tanh(both + bias)


def hidden_states(x, weights, step=rnn):
    h, states = np.zeros((len(x), len(weights.recurrent_kernel))), []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, weights)
        states.append(h)
    return np.stack(states, axis=1)


def states_filled_in(x, weights):
    states = np.zeros((*x.shape[:2], weights.kernel.shape[1]))
    h = states[:, 0]
    for t in range(x.shape[1]):
        h = states[:, t] = rnn(x[:, t], h, weights)
    return states


def over_the_batch(x, weights):
    """The bug that gives no error: the loop runs over the batch, and the state through it."""
    h, states = np.zeros(len(weights.recurrent_kernel)), []
    for rows in x:
        h = np.tanh(rows @ weights.kernel + h @ weights.recurrent_kernel + weights.bias)
        states.append(h)
    return np.array(states)


def over_the_batch_with_a_batch(x, weights):
    h, states = np.zeros((len(x), len(weights.recurrent_kernel))), []
    for x_t in x:
        h = np.tanh(x_t @ weights.kernel + h @ weights.recurrent_kernel + weights.bias)
        states.append(h)
    return np.stack(states, axis=1)


def one_h_that_changes(x, weights):
    h, states = np.zeros((len(x), len(weights.recurrent_kernel))), []
    for t in range(x.shape[1]):
        h[:] = rnn(x[:, t], h, weights)
        states.append(h)
    return np.stack(states, axis=1)


def step_back_of_the_cells(d_h, h, weights):
    # cells.backward on one step that starts so that its state is h
    x = np.zeros((len(h), 1, len(weights.kernel)))
    before = np.linalg.solve(weights.recurrent_kernel.T, (np.arctanh(h) - weights.bias).T).T
    history = cells.unroll("rnn", x, weights, before)
    d_x = cells.backward("rnn", x, weights, history, d_h[:, np.newaxis]).x[:, 0]
    return d_x, (d_h * (1 - history.h[:, 0] ** 2)) @ weights.recurrent_kernel.T


# --- lessons 4 and 8 -----------------------------------------------------------------------------


def gates(x_t, h, weights, order="ifco", squash=(sigmoid, sigmoid, np.tanh, sigmoid)):
    """The four gates, with the blocks of columns taken in any order."""
    units = h.shape[1]
    sums = x_t @ weights.kernel + h @ weights.recurrent_kernel + weights.bias
    at = {name: sums[:, n * units : (n + 1) * units] for n, name in enumerate(order)}
    return tuple(f(at[name]) for f, name in zip(squash, "ifco", strict=True))


def squashed(*functions):
    return lambda x_t, h, weights: gates(x_t, h, weights, squash=functions)


def every_fourth_column(x_t, h, weights):
    sums = x_t @ weights.kernel + h @ weights.recurrent_kernel + weights.bias
    i, f, c, o = np.moveaxis(sums.reshape(*h.shape, 4), -1, 0)
    return sigmoid(i), sigmoid(f), np.tanh(c), sigmoid(o)


def lstm(x_t, h, c, weights, order="ifco"):
    i, f, g, o = gates(x_t, h, weights, order)
    c = f * c + i * g
    return o * np.tanh(c), c


def lstm_then(then):
    """An LSTM step with another way from the gates and the old c to what is returned."""
    return lambda x_t, h, c, weights: then(*gates(x_t, h, weights), c)


def lstm_in_loops(x_t, h, c, weights):
    W, U, b = weights
    units, new_h, new_c = len(U), h.copy(), c.copy()
    for n, u in itertools.product(range(len(x_t)), range(units)):
        a = [x_t[n] @ W[:, k] + h[n] @ U[:, k] + b[k] for k in range(u, 4 * units, units)]
        new_c[n, u] = sigmoid(a[1]) * c[n, u] + sigmoid(a[0]) * np.tanh(a[2])
        new_h[n, u] = sigmoid(a[3]) * np.tanh(new_c[n, u])
    return [new_h, new_c]


def gates_from_c(x_t, h, c, weights):
    return cells.lstm_state(c, *gates(x_t, c, weights))


def o_from_new_c(x_t, h, c, weights):
    i, f, g, _ = gates(x_t, h, weights)
    c = f * c + i * g
    return gates(x_t, c, weights)[3] * np.tanh(c), c


def lstm_with_bias(change):
    return lambda x, h, c, w: lstm(x, h, c, w._replace(bias=change(w.bias)))


def lstm_transposed(x, h, c, w):
    blocks = np.split(w.recurrent_kernel, 4, axis=1)
    return lstm(x, h, c, w._replace(recurrent_kernel=np.hstack([block.T for block in blocks])))


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


def back_by_the_sums(d_h, d_c, c_before, i, f, candidate, o):
    d_i, *others = back_by_nudges(d_h, d_c, c_before, i, f, candidate, o)
    return d_i * i * (1 - i), *others


def gru(x_t, h, weights, gate=sigmoid, second=1, d_h=True, first="z", reset_after=True, keeps=1):
    b, d = weights.bias[0], weights.bias[second]
    a_z, a_r, a_h = np.split(x_t @ weights.kernel + b, 3, axis=-1)
    u_z, u_r, u_h = np.split(h @ weights.recurrent_kernel + d, 3, axis=-1)
    z, r = gate(a_z + u_z), gate(a_r + u_r)
    z, r = (z, r) if first == "z" else (r, z)
    U_h, last = np.split(weights.recurrent_kernel, 3, axis=1)[2], np.split(d, 3)[2]
    u_h = r * (u_h if d_h else u_h - last) if reset_after else (r * h) @ U_h + last
    z = z if keeps else 1 - z
    return z * h + (1 - z) * np.tanh(a_h + u_h)


def gru_with(**slip):
    return lambda *arguments: gru(*arguments, **slip)


# --- lessons 5, 6, 7 and 9 -----------------------------------------------------------------------


def mask(lengths, time_steps):
    return np.arange(time_steps) < lengths[:, np.newaxis]


def mask_from_the_end(lengths, time_steps):
    out = np.zeros((len(lengths), time_steps), bool)
    for row, length in zip(out, lengths, strict=True):
        row[: length or None] = True  # wrong where the length is 0
    return out


def accuracy_in_a_loop(right, sizes):
    good = many = 0
    for r, n in zip(right, sizes, strict=True):
        good, many = good + r, many + n
    return good / many


def settles_from_the_end(answers):
    row = len(answers)
    while row > 1 and answers[row - 2] == answers[-1]:
        row -= 1
    return row


def settles_forwards(answers):
    row = 1
    for n in range(1, len(answers)):
        row = n + 1 if answers[n] != answers[n - 1] else row
    return row


def settles_or(never):
    """Right where the answer changes at all; ``never`` makes the row of one that does not."""
    return lambda a: max([n + 2 for n, one in enumerate(a) if one != a[-1]] or [never(a)])


def parts_by_a_loop(i, f, candidate):
    parts = np.zeros_like(f)
    for t in range(len(f)):
        parts = parts * f[t]
        parts[t] = i[t] * candidate[t]
    return parts


def parts_by_products(i, f, candidate):
    return [f[t + 1 :].prod(axis=0) * i[t] * candidate[t] for t in range(len(f))]


def parts_by_division(i, f, candidate):
    through = np.cumprod(f, axis=0)
    return through[-1] / through * i * candidate


def windows_of_the_course(values, past):
    x, y = sequences.windows(values, past)
    return x, y[:, 0]


def looked_ahead(values, past):
    return [values[k : k + past] for k in range(len(values) - past)], values[past - 1 : -1]


# --- the tables ----------------------------------------------------------------------------------

RIGHT = {
    "run_blows": [blows_as_array, blows_as_sums, lambda b, k: list(blows_as_sums(b, k))],
    "dense_layer": [
        lambda x, W, b: np.tanh(W.T @ x + b),
        lambda x, W, b: np.tanh([sum(x * W[:, n]) + b[n] for n in range(len(b))]),
    ],
    "batch_first": [
        lambda x: np.moveaxis(x, 0, 1),
        lambda x: [x[:, n] for n in range(x.shape[1])],
        lambda x: zip(*x, strict=True),
    ],
    "rnn_step": [rnn, lambda x, h, w: np.einsum("bf,fu->bu", x, w[0]) * 0 + rnn(x, h, w)],
    "unroll": [
        hidden_states,
        states_filled_in,
        lambda x, w: [hidden_states(one[np.newaxis], w)[0].tolist() for one in x],
    ],
    "read_answer": [lambda h: h[:, h.shape[1] - 1], lambda h: [states[-1] for states in h]],
    "rnn_step_back": [step_back_of_the_cells],
    "lstm_gates": [gates, lambda *a: list(gates(*a)), lambda *a: np.array(gates(*a))],
    "lstm_step": [lstm, lstm_in_loops, lambda *a: np.array(lstm(*a))],
    "parameter_count": [lambda n, u: float(4 * (n * u + u * u + u))],
    "from_pytorch": [lambda w, u, b, d: cells.Weights(w.T, u.T, np.sum([b, d], axis=0))],
    "lstm_step_back": [back_by_nudges],
    "padding_mask": [mask, lambda n, steps: mask(n, steps).astype(int)],
    "cross_entropy": [
        lambda belief, digit: np.log(1 / belief[digit]),
        lambda belief, digit: -(np.eye(10)[digit] * np.log(belief)).sum(),
        lambda belief, digit: -np.log(belief[[digit]]),  # of shape (1,)
    ],
    "overall_accuracy": [
        accuracy_in_a_loop,
        lambda right, sizes: np.average(right / sizes, weights=sizes),
    ],
    "rows_first": [
        lambda images: np.array([image.T for image in images]),
        lambda images: [list(zip(*image, strict=True)) for image in images],
    ],
    "settles_at": [settles_from_the_end, settles_forwards, settles_or(lambda answers: 1)],
    "parts_of_sheet": [parts_by_a_loop, parts_by_products],
    "gru_step": [gru, lambda *a: cells.gru_step(*a)],
    "windows": [windows_of_the_course],
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_function_passes_in_any_style(name):
    for function in RIGHT[name]:
        verdict = getattr(checks, name)(function)
        assert verdict, verdict.sentence


def exp_sigmoid(a):
    return np.exp(a) / (1 + np.exp(a))


def exp_tanh(a):
    return (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a))


OVERFLOW = "with sums as large as 1,000 (where exp alone overflows)"
WRONG = {
    "leaky_step": [
        (lambda state, blow, keep: state - keep * state + blow, "keep works the wrong way round"),
        (lambda state, blow, keep: 1.5, "look at what is left of the old state"),
        (lambda s, b, k: s * k + b if k else 0, "with keep = 0, for (2.0, 1.5, 0.0)"),
    ],
    "run_blows": [
        (lambda b, k: [0 * b[0], *blows_as_sums(b, k)], "the flat sheet at the start"),
        (lambda b, k: blows_as_sums(b, k)[-1], "the last state alone"),
        (lambda b, k: [b[0]], "does return stand inside the loop"),
        (lambda b, k: np.cumsum(b, axis=0), "nothing fades"),
        (lambda b, k: blows_as_array(b, 0 * k + k[0]), "the first number of keeps is used"),
        (lambda b, k: blows_as_array(b, [*k[1:], 1]), "one blow early"),
        (lambda b, k: blows_as_array(b, [1, *k[:-1]]), "one blow late"),
        (blows_in_place, "changes its argument blows in place"),
        (blows_with_a_leftover, "two different results for the same arguments"),
        (lambda b, k: blows_as_array(b, k)[:, None], "shape (5, 1, 3); it should be (5, 3), that"),
        (lambda b, k: blows_as_array(b, k) + np.arange(len(b))[:, None], "right until index 1 of "),
        (lambda b, k: blows_as_array(b, k).squeeze(), "with a single blow, states has shape (3,)"),
    ],
    "dense_layer": [
        (lambda x, W, b: np.tanh(W @ x + b), "a @ b needs as many columns"),
        (lambda x, W, b: exp_tanh(x @ W + b), OVERFLOW),
    ],
    "batch_first": [(lambda x: x.reshape(x.shape[1], x.shape[0], -1), "torn the sequences apart")],
    "rnn_step": [
        (lambda x, h, w: x @ w.kernel + h @ w[1] + w.bias, "the tanh is missing"),
        (lambda x, h, w: np.tanh(x @ w[0] + h @ w[1]), "the bias is left out"),
        (lambda x, h, w: np.tanh(x @ w[0] + w[2]), "the old state has no say"),
        (lambda x, h, w: np.tanh(x @ w[0] + (w[1] @ h.T).T + w[2]), "used transposed"),
        (lambda x, h, w: rnn(x, h, w).T, "its axes are swapped"),
        (lambda x, h, w: rnn(x, h, w).mean(0), "should be (7, 4), that is b"),
        (lambda x, h, w: np.tanh(x), "5 is the size of features here"),
        (lambda x, h, w: (rnn(x, h, w), h), "returns 2 things; it should return h"),
        (lambda x, h, w: (rnn(x, h, w),), "take away the comma"),
        (lambda x, h, w: (rnn(x, h, w),) * 2, "returns h twice"),
        (lambda x, h, w: np.zeros_like(h), "look at the sum inside tanh"),
        (lambda x, h, w: rnn(x, h, w) / (h * 0), "not finite (NaN or inf)"),
        # On square, constant or symmetric inputs each of these would be right.
        (lambda x, h, w: rnn(0 * x + x.mean(0), 0 * h + h.mean(0), w), "should be"),
        (lambda x, h, w: np.repeat(rnn(x[:1], h[:1], w), len(h), axis=0), "should be"),
        (lambda x, h, w: rnn(x, 0 * h + h.mean(1, keepdims=True), w), "should be"),
        (lambda x, h, w: rnn(x, h, w._replace(bias=w.bias[:1])), "should be"),
        (lambda x, h, w: exp_tanh(x @ w[0] + h @ w[1] + w[2]), OVERFLOW),
        (lambda x, h, w: rnn(x, h, w).squeeze(), "with a batch of one sequence, h has shape (3,)"),
    ],
    "unroll": [
        (over_the_batch, "the state walks through the batch"),
        (over_the_batch_with_a_batch, "the state walks through the batch"),
        (one_h_that_changes, "every entry is the last h"),
        (lambda x, w: list(hidden_states(x, w).swapaxes(0, 1)), "the time steps come first"),
        (lambda x, w: hidden_states(x, w)[:, -1], "the last h alone"),
        (lambda x, w: np.tanh(x @ w.kernel + w.bias), "each step starts from zeros"),
        (lambda x, w: hidden_states(x, w).swapaxes(1, 2), "its axes are swapped"),
        (
            lambda x, w: np.where(np.arange(x.shape[1])[:, None] < 2, 1, 2) * hidden_states(x, w),
            "h is right until index 2 of its time steps, where h[0, 2, 0] is",
        ),
        (lambda x, w: hidden_states(x, w).squeeze(), "with a single time step, h has shape (3, 2)"),
        (lambda x, w: hidden_states(x, w) + 0 * x[:, 1:2, :1], "with a single time step, "),
    ],
    "lstm_gates": [
        (squashed(*[sigmoid] * 4), "the candidate goes through sigmoid"),
        (squashed(*[np.tanh] * 4), "the gates go through tanh"),
        (squashed(sigmoid, sigmoid, sigmoid, np.tanh), "tanh stands at the fourth block"),
        (squashed(*[np.positive] * 4), "the sums are not squashed"),
        (squashed(sigmoid, lambda a: sigmoid(-a), np.tanh, sigmoid), "at 1 it keeps all"),
        (squashed(exp_sigmoid, exp_sigmoid, np.tanh, exp_sigmoid), OVERFLOW),
        (every_fourth_column, "side by side"),
        (lambda *a: [gates(*a)[n] for n in (0, 2, 1, 3)], "you return i, candi"),
        (lambda *a: gates(*a)[:3], "returns 3 things; it should return i, f, c"),
        (lambda *a: gates(*a)[0], "returns one thing; it should return i, f,"),
        (squashed(sigmoid, sigmoid, np.cos, sigmoid), "i and f and o are right, but candidate[0,"),
        (lambda *a: gates(*a, order="icfo"), "TensorFlow 1"),
        (lambda *a: gates(*a, order="iofc"), "ONNX"),
    ],
    "lstm_step": [
        (lstm_then(lambda i, f, g, o, c: (o * (f * c + i * g), f * c + i * g)), "o times c itself"),
        (
            lstm_then(lambda i, f, g, o, c: (np.tanh(f * c + i * g), f * c + i * g)),
            "output gate is left out",
        ),
        (lstm_then(lambda i, f, g, o, c: (o * np.tanh(c), f * c + i * g)), "made from the old c"),
        (
            lstm_then(lambda i, f, g, o, c: (np.tanh(o * (f * c + i * g)), o * (f * c + i * g))),
            "goes into c",
        ),
        (lstm_then(lambda i, f, g, o, c: cells.lstm_state(c, o, f, g, o)), "lets the candidate in"),
        (lstm_then(lambda i, f, g, o, c: cells.lstm_state(c, i, 1 - f, g, o)), "1 it keeps all"),
        (lstm_then(lambda i, f, g, o, c: cells.lstm_state(c, f, i, g, o)), "have changed places"),
        (lstm_then(lambda i, f, g, o, c: (o * np.tanh(i * g), i * g)), "the old c is not kept"),
        (lstm_then(lambda i, f, g, o, c: (o * np.tanh(c + i * g), c + i * g)), "gate is left out"),
        (lambda *a: lstm(*a)[::-1], "return h, c in this o"),
        (lambda *a: lstm(*a)[0], "you return h alone"),
        (lambda *a: (lstm(*a)[0], *lstm(*a)), "as a whole Keras layer does with return_state=True"),
        (
            lstm_then(lambda i, f, g, o, c: (o * np.tanh(f * c + i * g), f * c + i * g * 1.01)),
            "h is right, but c[0, 0] is",
        ),
        (gates_from_c, "the gates read c"),
        (o_from_new_c, "the output gate reads the new c"),
        (lstm_with_bias(np.zeros_like), "the bias is left out"),
        (lstm_with_bias(lambda b: b + b), "the bias is added twice"),
        (lstm_transposed, "used transposed"),
    ],
    "parameter_count": [
        (lambda n, u: 28 * 4 * u * (n + u + 1), "does not depend on how many steps there are"),
        (lambda n, u: n * 4 * (n * u + u * u + u), "every step uses the same weights"),
        (lambda n, u: 80384, "for (5, 3) your function gives 80384 and should be 108"),
    ],
    "lstm_step_back": [(back_by_the_sums, "look at the gradient by the new c first")],
    "padding_mask": [
        (lambda n, steps: mask(n, steps).tolist(), "takes an array"),
        (lambda n, steps: np.arange(steps) < n, "needs a second axis"),
        (mask_from_the_end, "with a length of 0, "),
    ],
    "time_major": [
        (lambda layer, x: layer(x.T), "only the first two axes"),
        (lambda layer, x: layer(x, time_major=True), "time_major is gone"),
    ],
    "cross_entropy": [
        (lambda belief, digit: np.log(belief[[digit]]), "minus sign"),
        (lambda belief, digit: -np.log(belief[digit]) if digit else 0.0, "with the digit 0, "),
    ],
    "overall_accuracy": [
        (lambda right, sizes: np.mean(right / sizes), "small batch counts for more"),
        (lambda right, sizes: right[0] / sizes[0], "first batch alone"),
    ],
    "rows_first": [
        (lambda images: np.reshape(images, (-1, *images.shape[:0:-1])), "torn the rows apart"),
        (lambda images: images, "columns before rows"),
    ],
    "settles_at": [
        (lambda answers: list(answers).index(answers[-1]) + 1, "from the end"),
        (lambda answers: settles_forwards(answers) - 1, "counts from 0"),
        (lambda a: np.flatnonzero(a != a[-1])[-1] + 2, "never changes, your function stops with "),
        (settles_or(lambda a: 0), "for ([4, 4, 4, 4]) your function gives 0 and should be 1"),
        (settles_or(lambda a: len(a) - 3), "your function gives 4 and should be 1"),
        (lambda answers: 3, "your function gives 3 and should be 7"),
    ],
    "parts_of_sheet": [
        (lambda i, f, candidate: i * candidate, "nothing is forgotten there"),
        (lambda i, f, candidate: parts_by_a_loop(i, 1 - f, candidate), "at 1 it keeps all"),
        (parts_by_division, "with a forget gate at 0, parts has entries that are not finite"),
    ],
    "gru_step": [
        (gru_with(keeps=0), "z works the wrong way round"),
        (gru_with(reset_after=False), "reset_after=True"),
        (gru_with(first="r"), "PyTorch"),
        (gru_with(gate=np.tanh), "a gate is made by tanh"),
        (gru_with(gate=exp_sigmoid), OVERFLOW),
        (gru_with(second=0), "stands on both sides"),
        (gru_with(d_h=False), "lacks its recurrent bias"),
        (lambda x, h, w: x @ w.kernel + w.bias, "shapes (7,12) (2,12)"),
    ],
    "pad_right": [
        (lambda codes, n: [[0] * (n - len(c)) + c for c in codes], "on the left"),
        (lambda codes, n: [c + [-1] * (n - len(c)) for c in codes], "is -1"),
        (lambda codes, n: [(c + [0] * n)[:n] if c else [] for c in codes], "word without letters"),
    ],
    "turns": [
        (lambda b: len(set(b.argmax(1))) - 1, "one that comes back is a turn"),
        (lambda b: (np.diff(b.argmax(0)) != 0).sum(), "axis 1"),
    ],
    "windows": [(looked_ahead, "what it has just read")],
    "scaled": [
        (lambda v, n: (v - v.mean()) / v.std(), "something of what is to come"),
        (lambda v, n: (v - v[:n].mean()) / v[:n].var(), "its root, std()"),
    ],
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_function_is_told_why(name, capsys):
    for function, says in WRONG[name]:
        assert not getattr(checks, name)(function), says
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


def test_the_beliefs_add_up_to_one_and_can_be_copied_by_hand():
    [exercise] = [one for one in checks.EXERCISES if one.name == "cross_entropy"]
    for belief, digit in (case.arguments for case in exercise.cases):
        assert abs(belief.sum() - 1) < 1e-15 and (belief > 0).all()
        assert np.array_equal(belief.round(3), belief) and belief.argmax() != digit


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


def network(*layers, rows=(28, 28)):
    keras = import_keras()
    return keras.Sequential([*([keras.layers.Input(rows)] if rows else []), *layers])


def layer(kind, *arguments, **settings):
    return getattr(import_keras().layers, kind)(*arguments, **settings)


def lstm_layer(units=64, **settings):
    return layer("LSTM", units, **settings)


def states(kind="LSTM"):
    return layer(kind, 64, return_sequences=True)


def head(units=10, *arguments):
    return layer("Dense", units, *arguments)


def keeps_its_states():
    rows = import_keras().layers.Input(batch_shape=(128, 28, 28))
    return network(rows, states(), lstm_layer(stateful=True), head(), rows=None)


def side_by_side():
    keras = import_keras()
    x = keras.layers.Input((28, 28))
    return keras.Model(x, head()(layer("Add")([lstm_layer()(x), lstm_layer()(x)])))


def test_two_layers_pass_in_any_style():
    assert checks.two_layers(network(states("GRU"), lstm_layer(), head()))
    assert checks.two_layers(network(states(), layer("Dropout", 0.2), lstm_layer(), head()))
    x = import_keras().layers.Input((28, 28))
    assert checks.two_layers(import_keras().Model(x, head()(lstm_layer()(states()(x)))))


NETWORKS = [
    (lambda: network(lstm_layer(), head()), "has 1 recurrent layer;"),
    (lambda: network(states(), states(), lstm_layer(), head()), "has 3 recurrent"),
    (lambda: network(states(), lstm_layer(), head(), rows=None), "Input((28, 28))"),
    (lambda: network(states(), lstm_layer(), head(), rows=(28, 20)), "(28, 20)"),
    (lambda: network(states(), states(), head()), "answer 28 times"),
    (lambda: network(states(), lstm_layer(), head(1)), "shape (1,)"),
    (lambda: network(states(), lstm_layer(10)), "ends with a recurrent layer"),
    (lambda: network(states(), lstm_layer(), head(10, "softmax")), "done twice"),
    (lambda: network(states(), lstm_layer(), head(), layer("Softmax")), "done twice"),
    (lambda: network(states(), lstm_layer(), head(10, "relu")), "ends with relu"),
    (lambda: network(states(), lstm_layer(32), head()), "have 64 and 32 units"),
    (keeps_its_states, "has stateful=True and would begin each batch"),
    (
        lambda: network(*(layer("Bidirectional", one) for one in (states(), lstm_layer())), head()),
        "is a Bidirectional layer: two LSTM layers",
    ),
    (side_by_side, "hands on its last state alone"),
    (lambda: import_keras().Sequential, "got the class Sequential"),
    (lambda: lstm_layer(), "got LSTM."),
    (lambda: ..., "Your turn: "),
]


def test_a_network_that_is_not_asked_for_is_told_why(capsys):
    for build, says in NETWORKS:
        assert not checks.two_layers(build())
        assert says in capsys.readouterr().out
