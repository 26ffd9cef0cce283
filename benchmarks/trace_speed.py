"""Time and memory of `trace(model, x)`, beside Keras's own `predict`.

    uv run python benchmarks/trace_speed.py [--rounds 5] [--longest 1000]

LSTM networks of 1 to 3 layers and 16 to 512 units read one sequence of 28 features and 28 to 1,000
steps. Both are called once before they are timed; predict gets the same single sequence. Memory is
what Python's arrays take at the peak of a trace (tracemalloc; TensorFlow's own is not in it), and
beside it the size of what comes back. On a machine that is busy with other work NumPy's threads
wait for each other at 512 units; with OPENBLAS_NUM_THREADS=1 they do not. Prints a table, and as
its last line JSON: the goal is at most 3 times predict for one layer of 128 units and 28 steps.
"""

import json
import statistics
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers.network import trace  # noqa: E402
from helpers.reader import device_line, import_keras  # noqa: E402
from tools import arguments  # noqa: E402

LAYERS, UNITS, STEPS, FEATURES = (1, 2, 3), (16, 128, 512), (28, 200, 1000), 28
GOAL = 3


def network(layers, units):
    """Build a network of LSTM layers with a softmax on the last state."""
    keras = import_keras()
    keras.utils.set_random_seed(0)
    chain = [keras.layers.Input((None, FEATURES))]
    chain += [keras.layers.LSTM(units, return_sequences=n < layers - 1) for n in range(layers)]
    return keras.Sequential([*chain, keras.layers.Dense(10, activation="softmax")])


def seconds(call, rounds):
    """Give the median time of a call, after a first one that is not timed."""
    call()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def memory(model, x):
    """Give the peak of a trace and the size of its records, in MB."""
    tracemalloc.start()
    seen = trace(model, x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    kept = sum(
        part.nbytes
        for record in seen.layers
        for part in vars(record).values()
        if isinstance(part, np.ndarray)
    )
    return peak / 1e6, kept / 1e6


def row(model, steps, rounds):
    """Measure one size: seconds of predict and of trace, MB at the peak, MB kept."""
    x = np.random.default_rng(0).random((steps, FEATURES), dtype=np.float32)
    predict = seconds(lambda: model.predict(x[np.newaxis], verbose=0), rounds)
    return predict, seconds(lambda: trace(model, x), rounds), *memory(model, x)


def main() -> None:
    parser = arguments.new_parser(__doc__)
    parser.add_argument("--rounds", type=arguments.whole(1), default=5)
    parser.add_argument("--longest", type=arguments.whole(28), default=max(STEPS))
    given = parser.parse_args()
    print(device_line())
    print(
        f"{'layers':>6}{'units':>7}{'steps':>7}{'predict ms':>12}{'trace ms':>10}{'times':>7}"
        f"{'peak MB':>9}{'kept MB':>9}"
    )
    rows = []
    for layers in LAYERS:
        for units in UNITS:
            model = network(layers, units)
            for steps in (steps for steps in STEPS if steps <= given.longest):
                predict, traced, peak, kept = row(model, steps, given.rounds)
                times = traced / predict
                rows.append(
                    {"layers": layers, "units": units, "steps": steps, "times": round(times, 2),
                     "predict_ms": round(1e3 * predict, 1), "trace_ms": round(1e3 * traced, 1),
                     "peak_mb": round(peak, 1), "kept_mb": round(kept, 1)}
                )  # fmt: skip
                print(
                    f"{layers:>6}{units:>7}{steps:>7}{1e3 * predict:>12.1f}{1e3 * traced:>10.1f}"
                    f"{times:>7.2f}{peak:>9.1f}{kept:>9.1f}",
                    flush=True,
                )
    size = {"layers": 1, "units": 128, "steps": STEPS[0]}
    goal = next(row["times"] for row in rows if size.items() <= row.items())
    print(json.dumps({"times_predict_128_units_28_steps": goal, "goal": GOAL,
                      "worst_times_predict": max(row["times"] for row in rows),
                      "rounds": given.rounds, "rows": rows}))  # fmt: skip


if __name__ == "__main__":
    main()
