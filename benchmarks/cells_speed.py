"""How fast are the NumPy cells? `predict` beside Keras's, and the cost of sizes beside theory.

    uv run python benchmarks/cells_speed.py [--rounds 7]

`helpers.trace.predict` and Keras's `predict(batch_size=1000)` read the same 10,000 images with the
same weights, on the same cores, taking turns; medians are compared, and the seconds of processor
that all cores together spent, which other programs on the computer change little. Then one LSTM is
run on one core over other numbers of time steps, units and batch. Theory: 8 * units * (units +
features) additions and multiplications a step and sequence. Prints a table, and as its last line
JSON.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from helpers import cells
from helpers.digits import small_digits
from helpers.reader import shipped, to_keras
from helpers.trace import predict
from tools.arguments import new_parser, whole

FEATURES = 28
USUAL = {"time steps": 28, "units": 128, "batch": 500}
SIZES = {"time steps": (7, 14, 28, 56, 112), "units": (16, 32, 64, 128, 256, 512),
         "batch": (1, 10, 100, 1000)}  # fmt: skip


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--rounds", type=whole(1), default=7)
    rounds = parser.parse_args().rounds
    small, weights = small_digits(), shipped()
    images = np.concatenate([small.x_train, small.x_test] * 2)  # 10,000
    model = to_keras(weights)

    def theirs():
        # The division is part of it: ours takes the images as they are, too.
        return model.predict(images / np.float32(255), batch_size=1000, verbose=0).argmax(1)

    same = float((predict(weights, images) == theirs()).mean())
    seconds, cpu = {"ours": [], "keras": []}, {"ours": [], "keras": []}
    for _ in range(rounds):
        for name, call in (("ours", lambda: predict(weights, images)), ("keras", theirs)):
            began = time.process_time()
            seconds[name].append(timed(call))
            cpu[name].append(time.process_time() - began)
    median, median_cpu = (
        {name: round(statistics.median(each), 3) for name, each in times.items()}
        for times in (seconds, cpu)
    )
    pairs = zip(seconds["keras"], seconds["ours"], strict=True)
    ratio = statistics.median(keras / ours for keras, ours in pairs)
    print(f"10,000 images: ours {median['ours']:.2f} s, Keras {median['keras']:.2f} s; ours is "
          f"{ratio:.2f} times as fast; the same answer for {same:.2%}. Of the processor ours takes "
          f"{median_cpu['ours']:.2f} s, Keras {median_cpu['keras']:.2f} s.")  # fmt: skip

    rows = []
    print(f"\n{'what':<12}{'size':>6}{'seconds':>10}{'GFLOP':>8}{'GFLOP/s':>9}")
    for what, sizes in SIZES.items():
        for size in sizes:
            now = USUAL | {what: size}
            run = lstm(now["time steps"], now["units"], now["batch"])
            spent = statistics.median(timed(run) for _ in range(5))
            steps = now["time steps"] * now["batch"]
            gflop = 8 * now["units"] * (now["units"] + FEATURES) * steps / 1e9
            rows.append({"what": what, "size": size, "seconds": round(spent, 5),
                         "gflop": round(gflop, 5)})  # fmt: skip
            print(f"{what:<12}{size:>6}{spent:>10.4f}{gflop:>8.3f}{gflop / spent:>9.1f}")
    found = {"predict_s": median, "cpu_s": median_cpu, "ratio": round(ratio, 3), "same": same}
    print(json.dumps({**found, "cost": rows}))


def timed(call):
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def lstm(time_steps, units, batch):
    """Return a function that runs an LSTM of this size once, on one core, and keeps no step."""
    weights = cells.random_weights("lstm", FEATURES, units, seed=0)
    weights = cells.Weights(*(array.astype(np.float32) for array in weights))
    x = np.random.default_rng(0).random((batch, time_steps, FEATURES), np.float32)

    def run():
        with threadpool_limits(1, "blas"):
            cells.last_state("lstm", x, weights)

    return run


if __name__ == "__main__":
    main()
