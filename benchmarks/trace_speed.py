"""Time and memory of `trace(model, x)`, beside Keras's own `predict`.

    uv run python benchmarks/trace_speed.py [--rounds 5] [--longest 1000]

LSTM networks of 1 to 3 layers and 16 to 512 units read one sequence of 28 features and 28 to 1,000
steps. Both are called once before they are timed; predict gets the same single sequence. Memory is
what Python's arrays take at the peak of a trace (tracemalloc; TensorFlow's own is not in it), and
beside it the size of what comes back. On a machine that is busy with other work NumPy's threads
wait for each other at 512 units; with OPENBLAS_NUM_THREADS=1 they do not. Prints a table, and as
its last line JSON: the goal is at most 3 times predict for one layer of 128 units and 28 steps.
"""

import tracemalloc

import numpy as np
from measuring import finish, median_seconds, new_parser

from helpers.network import trace
from helpers.reader import import_keras
from tools.arguments import whole

LAYERS, UNITS, STEPS, FEATURES = (1, 2, 3), (16, 128, 512), (28, 200, 1000), 28
GOAL = 3


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--rounds", type=whole(1), default=5)
    parser.add_argument("--longest", type=whole(28), default=max(STEPS))
    given = parser.parse_args()
    rows = []
    for layers in LAYERS:
        for units in UNITS:
            model = network(layers, units)
            rows += [{"layers": layers, "units": units, **one_size(model, steps, given.rounds)}
                     for steps in STEPS if steps <= given.longest]  # fmt: skip
    size = {"layers": 1, "units": 128, "steps": STEPS[0]}
    [goal] = [row["times"] for row in rows if size.items() <= row.items()]
    result = {"times_predict_128_units_28_steps": goal, "goal": GOAL,
              "worst_times_predict": max(row["times"] for row in rows),
              "rounds": given.rounds, "rows": rows}  # fmt: skip
    finish(given, result, rows)


def network(layers, units):
    """Build a network of LSTM layers with a softmax on the last state."""
    keras = import_keras()
    keras.utils.set_random_seed(0)
    chain = [keras.layers.Input((None, FEATURES))]
    chain += [keras.layers.LSTM(units, return_sequences=n < layers - 1) for n in range(layers)]
    return keras.Sequential([*chain, keras.layers.Dense(10, activation="softmax")])


def one_size(model, steps, rounds):
    """Measure one length: predict and trace in ms, MB at the peak, MB kept."""
    x = np.random.default_rng(0).random((steps, FEATURES), dtype=np.float32)
    predict = median_seconds(lambda: model.predict(x[np.newaxis], verbose=0), rounds)
    traced = median_seconds(lambda: trace(model, x), rounds)
    tracemalloc.start()
    seen = trace(model, x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    kept = sum(part.nbytes for record in seen.layers for part in vars(record).values()
               if isinstance(part, np.ndarray))  # fmt: skip
    return {"steps": steps, "times": round(traced / predict, 2),
            "predict_ms": round(1e3 * predict, 1), "trace_ms": round(1e3 * traced, 1),
            "peak_mb": round(peak / 1e6, 1), "kept_mb": round(kept / 1e6, 1)}  # fmt: skip


if __name__ == "__main__":
    main()
