"""Train an LSTM that reads a digit pixel by pixel: helpers/data/reader_pixels.npz.

    MNIST_NPZ=mnist.npz uv run python benchmarks/train_pixels.py
    MNIST_NPZ=mnist.npz uv run python benchmarks/train_pixels.py --start keras

Each image is made smaller, 14 x 14 pixels (the mean of 2 x 2), and read as 196 time steps of one
pixel, from the top left. The biases start as those of a long memory (Tallec and Ollivier, ICLR
2018), as lesson 8 shows; with --start keras, for contrast, as Keras sets them
(reader_pixels_keras.npz). Needs the full MNIST in its original order and trains on x_train[6000:],
so that no bundled digit is seen. With --hold-back it trains on x_train[12000:], scores on
x_train[6000:12000] and saves nothing: recipes are chosen so. The test images are counted once,
after the last epoch. Its last line is JSON: what the file says of itself.
"""

import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from measuring import hardware_and_versions, share_right

from helpers.digits import small_digits
from helpers.reader import import_keras, save
from helpers.reader.pipeline import DRAWS, augmented
from tools.arguments import (
    above_zero,
    any_seed,
    folder,
    need_digits,
    new_file,
    new_parser,
    whole,
)

FIRST, SIDE = 6000, 14
DATA = Path(__file__).resolve().parent.parent / "helpers" / "data"


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--seed", type=any_seed, default=0)
    parser.add_argument("--units", type=whole(1), default=64)
    parser.add_argument("--epochs", type=whole(1), default=20)
    parser.add_argument("--batch", type=whole(1, 48_000), default=128)
    parser.add_argument("--peak", type=above_zero, default=5e-3, help="peak learning rate")
    parser.add_argument("--hold-back", action="store_true", help="choose, do not save")
    parser.add_argument("--start", choices=("long", "keras"), default="long", help="of the biases")
    parser.add_argument("--out", type=new_file, help="default: helpers/data/reader_pixels.npz")
    parser.add_argument("--keep", type=folder, help="a folder: a stopped run goes on from it")
    arguments = parser.parse_args()
    keras_start = arguments.start == "keras"
    out = arguments.out or DATA / f"reader_pixels{'_keras' * keras_start}.npz"
    if out.exists() and not arguments.hold_back:
        parser.error(f"{out} is there already; move it away, or name another file with --out.")
    digits = need_digits(parser, full=True)

    first = 2 * FIRST if arguments.hold_back else FIRST
    keras = import_keras()
    keras.utils.set_random_seed(arguments.seed)
    model = keras.Sequential(
        [
            keras.layers.Input((None, 1)),
            keras.layers.LSTM(arguments.units, name="reader"),
            keras.layers.Dense(10, name="head"),
        ]
    )
    if not keras_start:
        remember(model.get_layer("reader"), SIDE * SIDE, arguments.seed)
    steps = arguments.epochs * ((len(digits.x_train) - first) // arguments.batch)
    warm = round(0.3 * steps)
    rate = keras.optimizers.schedules.CosineDecay(
        arguments.peak / 25, steps - warm, 1e-4, warmup_target=arguments.peak, warmup_steps=warm
    )
    model.compile(
        keras.optimizers.Adam(rate, clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"], jit_compile=False, steps_per_execution=10,
    )  # fmt: skip
    data = batches(digits.x_train[first:], digits.y_train[first:], arguments)
    callbacks, went_on = [], {}
    if arguments.keep:  # Keras deletes the folder at the end: it gets one of its own
        checkpoint = arguments.keep / run_of(arguments)
        if checkpoint.exists():
            went_on = {"went_on": "after a stop, with the digits in the first epochs' orders"}
        callbacks = [keras.callbacks.BackupAndRestore(checkpoint, double_checkpoint=True)]
    model.fit(data, epochs=arguments.epochs, verbose=2, shuffle=False, callbacks=callbacks)

    def accuracy(images, labels):
        return share_right(model, as_pixels(images), labels, batch_size=500)

    if arguments.hold_back:
        right = accuracy(digits.x_train[FIRST:first], digits.y_train[FIRST:first])
        print(f"held back: {right:.2%}")
        print(json.dumps({"held_back": right}))
        return
    small = small_digits()
    bundled = np.concatenate([small.x_train, small.x_test])
    labels = np.concatenate([small.y_train, small.y_test])
    about = {
        "command": f"python benchmarks/train_pixels.py --units {arguments.units}"
        f" --epochs {arguments.epochs} --batch {arguments.batch} --peak {arguments.peak:g}"
        f" --seed {arguments.seed}" + " --start keras" * keras_start,
        "data": f"MNIST, x_train[{FIRST}:], as 14 x 14 pixels, one a step",
        "seed": arguments.seed,
        "epochs": arguments.epochs,
        "accuracy": accuracy(digits.x_test, digits.y_test),
        "accuracy_bundled": accuracy(bundled, labels),
        "versions": hardware_and_versions()["versions"],
    } | went_on
    save(out, model, about)
    print(json.dumps(about))


def run_of(arguments):
    """Name a run by all that it is trained with, so that no other one goes on from its weights."""
    trained = {"seed", "units", "epochs", "batch", "peak", "start", "hold_back"}
    return "-".join(f"{name}_{vars(arguments)[name]}" for name in sorted(trained))


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


def batches(images, labels, arguments):
    """Jostle, half as much as for rows, then make each image smaller: one pixel a step."""
    import tensorflow as tf

    def prepared(x, y, number):
        pair = tf.stack([number, tf.constant(arguments.seed, tf.int64)])
        draws = tf.random.stateless_uniform((arguments.batch, DRAWS), pair, -1, 1)
        x = augmented(tf.cast(x, tf.float32) / 255, draws / 2)
        x = tf.nn.avg_pool2d(x[..., None], 2, 2, "VALID")
        return tf.reshape(x, (arguments.batch, SIDE * SIDE, 1)), y

    data = tf.data.Dataset.from_tensor_slices((images, labels.astype("int32")))
    data = data.shuffle(len(images), seed=arguments.seed).batch(arguments.batch, True)
    numbers = tf.data.Dataset.random(seed=arguments.seed, rerandomize_each_iteration=True)
    data = tf.data.Dataset.zip(data, numbers)
    return data.map(lambda pair, number: prepared(*pair, number), tf.data.AUTOTUNE).prefetch(4)


if __name__ == "__main__":
    main()
