"""Right functions pass in TensorFlow, Keras, PyTorch and JAX, and their tensors as answers."""

import collections

import numpy as np
import pytest

from helpers import checks
from helpers.reader import import_keras
from rnnscope.cells import sigmoid

pytestmark = pytest.mark.deep

keras = import_keras()
K, L = keras.ops, keras.layers
tf = pytest.importorskip("tensorflow")


def weighted(layer, shape, weights):
    """Build a layer of Keras and give it the weights."""
    layer.build(shape)
    layer.set_weights(list(weights))
    return layer


# --- each exercise, written with TensorFlow, with Keras, and with plain loops -------------------


def blows_in_tensorflow(blows, keeps):
    state, states = tf.zeros(3), []  # float32, as TensorFlow makes it
    for blow, keep in zip(blows, keeps, strict=True):
        state = state * keep + blow
        states.append(state)
    return tf.stack(states)


def rnn_in_tensorflow(x_t, h, weights):
    W, U, b = weights
    return tf.tanh(tf.matmul(x_t, W) + tf.matmul(h, U) + b)


def rnn_cell_of_keras(x_t, h, weights):
    return weighted(L.SimpleRNNCell(h.shape[1]), x_t.shape, weights)(x_t, [h])[0]


def unrolled_by_keras(x, weights):
    units = len(weights.recurrent_kernel)
    return weighted(L.SimpleRNN(units, return_sequences=True), x.shape, weights)(x)


def gates_in_keras_ops(x_t, h, weights):
    W, U, b = weights
    i, f, candidate, o = K.split(K.matmul(x_t, W) + K.matmul(h, U) + b, 4, axis=-1)
    return [K.sigmoid(i), K.sigmoid(f), K.tanh(candidate), K.sigmoid(o)]


def lstm_in_keras_ops(x_t, h, c, weights):
    i, f, candidate, o = gates_in_keras_ops(x_t, h, weights)
    c = f * c + i * candidate
    return [o * K.tanh(c), c]


def lstm_cell_of_keras(x_t, h, c, weights):
    _, states = weighted(L.LSTMCell(h.shape[1]), x_t.shape, weights)(x_t, [h, c])
    return states


def gru_cell_of_keras(x_t, h, weights):
    return weighted(L.GRUCell(h.shape[1]), x_t.shape, weights)(x_t, [h])[0]


# fmt: off
RIGHT = {
    "leaky_step": [lambda s, b, k: tf.Variable([s * k + b])],
    "run_blows": [blows_in_tensorflow],
    "dense_layer": [lambda x, W, b: K.tanh(K.matmul(x, W) + b)],
    "batch_first": [lambda x: tf.transpose(x, [1, 0, 2]), lambda x: tf.stack(tf.unstack(x), 1)],
    "rnn_step": [
        rnn_cell_of_keras, tf.function(rnn_in_tensorflow),
        lambda x, h, w: tf.unstack(rnn_in_tensorflow(x, h, w)),
        lambda x, h, w: tf.cast(rnn_in_tensorflow(x, h, w), tf.bfloat16),
    ],
    "unroll": [unrolled_by_keras],
    "read_answer": [lambda h: tf.gather(h, h.shape[1] - 1, axis=1), L.Lambda(lambda h: h[:, -1])],
    "lstm_gates": [gates_in_keras_ops, lambda *a: tf.stack(gates_in_keras_ops(*a))],
    "lstm_step": [lstm_cell_of_keras,
                  lambda *a: collections.namedtuple("State", "h c")(*lstm_in_keras_ops(*a))],
    "from_pytorch": [lambda a, b, c, d: (tf.transpose(a), K.transpose(b), tf.add(c, d))],
    "parameter_count": [lambda n, u: tf.constant(4 * u * (n + u + 1))],
    "time_major": [lambda layer, x: K.swapaxes(layer(K.swapaxes(x, 0, 1)), 0, 1)],
    "padding_mask": [tf.sequence_mask],
    "cross_entropy": [  # of shape (1,) and of no axes
        lambda belief, digit: keras.losses.SparseCategoricalCrossentropy(reduction=None)(
            np.array([digit]), belief[np.newaxis]),
        lambda belief, digit: keras.losses.sparse_categorical_crossentropy(digit, belief),
    ],
    "rows_first": [L.Permute((2, 1))],
    "gru_step": [gru_cell_of_keras],
    "pad_right": [lambda codes, n: keras.utils.pad_sequences(codes, maxlen=n, padding="post")],
    "turns": [lambda b: tf.math.count_nonzero(tf.argmax(b, 1)[1:] != tf.argmax(b, 1)[:-1])],
    "windows": [lambda v, n: {"y": v[n:], "x": tf.signal.frame(v[:-1], n, 1)}],
}
# fmt: on


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_function_passes_in_tensorflow_and_keras(name):
    for function in RIGHT[name]:
        verdict = getattr(checks, name)(function)
        assert verdict, verdict.sentence


