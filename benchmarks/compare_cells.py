"""RNN, GRU and LSTM trained alike on the bundled digits: accuracy with its spread, time, size.

    uv run python benchmarks/compare_cells.py [--seeds 3] [--cells rnn] [--peak 0.002]

Every cell gets the same digits in the same order, the same number of units, of updates, and the
same learning rates (helpers.reader.train_reader), and starts from weights of its own. Accuracy is
that after the last epoch on all 1,000 test digits; none of them chooses anything. The cells take
turns, seed by seed, so that a busy machine is busy for each of them; the speed is that of the
fastest epoch. Prints a table, and as its last line JSON.
"""

import statistics
import time

from measuring import finish, new_parser, train_whole

from helpers.digits import small_digits
from helpers.reader import build_reader, device_line, weights_of
from helpers.trace import accuracy
from tools.arguments import above_zero, whole

CELLS = ("rnn", "gru", "lstm")


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--seeds", type=whole(1), default=3)
    parser.add_argument("--epochs", type=whole(1), default=24)
    parser.add_argument("--units", type=whole(1), default=128)
    parser.add_argument("--cells", nargs="+", choices=CELLS, default=CELLS)
    parser.add_argument("--peak", type=above_zero, default=1e-2, help="learning rate, for all")
    given = parser.parse_args()
    digits = small_digits()
    runs, parameters = {cell: [] for cell in given.cells}, {}
    for seed in range(given.seeds):
        for cell in runs:
            began = time.perf_counter()
            model = build_reader(cell, given.units, seed=seed)
            history = train_whole(model, digits.x_train, digits.y_train, epochs=given.epochs,
                                  seed=seed, peak_learning_rate=given.peak)  # fmt: skip
            seconds = time.perf_counter() - began
            right = accuracy(weights_of(model), digits.x_test, digits.y_test)
            parameters[cell] = model.get_layer("reader").count_params()
            runs[cell].append((right, seconds, min(history["seconds"])))
    cells = {}
    for cell, found in runs.items():
        scores, seconds, fastest = zip(*found, strict=True)
        cells[cell] = {
            "parameters": parameters[cell],
            "accuracies": [round(score, 4) for score in scores],
            "seconds_mean": round(statistics.mean(seconds), 1),
            "images_per_s": round(len(digits.x_train) / min(fastest)),
        }
    data = f"bundled: {len(digits.x_train)} to train on, {len(digits.x_test)} to test on"
    finish(given, {"device": device_line(), "data": data, "cells": cells},
           [{"cell": cell} | row for cell, row in cells.items()])  # fmt: skip


if __name__ == "__main__":
    main()
