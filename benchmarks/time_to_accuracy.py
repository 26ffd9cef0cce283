"""How accurate after how many seconds? The recipes of the usual tutorials, and ours, in one run.

    MNIST_NPZ=mnist.npz uv run python benchmarks/time_to_accuracy.py [--seeds 3]

Each recipe is trained from its own settings for as long as its tutorial trains. About ten times on
the way the clock stands still and all 10,000 test digits are counted; nothing is chosen by that.
Ours is trained anew for each length, since its learning rate falls to 0 at the end. The recipes
take turns, seed by seed, so that a busy machine is busy for each. The seconds are those of `fit`
with its building of graphs. Prints a table, then a line of JSON.
"""

import statistics
import time

import numpy as np
from measuring import finish, need_digits, new_parser, train_whole

from helpers.reader import build_reader, import_keras
from tools.arguments import whole

LEVELS = (0.97, 0.98, 0.99)
TUTORIALS = {
    "LSTM 32, Adam 0.001, batch 32, 1,000 steps": {
        "units": [32], "rate": 1e-3, "batch": 32, "steps": 1000},
    "LSTM 128, Adam 0.001, batch 128, 781 steps": {
        "units": [128], "rate": 1e-3, "batch": 128, "steps": 781},
    "LSTM 64 and batch normalisation, SGD, batch 64, 1 epoch": {
        "units": [64], "rate": None, "batch": 64, "steps": 938},
    "LSTM 64, Adam 0.01, batch 64, 1 epoch": {
        "units": [64], "rate": 1e-2, "batch": 64, "steps": 938},
    "two LSTMs of 128, Adam 0.01, batch 100, 2 epochs": {
        "units": [128, 128], "rate": 1e-2, "batch": 100, "steps": 1200},
}  # fmt: skip
OURS = (1, 2, 4, 8, 18)  # epochs


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--seeds", type=whole(1), default=3)
    given = parser.parse_args()
    digits = need_digits(parser, full=True)
    curves, ours = {name: [] for name in TUTORIALS}, {epochs: [] for epochs in OURS}
    for seed in range(given.seeds):
        for name, how in TUTORIALS.items():
            curves[name].append(tutorial(how, digits, seed))
        for epochs in ours:
            ours[epochs].append(our_reader(epochs, digits, seed))
    recipes = {name: [{"steps": at[0]["steps"], **medians(at)} for at in zip(*runs, strict=True)]
               for name, runs in curves.items()}  # fmt: skip
    own = [{"epochs": epochs, **medians(runs)} for epochs, runs in ours.items()]
    reached = {
        name: {f"{level:.0%}": first(points, level) for level in LEVELS}
        for name, points in (*recipes.items(), ("ours", own))
    }
    rows = [{"recipe": name, "accuracy": points[-1]["accuracy"], "s": points[-1]["seconds"],
             **{f"s to {level}": s for level, s in reached[name].items()}}
            for name, points in (*recipes.items(), ("ours", own))]  # fmt: skip
    result = {"seeds": given.seeds, "recipes": recipes, "ours": own, "seconds_to": reached}
    finish(given, result, rows)


def tutorial(how, digits, seed):
    """Train as the tutorial does; return steps, seconds and accuracy about ten times on the way."""
    keras = import_keras()
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    began = time.perf_counter()
    *lower, last = how["units"]
    stack = [layers.LSTM(units, return_sequences=True) for units in lower] + [layers.LSTM(last)]
    if how["rate"] is None:
        stack.append(layers.BatchNormalization())
    model = keras.Sequential([layers.Input((28, 28)), *stack, layers.Dense(10)])
    model.compile(
        keras.optimizers.Adam(how["rate"]) if how["rate"] else "sgd",
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"], jit_compile=False,
    )  # fmt: skip
    points, paused = [], 0.0

    class Count(keras.callbacks.Callback):
        done = 0

        def on_train_batch_end(self, batch, logs=None):
            nonlocal paused
            self.done += 1
            if self.done % (how["steps"] // 10) == 0 or self.done == how["steps"]:
                stopped = time.perf_counter()
                points.append({"steps": self.done, "seconds": stopped - began - paused,
                               "accuracy": accuracy(self.model, digits)})  # fmt: skip
                paused += time.perf_counter() - stopped
            self.model.stop_training = self.done >= how["steps"]

    x, y = digits.x_train / np.float32(255), digits.y_train.astype("int32")
    epochs = -(-how["steps"] // (len(x) // how["batch"]))
    model.fit(x, y, batch_size=how["batch"], epochs=epochs, verbose=0, callbacks=[Count()])
    return points


def our_reader(epochs, digits, seed):
    began = time.perf_counter()
    model = build_reader("lstm", seed=seed)
    train_whole(model, digits.x_train, digits.y_train, epochs=epochs, seed=seed)
    return {"seconds": time.perf_counter() - began, "accuracy": accuracy(model, digits)}


def accuracy(model, digits):
    """Count all test digits, with the model's own numbers and outside its loop of training."""
    logits = [model(digits.x_test[k : k + 1000] / np.float32(255), training=False)
              for k in range(0, len(digits.x_test), 1000)]  # fmt: skip
    said = np.concatenate([np.asarray(part).argmax(1) for part in logits])
    return float((said == digits.y_test).mean())


def medians(runs):
    return {name: round(statistics.median(run[name] for run in runs), 4)
            for name in ("seconds", "accuracy")}  # fmt: skip


def first(points, level):
    """Return the seconds at which a level was first counted, or None."""
    return next((point["seconds"] for point in points if point["accuracy"] >= level), None)


if __name__ == "__main__":
    main()
