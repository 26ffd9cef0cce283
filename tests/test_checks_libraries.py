"""Right functions pass in any library, type and wrapping; strange ones get a sentence, no error."""

import collections
import dataclasses
import functools
import itertools
import types
from decimal import Decimal
from fractions import Fraction
from unittest import mock

import numpy as np
import pytest

from helpers import cells, checks
from helpers.cells import sigmoid
from helpers.checks import plain_answers as answers
from helpers.checks import verdicts
from helpers.reader import import_keras

keras = import_keras()
K, L = keras.ops, keras.layers
tf = pytest.importorskip("tensorflow")
BY_NAME = {exercise.name: exercise for exercise in checks.EXERCISES}


def weighted(layer, shape, weights):
    """Build a layer of Keras and give it the weights."""
    layer.build(shape)
    layer.set_weights(list(weights))
    return layer


class FromAnotherLibrary:
    """A tensor that is on a tape, as PyTorch's are: NumPy gets it only when it is detached."""

    def __init__(self, values, on_tape=True):
        self.values, self.on_tape = np.asarray(values), on_tape

    def detach(self):
        return FromAnotherLibrary(self.values, on_tape=False)

    def cpu(self):
        return self

    def __array__(self, dtype=None, copy=None):
        if self.on_tape:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return self.values.astype(dtype) if dtype else self.values


def windows_of_keras(values, past):
    made = keras.utils.timeseries_dataset_from_array(
        values[:-1], values[past:], past, batch_size=len(values)
    )
    return next(iter(made))


# --- each exercise, written with TensorFlow, with Keras, and with plain loops -------------------


def blows_in_tensorflow(blows, keeps):
    state, states = tf.zeros(3), []  # float32, as TensorFlow makes it
    for blow, keep in zip(blows, keeps, strict=True):
        state = state * keep + blow
        states.append(state)
    return tf.stack(states)


def blows_one_by_one(blows, keeps):
    state = 0
    for blow, keep in zip(blows, keeps, strict=True):
        state = keep * state + blow
        yield state


def layer_of_keras(x, W, b):
    return weighted(L.Dense(len(b), activation="tanh"), (None, len(x)), [W, b])(x[np.newaxis])[0]


def rnn_in_keras_ops(x_t, h, weights):
    W, U, b = weights
    return K.tanh(K.matmul(x_t, W) + K.matmul(h, U) + b)


def rnn_in_tensorflow(x_t, h, weights):
    W, U, b = weights
    return tf.tanh(tf.matmul(x_t, W) + tf.matmul(h, U) + b)


def rnn_cell_of_keras(x_t, h, weights):
    return weighted(L.SimpleRNNCell(h.shape[1]), x_t.shape, weights)(x_t, [h])[0]


def unrolled_in_tensorflow(x, weights):
    h, states = tf.zeros((len(x), len(weights.recurrent_kernel))), []
    for t in range(x.shape[1]):
        h = tf.tanh(x[:, t] @ weights.kernel + h @ weights.recurrent_kernel + weights.bias)
        states.append(h)
    return tf.stack(states, axis=1)


def unrolled_by_keras(x, weights):
    units = len(weights.recurrent_kernel)
    return weighted(L.SimpleRNN(units, return_sequences=True), x.shape, weights)(x)


def step_back_by_the_tape(d_h, h, weights):
    W, U, _ = weights
    x, before = (tf.zeros((len(h), len(table)), tf.float64) for table in (W, U))
    with tf.GradientTape() as tape:
        tape.watch([x, before])
        new = tf.tanh(np.arctanh(h) + x @ W + before @ U)
    return tape.gradient(new, [x, before], output_gradients=tf.constant(d_h))


def gates_in_keras_ops(x_t, h, weights):
    W, U, b = weights
    i, f, candidate, o = K.split(K.matmul(x_t, W) + K.matmul(h, U) + b, 4, axis=-1)
    return [K.sigmoid(i), K.sigmoid(f), K.tanh(candidate), K.sigmoid(o)]


