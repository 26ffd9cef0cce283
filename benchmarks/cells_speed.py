"""How fast are the NumPy cells? `predict` beside Keras's, and the cost of sizes beside theory.

    uv run python benchmarks/cells_speed.py [--rounds 7]

`helpers.trace.predict` and Keras's `predict(batch_size=1000)` read the same 10,000 images with the
same weights, on the same cores, taking turns; medians are compared, and the seconds of processor
that all cores together spent, which other programs on the computer change little. Then one LSTM is
run on one core over other numbers of time steps, units and batch. Theory: 8 * units * (units +
features) additions and multiplications a step and sequence. Prints a table, and as its last line
JSON.
"""

import statistics
import time

import numpy as np
from measuring import finish, median_seconds, new_parser, timed
from threadpoolctl import threadpool_limits

from helpers.digits import small_digits
from helpers.reader import shipped, to_keras
from helpers.trace import predict
from rnnscope import cells
from tools.arguments import whole

FEATURES = 28
USUAL = {"time steps": 28, "units": 128, "batch": 500}
SIZES = {"time steps": (7, 14, 28, 56, 112), "units": (16, 32, 64, 128, 256, 512),
         "batch": (1, 10, 100, 1000)}  # fmt: skip


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--rounds", type=whole(1), default=7)
    given = parser.parse_args()
    small, weights = small_digits(), shipped()
    images = np.concatenate([small.x_train, small.x_test] * 2)  # 10,000
    model = to_keras(weights)

    def theirs():
        # The division is part of it: ours takes the images as they are, too.
        return model.predict(images / np.float32(255), batch_size=1000, verbose=0).argmax(1)

    calls = {"ours": lambda: predict(weights, images), "keras": theirs}
    same = float((predict(weights, images) == theirs()).mean())
    seconds, cpu = {"ours": [], "keras": []}, {"ours": [], "keras": []}
    for _ in range(given.rounds):
        for name, call in calls.items():
            began = time.process_time()
            seconds[name].append(timed(call))
            cpu[name].append(time.process_time() - began)
    pairs = zip(seconds["keras"], seconds["ours"], strict=True)
    found = {
        "predict_s": {name: round(statistics.median(each), 3) for name, each in seconds.items()},
        "cpu_s": {name: round(statistics.median(each), 3) for name, each in cpu.items()},
        "ratio": round(statistics.median(keras / ours for keras, ours in pairs), 3),
        "same": same,
    }
    print("10,000 images:", found)
    rows = [cost(what, size, given.rounds) for what, sizes in SIZES.items() for size in sizes]
    finish(given, found | {"cost": rows}, rows)


def cost(what, size, rounds):
    """Time one LSTM, on one core, that keeps no step; return a row with theory beside it."""
    now = USUAL | {what: size}
    weights = cells.random_weights("lstm", FEATURES, now["units"], seed=0)
    weights = cells.Weights(*(array.astype(np.float32) for array in weights))
    steps = now["time steps"] * now["batch"]
    x = np.random.default_rng(0).random((now["batch"], now["time steps"], FEATURES), np.float32)
    with threadpool_limits(1, "blas"):
        seconds = median_seconds(lambda: cells.last_state("lstm", x, weights), rounds)
    gflop = 8 * now["units"] * (now["units"] + FEATURES) * steps / 1e9
    return {"what": what, "size": size, "seconds": round(seconds, 5), "gflop": round(gflop, 5)}


if __name__ == "__main__":
    main()
