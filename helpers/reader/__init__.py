"""Keras networks that read an image row by row: build, train, keep, load.

Keras and TensorFlow are imported inside the functions that need them, so whoever only loads
weights waits for neither.
"""

from helpers.reader.augmentation import augmented
from helpers.reader.backend import device_line, import_keras
from helpers.reader.pipeline import training_batches
from helpers.reader.pixel_reader import build_pixel_reader, shipped_pixel_reader
from helpers.reader.training import (
    build_reader,
    compile_reader,
    epochs_for,
    one_cycle,
    train_reader,
)
from helpers.reader.weights import ReaderWeights, load, save, shipped, to_keras, weights_of

__all__ = [
    "MinGRU",
    "ProgressLine",
    "ReaderWeights",
    "augmented",
    "build_pixel_reader",
    "build_reader",
    "compile_reader",
    "device_line",
    "epochs_for",
    "import_keras",
    "load",
    "one_cycle",
    "save",
    "shipped",
    "shipped_pixel_reader",
    "to_keras",
    "train_reader",
    "training_batches",
    "weights_of",
]


def __getattr__(name):
    """Import the callback or the layer, and with it Keras, only when it is asked for."""
    if name == "ProgressLine":
        from helpers.reader.callbacks import ProgressLine

        return ProgressLine
    if name == "MinGRU":
        from helpers.reader.mingru import MinGRU

        return MinGRU
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
