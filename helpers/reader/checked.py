"""What `train_reader` is given: understood rightly, or refused in a sentence before it begins."""

import re
from pathlib import Path

from helpers import judge
from helpers.reader.backend import import_keras

CHECKPOINT = ("latest.weights.h5", "training_metadata.json")
"""Beginnings of the names of what BackupAndRestore writes."""


def checked_digits(model, images, labels, name):
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


def check_answers(model, images):
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


def checked_callbacks(callbacks):
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


def checkpoint_of(callbacks):
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