def gates_of_tensorflow_in_numpy(x_t, h, weights):
    W, U, b = weights
    i, f, candidate, o = tf.split(x_t @ W + h @ U + b, 4, axis=1)
    return sigmoid(i), sigmoid(f), np.tanh(candidate), sigmoid(o)


def lstm_in_keras_ops(x_t, h, c, weights):
    i, f, candidate, o = gates_in_keras_ops(x_t, h, weights)
    c = f * c + i * candidate
    return [o * K.tanh(c), c]


def lstm_cell_of_keras(x_t, h, c, weights):
    _, states = weighted(L.LSTMCell(h.shape[1]), x_t.shape, weights)(x_t, [h, c])
    return states


def lstm_back_by_the_tape(d_h, d_c, c_before, i, f, candidate, o):
    start = [tf.constant(array) for array in (i, f, candidate, o, c_before)]
    with tf.GradientTape() as tape:
        tape.watch(start)
        i, f, candidate, o, c_before = start
        c = f * c_before + i * candidate
        loss = tf.reduce_sum(o * tf.tanh(c) * d_h) + tf.reduce_sum(c * d_c)
    return tape.gradient(loss, start)


def cell_from_pytorch(weight_ih, weight_hh, bias_ih, bias_hh):
    weights = weight_ih.T, weight_hh.T, bias_ih + bias_hh
    return weighted(L.LSTMCell(len(weights[1])), (None, len(weights[0])), weights)


def count_of_keras(features, units):
    return keras.Sequential([keras.Input((None, features)), L.LSTM(units)]).count_params()


def old_weights_in_tensorflow(kernel, bias, forget_bias):
    units = len(bias) // 4
    i, j, f, o = tf.split(kernel, 4, axis=-1)
    kernel = tf.concat([i, f, j, o], axis=-1)
    i, j, f, o = tf.split(bias, 4)
    return kernel[:-units], kernel[-units:], tf.concat([i, f + forget_bias, j, o], 0)


def settled_in_tensorflow(answers):
    different = tf.where(tf.not_equal(answers, answers[-1]))
    return different[-1, 0] + 2 if len(different) else 1


def settled_by_groups(answers):
    groups = [list(group) for _, group in itertools.groupby(answers)]
    return len(answers) - len(groups[-1]) + 1


def gru_in_keras_ops(x_t, h, weights):
    W_z, W_r, W_h = K.split(weights.kernel, 3, axis=-1)
    U_z, U_r, U_h = K.split(weights.recurrent_kernel, 3, axis=-1)
    (b_z, d_z), (b_r, d_r), (b_h, d_h) = np.split(weights.bias, 3, axis=-1)
    z = K.sigmoid(K.matmul(x_t, W_z) + b_z + K.matmul(h, U_z) + d_z)
    r = K.sigmoid(K.matmul(x_t, W_r) + b_r + K.matmul(h, U_r) + d_r)
    candidate = K.tanh(K.matmul(x_t, W_h) + b_h + r * (K.matmul(h, U_h) + d_h))
    return z * h + (1 - z) * candidate


def gru_cell_of_keras(x_t, h, weights):
    return weighted(L.GRUCell(h.shape[1]), x_t.shape, weights)(x_t, [h])[0]


