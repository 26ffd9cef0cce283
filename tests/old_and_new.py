"""Run the old two lines and today's layer on the same random numbers; write what both give.

A program of its own: TensorFlow takes up its old cells only if nothing imported it before.
Usage: python -m tests.old_and_new RESULTS.npz
"""

import sys

import numpy as np

# Sizes that no swap of axes leaves alone, and forget biases of every kind.
CASES = {  # name: (batch, time steps, features, units, forget bias, lengths)
    "usual": (3, 7, 5, 4, 1.0, (7, 3, 1)),
    "narrow": (2, 9, 8, 3, 2.5, (4, 9)),
    "negative": (5, 6, 3, 7, -0.7, (2, 6, 5, 1, 3)),
}


def material(name):
    """Make the random input, weights and state of a case: a dictionary of arrays."""
    batch, time_steps, features, units, forget_bias, lengths = CASES[name]
    rng = np.random.default_rng(sorted(CASES).index(name))
    return {
        "x": rng.normal(size=(batch, time_steps, features)).astype("float32"),
        "kernel": rng.normal(size=(features + units, 4 * units)).astype("float32"),
        "bias": rng.normal(size=4 * units).astype("float32"),
        "c0": rng.normal(size=(batch, units)).astype("float32"),
        "h0": rng.uniform(-0.9, 0.9, (batch, units)).astype("float32"),
        "forget_bias": np.float32(forget_bias),
        "lengths": np.array(lengths),
    }


def moved(kernel, bias, forget_bias):
    """Say column by column where the old weights go: block n of Keras is block BLOCK[n] of old."""
    units, block = len(bias) // 4, (0, 2, 1, 3)
    columns = np.array([block[n] * units + unit for n in range(4) for unit in range(units)])
    new_bias = bias[columns].copy()
    for unit in range(units):
        new_bias[units + unit] += forget_bias
    features = len(kernel) - units
    return [kernel[:features, columns], kernel[features:, columns], new_bias]


def run(tf, keras, name):
    """Run a case through both; the results' names begin with "old" or "new"."""
    m = material(name)
    x, units, steps = m["x"], len(m["bias"]) // 4, m["x"].shape[1]
    old = tf.compat.v1.nn

    def layer(**options):
        made = keras.layers.LSTM(units, **options)
        made.build(x.shape)
        made.set_weights(moved(m["kernel"], m["bias"], m["forget_bias"]))
        return made

    then = old.rnn_cell.BasicLSTMCell(units, forget_bias=float(m["forget_bias"]))
    old.dynamic_rnn(then, x, dtype=tf.float32)  # the first call makes the weights
    then.set_weights([m["kernel"], m["bias"]])
    now = layer(return_sequences=True, return_state=True)
    mask = np.arange(steps) < m["lengths"][:, np.newaxis]
    outputs, state = old.dynamic_rnn(then, x, time_major=False, dtype=tf.float32)
    results = {"old": outputs, "old c": state.c, "old h": state.h}
    results |= dict(zip(("new", "new h", "new c"), now(x), strict=True))

    pair = old.rnn_cell.LSTMStateTuple(c=tf.constant(m["c0"]), h=tf.constant(m["h0"]))
    results["old from state"], _ = old.dynamic_rnn(then, x, initial_state=pair)
    results["new from state"] = now(x, initial_state=[m["h0"], m["c0"]])[0]

    results["old lengths"], state = old.dynamic_rnn(
        then, x, sequence_length=m["lengths"], dtype=tf.float32
    )
    results |= {"old lengths c": state.c, "old lengths h": state.h}
    names = "new lengths", "new lengths h", "new lengths c"
    results |= dict(zip(names, now(x, mask=mask), strict=True))
    zeros = layer(return_sequences=True, zero_output_for_mask=True)
    results["new lengths zeros"] = zeros(x, mask=mask)
    return {f"{name}: {what}": np.asarray(array) for what, array in results.items()}


def main():
    """Run every case and save all results in the file that the command line names."""
    from helpers.tf1 import old_tensorflow

    tf = old_tensorflow()
    import keras

    results = {"keras": np.array(keras.__version__)}
    results["cell from"] = np.array(tf.compat.v1.nn.rnn_cell.BasicLSTMCell.__module__)
    for name in CASES:
        results |= run(tf, keras, name)
    np.savez(sys.argv[1], **results)


if __name__ == "__main__":
    main()
