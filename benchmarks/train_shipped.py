"""Train the weights that the course carries: helpers/data/reader_<cell>.npz.

    MNIST_NPZ=mnist.npz uv run python benchmarks/train_shipped.py --cell lstm

Needs the full MNIST in its original order. Trains on x_train[6000:], 54,000 images: the bundled
5,000 lie within the first 5,848, so no lesson shows these weights an image that they have seen.
The weights are those of the last epoch and of the seed that was named; the scores on the 10,000
test images and on the bundled 5,000 are computed once, after the training, and choose nothing.
Prints the row of helpers/data/README.md, and as its last line JSON: what the file says of itself.
"""

import json

import numpy as np
from measuring import FOLDER, hardware_and_versions, need_digits, share_right, train_whole

from helpers.digits import small_digits
from helpers.reader import build_reader, save
from tools.arguments import above_zero, any_seed, new_file, new_parser, whole

FIRST = 6000
DATA = FOLDER.parent / "helpers" / "data"


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--cell", choices=("lstm", "gru", "rnn", "mingru"), default="lstm")
    parser.add_argument("--seed", type=any_seed, default=0)
    parser.add_argument("--epochs", type=whole(1), default=24)
    parser.add_argument("--peak", type=above_zero, default=1e-2,
                        help="peak learning rate (the plain RNN needs 2e-3)")  # fmt: skip
    parser.add_argument("--out", type=new_file, help="default: helpers/data/reader_<cell>.npz")
    given = parser.parse_args()
    out = new_weights(parser, given.out or DATA / f"reader_{given.cell}.npz")
    digits = need_digits(parser, full=True)
    x_train, y_train = digits.x_train[FIRST:], digits.y_train[FIRST:]
    model = build_reader(given.cell, seed=given.seed)
    train_whole(model, x_train, y_train, epochs=given.epochs, seed=given.seed,
                peak_learning_rate=given.peak)  # fmt: skip
    command = (
        f"python benchmarks/train_shipped.py --cell {given.cell} --seed {given.seed}"
        f" --epochs {given.epochs}" + (f" --peak {given.peak:g}" if given.peak != 1e-2 else "")
    )
    about = {
        "command": command,
        "data": f"MNIST, x_train[{FIRST}:] ({len(x_train):,} images)",
        "seed": given.seed,
        "epochs": given.epochs,
    }
    ship(out, model, about, lambda x, y: share_right(model, x, y), digits)


def new_weights(parser, out):
    """Return the path of weights, or refuse one that is there, before hours of training."""
    if out.exists():
        parser.error(f"{out} is there already: move it away, or name another file with --out")
    if out.suffix != ".npz":
        parser.error(f"{out} must end in .npz, as all saved weights do")
    return out


def ship(out, model, about, right, digits, save=save):
    """Count MNIST's test images and the bundled ones, save the weights, and show their row."""
    small = small_digits()
    bundled = np.concatenate([small.x_train, small.x_test])
    about = about | {
        "accuracy": right(digits.x_test, digits.y_test),
        "accuracy_bundled": right(bundled, np.concatenate([small.y_train, small.y_test])),
        "versions": hardware_and_versions()["versions"],
    }
    save(out, model, about)
    print(
        f"The row for helpers/data/README.md:\n| `{out.name}` | `{about['command']}` "
        f"| {about['data']} | {about['seed']} | {about['epochs']} | {about['accuracy']:.2%} "
        f"| {about['accuracy_bundled']:.2%} |"
    )
    print(json.dumps(about))


if __name__ == "__main__":
    main()
