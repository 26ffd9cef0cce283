"""What a GPU makes of the reader: seconds an epoch, images/s, share of peak, and the floor.

    uv run --extra gpu python benchmarks/gpu.py
    KERAS_BACKEND=jax python benchmarks/gpu.py --precision float32 mixed_bfloat16

An LSTM of 128 units is trained on 60,000 random images (for speed alone) for a few epochs; the
first, which builds graphs, is left out. What does not run (no memory, no such kernel) says so in
its row, and the others go on. JAX takes what it hands cuDNN's LSTM for float32, whatever it is, so
there cuDNN is not tried in mixed precision.

Share of peak: the matrix products of a training image, 12.6 MFLOP, against the card's own figure
without sparsity: TensorFloat-32 for float32, which TensorFlow and JAX use by themselves on cards
that have it, and 16 bits for mixed precision. A card that is not in the list has no share. The
floor: 28 dependent steps, forward and backward, cannot be faster than so many kernels one after the
other. It is the time of an update with one image, by the same kernel and precision, times the
updates of an epoch.

Without a GPU it measures nothing and says so; --try-out runs a tiny one on any device, for no
record. Prints a table, and as its last line JSON.
"""

import re
import statistics
import time

import numpy as np
from measuring import finish, new_parser

from helpers.reader import device_line, import_keras, one_cycle, training_batches
from tools.arguments import whole

IMAGES, UNITS, STEPS, FEATURES, ONE_BY_ONE = 60_000, 128, 28, 28, 256
# Forward; backward into the weights, as much again; and into the state, which is only 128 wide.
MFLOP = 8 * UNITS * (2 * (FEATURES + UNITS) + UNITS) * STEPS / 1e6
BATCHES = (128, 256, 512, 1024, 2048, 4096)
PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16")
FLOORS = {}  # seconds of an update with one image, by precision and kernel
KERNELS = {"cuDNN where it can": "auto", "plain loop": False}
# TFLOPS without sparsity, from NVIDIA's data sheets: as float32 is computed, and in 16 bits. T4 and
# V100 have neither TensorFloat-32 nor bfloat16.
CARDS = {
    r"H200 NVL": (417.5, 835.5), r"H200": (494.7, 989.4), r"H100 80GB HBM3": (494.7, 989.4),
    r"H100 PCIe": (378, 756), r"A100": (156, 312), r"L4": (60, 121), r"T4": (8.1, 65),
    r"V100-SXM2": (15.7, 125),
}  # fmt: skip


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--epochs", type=whole(1), default=4, help="timed, after the first")
    parser.add_argument("--precision", nargs="+", choices=PRECISIONS, default=PRECISIONS[:2])
    parser.add_argument("--batch", nargs="+", type=whole(1, IMAGES), default=BATCHES)
    parser.add_argument("--try-out", action="store_true", help="tiny, on any device, for no record")
    given = parser.parse_args()
    device = device_line()
    print(device)
    # The words of a computer without a GPU speak of one as well.
    if not device.startswith("Device: GPU ") and not given.try_out:
        print("Nothing is measured without a GPU.")
        finish(given, {"measured": False})
        return
    images = 600 if given.try_out else IMAGES
    sizes = [128] if given.try_out else given.batch
    random = np.random.default_rng(0)
    x = random.integers(0, 256, (images, STEPS, FEATURES), dtype=np.uint8)
    y = random.integers(0, 10, images)
    peaks = peaks_of(device)
    rows = []
    for kernel in KERNELS:
        for precision in given.precision:
            peak = peaks and peaks[precision != "float32"]
            for size in sizes:
                row = {"precision": precision, "kernel": kernel, "batch": size}
                try:
                    if "on jax" in device and KERNELS[kernel] and precision != "float32":
                        raise NotImplementedError("JAX hands cuDNN's LSTM float32 alone")
                    row |= one_row(x, y, row, given.epochs, peak)
                except Exception as error:  # no memory, no such kernel: the next row may go
                    row["failed"] = why(error)
                rows.append(row)
                print(*row.values(), flush=True)
    result = {"measured": not given.try_out, "device": device, "peak_tflops": peaks,
              "epochs": given.epochs, "rows": rows}  # fmt: skip
    finish(given, result)


def peaks_of(device):
    """Return a card's TFLOPS in float32 and in 16 bits, or None where it is not in the list."""
    name = re.match(r"Device: GPU ([^,(]+)", device)
    if name is None or " MIG " in f"{name[1]} ":  # a slice of a card has a share of its figures
        return None
    return next(
        (peaks for card, peaks in CARDS.items() if re.search(rf"\b{card}\b", name[1])), None
    )


def one_row(x, y, row, epochs, peak):
    """Return seconds an epoch, images a second, the share of the peak, and the floor."""
    how = row["precision"], KERNELS[row["kernel"]]
    if how not in FLOORS:
        FLOORS[how] = epoch_seconds(x[:ONE_BY_ONE], y[:ONE_BY_ONE], 1, *how, 1) / ONE_BY_ONE
    seconds = epoch_seconds(x, y, row["batch"], *how, epochs)
    updates = len(x) // row["batch"]
    speed = updates * row["batch"] / seconds
    return {
        "epoch_s": round(seconds, 3),
        "images_per_s": round(speed),
        "share_of_peak": peak and round(speed * MFLOP / 1e6 / peak, 6),
        "floor_s": round(FLOORS[how] * updates, 3),
    }


def why(error):
    """Say in a line what kept a row from being measured."""
    text = f"{type(error).__name__}: {' '.join(str(error).split())}"
    if "ResourceExhausted" in text or "RESOURCE_EXHAUSTED" in text:
        return "out of memory"
    return text[:90].replace("|", "/")


def epoch_seconds(x, y, size, precision, kernel, epochs):
    """Return the median seconds of an epoch after the first."""
    keras = import_keras()
    layers, updates = keras.layers, len(x) // size
    keras.config.set_dtype_policy(precision)
    try:
        model = keras.Sequential(
            [layers.Input((STEPS, FEATURES)), layers.LSTM(UNITS, use_cudnn=kernel),
             layers.Dense(10, dtype="float32")]
        )  # fmt: skip
        model.compile(
            keras.optimizers.Adam(one_cycle(1e-2, (epochs + 1) * updates), clipnorm=1.0),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            steps_per_execution=1 if keras.backend.backend() == "torch" else min(16, updates),
            jit_compile=keras.backend.backend() == "jax",
        )
    finally:
        keras.config.set_dtype_policy("float32")
    ends = []
    # The logs are numbers: at an epoch's end the GPU is done.
    clock = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter())
    )
    model.fit(training_batches(x, y, size), epochs=epochs + 1, shuffle=False, verbose=0,
              callbacks=[clock])  # fmt: skip
    return statistics.median(np.diff(ends).tolist())


if __name__ == "__main__":
    main()