sparse_loss = keras.losses.SparseCategoricalCrossentropy()
loss = keras.losses.CategoricalCrossentropy()
# fmt: off
RIGHT = {
    "leaky_step": [
        lambda s, b, k: tf.constant(s) * k + b,
        lambda s, b, k: K.add(K.multiply(s, k), b),
        lambda s, b, k: tf.Variable(s * k + b),
        lambda s, b, k: Fraction(s) * Fraction(k) + Fraction(b),
        lambda s, b, k: Decimal(s) * Decimal(k) + Decimal(b),
        lambda s, b, k: np.float16(s * k + b),
        lambda s, b, k: {"state": s * k + b},
        np.vectorize(lambda s, b, k: s * k + b),
    ],
    "run_blows": [
        blows_in_tensorflow,
        blows_one_by_one,
        lambda b, k: list(blows_one_by_one(b, k)),
        lambda b, k: tuple(map(tuple, blows_one_by_one(b, k))),
        lambda b, k: map(tf.constant, blows_one_by_one(b, k)),
        lambda b, k: collections.deque(blows_one_by_one(b, k)),
        lambda b, k: itertools.islice(
            itertools.accumulate(
                zip(k, b, strict=True), lambda s, kb: kb[0] * s + kb[1], initial=0), 1, None),
        lambda b, k: [[Fraction(x) for x in s] for s in blows_one_by_one(b, k)],
        lambda b, k: tf.scan(lambda s, bk: s * bk[1] + bk[0], (tf.constant(b), tf.constant(k)),
                             initializer=tf.zeros(3, tf.float64)),
    ],
    "dense_layer": [
        layer_of_keras,
        lambda x, W, b: tf.tanh(tf.linalg.matvec(W, x, transpose_a=True) + b),
        lambda x, W, b: tf.tanh(tf.matmul([x], W) + b)[0],
        lambda x, W, b: K.tanh(K.matmul(x, W) + b),
        lambda x, W, b: (np.tanh(a) for a in x @ W + b),
        lambda x, W, b: [np.array(np.tanh(a)) for a in x @ W + b],
    ],
    "batch_first": [
        lambda x: tf.transpose(x, [1, 0, 2]),
        lambda x: K.swapaxes(x, 0, 1),
        lambda x: zip(*x, strict=True),
        lambda x: tf.stack(tf.unstack(x), axis=1),
        lambda x: [[x[t][n] for t in range(len(x))] for n in range(x.shape[1])],
    ],
    "rnn_step": [
        rnn_in_keras_ops,
        rnn_in_tensorflow,
        rnn_cell_of_keras,
        tf.function(rnn_in_tensorflow),
        lambda x, h, w: keras.Variable(rnn_in_tensorflow(x, h, w)),
        lambda x, h, w: tf.unstack(rnn_in_tensorflow(x, h, w)),
        lambda x, h, w: tf.cast(rnn_in_tensorflow(x, h, w), tf.bfloat16),
        lambda x, h, w: rnn_in_tensorflow(*(tf.cast(a, tf.float16) for a in (x, h)),
                                          [a.astype("float16") for a in w]),
        lambda x, h, w: FromAnotherLibrary(cells.rnn_step(x, h, w)),
        lambda x, h, w: [FromAnotherLibrary(row) for row in cells.rnn_step(x, h, w)],
        lambda x, h, w: np.matrix(cells.rnn_step(x, h, w)),
        lambda x, h, w: cells.rnn_step(x, h, w).astype(object),
        lambda x, h, w: {"h": cells.rnn_step(x, h, w), "seen": x},
    ],
    "unroll": [
        unrolled_in_tensorflow,
        unrolled_by_keras,
        lambda x, w: cells.unroll("rnn", x, w),  # a History: all states are its h
        lambda x, w: tf.Variable(unrolled_in_tensorflow(x, w)),
    ],
    "read_answer": [
        lambda h: tf.gather(h, h.shape[1] - 1, axis=1),
        lambda h: K.take(h, -1, axis=1),
        lambda h: (states[-1] for states in h),
        L.Lambda(lambda h: h[:, -1]),
        keras.Sequential([L.Lambda(lambda h: h[:, -1])]),
    ],
    "rnn_step_back": [
        step_back_by_the_tape,
        lambda *a: dict(zip(("d_before", "d_x"), BY_NAME["rnn_step_back"].right(*a)[::-1],
                            strict=True)),
        lambda *a: (part for part in BY_NAME["rnn_step_back"].right(*a)),
    ],
    "lstm_gates": [
        gates_in_keras_ops,
        gates_of_tensorflow_in_numpy,
        lambda *a: tf.stack(gates_in_keras_ops(*a)),
        lambda *a: iter(gates_in_keras_ops(*a)),
        lambda *a: dict(zip(["f", "i", "o", "candidate"], (gates_in_keras_ops(*a)[n]
                                                         for n in (1, 0, 3, 2)), strict=True)),
        lambda *a: types.SimpleNamespace(**dict(zip(("i", "f", "candidate", "o"),
                                                    gates_in_keras_ops(*a), strict=True))),
    ],
    "lstm_step": [
        lstm_in_keras_ops,
        lstm_cell_of_keras,
        tf.function(lstm_in_keras_ops),
        lambda *a: tf.stack(lstm_in_keras_ops(*a)),
        lambda *a: collections.namedtuple("State", "h c")(*lstm_in_keras_ops(*a)),
        lambda *a: tuple(FromAnotherLibrary(part) for part in cells.lstm_step(*a)),
    ],
    "lstm_step_back": [lstm_back_by_the_tape],
    "from_pytorch": [
        cell_from_pytorch,
        lambda *a: cell_from_pytorch(*a).weights,
        lambda a, b, c, d: (tf.transpose(a), K.transpose(b), tf.add(c, d)),
        lambda a, b, c, d: np.array([a.T, b.T, c + d], dtype=object),
    ],
    "parameter_count": [
        count_of_keras,
        lambda n, u: tf.constant(4 * u * (n + u + 1)),
        lambda n, u: Fraction(4 * u * (n + u + 1)),
        lambda n, u: sum(w.size for w in cells.random_weights("lstm", n, u, 0)),
    ],
    "to_keras": [old_weights_in_tensorflow],
    "time_major": [
        lambda layer, x: tf.transpose(layer(tf.transpose(x, [1, 0, 2])), [1, 0, 2]),
        lambda layer, x: K.swapaxes(layer(K.swapaxes(x, 0, 1)), 0, 1),
        lambda layer, x: zip(*layer(list(zip(*x, strict=True))), strict=False),
    ],
    "padding_mask": [
        tf.sequence_mask,
        lambda lengths, steps: K.arange(steps) < K.expand_dims(lengths, 1),
        lambda lengths, steps: tf.range(steps) < tf.constant(lengths)[:, tf.newaxis],
        lambda lengths, steps: keras.utils.pad_sequences(
            [[1] * n for n in lengths], maxlen=steps, padding="post"),
    ],
    "cross_entropy": [
        lambda belief, digit: sparse_loss(np.array([digit]), belief[np.newaxis]),
        lambda belief, digit: sparse_loss(tf.constant([digit]), tf.constant([belief])),
        lambda belief, digit: loss(np.eye(10)[digit], belief),
        lambda belief, digit: keras.losses.sparse_categorical_crossentropy(digit, belief),
        lambda belief, digit: K.categorical_crossentropy(K.one_hot(digit, 10),
                                                         belief.astype("float32")),
        lambda belief, digit: tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=digit, logits=np.log(belief)),
        lambda belief, digit: -np.log(np.clip(belief, 1e-7, 1 - 1e-7))[digit],
        lambda belief, digit: float(-tf.math.log(belief[digit])),
    ],
    "overall_accuracy": [
        lambda right, sizes: tf.reduce_sum(right) / tf.reduce_sum(sizes),
        lambda right, sizes: K.sum(right) / K.sum(sizes),
        lambda right, sizes: Fraction(int(sum(right)), int(sum(sizes))),
        lambda right, sizes: keras.metrics.Mean()(right / sizes, sample_weight=sizes),
    ],
    "rows_first": [
        tf.linalg.matrix_transpose,
        L.Permute((2, 1)),
        lambda images: K.transpose(images, (0, 2, 1)),
        lambda images: (image.T for image in images),
    ],
    "settles_at": [settled_in_tensorflow, settled_by_groups, lambda a: float(settled_by_groups(a))],
    "parts_of_sheet": [
        lambda i, f, g: tf.math.cumprod(f, axis=0, exclusive=True, reverse=True) * i * g,
        lambda i, f, g: [K.prod(f[t + 1 :], axis=0) * i[t] * g[t] for t in range(len(i))],
    ],
    "gru_step": [gru_in_keras_ops, gru_cell_of_keras],
    "pad_right": [
        lambda codes, n: keras.utils.pad_sequences(codes, maxlen=n, padding="post"),
        lambda codes, n: tf.ragged.constant(codes).to_tensor(shape=(None, n)),
        lambda codes, n: [code + [0] * (n - len(code)) for code in codes],
        lambda codes, n: (np.pad(code, (0, n - len(code))) for code in codes),
    ],
    "turns": [
        lambda b: tf.math.count_nonzero(tf.argmax(b, 1)[1:] != tf.argmax(b, 1)[:-1]),
        lambda b: K.sum(K.cast(K.argmax(b, 1)[1:] != K.argmax(b, 1)[:-1], "int32")),
        lambda b: len(list(itertools.groupby(b.argmax(1)))) - 1,
    ],
    "windows": [
        windows_of_keras,
        lambda v, n: (np.lib.stride_tricks.sliding_window_view(v, n)[:-1], v[n:]),
        lambda v, n: ([v[k : k + n].tolist() for k in range(len(v) - n)], list(v[n:])),
        lambda v, n: {"y": v[n:], "x": tf.signal.frame(v[:-1], n, 1)},
    ],
    "scaled": [
        lambda v, n: (v - K.mean(v[:n])) / K.std(v[:n]),
        lambda v, n: (v - tf.reduce_mean(v[:n])) / tf.math.reduce_std(v[:n]),
    ],
}
# fmt: on


