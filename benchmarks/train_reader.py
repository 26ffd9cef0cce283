"""How accurate is a reader, and after how long? As the course trains it, once for each seed.

    uv run python benchmarks/train_reader.py [--seeds 3] [--data auto] [--cell lstm]

Accuracy is that of the last epoch on all test images (10,000, or the bundled 1,000); no image of
them is seen in training, and no run is chosen by them. The bundled 1,000 are among the first 6,000
of MNIST's training images, though, on which recipes were compared (ingredients.py); so, where the
full set is here, a reader of the bundled digits is counted on MNIST's 10,000 test images as well,
which nobody has chosen by. Seconds are those of building and training; the import of TensorFlow and
the scoring are left out. Prints a table, and as its last line JSON.
"""

import statistics
import time

from measuring import finish, is_mnist, need_digits, new_parser, share_right, train_whole

from helpers.digits import small_digits
from helpers.reader import build_reader, device_line
from tools.arguments import above_zero, whole


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--seeds", type=whole(1), default=3)
    parser.add_argument("--epochs", type=whole(1), help="by default the recipe's")
    parser.add_argument("--batch", type=whole(1), default=256)
    parser.add_argument("--peak", type=above_zero, default=1e-2, help="peak learning rate")
    parser.add_argument("--augment", type=above_zero, default=1.0, help="how far")
    parser.add_argument("--data", choices=("auto", "full", "bundled"), default="auto")
    parser.add_argument("--cell", choices=("lstm", "gru", "rnn"), default="lstm")
    given = parser.parse_args()
    bundled = given.data == "bundled"
    digits = small_digits() if bundled else need_digits(parser, full=given.data == "full")
    data = name_of(digits)
    elsewhere = unseen(digits, need_digits(parser)) if data == "bundled" else None
    print(device_line())

    rows, further = [], []
    for seed in range(given.seeds):
        began = time.perf_counter()
        model = build_reader(given.cell, seed=seed)
        history = train_whole(
            model, digits.x_train, digits.y_train, epochs=given.epochs, seed=seed,
            batch_size=given.batch, peak_learning_rate=given.peak, augment=given.augment,
        )  # fmt: skip
        seconds, epochs = time.perf_counter() - began, len(history["loss"])
        right = share_right(model, digits.x_test, digits.y_test)
        rows.append({"seed": seed, "epochs": epochs, "accuracy": right, "seconds": seconds,
                     "images/s": epochs * len(digits.x_train) / seconds})  # fmt: skip
        if elsewhere:
            further.append(share_right(model, *elsewhere))
            rows[-1]["of MNIST's test images"] = further[-1]
    result = {
        "data": data,
        "cell": given.cell,
        "seeds": given.seeds,
        "epochs": rows[0]["epochs"],
        "test_digits": len(digits.y_test),
        **summary([row["accuracy"] for row in rows]),
        "seconds_mean": round(statistics.mean(row["seconds"] for row in rows), 1),
        "seconds_each": [round(row["seconds"], 1) for row in rows],
        "images_per_s": round(statistics.mean(row["images/s"] for row in rows)),
    }
    if elsewhere:
        result["elsewhere"] = {"test_digits": len(elsewhere[1])} | summary(further)
    finish(given, result, rows)


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
    return "full" if is_mnist(digits) else "own"


def unseen(small, full):
    """Return MNIST's test images and labels, or None where they are not here or not apart."""
    if not is_mnist(full):
        return None
    ours = {image.tobytes() for image in (*small.x_train, *small.x_test)}
    if any(image.tobytes() in ours for image in full.x_test):
        return None
    return full.x_test, full.y_test


if __name__ == "__main__":
    main()
