"""What a GPU makes of the reader: seconds an epoch, images/s, share of peak, and the floor.

    uv run --extra gpu python benchmarks/gpu.py
    KERAS_BACKEND=jax python benchmarks/gpu.py --precision float32 mixed_bfloat16

An LSTM of 128 units is trained on 60,000 random images (for speed alone) for a few epochs with
batches of 128 to 4,096, in float32 and mixed precision, by cuDNN and by the plain loop; the first
epoch, which builds graphs, is left out. Each row is printed when it is measured; what does not run
(no memory, no such kernel) says so in its row, and the others go on. JAX takes what it hands
cuDNN's LSTM for float32, whatever it is, so there cuDNN is not tried in mixed precision.

Share of peak: the matrix products of a training image, 12.6 MFLOP, against the card's own figure
without sparsity: TensorFloat-32 for float32, which TensorFlow and JAX use by themselves on cards
that have it, and 16 bits for mixed precision. A card that is not in the list has no share, unless
--peak-tflops gives both. The floor: 28 dependent steps, forward and backward, cannot be faster than
so many kernels one after the other. It is the time of an update with one image, by the same kernel
and precision, times the updates of an epoch. The pipeline: an epoch of shuffled, augmented batches
without any training; where that takes as long as the epoch, the GPU waits for it.

Without a GPU it measures nothing and says so. Prints a table, and as its last line JSON.
"""

import gc
import json
import re
import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from helpers.reader import device_line, import_keras, one_cycle, training_batches
from tools.arguments import above_zero, new_parser, whole

IMAGES, UNITS, STEPS, FEATURES, ONE_BY_ONE = 60_000, 128, 28, 28, 256
# Forward; backward into the weights, as much again; and into the state, which is only 128 wide.
MFLOP = 8 * UNITS * (2 * (FEATURES + UNITS) + UNITS) * STEPS / 1e6
BATCHES = (128, 256, 512, 1024, 2048, 4096)
PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16")
KERNELS = {"auto": "cuDNN where it can", False: "plain loop"}
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
    parser.add_argument(
        "--peak-tflops", nargs=2, type=above_zero, metavar=("FLOAT32", "MIXED"),
        help="of a card that is not in the list",
    )  # fmt: skip
    parser.add_argument(
        "--seconds", type=above_zero, default=float("inf"),
        help="begin no further row after so many; what is measured by then is kept",
    )  # fmt: skip
    parser.add_argument("--try-out", action="store_true", help="tiny, on any device, for no record")
    arguments = parser.parse_args()
    arguments.precision, arguments.batch = (
        list(dict.fromkeys(each)) for each in (arguments.precision, arguments.batch)
    )
    began = time.perf_counter()
    device = device_line()
    if not has_gpu(device) and not arguments.try_out:
        print(f"{device} Nothing is measured without a GPU.")
        print(json.dumps({"measured": False}))
        return
    images, alone = (600, 16) if arguments.try_out else (IMAGES, ONE_BY_ONE)
    sizes = arguments.batch[:1] if arguments.try_out else arguments.batch
    if max(sizes) > images:
        parser.error(f"a batch of {max(sizes)} has more than the {images} images of a try-out")
    random = np.random.default_rng(0)
    x = random.integers(0, 256, (images, STEPS, FEATURES), dtype=np.uint8)
    y = random.integers(0, 10, images)
    peaks = arguments.peak_tflops or peaks_of(device)

    print(device)
    if arguments.try_out:
        print(f"A try-out with {images} images: its seconds say nothing.")
    print(f"{'precision':<16}{'kernel':<20}{'batch':>6}{'s/epoch':>9}{'images/s':>11}"
          f"{'of peak':>9}{'floor s':>9}")  # fmt: skip
    rows = []
    for kernel, name in KERNELS.items():
        for precision in arguments.precision:
            one = None
            for size in sizes:
                row = {"precision": precision, "kernel": name, "batch": size}
                rows.append(row)
                if time.perf_counter() - began > arguments.seconds:
                    row["failed"] = f"not begun within {arguments.seconds:g} s"
                elif "on jax" in device and kernel == "auto" and precision != "float32":
                    row["failed"] = "JAX hands cuDNN's LSTM float32 alone"
                else:
                    try:
                        if one is None:
                            some = x[:alone], y[:alone]
                            one = epoch_seconds(*some, 1, precision, kernel, 1) / alone
                        seconds = epoch_seconds(x, y, size, precision, kernel, arguments.epochs)
                        row |= measured(seconds, one, size, images, peaks, precision)
                    except Exception as error:  # no memory, no such kernel: the next row may go
                        row["failed"] = why(error)
                print(said(row), flush=True)
    pipeline = {size: round(pipeline_seconds(x, y, size), 3) for size in sizes}
    alone = ", ".join(f"{seconds:.3f} (batch {size})" for size, seconds in pipeline.items())
    print(f"the pipeline alone, s/epoch: {alone}")
    result = {"measured": not arguments.try_out, "device": device, "peak_tflops": peaks,
              "epochs": arguments.epochs, "rows": rows, "pipeline_s": pipeline}  # fmt: skip
    print(json.dumps(result))