@pytest.mark.parametrize(
    ("name", "function"),
    [
        pytest.param(name, function, id=f"{name}-{number}")
        for name, functions in RIGHT.items()
        for number, function in enumerate(functions)
    ],
)
def test_a_right_function_passes_in_any_library(name, function):
    verdict = getattr(checks, name)(function)
    assert verdict, verdict.sentence


def test_every_exercise_is_tried():
    assert set(RIGHT) == set(BY_NAME)


# --- however a function is made ----------------------------------------------------------------


def decorated(function):
    @functools.wraps(function)
    def wrapper(*arguments, **named):
        return function(*arguments, **named)

    return wrapper


class Network:
    def __call__(self, x_t, h, weights):
        return cells.rnn_step(x_t, h, weights)

    def step(self, x_t, h, weights):
        return cells.rnn_step(x_t, h, weights)

    @staticmethod
    def static(x_t, h, weights):
        return cells.rnn_step(x_t, h, weights)


class Begun:
    def __call__(self, x_t, h, weights): ...


def by_name_alone(*, weights, h, x_t):
    return cells.rnn_step(x_t, h, weights)


def with_more(x_t, h, weights, squash=np.tanh, *, verbose=False, **options):
    return cells.rnn_step(x_t, h, weights)


def in_another_order(h, x_t, weights):
    return cells.rnn_step(x_t, h, weights)


