"""What does each ingredient of the recipe bring? One change at a time, several seeds each.

    MNIST_NPZ=mnist.npz uv run python benchmarks/ingredients.py [--few] [--seeds 3]

Every network learns from x_train[6000:] (54,000 images) and is scored on the first 6,000 training
digits, after the last epoch. The test digits play no part: choices are made here. With --few it
learns from 4,000 of these images, other ones for each seed, as the bundled set has. Prints each
run as it ends, a table, and as its last line JSON.
"""

import itertools
import statistics
import time

import numpy as np
from measuring import finish, need_digits, new_parser, share_right

from helpers.reader import import_keras, one_cycle
from helpers.reader.augmentation import DRAWS, augmented
from tools.arguments import whole

HELD_BACK = 6000
RECIPE = {
    "units": 128, "epochs": 8, "batch_size": 256, "peak": 1e-2, "schedule": "one cycle",
    "clip": 1.0, "interpolation": "bilinear", "shift": 2, "turn": 12, "slant": 0.3, "size": 0.15,
    "bend": 0, "dropout": 0, "smoothing": 0, "average": None, "decay": None,
}  # fmt: skip
MORE = {"shift": 2.7, "turn": 16, "slant": 0.4, "size": 0.2}
STILL = {"shift": 0, "turn": 0, "slant": 0, "size": 0}
CHANGES = {
    "the recipe": {},
    "plain Adam at 0.001": STILL | {"schedule": "constant", "peak": 1e-3, "clip": None},
    "plain Adam, and one cycle": STILL | {"clip": None},
    "plain Adam, one cycle, and clip": STILL,
    "without clip": {"clip": None},
    "without one cycle (0.001)": {"schedule": "constant", "peak": 1e-3},
    "nearest pixels": {"interpolation": "nearest"},
    "shifts alone": STILL | {"shift": 2},
    "augmented less": {"shift": 1.3, "turn": 8, "slant": 0.2, "size": 0.1},
    "augmented more": MORE,
    "and bent by 1 pixel": {"bend": 1},
    "and dropout 0.2": {"dropout": 0.2},
    "and label smoothing 0.1": {"smoothing": 0.1},
    "and averaged weights (0.999)": {"average": 0.999},
    "and averaged weights (0.99)": {"average": 0.99},
    "and weight decay 0.01": {"decay": 0.01},
    "batch 128": {"batch_size": 128},
    "batch 512": {"batch_size": 512},
    "peak 0.005": {"peak": 5e-3},
    "peak 0.02": {"peak": 2e-2},
    "64 units": {"units": 64},
    "96 units": {"units": 96},
    "18 epochs": {"epochs": 18},
    "18 epochs, peak 0.02": {"epochs": 18, "peak": 2e-2},
    "24 epochs": {"epochs": 24},
    "36 epochs": {"epochs": 36},
}
FEW = RECIPE | {"epochs": 48}
SHORTER = {"batch_size": 128, "epochs": 36}
FEW_CHANGES = {
    "the recipe": {},
    "72 epochs": {"epochs": 72},
    "batch 128": {"batch_size": 128},
    "batch 64": {"batch_size": 64},
    "batch 128, 36 epochs": SHORTER,
    "batch 64, 30 epochs": {"batch_size": 64, "epochs": 30},
    "batch 128, augmented more": {"batch_size": 128} | MORE,
    "batch 128, 36 epochs, augmented more": SHORTER | MORE,
    "the same, and peak 0.015": SHORTER | MORE | {"peak": 1.5e-2},
    "batch 128, 36 epochs, peak 0.015": SHORTER | {"peak": 1.5e-2},
    "batch 128, 36 epochs, peak 0.02": SHORTER | {"peak": 2e-2},
    "peak 0.02": {"peak": 2e-2},
} | {
    name: CHANGES[name]
    for name in ("nearest pixels", "shifts alone", "augmented more", "and bent by 1 pixel",
                 "and dropout 0.2", "and label smoothing 0.1", "and averaged weights (0.99)",
                 "and weight decay 0.01", "peak 0.005", "96 units")
}  # fmt: skip


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--seeds", type=whole(1), default=3)
    parser.add_argument("--few", action="store_true", help="learn from 4,000 digits")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="some of the changes alone")
    given = parser.parse_args()
    recipe, changes = (FEW, FEW_CHANGES) if given.few else (RECIPE, CHANGES)
    for change in given.only or ():
        if change not in changes:
            parser.error(f"there is no change {change!r}: choose of {', '.join(changes)}.")
    digits, runs = need_digits(parser, full=True), []
    for seed, change in itertools.product(range(given.seeds), dict.fromkeys(given.only or changes)):
        run = {"change": change, "seed": seed}
        run |= score(recipe | changes[change], digits, learned_from(given.few, seed), seed)
        runs.append(run)
        print(*run.values(), flush=True)
    finish(given, {"recipe": recipe, "changes": changes, "runs": runs}, summary(runs, changes))


