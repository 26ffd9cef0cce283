"""Open a file that holds a network. What a file may carry is read, never run."""

import importlib
import pickle
import re
import zipfile
from collections import OrderedDict

import numpy as np

from rnnscope import validation
from rnnscope.npz import UNREADABLE, read_npz
from rnnscope.weights_alone import from_keras, from_reader, from_torch

TOLD = {
    "empty": "is empty.",
    "folder": "is a folder: give the file in it that holds the weights.",
    "lfs": "is no network but Git LFS's note of where it lies: git lfs pull fetches the file.",
    "damaged": "is damaged or only half there: fetch it again.",
    "tflite": (
        "is TensorFlow Lite's, whose operations run out of sight: give the model that it was "
        "converted from."
    ),
    "json": (
        "is text that describes a network, without its weights: build the model, "
        "model.load_weights(…), and give trace the model."
    ),
    "script": (
        "is TorchScript or torch.export, whose inside runs out of sight: give trace the module "
        "that it was made of, or save that module's state_dict()."
    ),
    "tensorflow": (
        "is TensorFlow's (SavedModel, graph or checkpoint), which runs out of sight: save the "
        "model by model.save('model.keras') with the Keras that made it."
    ),
    "pickle": (
        "is plain pickle, or of PyTorch before 1.6, which PyTorch alone reads: opened, it "
        "could run any code, so it was not. Save the weights anew: torch.save(model.state_dict(), "
        "…), or np.savez of them."
    ),
    "unknown": (
        "is none of the files that are read: .keras, .h5, .npz, .safetensors, .onnx, and .pt, "
        ".pth, .ckpt or .bin of PyTorch. What it begins with is not theirs, whatever its name."
    ),
}


class NotRead(ValueError):
    """Why a file is not read: a key of `TOLD`, or a sentence."""


def open(path, prefix=None, *, nonlinearity=None, head=None):
    """Open a saved network, in a form that `trace` takes. The file stays as it is.

    Parameters
    ----------
    path : path to a file
        ``.keras``, ``.h5``: a Keras model saved whole, by Keras 2.2 or later; Keras must be
        installed. ``.pt``, ``.pth``, ``.ckpt``, ``.bin``: PyTorch's state_dict, or a checkpoint
        that holds one. ``.weights.h5``, ``.npz``, ``.safetensors``: arrays by name. ``.onnx``:
        where onnxruntime is. What a file is, its first bytes say, not its name.
    prefix, nonlinearity, head : optional
        Of weights alone, see `from_torch`.

    Returns
    -------
    keras.Model, ArrayNetwork or OnnxModel

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError, ImportError
        Where it cannot be read, with what can be done.
    """
    path = validation.path(path)
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path.resolve()}: check the name.")
    try:
        kind = _kind(path)
        if kind not in READERS:
            raise NotRead(kind)
        found = READERS[kind](path)
        if not isinstance(found, dict):
            if prefix or nonlinearity or head:
                raise NotRead("holds a whole model: leave prefix, nonlinearity and head out.")
            return found
        return _of_arrays(found, prefix, nonlinearity, head)
    except NotRead as error:
        why = TOLD.get(str(error), str(error))
        raise ValueError(
            f"{path} {why.replace('{name}', repr(path.name))} It was left as it is."
        ) from error
    except ImportError as error:
        raise ImportError(
            f"{path} needs a package that is not here: {error}. Install it."
        ) from error


def _kind(path):
    """Say what a file is by its first bytes."""
    if path.is_dir():
        return "tensorflow" if (path / "saved_model.pb").exists() else "folder"
    with path.open("rb") as file:
        start = file.read(64)
    magic = {
        b"PK\x03\x04": "zip",
        b"\x89HDF": "h5",
        b"version https://git-lfs": "lfs",
        b"\x80": "pickle",
        b"\x0a": "tensorflow",
        b"\x08\x01": "tensorflow",
        b"backend:": "json",
        b"model_checkpoint_path:": "tensorflow",
    }
    if not start:
        return "empty"
    if start[4:8] == b"TFL3":
        return "tflite"
    if start[8:9] == b"{" and int.from_bytes(start[:8], "little") < 1 << 40:
        return "safetensors"
    if start[:1] == b"\x08" and 2 < start[1] < 32:
        return "onnx"
    if start.lstrip()[:1] in (b"{", b"["):
        return "json"
    kinds = [kind for begin, kind in magic.items() if start.startswith(begin)]
    if not kinds and re.search(r"\.(index|data-\d+-of-\d+)$", path.name):
        return "tensorflow"
    return _zip_kind(path) if kinds == ["zip"] else (*kinds, "unknown")[0]


def _zip_kind(path):
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return "damaged"
    ends = {name.rpartition("/")[2] for name in names}
    if "config.json" in names:
        return "keras"
    if "data.pkl" in ends and "constants.pkl" not in ends:
        return "torch"
    if "constants.pkl" in ends or "archive_format" in ends:
        return "script"
    return "npz" if ends and all(name.endswith(".npy") for name in ends) else "unknown"


