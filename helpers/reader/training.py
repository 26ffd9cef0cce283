"""Build a reader in Keras and train it."""

import functools
import re
from pathlib import Path

from helpers import judge
from helpers.reader.backend import device_line, import_keras, with_the_gpu_or_without
from helpers.reader.pipeline import judged_jostle, training_batches

LAYERS = {"rnn": "SimpleRNN", "gru": "GRU", "lstm": "LSTM"}


def build_reader(cell="lstm", units=128, time_steps=28, features=28, *, seed=0):
    """Build a reader: one recurrent layer over the rows, one dense layer on its last state.

    Parameters
    ----------
    cell : {"rnn", "gru", "lstm"}
    units : int
        The width of the state; free to choose, whatever the image's size.
    time_steps, features : int
        Rows of an image and pixels of a row. time_steps may be None: any number of rows.
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
    model = keras.Sequential(
        [
            keras.layers.Input((time_steps, features)),
            getattr(keras.layers, LAYERS[cell])(units, name="reader"),
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
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate, clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        # Python is asked once for so many batches, so that a GPU need not wait for it.
        steps_per_execution=16,
        # XLA is slower than TensorFlow's own graph here and keeps cuDNN out; JAX needs it.
        jit_compile=keras.backend.backend() == "jax",
    )


def one_cycle(peak, steps):
    """Return a learning rate that goes up to the peak, then down to nearly 0, in so many updates.

    It rises from peak / 25 through the first 30 % of the updates, along a line, and falls to
    peak / 10,000 along half a cosine wave (after Smith and Topin, arXiv 1708.07120).

    Returns
    -------
    keras.optimizers.schedules.CosineDecay
    """
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
    jostle=True,
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
        By default as `epochs_for` says: 18, or more where there are few images.
    peak_learning_rate : float
        See `one_cycle`.
    jostle : bool or float
        See `training_batches`: every image, anew in every epoch. False for what is not a picture.
    validation : (images, labels), optional
        Scored and reported after every epoch; it has no influence on the training.
    callbacks : list of keras.callbacks.Callback
        Such as keras.callbacks.BackupAndRestore, with which a killed training goes on: weights,
        optimizer and schedule as they were, the digits in the orders that the seed begins with.
        (Its folder must be one of its own: at the end Keras deletes all of it.) Not those that
        set the learning rate, which has its schedule.

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
    images, labels = _checked_digits(model, images, labels, "images")
    judge.count(batch_size, "batch_size")
    seed = judge.seed(seed)
    if epochs is not None:
        judge.count(epochs, "epochs")
    judge.above_zero(peak_learning_rate, "peak_learning_rate")
    jostle = judged_jostle(jostle, images)
    if validation is not None:
        pair = judge.pair(validation, "validation")
        seen, answers = _checked_digits(model, *pair, "the validation images")
        validation = judge.rows(seen), answers
    callbacks = _checked_callbacks(callbacks)
    checkpoint = _checkpoint(callbacks)
    _check_answers(model, images)
    from helpers.reader.callbacks import ProgressLine

    _say_device_once()
    progress = ProgressLine()

    def run():
        import_keras().utils.set_random_seed(seed)
        size = min(batch_size, len(images))
        updates = len(images) // size  # an epoch
        times = epochs or epochs_for(len(images), size)
        compile_reader(model, one_cycle(peak_learning_rate, times * updates))
        model.fit(
            training_batches(images, labels, size, seed=seed, jostle=jostle),
            epochs=times,
            validation_data=validation,
            validation_batch_size=1000,
            callbacks=[progress, *callbacks],
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


def epochs_for(images, batch_size=256):
    """Return how many epochs the recipe makes of so many images: 18, or 1,100 updates if more."""
    return max(18, -(-1100 // max(1, images // batch_size)))


@functools.cache  # said at the first training of a process: three in a row say it once
def _say_device_once():
    print(device_line())


def _checked_digits(model, images, labels, name):
    """Images and labels as arrays that fit each other and the model, or an error that says why."""
    time_steps = features = None  # a class of one's own, or a network without Input, does not say
    if hasattr(model, "input_shape") or not _is_network(model):
        time_steps, features = judge.model(model)
    images = judge.images(
        images, name, time_steps=time_steps, features=features, least=1, uint8=True
    )
    return images, judge.labels(labels, len(images), f"labels of {name}")


def _is_network(model):
    return judge.is_model(model) and hasattr(model, "fit")


def _check_answers(model, images):
    """Raise a ValueError where a model does not answer each image with ten logits."""
    keras = import_keras()
    beliefs = False
    if hasattr(model, "input_shape"):
        outputs = model.outputs
        ending = _ending(outputs[0])
    else:
        try:
            outputs = keras.tree.flatten(model(judge.rows(images[:1]), training=False))
        except Exception as error:  # whatever somebody's `call` raises
            raise ValueError(
                f"The model cannot read one image, an array of shape {(1, *images.shape[1:])}: "
                f"{_reason(error)}"
            ) from error
        ending = ""
        first = keras.ops.convert_to_numpy(outputs[0])
        beliefs = first.min() >= 0 and abs(first.sum() - 1) < 1e-3
    if len(outputs) != 1:
        raise ValueError(
            f"The model has {len(outputs)} outputs: train_reader needs one, of ten logits. For "
            "others there are Keras's own compile and fit."
        )
    shape = tuple(outputs[0].shape)
    if len(shape) == 3:
        raise ValueError(
            f"The model answers after every time step, with the shape {shape}: leave out "
            "return_sequences=True in its last recurrent layer."
        )
    if len(shape) != 2 or shape[1] != 10:
        raise ValueError(
            f"The model answers with the shape {shape}, but ten digits need ten logits for each "
            "image: end it with keras.layers.Dense(10)."
        )
    if beliefs or ending in ("softmax", "sigmoid"):
        raise ValueError(
            f"The model ends with {ending or 'softmax'}, and the loss does the softmax itself "
            "(from_logits=True), so it would be done twice: leave it out, Dense(10)."
        )


def _reason(error):
    """Give what was raised in a network's `call`, without the words that Keras puts around it."""
    text = re.sub(r"\x1b\[\d+m", "", " ".join(str(error).split()))
    text = re.sub(r"^Exception encountered when calling \S+ |Arguments received by.*", "", text)
    return f"{type(error).__name__}: {text.strip()[:300]}"