def begun(x_t, h, weights):
    return np.tanh(x_t @ weights.kernel + ...)


@pytest.mark.parametrize(
    "function",
    [
        Network(),
        Network().step,
        Network.static,
        decorated(cells.rnn_step),
        by_name_alone,
        with_more,
        functools.partial(with_more, verbose=True),
        functools.partial(lambda scale, x_t, h, weights: cells.rnn_step(x_t, h, weights), 1),
        lambda *arguments: cells.rnn_step(*arguments),
        lambda a, b, c: cells.rnn_step(a, b, c),
    ],
)
def test_a_right_function_passes_however_it_is_made(function):
    verdict = checks.rnn_step(function)
    assert verdict, verdict.sentence


@pytest.mark.parametrize(
    "function", [Begun(), decorated(begun), functools.partial(begun), decorated(Begun())]
)
def test_a_gap_is_seen_below_whatever_wraps_it(function, capsys):
    checks.rnn_step(function)
    assert capsys.readouterr().out.startswith("Your turn: fill in ")


def leaves_its_mark(x_t, h, weights):
    new = cells.rnn_step(x_t, h, weights)
    h[:] = new
    return h


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (in_another_order, "your function takes (h, x_t, weights), but it is called with (x_t, h"),
        (leaves_its_mark, "the numbers are right, but your function changes its argument h"),
        (lambda x, h, w: "0.5", "holds text: return the numbers themselves"),
        (lambda x, h, w: itertools.count(), "(a count) does not end"),
        (lambda x, h, w: (1 / 0 for _ in x), "stops with ZeroDivisionError"),
        (lambda x, h, w: {"state": h}, "a dict that holds state; it should return h."),
        (lambda x, h, w: exit(), "stops with SystemExit"),
        (lambda x, h, w: keras.Input((3,)), "cannot be read as an array of numbers"),
        (lambda x, h, w: tf.constant(["h"]), "cannot be read as an array of numbers"),
    ],
)
def test_what_goes_wrong_is_told(function, says):
    verdict = checks.rnn_step(function)
    assert not verdict
    assert says in verdict.sentence


