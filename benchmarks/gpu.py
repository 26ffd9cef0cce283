"""What a GPU makes of the reader: seconds an epoch, images/s, share of peak, and the floor.

    uv run --extra gpu python benchmarks/gpu.py [--peak-tflops 67]
    KERAS_BACKEND=jax python benchmarks/gpu.py

An LSTM of 128 units is trained on 60,000 images for a few epochs with batches of 128 to 4,096, in
float32 and mixed precision, by cuDNN and by the plain loop; the first epoch, which builds graphs,
is left out. Share of peak: 12.6 MFLOP a training image against --peak-tflops, the card's own
figure for float32 (H100 SXM: 67). The floor: 28 dependent steps, forward and backward, cannot be
faster than so many kernels one after the other; it is the time of an update with one image, times
the updates of an epoch. Works without the full MNIST: with random images, for speed alone. Without
a GPU it measures nothing and says so. Prints a table, and as its last line JSON.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from helpers.reader import device_line, import_keras, one_cycle, training_batches
from tools.arguments import above_zero, new_parser, whole

IMAGES, MFLOP = 60_000, 12.6
BATCHES = (128, 256, 512, 1024, 2048, 4096)


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--epochs", type=whole(1), default=4, help="timed, after the first")
    parser.add_argument("--peak-tflops", type=above_zero, default=67.0)
    parser.add_argument("--try-out", action="store_true", help="tiny, on any device; save nothing")
    arguments = parser.parse_args()
    device = device_line()
    if "GPU " not in device and not arguments.try_out:
        print(f"{device} Nothing is measured without a GPU.")
        print(json.dumps({"measured": False}))
        return
    images = 600 if arguments.try_out else IMAGES
    random = np.random.default_rng(0)
    x = random.integers(0, 256, (images, 28, 28), dtype=np.uint8)
    y = random.integers(0, 10, images)

    rows = []
    for precision in ("float32", "mixed_float16"):
        for kernel in ("auto", False):
            for size in BATCHES[:1] if arguments.try_out else BATCHES:
                seconds = epoch_seconds(x, y, size, precision, kernel, arguments.epochs)
                speed = len(x) // size * size / seconds
                rows.append({
                    "precision": precision,
                    "kernel": "cuDNN where it can" if kernel == "auto" else "plain loop",
                    "batch": size, "epoch_s": round(seconds, 3), "images_per_s": round(speed),
                    "share_of_peak": speed * MFLOP * 1e6 / (arguments.peak_tflops * 1e12),
                })  # fmt: skip
    one = epoch_seconds(x[:64], y[:64], 1, "float32", "auto", arguments.epochs) / 64
    floors = {size: round(one * (len(x) // size), 3) for size in BATCHES}

    print(device)
    print(f"{'precision':<15}{'kernel':<20}{'batch':>6}{'s/epoch':>9}{'images/s':>11}"
          f"{'of peak':>9}{'floor s':>9}")  # fmt: skip
    for row in rows:
        print(f"{row['precision']:<15}{row['kernel']:<20}{row['batch']:>6}{row['epoch_s']:>9.3f}"
              f"{row['images_per_s']:>11,}{row['share_of_peak']:>9.2%}"
              f"{floors[row['batch']]:>9.3f}")  # fmt: skip
    result = {"measured": True, "device": device, "rows": rows,
              "floor_epoch_s": floors, "peak_tflops": arguments.peak_tflops}  # fmt: skip
    print(json.dumps(result))


def epoch_seconds(x, y, size, precision, kernel, epochs):
    """Return the median seconds of an epoch after the first."""
    keras = import_keras()
    keras.config.set_dtype_policy(precision)
    try:
        model = keras.Sequential(
            [
                keras.layers.Input((28, 28)),
                keras.layers.LSTM(128, use_cudnn=kernel),
                keras.layers.Dense(10, dtype="float32"),
            ]
        )
        updates = len(x) // size
        model.compile(
            keras.optimizers.Adam(one_cycle(1e-2, (epochs + 1) * updates), clipnorm=1.0),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            steps_per_execution=min(16, updates),
            jit_compile=keras.backend.backend() == "jax",
        )
    finally:
        keras.config.set_dtype_policy("float32")

    class Clock(keras.callbacks.Callback):
        seconds = ()

        def on_epoch_begin(self, epoch, logs=None):
            self.began = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            self.seconds = (*self.seconds, time.perf_counter() - self.began)

    clock = Clock()
    data = training_batches(x, y, size)
    model.fit(data, epochs=epochs + 1, shuffle=False, verbose=0, callbacks=[clock])
    return statistics.median(clock.seconds[1:])


if __name__ == "__main__":
    main()