def learned_from(few, seed):
    """Return which training digits a network learns from."""
    first = HELD_BACK + 4000 * seed if few else HELD_BACK
    return slice(first, first + 4000 if few else None)


def summary(runs, changes):
    """Return a row for each change that was run: mean and sample standard deviation."""
    table = []
    for change in changes:
        scores = [run["accuracy"] for run in runs if run["change"] == change]
        if scores:
            spread = round(statistics.stdev(scores), 5) if len(scores) > 1 else None
            table.append({"change": change, "mean": round(statistics.mean(scores), 5),
                          "sd": spread, "seeds": len(scores)})  # fmt: skip
    return table


def score(how, digits, chosen, seed):
    """Train one network; return its accuracy on the held-back digits, and the seconds."""
    keras = import_keras()
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    x, y = digits.x_train[chosen], digits.y_train[chosen].astype("int32")
    began = time.perf_counter()
    model = keras.Sequential(
        [layers.Input(x.shape[1:]), layers.LSTM(how["units"])]
        + [layers.Dropout(how["dropout"])] * bool(how["dropout"])
        + [layers.Dense(10)]
    )
    rate, average = how["peak"], how["average"]
    if how["schedule"] == "one cycle":
        rate = one_cycle(rate, how["epochs"] * (len(x) // how["batch_size"]))
    model.compile(
        keras.optimizers.Adam(
            rate, clipnorm=how["clip"], weight_decay=how["decay"], use_ema=bool(average),
            ema_momentum=average or 0.99,
        ),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=how["smoothing"]),
        jit_compile=False, steps_per_execution=16,
    )  # fmt: skip
    model.fit(batches(x, y, how, seed), epochs=how["epochs"], verbose=0, shuffle=False)
    seconds = time.perf_counter() - began
    right = share_right(model, digits.x_train[:HELD_BACK], digits.y_train[:HELD_BACK])
    return {"accuracy": round(right, 5), "seconds": round(seconds, 1)}


def batches(x, y, how, seed):
    """As helpers.reader.training_batches, with the further ways to change an image."""
    import tensorflow as tf

    moves = {name: how[name] for name in ("shift", "turn", "slant", "size", "interpolation")}

    def prepared(images, labels, number):
        images = tf.cast(images, tf.float32) / 255
        pair = tf.stack([number, tf.constant(seed, tf.int64)])
        draws = tf.random.stateless_uniform((how["batch_size"], DRAWS), pair, -1, 1)
        if any(how[name] for name in STILL):
            images = augmented(images, draws, **moves)
        if how["bend"]:
            images = bent(images, pair + 1, how["bend"])
        return images, tf.one_hot(labels, 10)

    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=seed)
    data = data.batch(how["batch_size"], drop_remainder=True)
    numbers = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True)
    data = tf.data.Dataset.zip(data, numbers)
    return data.map(lambda pair, number: prepared(*pair, number), tf.data.AUTOTUNE).prefetch(4)


def bent(images, pair, most):
    """Bend each image as a rubber sheet that is pulled at the points of a 5 x 5 grid."""
    import tensorflow as tf

    ops = import_keras().ops
    n, height, width = images.shape
    pulls = tf.random.stateless_uniform((n, 5, 5, 2), pair, -most, most)
    pulls = ops.image.resize(pulls, (height, width), "bicubic", data_format="channels_last")
    image, row, column = np.meshgrid(*(np.arange(k, dtype="float32") for k in (n, height, width)),
                                     indexing="ij")  # fmt: skip
    places = ops.stack([image, row + pulls[..., 0], column + pulls[..., 1]])
    return ops.image.map_coordinates(images, places, order=1)


if __name__ == "__main__":
    main()
