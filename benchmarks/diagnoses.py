"""What `rnnscope.diagnose` says of networks that were trained badly on purpose.

    uv run --with torch python benchmarks/diagnoses.py [--seeds 3] [--first-seed 200]

Three tasks: bundled digits of 14 x 14 pixels read by rows, the first of six symbols copied, and a
noisy sine forecast. PyTorch networks of 32 units are trained on them soundly, in the five bad ways
that the doctor is made for, and in others, on even seeds from PyTorch's initial weights, on odd
ones from Keras's. What is said first of the traces of eight held-back sequences is compared with
the fault. The doctor's limits were set on seeds below 200. Prints a table, and, last, JSON.
"""

import collections

import numpy as np
from measuring import finish, new_parser

import rnnscope
from helpers.digits import small_digits
from tools.arguments import whole

GOAL = 0.8
# What is in the title of the right finding; of shifted labels, say, a trace knows nothing.
NAMED = {
    "sound": "Nothing wrong",
    "forget bias -5": "gates of core are shut",
    "rate too large": "learning rate too large",
    "inputs unscaled": "inputs are not scaled",
    "not shuffled": "was the data shuffled",
    "dead ReLU": "ReLU units of core are dead",
    "zero weights": "weights began equal",
    "layer frozen": "looks untrained",
    "labels all alike": "are its labels right",
    "labels mixed": "are its labels right",
    "labels shifted": "Nothing wrong",
    "dropout 0.95": "Nothing wrong",
    "memory too short": "does not reach the end",
}
FIVE = [*NAMED][1:6]
LINES = [
    *((task, fault, "lstm") for task in ("digits", "copy", "sine") for fault in [*NAMED][:5]),
    *((task, "dead ReLU", "relu") for task in ("digits", "copy", "sine")),
    *(
        (task, "sound", cell)
        for task, cell in (("digits", "gru"), ("sine", "rnn"), ("copy", "gru"))
    ),
    *(("digits", fault, "lstm") for fault in [*NAMED][6:-1]),
    ("copy far", "memory too short", "rnn"),
]


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--seeds", type=whole(1), default=3)
    parser.add_argument("--first-seed", type=whole(0), default=200)
    given = parser.parse_args()
    counts, missed = collections.defaultdict(list), []
    for seed in range(given.first_seed, given.first_seed + given.seeds):
        for task, fault, cell in LINES:
            if (task, fault) == ("sine", "not shuffled"):
                continue  # it has no classes
            said = first_said(task, fault, cell, seed)
            counts[fault].append(NAMED[fault] in said)
            print(task, cell, fault, seed, said, sep=", ", flush=True)
            if not counts[fault][-1]:
                missed.append(f"{task}, {cell}, {fault}, seed {seed}: {said}")
    rows = [{"trained": fault, "networks": len(right), "named first": sum(right)}
            for fault, right in counts.items()]  # fmt: skip
    five = [right for fault in FIVE for right in counts[fault]]
    others = [right for fault in [*NAMED][6:] for right in counts[fault]]
    result = {"named_of_five": np.mean(five).item(), "goal": GOAL, "networks_of_five": len(five),
              "sound_left_alone": np.mean(counts["sound"]).item(), "missed": missed,
              "named_of_others": np.mean(others).item(), "rows": rows}  # fmt: skip
    finish(given, result, rows)


def data(task, random, fault):
    """Make sequences and answers to train on; the last eight are kept to be traced."""
    if task == "digits":
        images = small_digits().x_train.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)) / 255
        x, y = images, small_digits().y_train.astype(int)
    elif task == "sine":
        phase, speed = random.uniform(0, 6.28, (1500, 1)), random.uniform(0.1, 0.6, (1500, 1))
        waves = np.sin(phase + speed * np.arange(21)) + random.normal(0, 0.02, (1500, 21))
        x, y = waves[:, :20, np.newaxis], waves[:, 20:]
    else:
        symbols = random.integers(0, 5, (2000, 60 if task == "copy far" else 6))
        x, y = np.eye(5)[symbols], symbols[:, 0]
    if fault == "inputs unscaled":
        x = x * {"digits": 255, "copy": 500, "sine": 40}[task] + 300 * (task == "sine")
    kept = x[-8:].astype(np.float32)
    x, y = x[:-8], y[:-8]
    if fault == "not shuffled":
        order = np.argsort(y, kind="stable")
        x, y = x[order], y[order]
    y = {"labels all alike": y * 0, "labels mixed": random.permutation(y),
         "labels shifted": (y + 1) % 10}.get(fault, y)  # fmt: skip
    return x.astype(np.float32), y.astype(np.float32 if task == "sine" else int), kept


def network(cell, features, outputs, keras, fault):
    """Build a layer with a linear head, started as a library or a fault has it."""
    import torch
    from torch.nn import init

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            kind = {"lstm": "LSTM", "gru": "GRU"}.get(cell, "RNN")
            more = {"nonlinearity": "relu"} if cell == "relu" else {}
            self.core = getattr(torch.nn, kind)(features, 32, batch_first=True, **more)
            self.drop = torch.nn.Dropout(0.95 if fault == "dropout 0.95" else 0)
            self.head = torch.nn.Linear(32, outputs)

        def forward(self, x):
            return self.head(self.drop(self.core(x)[0][:, -1]))

    made, forget = Network(), slice(32, 64)
    kernel, recurrent, bias, bias_hh = (part.data for part in made.core.parameters())
    if keras:
        init.xavier_uniform_(kernel)
        init.orthogonal_(recurrent)
        init.zeros_(bias), init.zeros_(bias_hh)
        bias[forget] = float(cell == "lstm")
    if fault == "forget bias -5":
        bias[forget], bias_hh[forget] = -5, 0
    if fault == "dead ReLU":
        bias[:] = -3
    if fault == "zero weights":
        for part in made.parameters():
            init.zeros_(part)
    made.core.requires_grad_(fault != "layer frozen")
    return made


def first_said(task, fault, cell, seed):
    """Train one network, and give the title of what the doctor says first."""
    import torch

    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    x, y, kept = data(task, random, fault)
    outputs = {"digits": 10, "sine": 1}.get(task, 5)
    model = network(cell, x.shape[2], outputs, seed % 2 == 1, fault)
    sound = 1e-3 if cell == "relu" else 1e-2
    rate = random.choice([0.3, 1, 3]) if fault == "rate too large" else sound
    optimizer = torch.optim.Adam(model.parameters(), rate)
    loss = torch.nn.MSELoss() if task == "sine" else torch.nn.CrossEntropyLoss()
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    for _ in range({"digits": 4, "copy far": 3}.get(task, 8)):
        order = torch.arange(len(x)) if fault == "not shuffled" else torch.randperm(len(x))
        for batch in order.split(64):
            optimizer.zero_grad()
            loss(model(x[batch]), y[batch]).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    kind = "numbers" if task == "sine" else "classes"
    try:
        traces = [rnnscope.trace(model, one[np.newaxis], kind=kind) for one in kept]
    except ValueError as error:  # weights so large that rounding grows cannot be traced
        return str(error)
    return rnnscope.diagnose(*traces)[0].title


if __name__ == "__main__":
    main()
