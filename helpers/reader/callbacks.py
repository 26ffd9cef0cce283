"""Progress as a Keras callback. Importing this module imports Keras."""

import time

import numpy as np

from helpers.reader.backend import import_keras
from helpers.reader.status_line import Progress

keras = import_keras()


class ProgressLine(keras.callbacks.Callback):
    """Say in one line, renewed in place, how far `fit` is; for `fit(..., verbose=0)`.

    Attributes
    ----------
    history : dict of lists with one entry for every whole epoch of this call of `fit`
        What `fit` reports, as floats, and "seconds".
    """

    def __init__(self):
        super().__init__()
        self.history = {}
        self._line, self._epoch, self._began, self._batches = None, 0, 0.0, 0

    @property
    def begun(self):
        """Whether an epoch of this training has begun."""
        return self._line is not None and self._line.whole is not None

    def on_train_begin(self, logs=None):
        """Begin the line."""
        self.history = {}
        self._line = Progress(self.params["epochs"], self.params["steps"])

    def on_epoch_begin(self, epoch, logs=None):
        """Note the time."""
        self._epoch, self._began = epoch, time.perf_counter()
        self._batches = 0
        self._line.begin(epoch)

    def on_train_batch_end(self, batch, logs=None):
        """Renew the line, at most five times a second."""
        # With many batches for one call, Keras counts those too that the epoch did not have.
        steps = self._line.batches
        self._batches = batch + 1 if steps is None else min(batch + 1, steps)
        self._line.batch(self._epoch * (steps or 0) + self._batches, logs)

    def on_epoch_end(self, epoch, logs=None):
        """Keep the scores of the epoch."""
        logs = logs or {}
        self._line.validation, self._line.whole = logs.get("val_accuracy"), epoch + 1
        self._line.batches = self._line.batches or self._batches or None
        seconds = time.perf_counter() - self._began
        for name, score in (logs | {"seconds": seconds}).items():
            # Some metrics give one number for each class.
            number = float(score) if np.ndim(score) == 0 else np.asarray(score).tolist()
            self.history.setdefault(name, []).append(number)

    def on_train_end(self, logs=None):
        """Say which epochs are done."""
        self._line.finish()

    def stop(self):
        """Say that the user stopped the training (Keras does not tell its callbacks)."""
        if self._line:
            self._line.stop()
        else:
            print("Stopped by you before the first batch. The model keeps the weights it had.")
