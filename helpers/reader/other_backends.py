"""Batches to train on where Keras runs on JAX or PyTorch. Importing this module imports Keras."""

import numpy as np

from helpers.reader.backend import import_keras
from helpers.reader.pipeline import DRAWS, jostled

keras = import_keras()


class EpochsOfBatches(keras.utils.PyDataset):
    """All images once an epoch, in a new order, jostled anew: as `training_batches` says."""

    def __init__(self, images, labels, batch_size, *, seed, jostle):
        super().__init__()
        self.images, self.labels, self.batch_size, self.jostle = images, labels, batch_size, jostle
        self.random = np.random.default_rng(seed)
        self.move = jostled
        if keras.backend.backend() == "jax":
            import jax

            self.move = jax.jit(jostled)
        self.on_epoch_end()

    def __len__(self):
        return len(self.images) // self.batch_size

    def on_epoch_end(self):
        """Draw the next epoch's order and jostling."""
        n = len(self.images)
        self.order = self.random.permutation(n)
        self.draws = self.random.uniform(-self.jostle, self.jostle, (n, DRAWS)).astype(np.float32)

    def __getitem__(self, batch):
        chosen = self.order[batch * self.batch_size :][: self.batch_size]
        x = self.images[chosen].astype(np.float32) / 255
        return self.move(x, self.draws[chosen]) if self.jostle else x, self.labels[chosen]