def has_gpu(device):
    """Tell from `device_line`; the words of a computer without one speak of a GPU as well."""
    return device.startswith("Device: GPU ")


def peaks_of(device):
    """Return a card's TFLOPS in float32 and in 16 bits, or None where it is not in the list."""
    name = re.match(r"Device: GPU ([^,(]+)", device)
    if name is None or " MIG " in f"{name[1]} ":  # a slice of a card has a share of its figures
        return None
    return next(
        (peaks for card, peaks in CARDS.items() if re.search(rf"\b{card}\b", name[1])), None
    )


def measured(seconds, one, size, images, peaks, precision):
    """Return what a row says of its seconds an epoch, and of those of an update with one image."""
    updates = images // size
    speed = updates * size / seconds
    peak = peaks and peaks[precision != "float32"]
    return {
        "epoch_s": round(seconds, 3), "images_per_s": round(speed),
        "share_of_peak": peak and round(speed * MFLOP / 1e6 / peak, 6),
        "floor_s": round(one * updates, 3),
    }  # fmt: skip


def said(row):
    """Return a row of the table."""
    line = f"{row['precision']:<16}{row['kernel']:<20}{row['batch']:>6}"
    if "failed" in row:
        return f"{line}  {row['failed']}"
    share = row["share_of_peak"]
    share = "unknown" if share is None else f"{share:.2%}"
    return f"{line}{row['epoch_s']:>9.3f}{row['images_per_s']:>11,}{share:>9}{row['floor_s']:>9.3f}"


def why(error):
    """Say in a line what kept a row from being measured."""
    text = " ".join(str(error).split())
    if "ResourceExhausted" in type(error).__name__ or "RESOURCE_EXHAUSTED" in text:
        return "out of memory"
    text = f"{type(error).__name__}: {text}"
    return text if len(text) <= 90 else text[:87] + "..."


def epoch_seconds(x, y, size, precision, kernel, epochs):
    """Return the median seconds of an epoch after the first."""
    keras = import_keras()
    keras.config.set_dtype_policy(precision)
    try:
        model = keras.Sequential(
            [
                keras.layers.Input((STEPS, FEATURES)),
                keras.layers.LSTM(UNITS, use_cudnn=kernel),
                keras.layers.Dense(10, dtype="float32"),
            ]
        )
        updates = len(x) // size
        model.compile(
            keras.optimizers.Adam(one_cycle(1e-2, (epochs + 1) * updates), clipnorm=1.0),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            steps_per_execution=1 if keras.backend.backend() == "torch" else min(16, updates),
            jit_compile=keras.backend.backend() == "jax",
        )
    finally:
        keras.config.set_dtype_policy("float32")

    class Clock(keras.callbacks.Callback):
        seconds = ()

        def on_epoch_begin(self, epoch, logs=None):
            self.began = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):  # the logs are numbers: the GPU is done
            self.seconds = (*self.seconds, time.perf_counter() - self.began)

    clock = Clock()
    data = training_batches(x, y, size)
    model.fit(data, epochs=epochs + 1, shuffle=False, verbose=0, callbacks=[clock])
    del model
    gc.collect()
    return statistics.median(clock.seconds[1:])


def pipeline_seconds(x, y, size):
    """Return the seconds of an epoch of batches that nobody learns from, after a first one."""
    data = training_batches(x, y, size)
    for _ in range(2):
        began = time.perf_counter()
        if hasattr(data, "prefetch"):
            for _ in data:
                pass
        else:
            for batch in range(len(data)):
                np.asarray(data[batch][0])
            data.on_epoch_end()
        seconds = time.perf_counter() - began
    return seconds


if __name__ == "__main__":
    main()
