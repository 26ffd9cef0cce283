"""Images a second in training: our `fit` beside plain PyTorch's nn.LSTM, in one run.

    uv run python benchmarks/against_pytorch.py --torch-python /path/to/python

PyTorch is no package of the course: --torch-python names a Python that has it (`python -m venv`
and `pip install torch numpy` make one); by default this one is tried. Both train one LSTM of 128
units and a dense layer of 10, with Adam, clipped gradients, batches of 256 and 28 rows of 28. Ours
augments each image as well; PyTorch gets random numbers that lie ready. The two take turns, and the
medians are compared. Prints a table, and as its last line JSON.
"""

import shutil
import statistics
import subprocess
import sys

import numpy as np
from measuring import finish, new_parser, timed

from helpers.reader import build_reader, compile_reader, training_batches
from tools.arguments import whole

BATCH, UNITS = 256, 128
TORCH = f"""
import sys, time
import torch

class Reader(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(28, {UNITS}, batch_first=True)
        self.head = torch.nn.Linear({UNITS}, 10)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])

torch.manual_seed(0)
model = Reader()
optimizer = torch.optim.Adam(model.parameters(), 1e-3)
x, y = torch.rand({BATCH}, 28, 28), torch.randint(0, 10, ({BATCH},))

def train(batches):
    for _ in range(batches):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

train(10)
print(torch.__version__, torch.get_num_threads(), flush=True)
for line in sys.stdin:
    began = time.perf_counter()
    train(int(line))
    print(time.perf_counter() - began, flush=True)
"""


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--torch-python", default=sys.executable)
    parser.add_argument("--rounds", type=whole(1), default=9)
    parser.add_argument("--batches", type=whole(1), default=64, help="of 256 images, in a round")
    given = parser.parse_args()
    if shutil.which(given.torch_python) is None:
        parser.error(f"there is no program {given.torch_python}: name a Python with PyTorch")
    theirs = subprocess.Popen([given.torch_python, "-c", TORCH], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)  # fmt: skip
    ready = theirs.stdout.readline().split()
    if not ready:
        parser.error(f"{given.torch_python} has no PyTorch: see --help")

    images = BATCH * given.batches
    x = np.random.default_rng(0).integers(0, 256, (images, 28, 28), dtype=np.uint8)
    data = training_batches(x, np.arange(images) % 10, BATCH)
    model = build_reader("lstm", units=UNITS)
    compile_reader(model, 1e-3)

    def fit():
        model.fit(data, verbose=0, shuffle=False)

    def torch_seconds():
        theirs.stdin.write(f"{given.batches}\n")
        theirs.stdin.flush()
        return float(theirs.stdout.readline())

    fit()
    speeds = {"ours": [], "PyTorch": []}
    for _ in range(given.rounds):
        speeds["ours"].append(images / timed(fit))
        speeds["PyTorch"].append(images / torch_seconds())
    theirs.stdin.close()
    theirs.wait()
    pairs = zip(*speeds.values(), strict=True)
    result = {
        "pytorch": {"version": ready[0], "threads": int(ready[1])},
        "images_per_s": {name: round(statistics.median(seen)) for name, seen in speeds.items()},
        "ratio": round(statistics.median(ours / torch for ours, torch in pairs), 3),
    }
    finish(given, result, [
        {"images a second": name, "median": round(statistics.median(seen)),
         "lowest": round(min(seen)), "highest": round(max(seen))} for name, seen in speeds.items()
    ])  # fmt: skip


if __name__ == "__main__":
    main()
