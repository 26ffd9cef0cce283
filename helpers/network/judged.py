"""What is asked of a sequence before a network reads it."""

import numpy as np

from helpers import judge


def judged(x, shape, dtype, vocabulary=None):
    """Take a sequence as a network takes it, or say why it does not fit.

    Parameters
    ----------
    x : ndarray, or what makes one
    shape : tuple of int or None
        Of one sequence, None where any number will do.
    dtype : str
        Of the network's input.
    vocabulary : (str, int), optional
        An embedding's name and its number of rows, where x holds whole numbers that it looks up.

    Returns
    -------
    ndarray
        Of that shape and dtype.
    """
    wanted = _words(shape)
    if dtype == "string":
        raise ValueError(
            "The network takes text itself (a TextVectorization layer in it). Trace the part after "
            "that layer, and give it that layer's numbers: keras.Model(layer.output, model.output)."
        )
    x = judge.array(x, "x")
    if x.dtype.kind not in "fiub":
        raise ValueError(f"x holds {x.dtype}, not numbers: give {wanted}.")
    rank = len(shape)
    if x.ndim == rank + 1 and len(x) == 1 and x.shape != shape:
        x = x[0]  # a batch of one
    if x.ndim == rank - 1 and shape[-1] == 1:
        x = x[..., np.newaxis]  # one feature a step
    if x.ndim == rank + 1:
        raise ValueError(
            f"x has shape {x.shape}: trace reads one sequence at a time, {wanted}. "
            "Give one of them, x[0]."
        )
    fits = x.ndim == rank and all(
        want in (None, have) for want, have in zip(shape, x.shape, strict=True)
    )
    if not fits or 0 in x.shape:
        swapped = x.ndim == rank == 2 and x.T.shape[1] == shape[1] and shape[0] in (None, len(x.T))
        raise ValueError(
            f"x has shape {x.shape}, but the network takes {wanted}."
            + (" Its axes look swapped: give x.T." if swapped else "")
        )
    if not np.isfinite(x).all():
        where = tuple(int(axis[0]) for axis in np.nonzero(~np.isfinite(x)))
        raise ValueError(f"x holds {x[where]} at {where}: fill in or leave out what is missing.")
    if vocabulary is not None:
        _check_tokens(x, *vocabulary)
    elif np.dtype(dtype).kind in "iu" and (x != np.round(x)).any():
        raise ValueError("x holds fractions, but the network takes whole numbers.")
    return x.astype(dtype)


def _words(shape):
    """Say a shape: "(time steps, 28)"."""
    if not shape:
        return "one number"
    sizes = [str(size) if size is not None else "any number" for size in shape]
    if shape[0] is None:
        sizes[0] = "time steps"
    end = "," if len(shape) == 1 else ""
    return f"one array of shape ({', '.join(sizes)}{end})"


def _check_tokens(x, layer, rows):
    if (x != np.round(x)).any():
        raise ValueError(
            f"x holds fractions, but the layer {layer!r} looks up whole numbers, 0 to {rows - 1}."
        )
    if x.min() < 0 or x.max() >= rows:
        raise ValueError(
            f"x holds whole numbers from {int(x.min())} to {int(x.max())}, but the layer {layer!r} "
            f"knows 0 to {rows - 1}: encode with the vocabulary that the model was trained with."
        )
