"""Keras's activations in NumPy: the twins of those that recurrent layers are given."""

import numpy as np

from rnnscope.cells import sigmoid, softmax
from rnnscope.passes import Function


def _softplus(a):
    return np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a)))


def _elu(a, alpha=1.0):
    return np.where(a > 0, a, alpha * np.expm1(np.minimum(a, 0)))


_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772

TWINS = {
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "linear": lambda a: a,
    "relu": lambda a: np.maximum(a, 0),
    "relu6": lambda a: np.clip(a, 0, 6),
    "leaky_relu": lambda a: np.where(a > 0, a, 0.2 * a),
    "elu": _elu,
    "selu": lambda a: _SELU_SCALE * _elu(a, _SELU_ALPHA),
    "softplus": _softplus,
    "softsign": lambda a: a / (1 + np.abs(a)),
    "silu": lambda a: a * sigmoid(a),
    "hard_sigmoid": lambda a: np.clip(a / 6 + 0.5, 0, 1),
    "hard_silu": lambda a: a * np.clip(a / 6 + 0.5, 0, 1),
    "hard_tanh": lambda a: np.clip(a, -1, 1),
    "mish": lambda a: a * np.tanh(_softplus(a)),
    "exponential": np.exp,
    "softmax": softmax,
}
"""By Keras's name; each keeps float32 float32."""


def function_of(activation, keras):
    """Give the NumPy twin of an activation; one that has none is run by Keras itself.

    Parameters
    ----------
    activation : function of a tensor, as a layer keeps it
    keras : the imported module

    Returns
    -------
    Function
    """
    name = getattr(activation, "__name__", type(activation).__name__)
    if name in TWINS and activation is getattr(keras.activations, name, None):
        return Function(name, TWINS[name])

    def by_keras(a):
        tensor = keras.ops.convert_to_tensor(a, dtype=str(a.dtype))
        return keras.ops.convert_to_numpy(activation(tensor))

    return Function(name, by_keras)
