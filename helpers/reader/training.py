"""Build a reader in Keras and train it."""

import functools
import time

import numpy as np

from helpers import judge
from helpers.reader.backend import device_line, import_keras
from helpers.reader.progress import Progress

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
    if cell not in LAYERS:
        raise ValueError(f"cell is {cell!r}: choose one of {', '.join(map(repr, LAYERS))}.")
    for name, size in (("units", units), ("time_steps", time_steps), ("features", features)):
        if not (name == "time_steps" and size is None):
            judge.count(size, name)
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
    _compile(model, 1e-3)
    return model


def _compile(model, learning_rate):
    keras = import_keras()
    model.compile(
        keras.optimizers.Adam(learning_rate, clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        # XLA is slower than TensorFlow's own graph here and keeps cuDNN out; JAX needs it.
        jit_compile=keras.backend.backend() == "jax",
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
):
    """Train a reader with Adam on a one-cycle learning rate, and say in one line how far it is.

    The weights are those after the last update: none are chosen by a score. An interrupt (Ctrl-C,
    Jupyter's stop button) ends the training and keeps the weights so far.

    Parameters
    ----------
    model : keras.Model
        From `build_reader`; it trains on from the weights that it has.
    images, labels : uint8 (n, time steps, features) 0..255; int (n,) 0..9
    epochs : int, optional
        By default 8, or with few images as many as make 720 updates (48 for 4,000 images).
    peak_learning_rate : float
        See `one_cycle`.
    jostle : bool
        See `jostled`: every image, anew in every epoch. False for what is not a picture.
    validation : (images, labels), optional
        Scored and reported after every epoch; it has no influence on the training.

    Returns
    -------
    dict of lists with one entry for every whole epoch
        "loss" and "accuracy", means over the training batches; "seconds"; with validation also
        "val_loss" and "val_accuracy".

    Raises
    ------
    TypeError or ValueError
        Where images, labels or settings are not as said above, or do not fit the model.
    """
    images, labels = _checked_digits(model, images, labels, "images")
    judge.count(batch_size, "batch_size")
    if epochs is not None:
        judge.count(epochs, "epochs")
    if not peak_learning_rate > 0:
        raise ValueError(f"peak_learning_rate is {peak_learning_rate!r}: give a number above 0.")
    if jostle and min(images.shape[1:]) < 8:
        raise ValueError(
            f"The images are {images.shape[1]} x {images.shape[2]} pixels: too small to be jostled "
            "and still be read. Give jostle=False."
        )
    names = ["loss", "accuracy", "seconds"]
    if validation is not None:
        seen, answers = _checked_digits(
            model, *judge.pair(validation, "validation"), "the validation images"
        )
        seen, names = _as_input(seen), [*names, "val_loss", "val_accuracy"]
    keras = import_keras()
    keras.utils.set_random_seed(seed)
    random = np.random.default_rng(seed)
    _compile(model, peak_learning_rate)

    batch_size = min(batch_size, len(images))
    batches = len(images) // batch_size  # what is left over waits for the next epoch's shuffle
    epochs = epochs or max(8, -(-720 // batches))
    history = {name: [] for name in names}
    _say_device_once()
    progress = Progress(epochs, batches)
    try:
        for epoch in range(epochs):
            began, order, sums = time.perf_counter(), random.permutation(len(images)), 0
            for batch in range(batches):
                chosen = order[batch * batch_size :][:batch_size]
                x = jostled(images[chosen], random) if jostle else images[chosen]
                step = epoch * batches + batch
                rate = one_cycle(step, epochs * batches, peak_learning_rate)
                model.optimizer.learning_rate = rate
                model.reset_metrics()  # so that the logs are this batch's alone
                logs = model.train_on_batch(_as_input(x), labels[chosen], return_dict=True)
                sums += np.array([float(logs["loss"]), float(logs["accuracy"])])
                progress.batch(step + 1, *sums / (batch + 1))
            scores = [*sums / batches, time.perf_counter() - began]
            if validation is not None:
                logs = model.evaluate(seen, answers, batch_size=1000, verbose=0, return_dict=True)
                scores += [logs["loss"], logs["accuracy"]]
                progress.validation = scores[-1]
            for name, score in zip(names, scores, strict=True):
                history[name].append(float(score))
        progress.finish()
    except KeyboardInterrupt:
        progress.stop()
    return history


@functools.cache  # said at the first training of a process: three in a row say it once
def _say_device_once():
    print(device_line())


def one_cycle(step, steps, peak):
    """Learning rate of update `step` (0 .. steps - 1): up to the peak, then down to nearly 0.

    It rises from peak / 25 through the first 30 % of the updates and falls to peak / 10,000 at the
    last one, each along half a cosine wave (Smith and Topin, arXiv 1708.07120).
    """
    top = 0.3 * (steps - 1)
    if step < top:
        low, height = peak / 25, 0.5 - 0.5 * np.cos(np.pi * step / top)
    else:
        low, height = peak / 1e4, 0.5 + 0.5 * np.cos(np.pi * (step - top) / max(steps - 1 - top, 1))
    return float(low + (peak - low) * height)


def jostled(images, random, *, shift=2, turn=12, slant=0.3, size=0.15):
    """Shift, turn, slant and resize each image a little, as no two people write alike.

    Parameters
    ----------
    images : uint8 (n, height, width)
    random : numpy.random.Generator
    shift : float
        At most so many pixels, up or down and left or right; 0 comes in from outside the image,
        and what leaves on one side does not come back on the other.
    turn, slant, size : float
        At most so many degrees; so many pixels sideways for each pixel up; by such a factor.

    Returns
    -------
    uint8 (n, height, width), a new array
    """
    n, height, width = images.shape
    down, right, angle, lean, scale = (
        random.uniform(-most, most, (n, 1, 1)).astype(np.float32)
        for most in (shift, shift, np.deg2rad(turn), slant, np.log1p(size))
    )
    # Where each new pixel is looked up in the old image, seen from its middle.
    y = np.arange(height, dtype=np.float32)[:, np.newaxis] - (height - 1) / 2 - down
    x = np.arange(width, dtype=np.float32) - (width - 1) / 2 - right
    sine, cosine = np.sin(angle) * np.exp(scale), np.cos(angle) * np.exp(scale)
    row = cosine * y + sine * x + np.float32((height - 1) / 2)
    column = cosine * x + (lean - sine) * y + np.float32((width - 1) / 2)
    # A border of zeros, one pixel wide, catches what lies outside: hence 1 more, and 0.5 to round
    # by cutting off the fraction. One flat index is three times faster here than one an axis.
    bordered = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    row = np.clip(row + np.float32(1.5), 0, height + 1).astype(np.int32)
    column = np.clip(column + np.float32(1.5), 0, width + 1).astype(np.int32)
    first = np.arange(n).reshape(n, 1, 1) * ((height + 2) * (width + 2))
    return bordered.ravel()[first + row * (width + 2) + column]


def _as_input(images):
    return images.astype(np.float32) / 255


def _checked_digits(model, images, labels, name):
    """Images and labels as arrays that fit each other and the model, or an error that says why."""
    time_steps, features = judge.model(model)
    images = judge.images(
        images, name, time_steps=time_steps, features=features, least=1, uint8=True
    )
    return images, judge.labels(labels, len(images), f"labels of {name}")
