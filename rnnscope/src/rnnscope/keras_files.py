"""Models that Keras saved whole: those of Keras 2 are mended, and nothing they carry is run."""

import json
import re
import shutil
import tempfile
import warnings
import zipfile
from pathlib import Path

import numpy as np

from rnnscope.files import NotRead

OWN = re.compile(
    r"^(tf_)?keras(\.src)?(\.(engine|layers|models|initializers|regularizers|constraints|activations"
    r"|losses|metrics|optimizers|dtype_policies|mixed_precision|random|ops)(\.\w+)*)?$"
)
CODE = {"Lambda", "__lambda__", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}
LAMBDA = (
    "holds code of its own (a Lambda layer or the like), which would run here, so it was not "
    "opened. If you trust who made it: keras.models.load_model({name}, safe_mode=False), and give "
    "trace the model."
)
MISSING = (
    "holds {own}, which is not Keras's own: define it here, keras.models.load_model({name}, "
    "custom_objects={{own}: …}), and give trace the model."
)


def load(path):
    """Load a model that Keras 3, Keras 2 (2.2 on) or tf.keras saved whole.

    Returns
    -------
    keras.Model
    """
    import keras

    zipped = zipfile.is_zipfile(path)
    try:
        config, trained, version = _described(path, zipped)
    except (KeyError, ValueError) as error:
        raise NotRead("holds no configuration of Keras's.") from error
    _judge(keras, config)
    try:
        _judge(keras, trained)
    except NotRead:  # a loss of one's own is not needed here
        trained = None
    ending = ".keras" if zipped else ".h5"
    with tempfile.TemporaryDirectory() as folder:
        if version < (3,):
            if version < (2, 2):
                raise NotRead("is of a Keras before 2.2: save it again with Keras 2.2 to 2.15.")
            config, source = _mended(config), Path(folder, f"mended{ending}")
            (_copy_zip if zipped else _copy_h5)(path, source, config)
        elif path.suffix == ending:
            source = path
        else:
            source = shutil.copy(path, Path(folder, f"model{ending}"))
        return _loaded(keras, source, trained is not None, version)


def _described(path, zipped):
    """Read a file's configuration: of the model, of its training, and Keras's version."""
    if zipped:
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))
            version = json.loads(archive.read("metadata.json"))["keras_version"]
        trained = config.pop("compile_config", None)
    else:
        import h5py

        with h5py.File(path) as file:
            found = {name: file.attrs.get(name) for name in ("model_config", "training_config")}
            version = file.attrs.get("keras_version", "2.2")
        config, trained = (None if one is None else json.loads(one) for one in found.values())
    return config, trained, tuple(map(int, re.findall(r"\d+", str(version))[:2]))


def _judge(keras, config):
    """Refuse what is not Keras's own: finding a class by its name may run code."""
    if isinstance(config, list):
        for part in config:
            _judge(keras, part)
    if not isinstance(config, dict):
        return
    name, module = config.get("class_name"), config.get("module")
    if name in CODE:
        raise NotRead(LAMBDA)
    known = keras.saving.get_registered_object(str(config.get("registered_name") or name))
    if isinstance(module, str) and name and known is None and not OWN.match(module):
        own = config["config"] if name == "function" else name
        raise NotRead(MISSING.replace("{own}", repr(own)))
    for part in config.values():
        _judge(keras, part)


# --- Keras 2 ------------------------------------------------------------------------------------


def hard_sigmoid_of_keras_2(a):
    """Keras 2's hard sigmoid: Keras 3's has another slope."""
    from keras import ops

    return ops.clip(0.2 * a + 0.5, 0, 1)


HARD_SIGMOID = {
    "module": "builtins",
    "class_name": "function",
    "config": hard_sigmoid_of_keras_2.__name__,
    "registered_name": hard_sigmoid_of_keras_2.__name__,
}


def _mended(config, key=None):
    """Say in Keras 3's words what a configuration of Keras 2 means."""
    if isinstance(config, list):
        return [_mended(part) for part in config]
    if config == "hard_sigmoid" and key in ("activation", "recurrent_activation"):
        return HARD_SIGMOID
    if not isinstance(config, dict):
        return config
    config = {name: _mended(part, name) for name, part in config.items()}
    kind, options = config.get("class_name"), config.get("config")
    if kind == "Sequential":
        _begin_with_an_input(config)
    elif kind in ("Functional", "Model"):
        _count_calls(options)
        config |= {"module": "keras", "class_name": "Model", "registered_name": None}
    elif isinstance(options, dict):
        if options.pop("time_major", False):
            raise NotRead(
                "has a layer that reads time before the batch (time_major=True), which Keras 3 "
                "cannot: build it again without, and new.set_weights(old.get_weights())."
            )
        options.pop("input_length", None)
        if isinstance(options.get("axis"), list):
            options["axis"] = options["axis"][0]
        if kind == "GRU":
            options.setdefault("reset_after", False)
        if str(kind).startswith("CuDNN"):
            config["class_name"] = kind.removeprefix("CuDNN")
    return config


