"""What a training needs where Keras runs on JAX or PyTorch. Importing this module imports Keras."""

import contextlib

import numpy as np

from helpers.reader.augmentation import DRAWS, augmented
from helpers.reader.backend import import_keras

keras = import_keras()


class EpochsOfBatches(keras.utils.PyDataset):
    """All images once an epoch, in a new order, augmented anew: as `training_batches` says."""

    def __init__(self, images, labels, batch_size, *, seed, augment):
        super().__init__()
        self.images, self.labels, self.batch_size = images, labels, batch_size
        self.augment = augment
        self.random = np.random.default_rng(seed)
        self.move = augmented
        if keras.backend.backend() == "jax":
            import jax

            self.move = jax.jit(augmented)
        self.on_epoch_end()

    def __len__(self):
        return len(self.images) // self.batch_size

    def __iter__(self):
        """Give the batches of one epoch to a loop of one's own, and draw the next one's."""
        for batch in range(len(self)):
            yield self[batch]
        self.on_epoch_end()

    def on_epoch_end(self):
        """Draw the next epoch's order and augmentation."""
        n = len(self.images)
        self.order = self.random.permutation(n)
        self.draws = self.random.uniform(-self.augment, self.augment, (n, DRAWS)).astype(np.float32)

    def __getitem__(self, batch):
        chosen = self.order[batch * self.batch_size :][: self.batch_size]
        x = self.images[chosen].astype(np.float32) / 255
        return self.move(x, self.draws[chosen]) if self.augment else x, self.labels[chosen]


class KeptNumbers(keras.callbacks.Callback):
    """Keep all numbers of a network and its optimizer as they were when the epoch began.

    On JAX a step takes them over and gives new ones back. What stops it in between, Ctrl-C above
    all, would leave the network with none.
    """

    def __init__(self):
        super().__init__()
        self.kept = []

    def on_epoch_begin(self, epoch, logs=None):
        """Copy all numbers: weights, the optimizer's, where random numbers stand."""
        variables = [*self.model.variables, *self.model.optimizer.variables]
        self.kept = [(v, keras.ops.convert_to_numpy(v).copy()) for v in variables]

    @contextlib.contextmanager
    def given_back(self):
        """Where the body ends in an error, put back what was lost, and raise what was first."""
        try:
            yield
        except BaseException as error:
            if not any(_is_lost(variable) for variable, _ in self.kept):
                raise
            for variable, value in self.kept:
                variable.assign(value)
            self._model._jax_state = None  # Keras would take it for newer
            before = error.__context__
            if before is not None and isinstance(error, RuntimeError):  # Keras missed the numbers
                raise before from None
            raise


def _is_lost(variable):
    value = variable._value
    return value is None or getattr(value, "is_deleted", bool)()