def _of_arrays(arrays, prefix, nonlinearity, head):
    """Make a network of names and arrays."""
    names = [str(name) for name in arrays]
    if {"cell", "recurrent_kernel", "head_kernel"} <= set(names):
        weights = validation.Weights(*(arrays[part] for part in validation.Weights._fields))
        kind = str(arrays["cell"])
        caveat = f"Not proved: the {kind} reader is computed from its weights alone."
        linear = arrays["head_kernel"], arrays["head_bias"]
        return from_reader(kind, validation.cell_weights(kind, weights), linear, caveat=caveat)
    try:
        if any(re.search(r"recurrent_kernel(:0)?$|cell(_\d+)?/vars/1$", name) for name in names):
            old = arrays.pop("keras_version", "3")
            return from_keras(arrays, prefix, head=head, old=re.match(r"1\.|2\.[012]\.\d+$", old))
        arrays.pop("keras_version", None)
        return from_torch(arrays, prefix, nonlinearity=nonlinearity, head=head)
    except (TypeError, ValueError) as error:
        raise NotRead(f"holds no network that can be made of it: {error}") from error


# --- arrays -------------------------------------------------------------------------------------


def _npz(path):
    try:
        return read_npz(path)
    except UNREADABLE as error:
        raise NotRead(f"holds no arrays that can be read: {error}") from error


def _safetensors(path):
    try:  # NumPy has no bfloat16
        library = importlib.import_module("safetensors.torch")
    except ImportError:
        library = importlib.import_module("safetensors.numpy")
    try:
        return library.load_file(path)
    except Exception as error:  # its own kinds
        raise NotRead("damaged") from error


def _torch(path):
    """Read what torch.save wrote: tensors and containers, and nothing else."""
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        torch = None
    try:
        if torch is None:
            found = _without_torch(path)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # of many kinds
        other = re.search(r"GLOBAL ([\w.]+)", str(error))
        if other is None:
            raise NotRead("damaged" if zipfile.is_zipfile(path) else "pickle") from error
        raise NotRead(
            f"holds {other[1]}, which is more than tensors and containers: opened, it could run "
            "any code, so it was not. If you trust who made it, and its classes are here: "
            "rnnscope.from_torch(torch.load({name}, weights_only=False))."
        ) from error
    return found if isinstance(found, dict) else {"what torch.load gives": found}


def _without_torch(path):
    with zipfile.ZipFile(path) as archive:
        (listing,) = (name for name in archive.namelist() if name.endswith("/data.pkl"))
        with archive.open(listing) as file:
            return _Tensors(file, archive, listing.removesuffix("data.pkl")).load()


STORED = {
    "DoubleStorage": "<f8", "FloatStorage": "<f4", "HalfStorage": "<f2", "BFloat16Storage": "<u2",
    "LongStorage": "<i8", "IntStorage": "<i4", "ShortStorage": "<i2", "CharStorage": "<i1",
    "ByteStorage": "<u1", "BoolStorage": "?",
}  # fmt: skip


class _Tensors(pickle.Unpickler):
    """A reader of torch.save's pickle that makes arrays and containers alone."""

    def __init__(self, file, archive, root):
        super().__init__(file)
        self.archive, self.root = archive, root

    def find_class(self, module, name):
        known = {
            "collections.OrderedDict": OrderedDict,
            "torch._utils._rebuild_tensor_v2": _tensor,
            "torch._utils._rebuild_parameter": lambda data, *_: data,
            "torch.Size": tuple,
            "torch.device": lambda *names: names,
        }
        if module == "torch" and name in STORED:
            return name
        if f"{module}.{name}" not in known:
            raise pickle.UnpicklingError(f"GLOBAL {module}.{name}")
        return known[f"{module}.{name}"]

    def persistent_load(self, pid):
        _, kind, key, *_ = pid
        flat = np.frombuffer(self.archive.read(f"{self.root}data/{key}"), STORED[kind])
        if kind == "BFloat16Storage":  # the upper half of a float32
            flat = (flat.astype(np.uint32) << 16).view(np.float32)
        return flat


def _tensor(flat, offset, shape, strides, *_):
    last = offset + sum((n - 1) * step for n, step in zip(shape, strides, strict=True))
    if min((offset, *shape, *strides)) < 0 or (0 not in shape and last >= len(flat)):
        raise ValueError("a tensor lies outside of what is stored")
    if 0 in shape:
        return np.zeros(shape, flat.dtype)
    strides = [step * flat.itemsize for step in strides]
    return np.lib.stride_tricks.as_strided(flat[offset:], shape, strides).copy()


# --- Keras and ONNX -----------------------------------------------------------------------------


def _h5(path):
    """Read a Keras model saved whole, or else the arrays."""
    h5py = importlib.import_module("h5py")
    try:
        with h5py.File(path) as file:
            if "model_config" in file.attrs:
                return _keras(path)
            arrays = {}
            file.visititems(lambda name, one: arrays.update({name: one}))
            arrays = {name: one[()] for name, one in arrays.items() if hasattr(one, "shape")}
            return arrays | {"keras_version": str(file.attrs.get("keras_version", "3"))}
    except OSError as error:
        raise NotRead("damaged") from error


def _keras(path):
    return importlib.import_module("rnnscope.keras_files").load(path)


def _onnx(path):
    onnx_graphs = importlib.import_module("rnnscope.onnx_graphs")
    try:
        return onnx_graphs.OnnxModel(path)
    except ImportError:
        raise
    except Exception as error:  # protobuf's and onnxruntime's own kinds
        raise NotRead(f"holds nothing that onnxruntime runs: {str(error)[:300]}") from error


READERS = {
    "npz": _npz,
    "safetensors": _safetensors,
    "pickle": _torch,
    "torch": _torch,
    "h5": _h5,
    "keras": _keras,
    "onnx": _onnx,
}