@pytest.mark.parametrize(
    ("exercise", "dtype"),
    [
        pytest.param(exercise, dtype, id=f"{exercise.name}-{np.dtype(dtype).name}")
        for exercise in checks.EXERCISES
        for dtype in (np.float32, np.float16, tf.bfloat16.as_numpy_dtype)
        if exercise.name != "parameter_count" or dtype == np.float32  # 80,384 needs more bits
    ],
)
def test_fewer_bits_let_no_wrong_idea_pass(exercise, dtype):
    """What is right but for its rounding passes; a wrong idea with as few bits does not."""

    def rounded(function):
        def called(*arguments):
            results = verdicts.parts(exercise.gives, function(*arguments))
            results = [np.asarray(result).astype(dtype) for result in results]
            return results if len(results) > 1 else results[0]

        return called

    assert verdicts.judge_function(exercise, rounded(exercise.right))
    for idea in exercise.wrong:
        assert not verdicts.judge_function(exercise, rounded(idea.function)), idea.sentence


@pytest.mark.parametrize("exercise", checks.EXERCISES, ids=lambda e: e.name)
def test_a_difference_above_the_rounding_is_no_rounding(exercise):
    for dtype, nudge in ((float, 1e-4), (np.float32, 1e-3)):

        def nudged(*arguments, dtype=dtype, nudge=nudge):
            results = verdicts.parts(exercise.gives, exercise.right(*arguments))
            results = [(np.asarray(r, float) + nudge * (1 + abs(r))).astype(dtype) for r in results]
            return results if len(results) > 1 else results[0]

        if exercise.name not in (
            "parameter_count",
            "settles_at",
            "turns",
        ):  # counts: a whole one more
            assert not verdicts.judge_function(exercise, nudged), dtype


# --- whatever is handed in ---------------------------------------------------------------------


class Refusing:
    """An object that can be looked at in no way."""

    def _refuse(self, *arguments, **named):
        raise RuntimeError("no")

    __eq__ = __hash__ = __repr__ = __str__ = __len__ = __iter__ = __float__ = _refuse
    __bool__ = __array__ = __getattr__ = __index__ = _refuse


@dataclasses.dataclass
class Half:
    h: object = None


def endless():
    while True:
        yield 1


async def later(*arguments):
    return 1


