"""Time of `rnnscope.trace`, beside the model's own run.

    uv run python benchmarks/trace_speed.py [--rounds 5] [--longest 1000] [--torch]

LSTM networks of 1 to 3 layers and 16 to 512 units read one sequence of 28 features and 28 to 1,000
steps. The model's own run is `model(x)`, as `trace` itself calls it; it and a trace without answers
are called in turn. Then one LSTM of 128 units is asked what it says after each of 100 steps. With
`--torch` the networks are PyTorch's (where that is installed), else Keras's. Prints a table, and as
its last line JSON.
"""

import time

import numpy as np
from measuring import finish, median_seconds, new_parser

import rnnscope
from tools.arguments import whole

LAYERS, UNITS, STEPS, FEATURES = (1, 2, 3), (16, 128, 512), (28, 200, 1000), 28
GOALS = {"times_own": 3, "worst_times_own": 4}


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--rounds", type=whole(1), default=5)
    parser.add_argument("--longest", type=whole(28), default=max(STEPS))
    parser.add_argument("--torch", action="store_true", help="measure PyTorch's")
    given = parser.parse_args()
    make = torch_network if given.torch else keras_network
    rows = []
    for layers in LAYERS:
        for units in UNITS:
            model, own = make(layers, units)
            rows += [{"layers": layers, "units": units, **one_size(model, own, steps, given.rounds)}
                     for steps in STEPS if steps <= given.longest]  # fmt: skip
    model, _ = make(1, 128)
    x = sequence(100)
    rnnscope.trace(model, x)
    answers = median_seconds(lambda: rnnscope.trace(model, x), given.rounds)
    size = {"layers": 1, "units": 128, "steps": STEPS[0]}
    [goal] = [row["times"] for row in rows if size.items() <= row.items()]
    result = {"framework": "PyTorch" if given.torch else "Keras", "times_own": goal,
              "worst_times_own": max(row["times"] for row in rows), "goals": GOALS,
              "answers_of_100_steps_s": round(answers, 2),
              "goal_answers_s": 0.6 if given.torch else 1.0,
              "rounds": given.rounds, "rows": rows}  # fmt: skip
    finish(given, result, rows)


def sequence(steps):
    return np.random.default_rng(0).random((1, steps, FEATURES), dtype=np.float32)


def keras_network(layers, units):
    """Build a network of LSTM layers with a softmax on the last state, and what runs it."""
    from helpers.reader import import_keras

    keras = import_keras()
    keras.utils.set_random_seed(0)
    chain = [keras.layers.Input((None, FEATURES))]
    chain += [keras.layers.LSTM(units, return_sequences=n < layers - 1) for n in range(layers)]
    model = keras.Sequential([*chain, keras.layers.Dense(10, activation="softmax")])
    return model, lambda x: model(x, training=False)


def torch_network(layers, units):
    """Do the same in PyTorch."""
    import torch

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = torch.nn.LSTM(FEATURES, units, layers, batch_first=True)
            self.head = torch.nn.Linear(units, 10)

        def forward(self, x):
            return self.head(self.lstm(x)[0][:, -1]).softmax(-1)

    torch.manual_seed(0)
    model = Network().eval()

    def own(x):
        with torch.no_grad():
            return model(torch.from_numpy(x))

    return model, own


def one_size(model, own, steps, rounds):
    """Measure one length: the model's own run and a trace in turn, medians in ms."""
    x = sequence(steps)
    times = {"own": [], "trace": []}
    calls = {"own": lambda: own(x), "trace": lambda: rnnscope.trace(model, x, answers=False)}
    for _ in range(rounds + 1):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - began)
    own_s, trace_s = (float(np.median(some[1:])) for some in times.values())
    return {"steps": steps, "times": round(trace_s / own_s, 2),
            "own_ms": round(1e3 * own_s, 1), "trace_ms": round(1e3 * trace_s, 1)}  # fmt: skip


if __name__ == "__main__":
    main()