# --- PyTorch and JAX: the same lines in either ---------------------------------------------------


def pytorch():
    torch = pytest.importorskip("torch")
    return torch, lambda a: torch.tensor(np.asarray(a), requires_grad=True)


def jax():
    numpy = pytest.importorskip("jax.numpy")
    return numpy, numpy.asarray


@pytest.mark.parametrize("library", [pytorch, jax])
def test_a_right_function_and_an_answer_may_be_of_pytorch_and_jax(library):
    lib, tensor = library()

    def lstm(x_t, h, c, weights):
        x_t, h, c, W, U, b = map(tensor, (x_t, h, c, *weights))
        sums, units = x_t @ W + h @ U + b, h.shape[1]
        i, f, g, o = (sums[:, n * units : (n + 1) * units] for n in range(4))
        i, f, o = (1 / (1 + lib.exp(-gate)) for gate in (i, f, o))
        c = f * c + i * lib.tanh(g)
        return o * lib.tanh(c), c

    outputs = tensor(np.zeros((32, 14, 100)))
    for verdict in (
        checks.lstm_step(lstm),
        checks.leaky_step(lambda s, b, k: tensor([s * k + b])),
        checks.run_blows(lambda b, k: [tensor(s) for s in blows_in_tensorflow(b, k).numpy()]),
        checks.cross_entropy(lambda belief, digit: -lib.log(tensor(belief))[digit]),
        checks.answer("lesson 3: one factor", tensor(0.38)),
        checks.answer("lesson 3: one factor", tensor([0.38])),
        checks.answer("lesson 5: outputs of 14x56", outputs.shape),
    ):
        assert verdict, verdict.sentence
    assert not checks.answer("lesson 3: one factor", tensor(38.0))
    assert "write .shape behind it" in checks.answer("lesson 5: outputs of 14x56", outputs).sentence
    assert "a sigmoid stands" in checks.rnn_step(lambda x, h, w: tensor(
        sigmoid(x @ w[0] + h @ w[1] + w[2]))).sentence  # fmt: skip


# --- TensorFlow's and Keras's values as answers --------------------------------------------------


def test_a_shape_may_come_from_any_part_of_keras():
    outputs = L.LSTM(100, return_sequences=True)(np.zeros((32, 14, 56), "float32"))
    model = keras.Sequential([keras.Input((14, 56)), L.LSTM(100, return_sequences=True)])
    for shape in (outputs.shape, tf.shape(outputs), tf.TensorShape([32, 14, 100]), K.shape(outputs),
                  outputs.numpy().shape, model.output_shape, model.outputs[0].shape):  # fmt: skip
        assert checks.answer("lesson 5: outputs of 14x56", shape), shape
    assert not checks.answer("lesson 5: outputs of 14x56", outputs)
    for kind in (tf.constant, tf.Variable, keras.Variable):
        assert checks.answer("lesson 3: one factor", kind(0.38))
        assert not checks.answer("lesson 3: one factor", kind(38.0))
