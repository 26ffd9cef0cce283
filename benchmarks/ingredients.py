"""What does each ingredient of the recipe bring? One change at a time, several seeds each.

    MNIST_NPZ=mnist.npz uv run python benchmarks/ingredients.py [--few] [--seeds 3]

Every network learns from x_train[6000:] (54,000 images) and is scored on the first 6,000 training
digits, after the last epoch. The test digits play no part: choices are made here. With --few it
learns from 4,000 of these images, other ones for each seed, as the bundled set has. With --keep
each run is written into that file at once, and a run that is there is not done again, so the script
can be stopped and started; those of the page are kept by record.py. Prints a table, and as its last
line JSON.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from measuring import hardware_and_versions, share_right, write_json

from helpers.reader import import_keras
from helpers.reader.pipeline import DRAWS, augmented
from tools.arguments import kept_file, need_digits, new_parser, whole

HELD_BACK = 6000
RECIPE = {
    "units": 128, "epochs": 8, "batch_size": 256, "peak": 1e-2, "schedule": "one cycle",
    "clip": 1.0, "interpolation": "bilinear", "shift": 2, "turn": 12, "slant": 0.3, "size": 0.15,
    "bend": 0, "dropout": 0, "smoothing": 0, "average": None, "decay": None,
}  # fmt: skip
MORE = {"shift": 2.7, "turn": 16, "slant": 0.4, "size": 0.2}
STILL = {"shift": 0, "turn": 0, "slant": 0, "size": 0}
PLAIN = STILL | {"schedule": "constant", "peak": 1e-3, "clip": None}
CHANGES = {
    "the recipe": {},
    "plain Adam at 0.001": PLAIN,
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
FEW_CHANGES = {
    "the recipe": {},
    "72 epochs": {"epochs": 72},
    "batch 128": {"batch_size": 128},
    "batch 64": {"batch_size": 64},
    "batch 128, 36 epochs": {"batch_size": 128, "epochs": 36},
    "batch 64, 30 epochs": {"batch_size": 64, "epochs": 30},
    "batch 128, augmented more": {
        "batch_size": 128,
        "shift": 2.7,
        "turn": 16,
        "slant": 0.4,
        "size": 0.2,
    },
    "batch 128, 36 epochs, augmented more": {
        "batch_size": 128,
        "epochs": 36,
        "shift": 2.7,
        "turn": 16,
        "slant": 0.4,
        "size": 0.2,
    },
    "the same, and peak 0.015": {
        "batch_size": 128,
        "epochs": 36,
        "shift": 2.7,
        "turn": 16,
        "slant": 0.4,
        "size": 0.2,
        "peak": 1.5e-2,
    },
    "batch 128, 36 epochs, peak 0.015": {"batch_size": 128, "epochs": 36, "peak": 1.5e-2},
    "batch 128, 36 epochs, peak 0.02": {"batch_size": 128, "epochs": 36, "peak": 2e-2},
    "peak 0.02": {"peak": 2e-2},
    "nearest pixels": {"interpolation": "nearest"},
    "shifts alone": STILL | {"shift": 2},
    "augmented more": MORE,
    "and bent by 1 pixel": {"bend": 1},
    "and dropout 0.2": {"dropout": 0.2},
    "and label smoothing 0.1": {"smoothing": 0.1},
    "and averaged weights (0.99)": {"average": 0.99},
    "and weight decay 0.01": {"decay": 0.01},
    "peak 0.005": {"peak": 5e-3},
    "96 units": {"units": 96},
}


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--seeds", type=whole(1), default=3)
    parser.add_argument("--few", action="store_true", help="learn from 4,000 digits")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="some of the changes alone")
    parser.add_argument("--keep", type=kept_file, help="a file: what it holds is not done again")
    arguments = parser.parse_args()
    recipe, changes = (FEW, FEW_CHANGES) if arguments.few else (RECIPE, CHANGES)
    for change in arguments.only or ():
        if change not in changes:
            parser.error(f"there is no change {change!r}: choose of {', '.join(changes)}.")
    try:
        saved = runs_of(arguments.keep, recipe, changes)
    except ValueError as error:
        parser.error(f"{arguments.keep} {error}. It was left as it is: name another file.")
    digits = need_digits(parser, full=True)

    done = {(run["change"], run["seed"]) for run in saved["runs"]}
    for seed in range(arguments.seeds):
        for change in arguments.only or changes:
            if (change, seed) in done:
                continue
            first = HELD_BACK + 4000 * seed if arguments.few else HELD_BACK
            chosen = slice(first, first + 4000 if arguments.few else None)
            how = recipe | changes[change]
            run = {"change": change, "seed": seed} | score(how, digits, chosen, seed)
            saved["runs"].append(run)
            done.add((change, seed))
            saved |= {"about": hardware_and_versions(), "recipe": recipe, "changes": changes}
            if arguments.keep:
                write_json(arguments.keep, saved)
            print(f"seed {seed}  {change:<34}{run['accuracy']:.2%}  {run['seconds']:.0f} s",
                  flush=True)  # fmt: skip

    print(f"\n{'change':<34}{'mean':>9}{'sd':>8}{'seeds':>7}")
    table = []
    for change in changes:
        scores = [run["accuracy"] for run in saved["runs"] if run["change"] == change]
        if scores:
            spread = statistics.stdev(scores) if len(scores) > 1 else None
            table.append({"change": change, "mean": round(statistics.mean(scores), 5),
                          "sd": spread and round(spread, 5), "seeds": len(scores)})  # fmt: skip
            print(f"{change:<34}{statistics.mean(scores):>9.2%}{spread or 0:>8.2%}{len(scores):>7}")
    print(json.dumps(table))


def runs_of(path, recipe, changes):
    """Return what a file keeps, or raise a ValueError where today's runs do not belong to it."""
    if path is None or not path.exists():
        return {"runs": []}
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
        made = {run["change"]: saved["changes"][run["change"]] for run in saved["runs"]}
        of, versions = saved["recipe"], saved["about"]["versions"]
        [(run["seed"], run["accuracy"] + 0) for run in saved["runs"]]
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise ValueError("holds no runs of this script, or is damaged") from error
    if of != recipe:
        raise ValueError("holds runs of another recipe")
    for change, how in made.items():
        if changes.get(change) != how:
            raise ValueError(f"holds runs of {change!r}, which is not that change any more")
    if versions != hardware_and_versions()["versions"]:
        raise ValueError("holds runs with other versions of " + ", ".join(versions))
    return saved


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
    steps = how["epochs"] * (len(x) // how["batch_size"])
    average = how["average"]
    model.compile(
        keras.optimizers.Adam(
            rate(how["schedule"], how["peak"], steps), clipnorm=how["clip"],
            weight_decay=how["decay"], use_ema=bool(average), ema_momentum=average or 0.99,
        ),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=how["smoothing"]),
        jit_compile=False, steps_per_execution=16,
    )  # fmt: skip
    model.fit(batches(x, y, how, seed), epochs=how["epochs"], verbose=0, shuffle=False)
    seconds = time.perf_counter() - began
    held_back = digits.x_train[:HELD_BACK] / np.float32(255)
    right = share_right(model, held_back, digits.y_train[:HELD_BACK])
    return {"accuracy": round(right, 5), "seconds": round(seconds, 1)}


def rate(schedule, peak, steps):
    if schedule == "constant":
        return peak
    warm = round(0.3 * steps)
    return import_keras().optimizers.schedules.CosineDecay(
        peak / 25, steps - warm, alpha=1e-4, warmup_target=peak, warmup_steps=warm
    )


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
