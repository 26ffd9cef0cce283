"""A trained reader's numbers: out of Keras and back, into a file and back."""

import io
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from helpers import judge
from helpers.reader.backend import import_keras
from helpers.reader.training import LAYERS, build_reader
from rnnscope import atomic_write
from rnnscope.cells import Weights, last_state
from rnnscope.npz import UNREADABLE

SHIPPED = Path(__file__).parent.parent / "data"
ARRAYS = ("kernel", "recurrent_kernel", "bias", "head_kernel", "head_bias")
SETTINGS = {
    "reader": {
        "activation": "tanh",
        "recurrent_activation": "sigmoid",
        "use_bias": True,
        "reset_after": True,
        "go_backwards": False,
        "return_sequences": False,
        "return_state": False,
        "stateful": False,
        "quantization_mode": None,
    },
    "head": {"activation": "linear", "use_bias": True, "quantization_mode": None},
}
"""What ReaderWeights stand for, as Keras calls it; a layer need not have them all."""
IDLE_LAYERS = ("InputLayer", "Dropout", "SpatialDropout", "Gaussian", "AlphaDropout", "Random")
"""Beginnings of the names of layers that do nothing outside of training."""
OR_TRACE = "; helpers.trace.trace(model, image) opens other models as they are."
CLOSE = {"float64": 1e-5, "float32": 5e-3, "float16": 5e-2, "bfloat16": 3e-1}
"""How far logits up to 1 may part, by what a model computes in; a GPU may shorten float32."""


@dataclass(frozen=True, eq=False)
class ReaderWeights:
    """All numbers of a trained reader in Keras's layout, and where they come from.

    The cell's arrays are those of `cells.Weights`; head_kernel is (units, 10), head_bias (10,).
    """

    cell: str  # "rnn", "gru", "lstm" or "mingru"
    kernel: np.ndarray = field(repr=False)
    recurrent_kernel: np.ndarray = field(repr=False)
    bias: np.ndarray = field(repr=False)
    head_kernel: np.ndarray = field(repr=False)
    head_bias: np.ndarray = field(repr=False)
    about: dict = field(default_factory=dict)  # command, seed, accuracy, data, versions

    @property
    def cell_weights(self):
        """The recurrent cell's three arrays as `cells.Weights`."""
        return Weights(self.kernel, self.recurrent_kernel, self.bias)

    @property
    def units(self):
        """The width of the state."""
        return len(self.recurrent_kernel)

    @property
    def features(self):
        """The size of one input: the pixels of one row."""
        return len(self.kernel)


def weights_of(model):
    """Copy the numbers out of a model of `build_reader`, and try them on a few random inputs.

    Parameters
    ----------
    model : keras.Model
        With a recurrent layer named "reader" and a dense layer named "head", as `build_reader`
        makes it, or with one recurrent and one dense layer of any names. Layers that do nothing
        outside of training, such as Dropout, may lie between.

    Returns
    -------
    ReaderWeights

    Raises
    ------
    TypeError
        If this is no model.
    ValueError
        If it is another model. The error names the setting that differs, or says how far the
        model's answers lie from those of the numbers that were read out.
    """
    if not judge.is_model(model):
        raise TypeError(
            f"model is {judge.what(model)}: give a Keras model, from build_reader or to_keras."
        )
    layers, others = _roles(getattr(model, "layers", ()))
    cells = {name: cell for cell, name in LAYERS.items()}
    cell = cells.get(type(layers.get("reader")).__name__)
    if cell is None:
        raise ValueError(
            "This model has no recurrent layer named 'reader' and dense layer named 'head', nor "
            f"one recurrent and one dense layer alone: give a model of build_reader{OR_TRACE}"
        )
    if differing := _differing(layers, others):
        raise ValueError(
            f"weights_of would misread this model: {differing}. Give a model of build_reader"
            + OR_TRACE
        )
    arrays = layers["reader"].get_weights() + layers["head"].get_weights()
    if cell == "mingru":  # has no recurrent kernel
        arrays.insert(1, np.zeros((layers["reader"].units, 0), np.float32))
    if len(arrays) != len(ARRAYS):
        raise ValueError(
            f"The layers 'reader' and 'head' hold {len(arrays)} arrays, not {len(ARRAYS)}: the "
            "model must be built (begin it with keras.layers.Input) and hold plain floats."
        )
    arrays = [
        np.array(judge.floats(array, name)) for name, array in zip(ARRAYS, arrays, strict=True)
    ]
    weights = judge.weights(ReaderWeights(cell, *arrays))
    _try_out(weights, model, layers["reader"])
    return weights