def _begin_with_an_input(config):
    """Give a Sequential the input that its first layer tells."""
    if isinstance(config["config"], list):  # before Keras 2.2.3
        config["config"] = {"name": "sequential", "layers": config["config"]}
    layers = config["config"]["layers"]
    begun = any(layer["class_name"] == "InputLayer" for layer in layers[:1])
    shapes = [layer["config"].pop("batch_input_shape", None) for layer in layers[begun:]]
    if not begun and any(shapes):
        entry = {"batch_shape": shapes[0], "name": f"{layers[0]['config']['name']}_input"}
        where = {"module": "keras.layers"} if "module" in layers[0] else {}
        layers.insert(0, {"class_name": "InputLayer", "config": entry, **where})


def _count_calls(graph):
    """Count calls of models within a model from 0: in Keras 2 their making was the first."""
    models = ("Functional", "Model", "Sequential")
    inner = {layer["name"] for layer in graph["layers"] if layer["class_name"] in models}
    parts = [graph["output_layers"], *(layer["inbound_nodes"] for layer in graph["layers"])]
    while parts:
        part = parts.pop()
        if isinstance(part, list) and part and isinstance(part[0], str):
            part[1] -= part[0] in inner and part[1] > 0
        elif isinstance(part, list):
            parts += part


def _copy_zip(path, copy, config):
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
        for name in old.namelist():
            new.writestr(name, json.dumps(config) if name == "config.json" else old.read(name))


def _copy_h5(path, copy, config):
    import h5py

    shutil.copyfile(path, copy)
    with h5py.File(copy, "r+") as file:
        file.attrs["model_config"] = json.dumps(config)
        groups = []
        file["model_weights"].visititems(lambda _, one: groups.append(one))
        for group in groups:
            if hasattr(group, "keys") and {"recurrent_kernel:0", "bias:0"} <= set(group):
                _turn_cudnn(group)


def _turn_cudnn(group):
    """Lay the arrays of a CuDNNLSTM or CuDNNGRU as those of LSTM and GRU: one by its two biases."""
    kernel, recurrent, bias = (group[f"{n}:0"][()] for n in ("kernel", "recurrent_kernel", "bias"))
    units, columns = recurrent.shape
    if bias.shape != (2 * columns,):
        return
    blocks = columns // units
    turned = {
        "kernel:0": [k.T.reshape(k.shape, order="F") for k in np.hsplit(kernel, blocks)],
        "recurrent_kernel:0": [k.T for k in np.hsplit(recurrent, blocks)],
    }
    for name, parts in turned.items():
        group[name][...] = np.hstack(parts)
    del group["bias:0"]
    both = bias.reshape(2, -1)
    group["bias:0"] = both if blocks == 3 else both.sum(0)


def _loaded(keras, source, trained, version):
    # A training on TensorFlow may have said steps_per_execution=16: PyTorch takes no step then.
    trained = trained and keras.backend.backend() != "torch"
    own = {hard_sigmoid_of_keras_2.__name__: hard_sigmoid_of_keras_2}
    for compiled in [True, False] if trained else [False]:
        try:
            with keras.saving.custom_object_scope(own), warnings.catch_warnings():
                # The optimizer of a model saved before its training; nothing is trained here.
                warnings.filterwarnings("ignore", "Skipping variable loading for optimizer")
                return keras.models.load_model(source, safe_mode=True, compile=compiled)
        except Exception as error:  # Keras raises of every kind
            failed = error
    message = " ".join(re.sub(r"\x1b\[\d*m", "", str(failed)).split())
    if "safe_mode" in message or "unsafe" in message.lower():
        raise NotRead(LAMBDA) from failed
    missing = re.search(
        r"Could not locate (?:class|function) '(\w+)'|Unknown \w+: '?(\w+)", message
    )
    if missing:
        raise NotRead(MISSING.replace("{own}", repr(missing[1] or missing[2]))) from failed
    message = message.rpartition("Exception encountered: ")[2][:300]
    if version < (3,):
        message += " Build the same layers in Keras 3, and new.set_weights(old.get_weights())."
    raise NotRead(f"holds no model that this Keras can read: {message}") from failed
