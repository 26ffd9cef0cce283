"""How accurate is a reader, and after how long? As the course trains it, once for each seed.

    uv run python benchmarks/train_reader.py [--seeds 3] [--data auto] [--cell lstm]

Accuracy is that of the last epoch on all test images (10,000, or the bundled 1,000); no image of
them is seen in training, and no run is chosen by them. The bundled 1,000 are among the first 6,000
of MNIST's training images, though, on which recipes were compared (ingredients.py); so, where the
full set is here, a reader of the bundled digits is counted on MNIST's 10,000 test images as well,
which nobody has chosen by. Seconds are those of building and training; the import of TensorFlow and
the scoring are left out. Prints a table, and as its last line JSON.
"""

import importlib.metadata
import json
import os
import platform
import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from measuring import share_right, train_whole

from helpers.digits import small_digits
from helpers.reader import build_reader, device_line, import_keras
from tools import arguments


def main():
    parser = arguments.new_parser(__doc__)
    parser.add_argument("--seeds", type=arguments.whole(1), default=3)
    parser.add_argument("--first-seed", type=arguments.any_seed, default=0)
    parser.add_argument("--epochs", type=arguments.whole(1), help="by default the recipe's")
    parser.add_argument("--batch", type=arguments.whole(1), default=256)
    parser.add_argument("--peak", type=arguments.above_zero, default=1e-2)
    parser.add_argument("--augment", type=arguments.above_zero, default=1.0, help="how far")
    parser.add_argument("--data", choices=("auto", "full", "bundled"), default="auto")
    parser.add_argument("--cell", choices=("lstm", "gru", "rnn"), default="lstm")
    wanted = parser.parse_args()

    seeds = arguments.seeds(parser, wanted.first_seed, wanted.seeds)
    full = wanted.data == "full"
    digits = (
        small_digits() if wanted.data == "bundled" else arguments.need_digits(parser, full=full)
    )
    data = name_of(digits)
    elsewhere = unseen(digits, arguments.need_digits(parser)) if data == "bundled" else None
    print(hardware_and_versions(), device_line(), sep="\n")

    rows, further = [], []
    for seed in seeds:
        start = time.perf_counter()
        model = build_reader(wanted.cell, seed=seed)
        history = train_whole(
            model, digits.x_train, digits.y_train, epochs=wanted.epochs, seed=seed,
            batch_size=wanted.batch, peak_learning_rate=wanted.peak, augment=wanted.augment,
        )  # fmt: skip
        seconds = time.perf_counter() - start
        images = len(history["loss"]) * len(digits.x_train)
        score = share_right(model, digits.x_test / np.float32(255), digits.y_test)
        if elsewhere:
            further.append(share_right(model, elsewhere[0] / np.float32(255), elsewhere[1]))
        rows.append((seed, len(history["loss"]), score, seconds, images / seconds))

    print(f"{'seed':>4}{'epochs':>8}{'accuracy':>10}{'seconds':>9}{'images/s':>10}")
    for seed, epochs, score, seconds, speed in rows:
        print(f"{seed:>4}{epochs:>8}{score:>10.2%}{seconds:>9.1f}{speed:>10,.0f}")
    if further:
        each = ", ".join(f"{score:.2%}" for score in further)
        print(f"on MNIST's {len(elsewhere[1]):,} test images: {each}")
    _, _, scores, seconds, speeds = zip(*rows, strict=True)
    result = {
        "data": data,
        "cell": wanted.cell,
        "seeds": wanted.seeds,
        "epochs": rows[0][1],
        "test_digits": len(digits.y_test),
        **summary(scores),
        "seconds_mean": round(statistics.mean(seconds), 1),
        "seconds_each": [round(each, 1) for each in seconds],
        "images_per_s": round(statistics.mean(speeds)),
    }
    if further:
        result["elsewhere"] = {"test_digits": len(elsewhere[1])} | summary(further)
    print(json.dumps(result))


def summary(scores):
    """Return the scores of several seeds, their mean and their sample standard deviation."""
    return {
        "accuracies": [round(score, 5) for score in scores],
        "accuracy_mean": round(statistics.mean(scores), 5),
        "accuracy_sd": round(statistics.stdev(scores), 5) if len(scores) > 1 else None,
    }


def name_of(digits):
    """Name the set: "bundled", "full" (MNIST itself), or "own" (what else MNIST_NPZ may name)."""
    if digits is small_digits():
        return "bundled"
    return "full" if arguments.is_mnist(digits) else "own"


def unseen(small, full):
    """Return MNIST's test images and labels, or None where they are not here or not apart."""
    if not arguments.is_mnist(full):
        return None
    ours = {image.tobytes() for image in (*small.x_train, *small.x_test)}
    if any(image.tobytes() in ours for image in full.x_test):
        return None
    return full.x_test, full.y_test


def hardware_and_versions():
    """Say in one line what the numbers were measured on."""
    processor = platform.processor() or platform.machine()
    names = (import_keras().backend.backend(), "keras", "numpy")  # the GPU may be JAX's
    packages = " ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return f"{platform.system()} {processor}, Python {platform.python_version()}, {packages}{load}."


if __name__ == "__main__":
    main()
