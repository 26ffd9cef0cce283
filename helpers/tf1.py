"""TensorFlow with its old recurrent cells, beside Keras 3 in one process: for lesson 5.

The old cells live on in the package tf-keras, which TensorFlow takes up only if it is told so by
the environment before it is imported for the first time.
"""

import functools
import importlib
import importlib.metadata
import importlib.util
import logging
import os
import sys
import warnings


@functools.cache
def old_tensorflow():
    """Import TensorFlow with ``tf.compat.v1.nn.rnn_cell`` in working order, and return it.

    It computes on the CPU: some GPUs round the products of float32 to 10 bits (TF32), and the
    lesson compares numbers to 1e-6. ``import keras`` still gives Keras 3.

    Raises
    ------
    ModuleNotFoundError
        tf-keras is missing; the error says what to install.
    RuntimeError
        TensorFlow was imported before, without the old cells.
    """
    if importlib.util.find_spec("tf_keras") is None:
        raise ModuleNotFoundError(
            "The old cells live in the package tf-keras, which is missing here. Run "
            f'%pip install "{_matching_tf_keras()}" in a cell of its own, then this cell again.',
            name="tf_keras",
        )
    if "tensorflow" in sys.modules and not _takes_tf_keras():
        raise RuntimeError(
            "TensorFlow was imported before old_tensorflow() was called, so it came without its "
            "old cells. Restart the kernel (Kernel > Restart Kernel) and run this cell first."
        )
    os.environ |= {
        "TF_USE_LEGACY_KERAS": "1",
        "CUDA_VISIBLE_DEVICES": "-1",
        # oneDNN's kernels write a line in red when they first meet a mask.
        "TF_ENABLE_ONEDNN_OPTS": "0",
    }
    from helpers.reader import import_keras

    import_keras()  # quietly, and TensorFlow with it
    _silence_two_notices()
    print("TensorFlow with its old cells, on the CPU. Two notices are switched off: that")
    print("BasicLSTMCell is deprecated, and that dynamic_rnn is.")
    return importlib.import_module("tensorflow")


def _takes_tf_keras():
    return os.environ.get("TF_USE_LEGACY_KERAS") in ("1", "true", "True")


def _matching_tf_keras():
    """Name the tf-keras of the installed TensorFlow: any other would bring another TensorFlow."""
    try:
        major, minor = importlib.metadata.version("tensorflow").split(".")[:2]
    except importlib.metadata.PackageNotFoundError:
        return "tf-keras"
    return f"tf-keras=={major}.{minor}.*"


def _silence_two_notices():
    """Switch off what the two old lines say of themselves, and nothing else."""
    warnings.filterwarnings("ignore", r".*BasicLSTMCell. is deprecated", UserWarning)
    logging.getLogger("tensorflow").addFilter(
        lambda record: "dynamic_rnn (from" not in record.getMessage()
    )
