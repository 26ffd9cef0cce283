"""What `train_reader` is given: understood rightly, or refused in a sentence before it begins."""

import importlib.util
import re
import string
from pathlib import Path

from helpers import judge
from helpers.reader.backend import import_keras, with_the_gpu_or_without

CHECKPOINT = ("latest.weights.h5", "training_metadata.json")
"""Beginnings of the names of what BackupAndRestore writes."""
SCORES = ("loss", "accuracy", "val_loss", "val_accuracy")
"""What a training with `compile_reader` reports after each epoch; the last two with validation."""


def checked_digits(model, images, labels, whose=""):
    """Images and labels as arrays that fit each other and the model, or an error that says why."""
    time_steps = features = None  # a class of one's own, or a network without Input, does not say
    if hasattr(model, "input_shape") or not _is_network(model):
        time_steps, features = judge.model(model)
    images = judge.images(
        images, f"images{whose}", time_steps=time_steps, features=features, least=1, uint8=True
    )
    return images, judge.labels(labels, len(images), f"labels{whose}")


def _is_network(model):
    return judge.is_model(model) and hasattr(model, "fit")


def check_answers(model, images):
    """Raise a ValueError where a model cannot learn, or does not answer with ten logits."""
    keras = import_keras()
    for layer in model._flatten_layers():
        if getattr(layer, "stateful", False):
            raise ValueError(
                f"The model's layer {layer.name!r} has stateful=True: it would begin each batch in "
                "the states that other digits have left. Leave it out; within one image every "
                "recurrent layer remembers."
            )
    x = judge.rows(images[:1])
    try:
        outputs = with_the_gpu_or_without(model, lambda: model(x, training=False))
        outputs = keras.tree.flatten(outputs)
    except Exception as error:  # whatever somebody's `call` raises
        raise ValueError(
            f"The model cannot read one image, an array of shape {x.shape}: {_reason(error)}"
        ) from error
    if not model.trainable_variables:
        raise ValueError(
            "The model has no weights that can learn: all of its layers have trainable=False, or "
            "none of their own."
        )
    first = keras.ops.convert_to_numpy(keras.ops.cast(outputs[0], "float32"))
    ending = "softmax" if first.min() >= 0 and abs(first.sum() - 1) < 1e-3 else ""
    if hasattr(model, "input_shape"):
        outputs = model.outputs
        ending = ending or _ending(outputs[0])
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
    if ending in ("softmax", "sigmoid"):
        raise ValueError(
            f"The model ends with {ending}, and the loss does the softmax itself "
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


def checked_callbacks(callbacks, validated):
    """Callbacks as a list, or an error that says why `fit` could not use them."""
    kinds = import_keras().callbacks
    if callbacks is None or isinstance(callbacks, kinds.Callback):
        callbacks = () if callbacks is None else (callbacks,)
    if not isinstance(callbacks, list | tuple):
        raise TypeError(
            f"callbacks is {judge.what(callbacks)}: give a list of Keras's callbacks, such as "
            "[keras.callbacks.TerminateOnNaN()]."
        )
    for callback in callbacks:
        if not isinstance(callback, kinds.Callback):
            raise TypeError(
                f"callbacks holds {judge.what(callback)}: give Keras's callbacks, each made by a "
                "call, such as keras.callbacks.TerminateOnNaN()."
            )
        if isinstance(callback, kinds.ReduceLROnPlateau | kinds.LearningRateScheduler):
            raise ValueError(
                f"callbacks holds {judge.what(callback)}, which sets the learning rate, and here "
                "the schedule one_cycle does: leave it out, or train with compile and fit and a "
                "plain learning rate."
            )
        for score in _asked_for(callback, kinds):
            if score not in SCORES[: 4 if validated else 2]:
                raise ValueError(
                    f"callbacks holds {judge.what(callback)} that asks for {score!r}, and this "
                    f"training gives {_listed(SCORES[:2])}, and with validation=(images, labels) "
                    f"also {_listed(SCORES[2:])}."
                )
        if isinstance(callback, kinds.TensorBoard) and not importlib.util.find_spec("tensorboard"):
            raise ValueError(
                "callbacks holds a TensorBoard, and the package tensorboard is not installed: "
                "install it with %pip install tensorboard, or leave the callback out."
            )
    return list(callbacks)


def _asked_for(callback, kinds):
    """Yield the names of the scores without which Keras's callback would warn or fail."""
    saves = isinstance(callback, kinds.ModelCheckpoint)
    if isinstance(callback, kinds.EarlyStopping) or (saves and callback.save_best_only):
        yield callback.monitor
    if saves:
        for _, name, *_ in string.Formatter().parse(str(callback.filepath)):
            if name and name not in ("epoch", "batch"):
                yield name


def _listed(names):
    return " and ".join(map(repr, names))


def checkpoint_of(callbacks):
    """Give the folder of a checkpoint that a training goes on from, if there is one."""
    for callback in callbacks:
        if not isinstance(callback, import_keras().callbacks.BackupAndRestore):
            continue
        folder = Path(callback.backup_dir)
        if folder.exists() and not folder.is_dir():
            raise ValueError(
                f"callbacks holds a BackupAndRestore of {folder}, which is a file: give a folder."
            )
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