inside_itself = []
inside_itself.append(inside_itself)
# fmt: off
STRANGE = [
    inside_itself, {"h": {"h": {}}}, Refusing(), Half(), mock.Mock(), mock.MagicMock(), object(),
    object, print, later, endless(), itertools.count(), iter([]), 10**400, float("nan"), 1j,
    np.array([]), np.array(None), np.array(["a"]), np.array([1 + 2j]), np.datetime64("2020"),
    np.ma.masked, np.zeros((0, 3)), np.zeros((2, 2, 2)), np.recarray((2,), dtype=[("x", int)]),
    Decimal("sNaN"), keras.Input((3,)), tf.constant("f"), tf.ragged.constant([[1], [1, 2]]),
    tf.TensorShape(None), "x" * 10**5, "9" * 6000, "(" * 5000, "1" + "+1" * 5000, "9**9**9**9",
    "10**1000", "1/0", "0**-1", "(-1)**0.5", "\x00", "\ud800", "[[[[", "]]", "(),()", "and and",
    ",,,", "=", "%", "-", "~", "1e999", "nan", "None", "by", "f==0", "'", '"', "\\", "2\u207b",
    ["28", ["x"]], [[1, 2], [3]], {1: {2: 3}}, {None: None}, {"f": None}, {(1, 2)}, range(10**9),
    NotImplemented, Exception("x"), [None, None], slice(1, 2), b"\xff", bytearray(b"1"),
]
# fmt: on
BEGINS = ("Right: ", "Not yet: ", "Your turn: ")


@pytest.mark.parametrize("number", range(len(STRANGE)))
def test_whatever_is_handed_in_gets_one_sentence(number):
    strange = STRANGE[number]
    for entry in checks.ANSWERS.values():
        sentence = answers.judge_answer(entry, strange).sentence
        assert sentence.startswith(BEGINS) and "\n" not in sentence, sentence
    for exercise in checks.EXERCISES:
        for function in (strange, lambda *arguments: strange, lambda *arguments: (strange,) * 2):
            verdict = verdicts.judge_function(exercise, function)
            assert verdict.sentence.startswith(BEGINS), verdict.sentence
            assert "\n" not in verdict.sentence


class HalfWrittenError(Exception):
    def __str__(self):
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    "error", [SystemExit(3), GeneratorExit(), HalfWrittenError(), BaseException()]
)
def test_no_error_of_the_function_comes_through(error, capsys):
    def stops(*arguments):
        raise error

    for exercise in checks.EXERCISES:
        assert not getattr(checks, exercise.name)(stops)
        assert capsys.readouterr().out.startswith("Not yet: your function stops with ")


def test_the_learners_own_interrupt_stops_the_check():
    with pytest.raises(KeyboardInterrupt):
        checks.rnn_step(mock.Mock(side_effect=KeyboardInterrupt))


def test_numpy_set_to_raise_does_not_reach_the_checks():
    with np.errstate(all="raise"):
        assert checks.gru_step(cells.gru_step)
        assert not checks.gru_step(lambda x_t, h, weights: h)


def test_tensorflows_tensors_are_read_without_a_word(capfd, caplog):
    import tensorflow as tf

    assert checks.rows_first(lambda images: tf.transpose(images, (0, 2, 1)))
    assert capfd.readouterr().err == ""
    assert not caplog.records


def test_a_shape_may_come_from_any_library():
    outputs = L.LSTM(100, return_sequences=True)(np.zeros((32, 14, 56), "float32"))
    model = keras.Sequential([keras.Input((14, 56)), L.LSTM(100, return_sequences=True)])
    for shape in (
        outputs.shape,
        tf.shape(outputs),
        tf.TensorShape([32, 14, 100]),
        K.shape(outputs),
        outputs.numpy().shape,
        model.output_shape,
        model.outputs[0].shape,
        L.LSTM(100, return_sequences=True).compute_output_shape((32, 14, 56)),
    ):
        assert checks.answer("lesson 5: outputs of 14x56", shape), shape
    assert not checks.answer("lesson 5: outputs of 14x56", outputs)


@pytest.mark.parametrize("kind", [tf.constant, tf.Variable, keras.Variable, FromAnotherLibrary])
def test_a_number_may_be_a_tensor(kind):
    assert checks.answer("lesson 3: one factor", kind(0.38))
    assert not checks.answer("lesson 3: one factor", kind(38.0))


def test_the_beliefs_add_up_to_one_and_can_be_copied_by_hand():
    for case in checks.CROSS_ENTROPY.cases:
        belief, digit = case.arguments
        assert abs(belief.sum() - 1) < 1e-15
        assert np.array_equal(belief.round(3), belief) and (belief > 0).all()
        assert belief.argmax() != digit
