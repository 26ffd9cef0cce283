"""Keras networks that read an image row by row: build, train, keep, load.

Keras and TensorFlow are imported inside the functions that need them, so whoever only loads
weights waits for neither.
"""

from helpers.reader.backend import device_line, import_keras
from helpers.reader.training import build_reader, jostled, one_cycle, train_reader
from helpers.reader.weights import ReaderWeights, load, save, shipped, to_keras, weights_of

__all__ = [
    "ReaderWeights",
    "build_reader",
    "device_line",
    "import_keras",
    "jostled",
    "load",
    "one_cycle",
    "save",
    "shipped",
    "to_keras",
    "train_reader",
    "weights_of",
]