def _roles(layers):
    """Find the "reader" and the "head", by their names or as one of a kind; and what is besides."""
    named = {layer.name: layer for layer in layers}
    if {"reader", "head"} <= named.keys() and type(named["head"]).__name__ == "Dense":
        roles = {role: named[role] for role in SETTINGS}
    else:
        roles = {}
        for role, kinds in (("reader", LAYERS.values()), ("head", ("Dense",))):
            of_kind = [layer for layer in layers if type(layer).__name__ in kinds]
            if len(of_kind) != 1:
                return {}, []
            roles[role] = of_kind[0]
    return roles, [layer for layer in layers if all(layer is not one for one in roles.values())]


def _differing(layers, others):
    """Say in which settings a model is no reader; "" where none can be seen."""
    found = []
    for name, settings in SETTINGS.items():
        for setting, wanted in settings.items():
            value = getattr(layers[name], setting, wanted)
            value = getattr(value, "__name__", value)
            if value != wanted:
                found.append(
                    f"its layer {layers[name].name!r} has {setting}={value!r}, not {wanted!r}"
                )
    for layer in others:
        kind = type(layer).__name__
        if not kind.startswith(IDLE_LAYERS):
            found.append(f"it has the layer {layer.name!r} ({kind}) besides 'reader' and 'head'")
    return ", and ".join(found)


def _try_out(weights, model, layer):
    """Run the numbers beside the model on random inputs; a ValueError where they part."""
    batch, time_steps, features = None, 28, weights.features
    if hasattr(model, "input_shape"):  # a class of one's own does not say
        time_steps, features = judge.model(model)
        batch = model.input_shape[0]
    sizes = batch or 4, time_steps or 7
    if features != weights.features:
        raise ValueError(
            f"weights_of would misread this model: its input has {features} features, and its "
            f"layer 'reader' reads {weights.features}."
        )
    random = np.random.default_rng(0)
    spread = np.linspace(0.2, 3, sizes[0])[:, np.newaxis, np.newaxis]  # small numbers and large
    x = random.normal(0, spread, (*sizes, features)).astype(np.float32)
    keras = import_keras()
    theirs = model(x, training=False)
    if isinstance(theirs, list | tuple | dict):
        raise ValueError(
            f"weights_of would misread this model: it has {len(theirs)} outputs. Give a model of "
            f"build_reader{OR_TRACE}"
        )
    theirs = keras.ops.convert_to_numpy(keras.ops.cast(theirs, "float32"))
    last = last_state(weights.cell, x, weights.cell_weights)
    h = last[0] if weights.cell == "lstm" else last
    ours = h @ weights.head_kernel + weights.head_bias
    near = CLOSE.get(getattr(layer, "compute_dtype", "float32"), 5e-3)
    if theirs.shape != ours.shape:
        apart = f"of the shape {theirs.shape}, and the numbers ones of {ours.shape}"
    elif (apart := np.abs(ours - theirs).max()) <= near * max(1, np.abs(ours).max()):
        return
    else:
        apart = f"that lie up to {apart:.2g} from those of the numbers"
    raise ValueError(
        f"weights_of would misread this model: on random inputs it gives logits {apart} in its "
        "layers 'reader' and 'head'. Something besides them has a say. Give a model of "
        f"build_reader{OR_TRACE}"
    )


