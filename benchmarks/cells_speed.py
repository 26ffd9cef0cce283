"""How fast are the NumPy cells? `predict` beside Keras's, and the cost of sizes beside theory.

    uv run python benchmarks/cells_speed.py [--rounds 7]

`helpers.trace.predict` and Keras's `predict(batch_size=1000)` read the same 10,000 images with the
same weights, on the same cores, taking turns; medians are compared. Then one LSTM is run over other
numbers of time steps, units and batch. Theory: 8 * units * (units + features) additions and
multiplications a step and sequence. Prints a table, and as its last line JSON.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

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
    seconds = {"ours": [], "keras": []}
    for _ in range(rounds):
        seconds["ours"].append(timed(lambda: predict(weights, images)))
        seconds["keras"].append(timed(theirs))
    median = {name: round(statistics.median(each), 3) for name, each in seconds.items()}
    pairs = zip(seconds["keras"], seconds["ours"], strict=True)
    ratio = statistics.median(keras / ours for keras, ours in pairs)
    print(f"10,000 images: ours {median['ours']:.2f} s, Keras {median['keras']:.2f} s; ours is "
          f"{ratio:.2f} times as fast; the same answer for {same:.2%}.")  # fmt: skip

    rows = []
    print(f"\n{'what':<12}{'size':>6}{'seconds':>10}{'GFLOP':>8}{'GFLOP/s':>9}")
    for what, sizes in SIZES.items():
        for size in sizes:
            now = USUAL | {what: size}
            spent = statistics.median(
                timed(lambda now=now: cost(**{k.replace(" ", "_"): v for k, v in now.items()}))
                for _ in range(3)
            )
            steps = now["time steps"] * now["batch"]
            gflop = 8 * now["units"] * (now["units"] + FEATURES) * steps / 1e9
            rows.append({"what": what, "size": size, "seconds": round(spent, 5),
                         "gflop": round(gflop, 5)})  # fmt: skip
            print(f"{what:<12}{size:>6}{spent:>10.4f}{gflop:>8.3f}{gflop / spent:>9.1f}")
    print(json.dumps({"predict_s": median, "ratio": round(ratio, 3), "same": same, "cost": rows}))


def timed(call):
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def cost(time_steps, units, batch):
    """Run an LSTM once, and keep no step."""
    weights = cells.random_weights("lstm", FEATURES, units, seed=0)
    weights = cells.Weights(*(array.astype(np.float32) for array in weights))
    cells.last_state("lstm", np.zeros((batch, time_steps, FEATURES), np.float32), weights)


if __name__ == "__main__":
    main()
