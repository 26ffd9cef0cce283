"""RNN, GRU and LSTM trained alike on the bundled digits: accuracy with its spread, time, size.

    uv run python benchmarks/compare_cells.py --save compare_cells.json
    uv run python benchmarks/compare_cells.py --cells rnn --peak 0.002 --save lower_rate.json

Every cell gets the same digits in the same order, the same number of units, of updates, and the
same learning rates (helpers.reader.train_reader), and starts from weights of its own. Accuracy is
that after the last epoch on all 1,000 test digits; none of them chooses anything. The cells take
turns, seed by seed, so that a busy machine is busy for each of them; the speed is that of the
fastest epoch. Prints a table, and as its last line JSON.
"""

import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from measuring import train_whole
from train_reader import hardware_and_versions

from helpers.digits import small_digits
from helpers.reader import build_reader, device_line, weights_of
from helpers.trace import accuracy
from tools import arguments

CELLS = ("rnn", "gru", "lstm")


def main():
    parser = arguments.new_parser(__doc__)
    parser.add_argument("--seeds", type=arguments.whole(1), default=3)
    parser.add_argument("--epochs", type=arguments.whole(1), default=24)
    parser.add_argument("--units", type=arguments.whole(1), default=128)
    parser.add_argument("--cells", nargs="+", choices=CELLS, default=CELLS)
    parser.add_argument(
        "--peak", type=arguments.above_zero, default=1e-2, help="peak learning rate, for all"
    )
    parser.add_argument(
        "--save", type=arguments.new_file, help="also write the JSON to this new file"
    )
    wanted = parser.parse_args()
    wanted.cells = list(dict.fromkeys(wanted.cells))

    digits = small_digits()
    hardware, device = hardware_and_versions(), device_line()
    scores, seconds, fastest, parameters = ({cell: [] for cell in wanted.cells} for _ in range(4))
    for seed in range(wanted.seeds):
        for cell in wanted.cells:
            start = time.perf_counter()
            model = build_reader(cell, wanted.units, seed=seed)
            history = train_whole(
                model,
                digits.x_train,
                digits.y_train,
                epochs=wanted.epochs,
                seed=seed,
                peak_learning_rate=wanted.peak,
            )
            seconds[cell].append(time.perf_counter() - start)
            fastest[cell].append(min(history["seconds"]))
            parameters[cell] = model.get_layer("reader").count_params()
            scores[cell].append(accuracy(weights_of(model), digits.x_test, digits.y_test))

    rows = {
        cell: {
            "parameters": parameters[cell],
            "accuracies": [round(score, 4) for score in scores[cell]],
            "seconds_mean": round(statistics.mean(seconds[cell]), 1),
            "images_per_s": round(len(digits.x_train) / min(fastest[cell])),
        }
        for cell in wanted.cells
    }
    print(f"{'cell':6}{'parameters':>12}{'images/s':>10}{'seconds':>9}   accuracies")
    for cell, row in rows.items():
        each = "  ".join(f"{score:.1%}" for score in row["accuracies"])
        print(
            f"{cell:6}{row['parameters']:>12,}{row['images_per_s']:>10,}"
            f"{row['seconds_mean']:>9.1f}   {each}"
        )
    result = {
        "command": f"python benchmarks/compare_cells.py --seeds {wanted.seeds}"
        f" --epochs {wanted.epochs} --units {wanted.units}"
        f" --cells {' '.join(wanted.cells)} --peak {wanted.peak:g}",
        "hardware": hardware,
        "device": device,
        "data": f"bundled: {len(digits.x_train)} to train on, {len(digits.x_test)} to test on",
        "cells": rows,
    }
    if wanted.save:
        with wanted.save.open("x") as file:
            json.dump(result, file, indent=2)
            file.write("\n")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
