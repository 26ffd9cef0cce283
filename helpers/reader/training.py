"""Build a reader in Keras and train it."""

import contextlib
import functools
import re
from pathlib import Path

import numpy as np

from helpers import judge
from helpers.reader.backend import device_line, import_keras, with_the_gpu_or_without
from helpers.reader.pipeline import batches, judged_augment

LAYERS = {"rnn": "SimpleRNN", "gru": "GRU", "lstm": "LSTM", "mingru": "MinGRU"}


def build_reader(cell="lstm", units=128, time_steps=28, features=28, *, seed=0):
    """Build a reader: one recurrent layer over the rows, one dense layer on its last state.

    Parameters
    ----------
    cell : {"rnn", "gru", "lstm", "mingru"}
    units : int
        The width of the state; free to choose, whatever the image's size.
    time_steps, features : int
        Rows of an image and pixels of a row. time_steps may be None: any number of rows (the
        minGRU asks for a number).
    seed : int
        Sets all random seeds, so the same call gives the same initial weights.

    Returns
    -------
    keras.Model
        Input float (batch, time steps, features) in 0..1, output logits (batch, 10). Its layers
        are named "reader" and "head".
    """
    judge.choice(cell, "cell", LAYERS)
    for name, size in (("units", units), ("time_steps", time_steps), ("features", features)):
        if not (name == "time_steps" and size is None):
            judge.count(size, name)
    seed = judge.seed(seed)
    keras = import_keras()
    keras.utils.set_random_seed(seed)
    if cell == "mingru":
        from helpers.reader.mingru import MinGRU as Layer
    else:
        Layer = getattr(keras.layers, LAYERS[cell])
    model = keras.Sequential(
        [
            keras.layers.Input((time_steps, features)),
            Layer(units, name="reader"),
            keras.layers.Dense(10, name="head"),
        ],
        name=f"{cell}_reader",
    )
    compile_reader(model, 1e-3)
    return model


def compile_reader(model, learning_rate):
    """Say how a reader is trained: Adam, clipped gradients, the loss of logits, the accuracy.

    Parameters
    ----------
    model : keras.Model
    learning_rate : float, or a schedule such as `one_cycle`
    """
    keras = import_keras()
    backend = keras.backend.backend()
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate, clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        # Python is asked once for so many batches, so that a GPU need not wait for it. (PyTorch can
        # only be asked for each.)
        steps_per_execution=1 if backend == "torch" else 16,
        # XLA is slower than TensorFlow's own graph here and keeps cuDNN out; JAX needs it.
        jit_compile=backend == "jax",
    )


def one_cycle(peak, steps):
    """Return a learning rate that goes up to the peak, then down to nearly 0, in so many updates.

    It rises from peak / 25 through the first 30 % of the updates, along a line, and falls to
    peak / 10,000 along half a cosine wave (after Smith and Topin, arXiv 1708.07120).

    Returns
    -------
    keras.optimizers.schedules.CosineDecay
    """
    judge.above_zero(peak, "peak")
    judge.count(steps, "steps")
    keras = import_keras()
    rising = round(0.3 * steps)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=peak / 25,
        warmup_steps=rising,
        warmup_target=peak,
        decay_steps=steps - rising,
        alpha=1e-4,
    )


def train_reader(
    model,
    images,
    labels,
    *,
    epochs=None,
    batch_size=256,
    seed=0,
    peak_learning_rate=1e-2,
    augment=True,
    validation=None,
    callbacks=(),
):
    """Train a reader with Keras's `compile` and `fit`, and say in one line how far it is.

    The pieces are `training_batches`, `one_cycle`, `compile_reader` and `ProgressLine`. The weights
    are those after the last update: none are chosen by a score. An interrupt (Ctrl-C, Jupyter's
    stop button) ends the training and keeps the weights so far.

    Parameters
    ----------
    model : keras.Model
        From `build_reader`, or any other with the same input and ten logits, a class of your own
        too; it trains on from the weights that it has.
    images, labels : uint8 (n, time steps, features) 0..255; int (n,) 0..9
    epochs : int, optional
        By default as `epochs_for` says: 18, or up to 100 where there are few images.
    peak_learning_rate : float
        See `one_cycle`.
    augment : bool or float
        See `training_batches`: every image, anew in every epoch. False for what is not a picture.
    validation : (images, labels), optional
        Scored and reported after every epoch; it has no influence on the training.
    callbacks : list of keras.callbacks.Callback
        Such as keras.callbacks.BackupAndRestore, with which a killed training goes on: weights,
        optimizer and schedule as they were, the digits in the orders that the seed begins with.
        (Its folder must be one of its own: at the end Keras deletes all of it. With
        double_checkpoint=True it may be killed while it writes there, too.) Not those that set
        the learning rate, which has its schedule.

    Returns
    -------
    dict of lists with one entry for every whole epoch of this call
        "loss" and "accuracy", means over the training batches; "seconds"; with validation also
        "val_loss" and "val_accuracy".

    Raises
    ------
    TypeError or ValueError
        Where images, labels or settings are not as said above, or do not fit the model.
    """
    images, labels = _digits(model, images, labels)
    judge.count(batch_size, "batch_size")
    seed = judge.seed(seed)
    epochs = epochs_for(len(images), batch_size) if epochs is None else epochs
    judge.count(epochs, "epochs")
    judge.above_zero(peak_learning_rate, "peak_learning_rate")
    augment = judged_augment(augment, images)
    if validation is not None:
        validation = _validation(model, validation)
    callbacks = judge.callbacks(callbacks, import_keras().callbacks)
    judge.answers(model, _answers(model, judge.rows(images[:32])))
    return _fit(
        model,
        lambda: batches(images, labels, min(batch_size, len(images)), seed, augment),
        epochs,
        seed,
        peak_learning_rate,
        validation,
        callbacks,
    )