def to_keras(weights):
    """Build the Keras model with these weights; it reads any number of time steps (minGRU: 28)."""
    judge.weights(weights)
    time_steps = 28 if weights.cell == "mingru" else None
    model = build_reader(weights.cell, weights.units, time_steps, weights.features)
    model.get_layer("reader").set_weights([part for part in weights.cell_weights if part.size])
    model.get_layer("head").set_weights([weights.head_kernel, weights.head_bias])
    return model


def save(path, model_or_weights, about=None, *, overwrite=False):
    """Write a reader to a file of NumPy arrays (float32, compressed, no pickle).

    Parameters
    ----------
    path : path to the file, best ending in .npz
    model_or_weights : keras.Model or ReaderWeights
    about : dict of what JSON can hold, optional
        Where the weights come from; by default what a ReaderWeights carries already.
    overwrite : bool
        Replace a file that is there; else FileExistsError.

    Raises
    ------
    OSError
        Where the file cannot be written (no room, no permission); what was there stays as it was.
    """
    path, weights = judge.path(path), model_or_weights
    if judge.is_model(weights):
        weights = weights_of(weights)
    judge.weights(weights)
    with np.errstate(over="ignore"):
        arrays = {name: np.asarray(getattr(weights, name), np.float32) for name in ARRAYS}
    judge.weights(
        ReaderWeights(weights.cell, **arrays)
    )  # what is too large for float32 is infinite
    about = weights.about if about is None else about
    if not isinstance(about, dict):
        raise TypeError(f"about is {judge.what(about)}: give a dict of names and values.")
    try:
        about = json.dumps(about)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"about holds what JSON cannot: {error}. Give text, plain numbers and lists of them."
        ) from error
    data = io.BytesIO()
    np.savez_compressed(data, cell=weights.cell, about=about, **arrays)
    atomic_write.write(data.getvalue(), path, "the reader", overwrite=overwrite)


def load(path):
    """Read a file of `save`.

    Returns
    -------
    ReaderWeights

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Where the file is damaged, or holds something else; it is left as it is.
    """
    path = judge.path(path)
    if not path.is_file():
        looked = "" if path.is_absolute() else f" in {Path.cwd()}"
        raise FileNotFoundError(
            f"There is no file {path}{looked}: check the name, or save a reader first."
        )
    try:
        with np.load(path, allow_pickle=False) as file:
            cell, about = file["cell"].item(), json.loads(file["about"].item())
            arrays = [file[name] for name in ARRAYS]
        if not isinstance(about, dict):
            raise ValueError("its 'about' is no table of names and values")
        return judge.weights(ReaderWeights(cell, *arrays, about))
    except UNREADABLE as error:
        if path.suffix in (".keras", ".h5"):
            raise ValueError(
                f"{path} is a file of Keras's own, from model.save: keras.models.load_model opens "
                "it, and weights_of takes the numbers out of the model."
            ) from error
        reason = str(error).strip("'\"").rstrip(".")
        if "pickle" in reason:  # NumPy's advice would be to trust the file
            reason = "it is no file of NumPy arrays that save wrote"
        raise ValueError(
            f"{path} holds no reader that can be used: {reason}. It was left as it is. Take it "
            "from the repository again, or train a reader and save it under another name."
        ) from error


def shipped(name="lstm"):
    """Load weights that come with the course (see helpers/data).

    Parameters
    ----------
    name : str
        "lstm", "gru", "rnn" or "mingru", which read digits row by row; or "pixels" and
        "pixels_keras", LSTMs that read 14 x 14 pixels one by one, started with a long memory and
        as Keras starts them. (`shipped_pixel_reader` reads all 784 pixels.)
    """
    judge.choice(name, "name", (*LAYERS, "pixels", "pixels_keras"))
    return load(SHIPPED / f"reader_{name}.npz")
