"""Open a file that holds a network: a Keras model, or weights as arrays."""

import re
import warnings

import numpy as np

from helpers import judge
from helpers.network.torch import ENTRY, from_torch
from rnnscope.npz import UNREADABLE


def open_file(path, **of_torch):
    """Open a saved network, in a form that `trace` takes. The file stays as it is.

    Parameters
    ----------
    path : path to a file
        ``.keras`` (or ``.h5``): a model saved whole, read by ``keras.models.load_model`` in its
        safe mode, which runs no code that the file brings along. ``.npz``: arrays without pickle,
        of a PyTorch state_dict (see `from_torch`) or of this course's readers.
    **of_torch
        prefix, nonlinearity and head of `from_torch`.

    Returns
    -------
    keras.Model, helpers.network.steps.Network or helpers.reader.ReaderWeights

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Where it cannot be read, with what can be done.
    """
    path = judge.path(path)
    if path.is_dir():
        raise ValueError(
            f"{path} is a folder (TensorFlow's SavedModel?): save the model into one file, "
            "model.save('model.keras'), with the Keras that made it."
        )
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path.resolve()}: check the name.")
    name = path.name.lower()
    if name.endswith(".weights.h5"):
        raise ValueError(
            f"{path} holds weights alone: build the model, model.load_weights({path.name!r}), and "
            "give trace the model."
        )
    if name.endswith((".keras", ".h5", ".hdf5")):
        return _keras_model(path)
    if name.endswith(".npz"):
        return _arrays(path, of_torch)
    raise ValueError(
        f"{path} is none of .keras, .h5 and .npz. PyTorch's files (.pt, .pth) are pickle, which "
        'can run any code: turn the weights into arrays, np.savez("weights.npz", **{name: '
        "tensor.numpy() for name, tensor in model.state_dict().items()})."
    )


def _keras_model(path):
    from helpers.reader.backend import import_keras

    keras = import_keras()
    # A training on TensorFlow may have said steps_per_execution=16: PyTorch takes no step then.
    trained = keras.backend.backend() != "torch"
    try:
        try:
            with warnings.catch_warnings():
                # The optimizer of a model saved before its training; nothing is trained here.
                warnings.filterwarnings("ignore", "Skipping variable loading for optimizer")
                return keras.models.load_model(path, safe_mode=True, compile=trained)
        except UNREADABLE:
            # A loss of one's own is not needed here, and may be all that is missing.
            return keras.models.load_model(path, safe_mode=True, compile=False)
    except Exception as error:  # Keras raises of every kind
        raise ValueError(f"{path} {_why(str(error), path.name)} It was left as it is.") from error


def _why(message, name):
    """Say why Keras did not read a model, and what can be done."""
    message = " ".join(re.sub(r"\x1b\[\d*m", "", message).split())
    if "safe_mode" in message or "unsafe" in message.lower():
        return (
            "holds Python code of its own (a Lambda layer), which would run here, so it was not "
            "opened. If the file is yours or you trust who made it: keras.models.load_model("
            f"{name!r}, safe_mode=False), and give trace the model."
        )
    missing = re.search(r"Could not locate (?:class|function) '(\w+)'", message)
    if missing:
        return (
            f"holds {missing[1]!r}, which is not Keras's own: define it here, "
            f"keras.models.load_model({name!r}, custom_objects={{{missing[1]!r}: …}}), and give "
            "trace the model."
        )
    return f"holds no model that this Keras can read: {message[:300]}"


def _arrays(path, of_torch):
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except UNREADABLE as error:
        raise ValueError(
            f"{path} holds no arrays that can be read: {error} It was left as it is."
        ) from error
    if any(ENTRY.match(name) for name in arrays):
        return from_torch(arrays, **of_torch)
    if "recurrent_kernel" in arrays and "head_kernel" in arrays:
        from helpers.reader import load

        return load(path)
    raise ValueError(
        f"{path} holds the arrays {', '.join(map(repr, list(arrays)[:8])) or '(none)'}: that is "
        "neither a PyTorch state_dict (weight_ih_l0, …) nor a reader of this course."
    )
