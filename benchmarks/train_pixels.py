"""Train an LSTM or minGRUs that read a digit pixel by pixel: helpers/data/reader_pixels*.npz.

    MNIST_NPZ=mnist.npz uv run python benchmarks/train_pixels.py --cell mingru
    MNIST_NPZ=mnist.npz uv run python benchmarks/train_pixels.py
    MNIST_NPZ=mnist.npz uv run python benchmarks/train_pixels.py --start keras

The minGRUs read all 784 pixels, in NumPy (mingru_numpy.py); the weights are those of the Keras
layer helpers.reader.MinGRU. All from here on to "Needs" is about the LSTMs.

Each image is made smaller, 14 x 14 pixels (the mean of 2 x 2), and read as 196 time steps of one
pixel, from the top left. The biases start as those of a long memory (Tallec and Ollivier, ICLR
2018), as lesson 8 shows; with --start keras, for contrast, as Keras sets them
(reader_pixels_keras.npz). Needs the full MNIST in its original order and trains on x_train[6000:],
so that no bundled digit is seen. With --hold-back it trains on x_train[12000:], scores on
x_train[6000:12000] and saves nothing: recipes are chosen so. The test images are counted once,
after the last epoch. Prints the row of helpers/data/README.md, and as its last line JSON: what the
file says of itself.
"""

import json

import mingru_numpy
import numpy as np
from measuring import need_digits, share_right
from train_shipped import DATA, FIRST, new_weights, ship

from helpers.reader import import_keras, one_cycle, training_batches
from helpers.reader.pixel_reader import save_pixel_reader
from tools.arguments import above_zero, any_seed, new_file, new_parser, whole

SIDE = 14


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--cell", choices=("lstm", "mingru"), default="lstm")
    parser.add_argument("--seed", type=any_seed, default=0)
    parser.add_argument("--layers", type=whole(2), default=3, help="of the minGRUs")
    parser.add_argument("--units", type=whole(1), default=64)
    parser.add_argument("--epochs", type=whole(1), default=20)
    parser.add_argument("--batch", type=whole(1, 48_000), default=128)
    parser.add_argument("--peak", type=above_zero, default=5e-3, help="peak learning rate")
    parser.add_argument("--hold-back", action="store_true", help="choose, do not save")
    parser.add_argument("--start", choices=("long", "keras"), default="long", help="of the biases")
    parser.add_argument("--out", type=new_file, help="default: helpers/data/reader_pixels.npz")
    given = parser.parse_args()
    as_keras = "_keras" * (given.start == "keras")
    as_mingru = "_mingru" * (given.cell == "mingru")
    out = given.out or DATA / f"reader_pixels{as_keras or as_mingru}.npz"
    if not given.hold_back:
        new_weights(parser, out)
    digits = need_digits(parser, full=True)

    first = 2 * FIRST if given.hold_back else FIRST
    if given.cell == "mingru":
        train_mingru(given, digits, first, out)
        return
    steps = given.epochs * ((len(digits.x_train) - first) // given.batch)
    model = new_model(given, steps)
    data = batches(digits.x_train[first:], digits.y_train[first:], given)
    model.fit(data, epochs=given.epochs, verbose=2, shuffle=False)

    def right(images, labels):
        return share_right(model, as_pixels(images), labels, batch_size=500)

    if given.hold_back:
        held_back = right(digits.x_train[FIRST:first], digits.y_train[FIRST:first])
        print(json.dumps({"held_back": held_back}))
        return
    command = (
        f"python benchmarks/train_pixels.py --units {given.units} --epochs {given.epochs}"
        f" --batch {given.batch} --peak {given.peak:g} --seed {given.seed}"
    )
    about = {
        "command": command + " --start keras" * bool(as_keras),
        "data": f"MNIST, x_train[{FIRST}:], as 14 x 14 pixels, one a step",
        "seed": given.seed,
        "epochs": given.epochs,
    }
    ship(out, model, about, right, digits)


def train_mingru(given, digits, first, out):
    """Train minGRUs on x_train[first:], and ship them unless digits are held back to choose."""
    held = slice(FIRST, first) if given.hold_back else slice(0, FIRST)
    few = digits.x_train[held][:2000], digits.y_train[held][:2000]
    reader = mingru_numpy.train(digits.x_train[first:], digits.y_train[first:], few, given)

    def right(images, labels):
        return float((reader.predict(images) == labels).mean())

    if given.hold_back:
        print(json.dumps({"held_back": right(digits.x_train[held], digits.y_train[held])}))
        return
    command = (
        f"python benchmarks/train_pixels.py --cell mingru --layers {given.layers}"
        f" --units {given.units} --epochs {given.epochs} --batch {given.batch}"
        f" --peak {given.peak:g} --seed {given.seed}"
    )
    about = {
        "command": command,
        "data": f"MNIST, x_train[{FIRST}:], all 784 pixels, one a step",
        "seed": given.seed,
        "epochs": given.epochs,
    }
    ship(out, reader, about | reader.about, right, digits, save_pixel_reader)


def new_model(given, steps):
    """Return the network, with a learning rate for so many updates."""
    keras = import_keras()
    keras.utils.set_random_seed(given.seed)
    layers = keras.layers
    model = keras.Sequential(
        [layers.Input((None, 1)), layers.LSTM(given.units, name="reader"),
         layers.Dense(10, name="head")]
    )  # fmt: skip
    if given.start == "long":
        remember(model.get_layer("reader"), SIDE * SIDE, given.seed)
    model.compile(
        keras.optimizers.Adam(one_cycle(given.peak, steps), clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"], jit_compile=False, steps_per_execution=10,
    )  # fmt: skip
    return model


def as_pixels(images):
    """Images uint8 (n, 28, 28) -> float32 (n, 196, 1), from 0 to 1: the mean of 2 x 2 pixels."""
    small = images.reshape(-1, SIDE, 2, SIDE, 2).mean(axis=(2, 4), dtype=np.float32) / 255
    return small.reshape(-1, SIDE * SIDE, 1)


def remember(layer, steps, seed):
    """Start the gates so that each unit forgets over a time span of its own, up to `steps`."""
    kernel, recurrent_kernel, bias = layer.get_weights()
    spans = np.random.default_rng(seed).uniform(1, steps - 1, layer.units)
    bias[: 2 * layer.units] = np.concatenate([-np.log(spans), np.log(spans)])
    layer.set_weights([kernel, recurrent_kernel, bias])


def batches(images, labels, given):
    """Augment, half as much as for rows, then make each image smaller: one pixel a step."""
    import tensorflow as tf

    def smaller(x, y):
        x = tf.nn.avg_pool2d(x[..., None], 2, 2, "VALID")
        return tf.reshape(x, (given.batch, SIDE * SIDE, 1)), y

    return training_batches(images, labels, given.batch, seed=given.seed, augment=0.5).map(smaller)


if __name__ == "__main__":
    main()
