"""The way of the digits into the training: shuffled, in batches, each image augmented anew.

Everything between memory and model is TensorFlow's graph (tf.data), so that neither a processor
nor a GPU waits for Python. On Keras's other backends the same steps feed the same `augmented`.
"""

import numpy as np

from helpers import judge
from helpers.reader.augmentation import DRAWS, augmented
from helpers.reader.backend import import_keras


def judged_augment(augment, images):
    """Judge how far images are augmented, and return it: 0 where they are not."""
    if augment and not isinstance(augment, bool | np.bool_):
        judge.above_zero(augment, "augment")
    if augment and min(images.shape[1:]) < 8:
        raise ValueError(
            f"The images are {images.shape[1]} x {images.shape[2]} pixels: too small to be "
            "augmented and still be read. Give augment=False."
        )
    return float(augment or 0)


def training_batches(images, labels, batch_size, *, seed=0, augment=True):
    """Return what `fit` trains on: each epoch all images once, in a new order, augmented anew.

    Parameters
    ----------
    images : uint8 (n, time steps, features); labels : int (n,)
        The pixels from 0 to 255: here they are scaled to 0..1.
    batch_size : int
        What is left over at the end of an epoch waits for the next one's shuffle. If there are
        fewer images, all of them are one batch.
    seed : int
        Decides the orders and the augmentation.
    augment : bool or float
        True is as `augmented` says; 1.3 moves up to 1.3 times as far, which suits few images.

    Returns
    -------
    tf.data.Dataset, or a keras.utils.PyDataset where Keras does not run on TensorFlow
        of batches (x, y): x float32 (batch_size, time steps, features) from 0 to 1, y (batch_size,)

    Raises
    ------
    TypeError or ValueError
        Where images, labels or settings are not as said above.
    """
    images = judge.images(images, least=1, uint8=True)
    labels = judge.labels(labels, len(images), most=2**31 - 1)
    batch_size = min(judge.count(batch_size, "batch_size"), len(images))
    return batches(images, labels, batch_size, judge.seed(seed), judged_augment(augment, images))


def batches(images, labels, batch_size, seed, augment):
    """Do as `training_batches`, for what has been judged; ``augment`` is how far, or 0."""
    if import_keras().backend.backend() != "tensorflow":
        from helpers.reader.other_backends import EpochsOfBatches

        return EpochsOfBatches(images, labels, batch_size, seed=seed, augment=augment)
    import tensorflow as tf

    def scaled(x, y, number):
        x = tf.cast(x, tf.float32) / 255
        if augment:
            pair = tf.stack([number, tf.constant(seed, tf.int64)])
            draws = tf.random.stateless_uniform((batch_size, DRAWS), pair, -augment, augment)
            x = augmented(x, draws)
        return x, y

    data = tf.data.Dataset.from_tensor_slices((images, labels))
    data = data.shuffle(len(images), seed=seed).batch(batch_size, drop_remainder=True)
    # A number for each batch, other ones in each epoch, the same ones for the same seed.
    numbers = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True)
    data = tf.data.Dataset.zip(data, numbers).map(
        lambda batch, number: scaled(*batch, number), num_parallel_calls=tf.data.AUTOTUNE
    )
    return data.prefetch(tf.data.AUTOTUNE)
