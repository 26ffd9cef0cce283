"""Images a second in training: our `fit` beside plain PyTorch's nn.LSTM, in one run.

    uv run python benchmarks/against_pytorch.py --torch-python /path/to/python

PyTorch is no package of the course: --torch-python names a Python that has it (`python -m venv`
and `pip install torch numpy` make one); by default this one is tried. Both train one LSTM of 128
units and a dense layer of 10, with Adam, clipped gradients, batches of 256 and 28 rows of 28. Ours
augments each image as well; PyTorch gets random numbers that lie ready. The two take turns, and the
medians are compared. Prints a table, and as its last line JSON.
"""

import json
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.arguments import new_parser, whole

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
print("ready", torch.__version__, torch.get_num_threads(), flush=True)
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
    arguments = parser.parse_args()
    if shutil.which(arguments.torch_python) is None:
        parser.error(f"there is no program {arguments.torch_python}: name a Python with PyTorch")
    theirs = subprocess.Popen(
        [arguments.torch_python, "-c", TORCH],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    ready = theirs.stdout.readline().split()
    if not ready:
        parser.error(
            f"{arguments.torch_python} has no PyTorch. Make an environment for it: "
            "python -m venv torch-env && torch-env/bin/pip install torch numpy, then give "
            "--torch-python torch-env/bin/python."
        )

    import numpy as np

    from helpers.reader import build_reader, compile_reader, training_batches

    n = BATCH * arguments.batches
    images = np.random.default_rng(0).integers(0, 256, (n, 28, 28), dtype=np.uint8)
    data = training_batches(images, np.arange(n) % 10, BATCH)
    model = build_reader("lstm", units=UNITS)
    compile_reader(model, 1e-3)
    model.fit(data, verbose=0, shuffle=False)

    def ours():
        began = time.perf_counter()
        model.fit(data, verbose=0, shuffle=False)
        return time.perf_counter() - began

    def torch():
        try:
            theirs.stdin.write(f"{arguments.batches}\n")
            theirs.stdin.flush()
            seconds = theirs.stdout.readline()
        except OSError:  # its end of the pipe is closed
            seconds = ""
        if not seconds:
            parser.error(f"PyTorch in {arguments.torch_python} ended in the middle of the run.")
        return float(seconds)

    speeds = {"ours": [], "PyTorch": []}
    for _ in range(arguments.rounds):
        speeds["ours"].append(n / ours())
        speeds["PyTorch"].append(n / torch())
    theirs.stdin.close()
    theirs.wait()

    print(f"{'':<10}{'median':>10}{'lowest':>10}{'highest':>10}  images a second")
    for name, seen in speeds.items():
        print(f"{name:<10}{statistics.median(seen):>10,.0f}{min(seen):>10,.0f}{max(seen):>10,.0f}")
    result = {
        "pytorch": {"version": ready[1], "threads": int(ready[2])},
        "images_per_s": {name: round(statistics.median(seen)) for name, seen in speeds.items()},
        "ratio": round(statistics.median(a / b for a, b in zip(*speeds.values(), strict=True)), 3),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
