"""Recurrent networks of Keras with every option random."""

import numpy as np

from helpers.reader import import_keras

ACTIVATIONS = (
    *("tanh", "sigmoid", "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "softplus"),
    *("softsign", "silu", "hard_sigmoid", "hard_silu", "hard_tanh", "mish", "exponential"),
    *("softmax", "gelu", "celu", "log_sigmoid", "soft_shrink", "hard_shrink", "tanh_shrink"),
    *("squareplus", "sparse_plus", "sparse_sigmoid", "sparsemax", "log_softmax"),
)
BOUNDED = ("tanh", "sigmoid", "softsign", "hard_sigmoid", "hard_tanh", "sparse_sigmoid", "softmax")


def network(seed):
    """Draw a network and a sequence for it, without the batch axis."""
    keras, lot = import_keras(), np.random.default_rng(seed)
    layers, dtype = keras.layers, str(lot.choice(["float32", "float64"], p=[0.7, 0.3]))

    def one_of(*things):
        return things[lot.integers(len(things))]

    steps = int(one_of(1, 2, lot.integers(3, 12), lot.integers(12, 60)))
    features = int(lot.integers(1, 6))
    fixed = bool(lot.random() < 0.5)
    shape = (steps if fixed else None, features)
    chain, tokens = [], lot.random() < 0.3
    if tokens:
        masked = bool(lot.random() < 0.6)
        x = lot.integers(0 if masked else 1, 7, steps)
        chain += [layers.Input(shape[:1], dtype="int32")]
        chain += [layers.Embedding(7, features, mask_zero=masked, dtype=dtype)]
    else:
        x = lot.normal(size=(steps, features)).astype(dtype)
        chain += [layers.Input(shape, dtype=dtype)]
        if lot.random() < 0.4:
            chain += [layers.Masking(0.0, dtype=dtype)]
            x[_padding(lot, steps)] = 0

    def beside(deep):
        """A layer that is not recurrent, or none."""
        makers = [
            lambda: layers.Dropout(0.4, dtype=dtype),
            lambda: layers.GaussianNoise(0.4, dtype=dtype),
            lambda: layers.BatchNormalization(dtype=dtype),
            lambda: layers.LayerNormalization(dtype=dtype),
            lambda: layers.Dense(3, activation="relu", dtype=dtype),
            lambda: layers.Activation("tanh", dtype=dtype),
        ]
        if deep:
            makers += [
                lambda: layers.SpatialDropout1D(0.4, dtype=dtype),
                lambda: layers.Conv1D(4, 3, padding="same", dtype=dtype),
                lambda: layers.Conv1D(4, 2, padding="causal", strides=2, dtype=dtype),
                lambda: layers.TimeDistributed(layers.Dense(4, dtype=dtype)),
                lambda: layers.MaxPooling1D(2, padding="same", dtype=dtype),
            ]
        return [one_of(*makers)()] if lot.random() < 0.4 else []

    def options(kind):
        usual = lot.random() < 0.4
        # Two unbounded functions together soon leave what a float32 can hold.
        chosen = {} if usual else {"activation": str(one_of(*ACTIVATIONS))}
        if kind != "SimpleRNN" and not usual:
            chosen["recurrent_activation"] = str(
                one_of(*(BOUNDED if chosen["activation"] not in BOUNDED else ACTIVATIONS))
            )
        if kind == "GRU":
            chosen["reset_after"] = bool(lot.random() < 0.5)
        return {
            **chosen,
            "use_bias": bool(lot.random() < 0.7),
            "dropout": float(one_of(0, 0.3)),
            "recurrent_dropout": float(one_of(0, 0.3)),
            "dtype": dtype,
        }

    def recurrent(sequences):
        kind = one_of("SimpleRNN", "GRU", "LSTM")
        general = {
            "return_sequences": sequences,
            "go_backwards": bool(lot.random() < 0.2),
            "unroll": bool(lot.random() < 0.2 and fixed and steps < 12),
        }
        if lot.random() < 0.25:
            kinds = [one_of("SimpleRNN", "GRU", "LSTM") for _ in range(lot.integers(1, 4))]
            made = [
                getattr(layers, k + "Cell")(int(lot.integers(1, 9)), **options(k)) for k in kinds
            ]
            if len(made) == 1:
                made = made[0]
            elif dtype == "float64" or lot.random() < 0.5:  # a list becomes a stack in float32
                made = layers.StackedRNNCells(made, dtype=dtype)
            zeroes = bool(lot.random() < 0.3)
            layer = layers.RNN(made, **general, zero_output_for_mask=zeroes, dtype=dtype)
        else:
            layer = getattr(layers, kind)(int(lot.integers(1, 9)), **general, **options(kind))
        if lot.random() < 0.3:
            layer.go_backwards = False
            layer.unroll = False  # unrolled backwards, Keras blanks outputs by the mask not turned
            merge = one_of("sum", "mul", "concat", "ave", None)
            return layers.Bidirectional(layer, merge_mode=merge, dtype=dtype)
        return layer

    chain += beside(True)
    count, to_the_end = int(lot.integers(1, 4)), bool(lot.random() < 0.3)
    for number in range(count):
        chain += [recurrent(number < count - 1 or to_the_end), *beside(number < count - 1)]
    kinds = int(lot.integers(1, 6))
    head = one_of(None, "softmax", "sigmoid", "linear", "apart")
    if to_the_end and lot.random() < 0.4:
        chain += [one_of(layers.GlobalAveragePooling1D, layers.GlobalMaxPooling1D)(dtype=dtype)]
    if head == "apart":
        chain += [layers.Dense(kinds, dtype=dtype), layers.Softmax(dtype=dtype)]
    elif head:
        chain += [layers.Dense(kinds, activation=head, dtype=dtype)]
    return randomized(_joined(keras, chain), lot), x


def randomized(model, lot):
    """Give a model random weights, biases too (Keras's own start with zeros)."""
    for variable in model.weights:
        drawn = lot.normal(0, 0.5, variable.shape)
        variable.assign(np.abs(drawn) + 0.5 if "variance" in variable.path else drawn)
    return model


def _padding(lot, steps):
    """Rows to leave blank: on the left, on the right, or anywhere."""
    rows, cut = np.arange(steps), lot.integers(steps)
    return [rows < cut, rows > cut, lot.random(steps) < 0.4][lot.integers(3)]


def _joined(keras, chain):
    """Make a functional model; a Bidirectional layer that gives two outputs gets a sum."""
    first, *rest = chain
    x = first
    for layer in rest:
        x = layer(x)
        if isinstance(x, (list, tuple)):
            x = keras.layers.Concatenate(dtype=x[0].dtype)(x)
    return keras.Model(first, x)