def _fit(model, data, epochs, seed, peak_learning_rate, validation, callbacks):
    """Train with what has been judged; ``data()`` makes the batches."""
    from helpers.reader.callbacks import ProgressLine

    _say_device_once()
    progress, checkpoint = ProgressLine(), _checkpoint(callbacks)

    def run():
        import_keras().utils.set_random_seed(seed)
        made = data()
        compile_reader(model, one_cycle(peak_learning_rate, epochs * len(made)))
        if import_keras().backend.backend() == "tensorflow":
            # What is built within the first step, as Keras would, has that step traced twice.
            model.optimizer.build(model.trainable_variables)
            model.compute_metrics(None, np.zeros(1, int), np.zeros((1, 10), "float32"))
        # Where a checkpoint was gone on from, Keras would leave out its epochs ever after.
        if hasattr(model, "_initial_epoch"):
            model._initial_epoch = None
        with _numbers_kept() as keeping:
            model.fit(
                made,
                epochs=epochs,
                validation_data=validation,
                validation_batch_size=1000,
                callbacks=[progress, *callbacks, *keeping],
                shuffle=False,  # the pipeline does it
                verbose=0,
            )

    try:
        with_the_gpu_or_without(model, run)
    except KeyboardInterrupt:
        progress.stop()
    except (OSError, ValueError, KeyError) as error:
        if progress.begun or not checkpoint:
            raise
        raise ValueError(
            f"The checkpoint in {checkpoint} cannot be used: it is damaged, or of another network. "
            "It was left as it is. Give another folder to begin anew, with the model built anew."
        ) from error
    return progress.history


def _digits(model, images, labels, whose=""):
    """Judge images and labels that are to fit each other and the model."""
    time_steps = features = None  # a class of one's own, or a network without Input, does not say
    if hasattr(model, "input_shape") or not hasattr(model, "fit"):
        time_steps, features = judge.model(model)
    images = judge.images(
        images, f"images{whose}", time_steps=time_steps, features=features, least=1, uint8=True
    )
    return images, judge.labels(labels, len(images), f"labels{whose}")


def _validation(model, pair):
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise TypeError(
            f"validation is {judge.what(pair)}: give a pair, validation=(images, labels), or leave "
            "it out."
        )
    images, labels = _digits(model, *pair, " of the validation")
    return judge.rows(images), labels


def _answers(model, x):
    """Let the model answer some images: its outputs, a list of arrays."""
    keras = import_keras()
    try:
        outputs = with_the_gpu_or_without(model, lambda: model(x, training=False))
    except Exception as error:  # whatever somebody's `call` raises
        reason = " ".join(str(error).split())
        around = r"\x1b\[\d+m|^Exception encountered when calling \S+ |Arguments received.*"
        reason = re.sub(around, "", reason)
        raise ValueError(
            f"The model cannot read images, an array of shape {x.shape}: {type(error).__name__}: "
            f"{reason.strip()[:300]}"
        ) from error
    return [
        keras.ops.convert_to_numpy(keras.ops.cast(output, "float32"))
        for output in keras.tree.flatten(outputs)
    ]


def _checkpoint(callbacks):
    """Give the folder of a checkpoint that a training goes on from, if there is one."""
    for callback in callbacks:
        if isinstance(callback, import_keras().callbacks.BackupAndRestore):
            folder = Path(callback.backup_dir)
            return folder if folder.is_dir() and any(folder.iterdir()) else None
    return None


@contextlib.contextmanager
def _numbers_kept():
    """Give the callbacks that keep a network's numbers where the backend may lose them: on JAX."""
    if import_keras().backend.backend() != "jax":
        yield []
        return
    from helpers.reader.other_backends import KeptNumbers

    keeping = KeptNumbers()
    with keeping.given_back():
        yield [keeping]


def epochs_for(images, batch_size=256):
    """Return how many epochs the recipe makes of so many images.

    18, or as many as make 1,100 updates if those are more; but never more than 100, since beyond
    that a few images would be learned by heart: of 9 images, 100 updates.
    """
    return min(100, max(18, -(-1100 // max(1, images // batch_size))))


@functools.cache  # said at the first training of a process: three in a row say it once
def _say_device_once():
    print(device_line())
