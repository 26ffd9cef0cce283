"""A trained reader's numbers: out of Keras and back, into a file and back."""

import json
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from helpers import judge
from helpers.cells import Weights, as_weights
from helpers.reader.training import LAYERS, build_reader

SHIPPED = Path(__file__).parent.parent / "data"
UNREADABLE = (ValueError, TypeError, KeyError, EOFError, OSError, zipfile.BadZipFile, zlib.error)
ARRAYS = ("kernel", "recurrent_kernel", "bias", "head_kernel", "head_bias")


@dataclass(frozen=True, eq=False)
class ReaderWeights:
    """All numbers of a trained reader in Keras's layout, and where they come from.

    The cell's arrays are those of `cells.Weights`; head_kernel is (units, 10), head_bias (10,).
    """

    cell: str  # "rnn", "gru" or "lstm"
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
    """Copy the numbers out of a model of `build_reader`; ValueError for any other model."""
    layers = {layer.name: layer for layer in getattr(model, "layers", ())}
    cells = {name: cell for cell, name in LAYERS.items()}
    cell = cells.get(type(layers.get("reader")).__name__)
    if cell is None or "head" not in layers:
        raise ValueError(
            "This model has no recurrent layer named 'reader' and dense layer named 'head': give "
            "a model of build_reader."
        )
    arrays = layers["reader"].get_weights() + layers["head"].get_weights()
    return _checked(ReaderWeights(cell, *(np.array(array) for array in arrays)))


def to_keras(weights):
    """Build the Keras model with these weights; it reads any number of time steps."""
    _checked(judge.weights(weights))
    model = build_reader(weights.cell, weights.units, None, weights.features)
    model.get_layer("reader").set_weights(weights.cell_weights)
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
    """
    path, weights = judge.path(path), model_or_weights
    if not isinstance(weights, ReaderWeights):
        weights = weights_of(weights)
    _checked(weights)
    arrays = {name: np.asarray(getattr(weights, name), np.float32) for name in ARRAYS}
    about = weights.about if about is None else about
    if not isinstance(about, dict):
        raise TypeError(f"about is a {type(about).__name__}: give a dict of names and values.")
    about = json.dumps(about)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {path.parent} for {path.name}: make it first.")
    try:
        with path.open("wb" if overwrite else "xb") as file:
            np.savez_compressed(file, cell=weights.cell, about=about, **arrays)
    except FileExistsError:
        raise FileExistsError(
            f"{path} is there already and was left as it is. Give another name, or overwrite=True."
        ) from None


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
        raise FileNotFoundError(f"There is no file {path}: check the name, or save a reader first.")
    try:
        with np.load(path, allow_pickle=False) as file:
            cell, about = file["cell"].item(), json.loads(file["about"].item())
            arrays = [file[name] for name in ARRAYS]
        if not isinstance(about, dict):
            raise ValueError("its 'about' is no table of names and values")
        return _checked(ReaderWeights(cell, *arrays, about))
    except UNREADABLE as error:
        raise ValueError(
            f"{path} holds no reader that can be used: {error} It was left as it is. Take it from "
            "the repository again, or train a reader and save it under another name."
        ) from error


def shipped(cell="lstm"):
    """Load the weights that come with the course for "lstm", "gru" or "rnn" (see helpers/data)."""
    if cell not in LAYERS:
        raise ValueError(f"cell is {cell!r}: choose one of {', '.join(map(repr, LAYERS))}.")
    return load(SHIPPED / f"reader_{cell}.npz")


def _checked(weights):
    """Give the weights back if all arrays are finite numbers that fit each other."""
    as_weights(weights.cell, weights.cell_weights)
    for name, expected in (("head_kernel", (weights.units, 10)), ("head_bias", (10,))):
        if getattr(weights, name).shape != expected:
            raise ValueError(
                f"{name} has shape {getattr(weights, name).shape}, but {weights.units} units and "
                f"10 digits ask for {expected}."
            )
    for name in ARRAYS:
        array = getattr(weights, name)
        if array.dtype.kind != "f" or not np.isfinite(array).all():
            raise ValueError(f"{name} holds something else than finite numbers.")
    return weights