def _ending(output):
    """Say the name of the activation, or of the layer, that a network's output comes from."""
    layer = output._keras_history.operation
    while outputs := getattr(layer, "outputs", None):  # a network as the last layer of a network
        layer = outputs[0]._keras_history.operation
    activation = getattr(layer, "activation", None)
    return getattr(activation, "__name__", type(layer).__name__).lower()


def _checked_callbacks(callbacks):
    """Callbacks as a list, or an error that says why `fit` could not use them."""
    kinds = import_keras().callbacks
    if callbacks is None or isinstance(callbacks, kinds.Callback):
        callbacks = () if callbacks is None else (callbacks,)
    if not isinstance(callbacks, list | tuple):
        raise TypeError(
            f"callbacks is {judge.what(callbacks)}: give a list of Keras's callbacks, such as "
            "[keras.callbacks.EarlyStopping()]."
        )
    for callback in callbacks:
        if not isinstance(callback, kinds.Callback):
            raise TypeError(
                f"callbacks holds {judge.what(callback)}: give Keras's callbacks, each made by a "
                "call, such as keras.callbacks.EarlyStopping()."
            )
        if isinstance(callback, kinds.ReduceLROnPlateau | kinds.LearningRateScheduler):
            raise ValueError(
                f"callbacks holds {judge.what(callback)}, which sets the learning rate, and here "
                "the schedule one_cycle does: leave it out, or train with compile and fit and a "
                "plain learning rate."
            )
    return list(callbacks)


def _checkpoint(callbacks):
    """Give the folder of a checkpoint that a training goes on from, if there is one."""
    for callback in callbacks:
        if not isinstance(callback, import_keras().callbacks.BackupAndRestore):
            continue
        folder = Path(callback.backup_dir)
        inside = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
        others = sorted(name for name in inside if not name.startswith(CHECKPOINT))
        if others and callback.delete_checkpoint:
            raise ValueError(
                f"callbacks holds a BackupAndRestore of the folder {folder}, in which there is "
                f"more ({others[0]}), and at the end of the training Keras deletes all of it: give "
                "a folder of its own, or delete_checkpoint=False."
            )
        return folder if inside else None
    return None


CHECKPOINT = ("latest.weights.h5", "training_metadata.json")
"""Beginnings of the names of what BackupAndRestore writes."""
