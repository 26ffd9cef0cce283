"""Progress as a Keras callback. Importing this module imports Keras."""

import time

from helpers.reader.backend import import_keras
from helpers.reader.progress import Progress

keras = import_keras()


class ProgressLine(keras.callbacks.Callback):
    """Say in one line, renewed in place, how far `fit` is; for `fit(..., verbose=0)`.

    Attributes
    ----------
    history : dict of lists with one entry for every whole epoch
        What `fit` reports, as floats, and "seconds".
    """

    def __init__(self):
        super().__init__()
        self.history, self._line, self._epoch, self._began = {}, None, 0, 0.0

    def on_train_begin(self, logs=None):
        """Begin the line."""
        self.history = {}
        self._line = Progress(self.params["epochs"], self.params["steps"])

    def on_epoch_begin(self, epoch, logs=None):
        """Note the time."""
        self._epoch, self._began = epoch, time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        """Renew the line, at most five times a second."""
        steps = self.params["steps"]
        # With many batches for one call, Keras counts those too that the epoch did not have.
        self._line.batch(self._epoch * steps + min(batch + 1, steps), logs)

    def on_epoch_end(self, epoch, logs=None):
        """Keep the scores of the epoch."""
        self._line.validation = logs.get("val_accuracy")
        seconds = time.perf_counter() - self._began
        for name, score in (logs | {"seconds": seconds}).items():
            self.history.setdefault(name, []).append(float(score))

    def on_train_end(self, logs=None):
        """Say that all epochs are done."""
        self._line.finish()

    def stop(self):
        """Say that the user stopped the training (Keras does not tell its callbacks)."""
        if self._line:
            self._line.stop()
