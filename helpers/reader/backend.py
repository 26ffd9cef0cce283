"""Keras without the noise of its import, and the device that it computes on."""

import contextlib
import functools
import importlib
import os
import sys
import tempfile

import numpy as np


@functools.cache
def import_keras():
    """Import Keras (on TensorFlow unless KERAS_BACKEND names another backend) and return it.

    What TensorFlow's C++ code logs on file descriptor 2 meanwhile is kept from the screen: no
    environment variable silences it, and Jupyter shows it in red. If the import fails, it is shown.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    backend = os.environ["KERAS_BACKEND"]
    with _quiet_descriptor_2():
        try:
            importlib.import_module(backend)
        except ModuleNotFoundError as error:
            if error.name != backend:
                raise
            raise ModuleNotFoundError(
                f"Keras runs on {backend} here, and {backend} is not installed in this Python "
                f"({sys.executable}). Install the course's packages as the README says, or "
                f"{backend} alone with: python -m pip install {backend}",
                name=backend,
            ) from error
        keras = importlib.import_module("keras")
        # The first use of a device logs too. What fails here fails again, with its message, where
        # the learner uses it.
        with contextlib.suppress(Exception):
            _touch_device(keras)
    return keras


@contextlib.contextmanager
def _quiet_descriptor_2():
    """Send file descriptor 2 to a temporary file; if the body raises, show what came."""
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (AttributeError, OSError, ValueError):  # no descriptor 2, as under Windows's pythonw
        yield
        return
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        failed = True
        try:
            yield
            failed = False
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            if failed:
                log.seek(0)
                sys.stderr.write(log.read().decode(errors="replace"))
                sys.stderr.flush()


def _touch_device(keras):
    """Use the device once in each way that makes it log: a GPU by cuDNN, TensorFlow by XLA."""
    if keras.backend.backend() != "tensorflow":
        keras.ops.zeros(1)
        return
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:  # take what is needed, not all: two notebooks may share one GPU
        tf.config.experimental.set_memory_growth(gpu, True)
    if gpus:
        keras.layers.LSTM(1)(np.zeros((1, 1, 1), np.float32))
    tf.function(lambda: tf.zeros(1) + 1, jit_compile=True)()


def device_line():
    """Say in one line on what Keras computes here: the GPU's name, or the CPU and its cores."""
    backend = import_keras().backend.backend()
    names = []
    if backend == "tensorflow":
        import tensorflow as tf

        for gpu in tf.config.get_visible_devices("GPU"):
            details = tf.config.experimental.get_device_details(gpu)
            names.append(f"GPU {details.get('device_name', gpu.name)}")
    elif backend == "jax":
        import jax

        names = [f"{d.platform.upper()} {d.device_kind}" for d in jax.devices()]
        names = [name for name in names if not name.startswith("CPU")]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    device = ", ".join(names) or f"CPU with {cores} core{'s' * (cores != 1)}; no GPU found"
    return f"Device: {device} (Keras on {backend})."
