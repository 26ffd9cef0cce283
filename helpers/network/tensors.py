"""Keras's tensors as arrays and back, with the masks that lie on them."""

import numpy as np


def array(keras, value):
    """Copy a tensor or variable into an array."""
    return np.asarray(keras.ops.convert_to_numpy(value))


def tensor_of(keras, array, dtype):
    """Make a tensor of an array."""
    return keras.ops.convert_to_tensor(array, dtype=dtype)


def mask_of(tensor):
    """Give the mask that lies on a tensor, or None: Keras has no public way."""
    from keras.src.backend import get_keras_mask

    return get_keras_mask(tensor)


def set_mask(tensor, mask):
    """Lay a mask on a tensor."""
    from keras.src.backend import set_keras_mask

    set_keras_mask(tensor, mask)


def arguments(node, tensors, values):
    """Give args and kwargs with which a node's layer is called, of values for its tensors."""
    return node.arguments.fill_in(dict(zip(map(id, tensors), values, strict=True)))


def refused(step, kind, why, cure):
    """Make the error for a layer that cannot be read."""
    return ValueError(f"trace cannot read the layer {step!r} ({kind}): {why} {cure}")
