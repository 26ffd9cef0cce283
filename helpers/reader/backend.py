"""Keras without the noise of its import, and the device that it computes on."""

import contextlib
import functools
import importlib
import logging
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

BACKENDS = ("tensorflow", "jax", "torch")
"""What Keras can train on."""


@functools.cache
def import_keras():
    """Import Keras (on TensorFlow unless KERAS_BACKEND names another backend) and return it.

    What TensorFlow's C++ code logs on file descriptor 2 meanwhile is kept from the screen: no
    environment variable silences it, and Jupyter shows it in red. If the import fails, it is shown.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    # Later on, TensorFlow 2.20 tells in red that a pipeline has come to its end, as it should.
    # Warnings and errors stay.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    backend = os.environ["KERAS_BACKEND"]
    if backend not in BACKENDS:
        raise ValueError(
            f"KERAS_BACKEND is {backend!r}: the course runs on {', '.join(BACKENDS[:-1])} or "
            f"{BACKENDS[-1]}. Set one of these, or leave it out for tensorflow, and start Python "
            "(the kernel) anew."
        )
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
        _quiet_about_retracing()
        # The first use of a device logs too.
        try:
            _touch_device(keras)
            trouble = None
        except Exception as error:
            trouble = error
    if trouble is not None:
        _use_the_cpu(keras, trouble)
    return keras


def with_the_gpu_or_without(model, run):
    """Call ``run()``; if the GPU fails in it, say so in one line and do it again on the CPU.

    The model starts again from the weights that it had. Errors that are not a GPU's pass through.
    """
    keras = import_keras()
    before = [np.array(array) for array in model.get_weights()]
    try:
        return run()
    except Exception as error:
        if not (_has_gpu() and any(name in _kinds(error) for name in GPU_ERRORS)):
            raise
        _use_the_cpu(keras, error)
    if before:  # a model that was not built yet had none
        model.set_weights(before)
    return run()


# What TensorFlow and JAX raise where a GPU is out of memory, or a kernel does not fit its driver.
GPU_ERRORS = ("ResourceExhaustedError", "InternalError", "UnavailableError", "XlaRuntimeError",
              "JaxRuntimeError")  # fmt: skip


def _kinds(error):
    return {kind.__name__ for kind in type(error).__mro__}


def _use_the_cpu(keras, error):
    """Compute on the CPU from now on, and say in one line why."""
    full = "ResourceExhausted" in type(error).__name__ or "RESOURCE_EXHAUSTED" in str(error)
    reason = "is out of memory" if full else f"cannot be used ({_first_line(error)})"
    print(f"The GPU {reason}: everything runs on the CPU from here on.")
    _state["cpu"] = True
    # For this thread and all that follows in it, the learner's own `fit` too.
    keras.device("cpu:0").__enter__()


_state = {"cpu": False}


def _has_gpu():
    return not _state["cpu"] and bool(_gpu_names())


def _first_line(error):
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 90 else text[:87] + "..."


def _quiet_about_retracing():
    """Keep one warning from the screen: that a graph is made for each of several networks.

    A lesson trains several, one after the other, and TensorFlow takes that for one in a loop.
    """
    logging.getLogger("tensorflow").addFilter(
        lambda record: "triggered tf.function retracing" not in record.getMessage()
    )


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
    """Use the device once in each way that makes it log: a GPU by cuDNN, XLA, oneDNN by a mask."""
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
    tf.transpose([[True, False]])  # what a mask goes through: processors without AVX-512 log it


def device_line():
    """Say in one line on what Keras computes here: the GPU's name, or the CPU and its cores."""
    backend = import_keras().backend.backend()
    names = _gpu_names() if not _state["cpu"] else []
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    why = "the GPU cannot be used" if _state["cpu"] else _why_no_gpu()
    device = ", ".join(names) or f"CPU with {cores} core{'s' * (cores != 1)}; {why}"
    return f"Device: {device} (Keras on {backend})."


def _gpu_names():
    backend = import_keras().backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        gpus = tf.config.get_visible_devices("GPU")
        details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
        return [f"GPU {detail.get('device_name', 'of no name')}" for detail in details]
    if backend == "jax":
        import jax

        names = [f"{d.platform.upper()} {d.device_kind}" for d in jax.devices()]
        return [name for name in names if not name.startswith("CPU")]
    import torch

    return [f"GPU {torch.cuda.get_device_name(k)}" for k in range(torch.cuda.device_count())]


NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")


def _why_no_gpu():
    """Tell a computer without a GPU from one whose driver or libraries Keras cannot use."""
    if not NVIDIA_DRIVER.exists():
        return "no GPU found"
    return (
        "there is an NVIDIA GPU, but its driver is too old or its libraries are missing (on Linux: "
        "uv run --extra gpu)"
    )
