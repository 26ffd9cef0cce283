"""Train the weights that the course carries: helpers/data/reader_<cell>.npz.

    MNIST_NPZ=mnist.npz uv run python benchmarks/train_shipped.py --cell lstm

Needs the full MNIST in its original order. Trains on x_train[6000:], 54,000 images: the bundled
5,000 lie within the first 5,848, so no lesson shows these weights an image that they have seen.
The weights are those of the last epoch and of the seed that was named; the scores on the 10,000
test images and on the bundled 5,000 are computed once, after the training, and choose nothing.
Prints the row of helpers/data/README.md, and as its last line JSON: what the file says of itself.
"""

import importlib.metadata
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from measuring import share_right, train_whole

from helpers.digits import small_digits
from helpers.reader import build_reader, import_keras, save
from tools import arguments

FIRST = 6000
DATA = Path(__file__).resolve().parent.parent / "helpers" / "data"


def main():
    parser = arguments.new_parser(__doc__)
    parser.add_argument("--cell", choices=("lstm", "gru", "rnn"), default="lstm")
    parser.add_argument("--seed", type=arguments.any_seed, default=0)
    parser.add_argument("--epochs", type=arguments.whole(1), default=24)
    parser.add_argument(
        "--peak",
        type=arguments.above_zero,
        default=1e-2,
        help="peak learning rate (the plain RNN needs 2e-3)",
    )
    parser.add_argument(
        "--out", type=arguments.new_file, help="default: helpers/data/reader_<cell>.npz"
    )
    wanted = parser.parse_args()
    out = wanted.out or DATA / f"reader_{wanted.cell}.npz"
    if out.exists():
        parser.error(f"{out} is there already: move it away, or name another file with --out")
    if out.suffix != ".npz":
        parser.error(f"{out} must end in .npz, as all saved weights do")

    digits, small = arguments.need_digits(parser, full=True), small_digits()
    bundled = np.concatenate([small.x_train, small.x_test])
    bundled_labels = np.concatenate([small.y_train, small.y_test])
    x_train, y_train = digits.x_train[FIRST:], digits.y_train[FIRST:]

    keras = import_keras()
    model = build_reader(wanted.cell, seed=wanted.seed)
    settings = {"epochs": wanted.epochs, "seed": wanted.seed}
    train_whole(model, x_train, y_train, peak_learning_rate=wanted.peak, **settings)

    def accuracy(images, labels):
        return share_right(model, images / np.float32(255), labels)

    backend = keras.backend.backend()
    about = {
        "command": "python benchmarks/train_shipped.py"
        f" --cell {wanted.cell} --seed {wanted.seed} --epochs {wanted.epochs}"
        + (f" --peak {wanted.peak:g}" if wanted.peak != 1e-2 else ""),
        "data": f"MNIST, x_train[{FIRST}:] ({len(x_train):,} images)",
        "seed": wanted.seed,
        "epochs": wanted.epochs,
        "accuracy": accuracy(digits.x_test, digits.y_test),  # MNIST's 10,000 test images
        "accuracy_bundled": accuracy(bundled, bundled_labels),  # the bundled 5,000
        "versions": {
            name: importlib.metadata.version(name) for name in ("keras", backend, "numpy")
        },
    }
    save(out, model, about)
    print(
        "The row for helpers/data/README.md:\n"
        f"| `{out.name}` | `{about['command']}` | {about['data']} | {about['seed']} "
        f"| {about['epochs']} | {about['accuracy']:.2%} | {about['accuracy_bundled']:.2%} |"
    )
    print(json.dumps(about))


if __name__ == "__main__":
    main()
